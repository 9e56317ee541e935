// Graphs that are run with statistics of each op.
#pragma once

#include <chrono>

#include "functions.h"

namespace {

// A graph that is run with statistics, which the eager context does not keep.
struct Session {
  TF_Graph* graph;
  TF_Session* raw;
  std::vector<TF_Output> inputs, outputs;
};

std::unordered_map<int32_t, Session> sessions;
int32_t next_session = 1;

// openSession(graphDef, config, inputNodes, outputNodes, outputIndices) -> id
napi_value OpenSession(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const uint8_t *bytes = nullptr, *config = nullptr;
  size_t size = 0, config_size = 0;
  if (!Bytes(env, arguments[0], &bytes, &size) || !Bytes(env, arguments[1], &config, &config_size)) {
    return Fail(env, "A graph and its configuration are given as bytes.");
  }
  Status status;
  Session session;
  session.graph = Import(bytes, size, &status);
  session.raw = nullptr;
  std::string missing;
  if (status.ok()) missing = Resolve(env, session.graph, arguments + 2, &session.inputs, &session.outputs);
  if (status.ok() && missing.empty()) {
    TF_SessionOptions* options = TF_NewSessionOptions();
    TF_SetConfig(options, config, config_size, status.raw);
    if (status.ok()) session.raw = TF_NewSession(session.graph, options, status.raw);
    TF_DeleteSessionOptions(options);
  }
  if (session.raw == nullptr) {
    TF_DeleteGraph(session.graph);
    return Fail(env, missing.empty() ? status.message() : "The graph has no node " + missing + ".");
  }
  sessions[next_session] = session;
  return Number(env, next_session++);
}

napi_value CloseSession(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int32_t id = 0;
  napi_get_value_int32(env, argument, &id);
  const auto found = sessions.find(id);
  if (found == sessions.end()) return Fail(env, "There is no session number " + std::to_string(id) + ".");
  Status status;
  TF_CloseSession(found->second.raw, status.raw);
  TF_DeleteSession(found->second.raw, status.raw);
  TF_DeleteGraph(found->second.graph);
  sessions.erase(found);
  return nullptr;
}

// Microseconds since 1970, by the clock that TensorFlow's statistics are in.
double Microseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<double>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

napi_value Now(napi_env env, napi_callback_info) { return Number(env, Microseconds()); }

struct SessionCall : AsyncCall {
  const Session* session = nullptr;
  TF_Buffer *options = nullptr, *metadata = nullptr;
  std::vector<TF_Tensor*> inputs, outputs;
  std::vector<TFE_TensorHandle*> results;
  double started = 0, ended = 0;
};

void RunSessionCall(SessionCall* call) {
  const Session& session = *call->session;
  Status status;
  call->started = Microseconds();
  TF_SessionRun(session.raw, call->options, session.inputs.data(), call->inputs.data(),
                static_cast<int>(call->inputs.size()), session.outputs.data(), call->outputs.data(),
                static_cast<int>(call->outputs.size()), nullptr, 0, call->metadata, status.raw);
  call->ended = Microseconds();
  for (TF_Tensor* tensor : call->outputs) {
    if (tensor == nullptr) continue;
    TFE_TensorHandle* handle = status.ok() ? TFE_NewTensorHandle(tensor, status.raw) : nullptr;
    if (handle != nullptr && !gpu.empty()) {
      TFE_TensorHandle* moved = TFE_TensorHandleCopyToDevice(handle, context, gpu.c_str(), status.raw);
      TFE_DeleteTensorHandle(handle);
      handle = moved;
    }
    if (handle != nullptr) call->results.push_back(handle);
    TF_DeleteTensor(tensor);
  }
  if (!status.ok()) call->error = status.message();
}

napi_value SettleSessionCall(napi_env env, SessionCall* call) {
  napi_value value = nullptr;
  for (TF_Tensor* tensor : call->inputs) TF_DeleteTensor(tensor);
  if (call->error.empty()) {
    napi_create_object(env, &value);
    napi_set_named_property(env, value, "results", Results(env, call->results, static_cast<int>(call->results.size())));
    napi_set_named_property(env, value, "metadata", ByteArray(env, call->metadata->data, call->metadata->length));
    napi_set_named_property(env, value, "started", Number(env, call->started));
    napi_set_named_property(env, value, "ended", Number(env, call->ended));
  } else {
    for (TFE_TensorHandle* handle : call->results) TFE_DeleteTensorHandle(handle);
  }
  TF_DeleteBuffer(call->options);
  TF_DeleteBuffer(call->metadata);
  return value;
}

// runSession(id, runOptions, inputIds) -> Promise of {results: [{id, shape, dtype}], metadata, started, ended}
napi_value RunSession(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  int32_t id = 0;
  napi_get_value_int32(env, arguments[0], &id);
  const auto found = sessions.find(id);
  if (found == sessions.end()) return Fail(env, "There is no session number " + std::to_string(id) + ".");
  const uint8_t* options = nullptr;
  size_t size = 0;
  if (!Bytes(env, arguments[1], &options, &size)) return Fail(env, "Options of a run are given as bytes.");
  std::vector<TF_Tensor*> inputs;
  const uint32_t wanted = Length(env, arguments[2]);
  std::string error;
  if (wanted != found->second.inputs.size()) error = "The session takes another number of tensors.";
  for (uint32_t i = 0; i < wanted && error.empty(); ++i) {
    TFE_TensorHandle* handle = Find(env, Element(env, arguments[2], i));
    Status status;
    TF_Tensor* tensor = handle == nullptr ? nullptr : TFE_TensorHandleResolve(handle, status.raw);
    if (tensor != nullptr) inputs.push_back(tensor);
    else error = handle == nullptr ? "A tensor of the call is gone." : status.message();
  }
  if (!error.empty()) {
    for (TF_Tensor* tensor : inputs) TF_DeleteTensor(tensor);
    bool thrown = false;
    napi_is_exception_pending(env, &thrown);
    return thrown ? nullptr : Fail(env, error);
  }
  auto* call = new SessionCall;
  call->session = &found->second;
  call->options = TF_NewBufferFromString(options, size);
  call->metadata = TF_NewBuffer();
  call->inputs = inputs;
  call->outputs.assign(found->second.outputs.size(), nullptr);
  return Begin<SessionCall, RunSessionCall, SettleSessionCall>(env, "tensorflow", call);
}

}  // namespace
