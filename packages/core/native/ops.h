// Single ops, run at once or off the main thread.
#pragma once

#include "async-call.h"
#include "tensors.h"

namespace {

// Sets one attribute {name, type, value}; lists are arrays.
bool SetAttribute(napi_env env, TFE_Op* op, napi_value attribute, Status* status) {
  const std::string name = Text(env, Get(env, attribute, "name"));
  int32_t kind = 0;
  napi_get_value_int32(env, Get(env, attribute, "type"), &kind);
  napi_value value = Get(env, attribute, "value");
  const bool list = IsArray(env, value);
  switch (kind) {
    case kAttrString: {
      const uint8_t* data = nullptr;
      size_t size = 0;
      if (Bytes(env, value, &data, &size)) {
        TFE_OpSetAttrString(op, name.c_str(), data, size);
      } else {
        const std::string text = Text(env, value);
        TFE_OpSetAttrString(op, name.c_str(), text.data(), text.size());
      }
      return true;
    }
    case kAttrInt: {
      if (list) {
        const std::vector<int64_t> numbers = Integers(env, value);
        TFE_OpSetAttrIntList(op, name.c_str(), numbers.data(), static_cast<int>(numbers.size()));
      } else {
        int64_t number = 0;
        napi_get_value_int64(env, value, &number);
        TFE_OpSetAttrInt(op, name.c_str(), number);
      }
      return true;
    }
    case kAttrFloat: {
      double number = 0;
      napi_get_value_double(env, value, &number);
      TFE_OpSetAttrFloat(op, name.c_str(), static_cast<float>(number));
      return true;
    }
    case kAttrBool: {
      bool flag = false;
      napi_get_value_bool(env, value, &flag);
      TFE_OpSetAttrBool(op, name.c_str(), flag ? 1 : 0);
      return true;
    }
    case kAttrType: {
      int32_t type = 0;
      napi_get_value_int32(env, value, &type);
      TFE_OpSetAttrType(op, name.c_str(), type);
      return true;
    }
    case kAttrShape: {
      const std::vector<int64_t> shape = Integers(env, value);
      TFE_OpSetAttrShape(op, name.c_str(), shape.data(), static_cast<int>(shape.size()), status->raw);
      return status->ok();
    }
    default: return false;
  }
}

// Builds an op from (name, attributes, inputIds); the op keeps its inputs alive. Null after a thrown error.
TFE_Op* BuildOp(napi_env env, const napi_value* arguments) {
  Status status;
  const std::string name = Text(env, arguments[0]);
  TFE_Op* op = TFE_NewOp(context, name.c_str(), status.raw);
  if (!status.ok()) {
    Fail(env, status.message());
    return nullptr;
  }
  const uint32_t attributes = Length(env, arguments[1]);
  for (uint32_t i = 0; i < attributes; ++i) {
    if (SetAttribute(env, op, Element(env, arguments[1], i), &status)) continue;
    TFE_DeleteOp(op);
    Fail(env, "Operation " + name + " has an attribute of an unsupported kind.");
    return nullptr;
  }
  const uint32_t inputs = Length(env, arguments[2]);
  for (uint32_t i = 0; i < inputs; ++i) {
    TFE_TensorHandle* handle = Find(env, Element(env, arguments[2], i));
    if (handle != nullptr) {
      TFE_OpAddInput(op, handle, status.raw);
      if (status.ok()) continue;
      Fail(env, status.message());
    }
    TFE_DeleteOp(op);
    return nullptr;
  }
  return op;
}

napi_value Results(napi_env env, const std::vector<TFE_TensorHandle*>& outputs, int count) {
  napi_value result;
  napi_create_array_with_length(env, count, &result);
  for (int i = 0; i < count; ++i) napi_set_element(env, result, i, Metadata(env, outputs[i]));
  return result;
}

// executeOp(name, attributes, inputIds, outputCount) -> [{id, shape, dtype}]
napi_value ExecuteOp(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  TFE_Op* op = BuildOp(env, arguments);
  if (op == nullptr) return nullptr;
  int32_t outputs = 0;
  napi_get_value_int32(env, arguments[3], &outputs);
  std::vector<TFE_TensorHandle*> results(outputs, nullptr);
  Status status;
  TFE_Execute(op, results.data(), &outputs, status.raw);
  TFE_DeleteOp(op);
  if (!status.ok()) return Fail(env, status.message());
  return Results(env, results, outputs);
}

struct OpCall : AsyncCall {
  TFE_Op* op = nullptr;
  std::vector<TFE_TensorHandle*> results;
  int count = 0;
};

void RunOp(OpCall* call) {
  Status status;
  TFE_Execute(call->op, call->results.data(), &call->count, status.raw);
  if (!status.ok()) call->error = status.message();
}

napi_value SettleOp(napi_env env, OpCall* call) {
  TFE_DeleteOp(call->op);
  return call->error.empty() ? Results(env, call->results, call->count) : nullptr;
}

// executeAsync(name, attributes, inputIds, outputCount) -> Promise of [{id, shape, dtype}]
napi_value ExecuteAsync(napi_env env, napi_callback_info info) {
  size_t count = 4;
  napi_value arguments[4];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  TFE_Op* op = BuildOp(env, arguments);
  if (op == nullptr) return nullptr;
  int32_t outputs = 0;
  napi_get_value_int32(env, arguments[3], &outputs);
  auto* call = new OpCall;
  call->op = op;
  call->results.assign(outputs, nullptr);
  call->count = outputs;
  return Begin<OpCall, RunOp, SettleOp>(env, "tensorflow", call);
}

}  // namespace
