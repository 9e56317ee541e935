// Node-API binding to TensorFlow's eager runtime: tensors by number, single ops, and whole graphs as functions.
// A graph that was recorded in JavaScript becomes one TensorFlow function; running it is one call, off the main
// thread, whose arguments never leave the device that they live on.
#include <dlfcn.h>
#include <node_api.h>

#include <chrono>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensorflow-c-api.h"

namespace {

#define DECLARE(result, name, parameters) result(*name) parameters = nullptr;
TENSORFLOW_FUNCTIONS(DECLARE)
#undef DECLARE

TFE_Context* context = nullptr;
std::string gpu;
std::unordered_map<int32_t, TFE_TensorHandle*> handles;
int32_t next_id = 1;

struct Status {
  TF_Status* raw = TF_NewStatus();
  ~Status() { TF_DeleteStatus(raw); }
  bool ok() const { return TF_GetCode(raw) == 0; }
  std::string message() const { return TF_Message(raw); }
};

napi_value Fail(napi_env env, const std::string& message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

std::string Text(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

napi_value Get(napi_env env, napi_value object, const char* key) {
  napi_value value;
  napi_get_named_property(env, object, key, &value);
  return value;
}

napi_value Number(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

napi_value String(napi_env env, const std::string& text) {
  napi_value value;
  napi_create_string_utf8(env, text.data(), text.size(), &value);
  return value;
}

uint32_t Length(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  return length;
}

napi_value Element(napi_env env, napi_value array, uint32_t index) {
  napi_value value;
  napi_get_element(env, array, index, &value);
  return value;
}

std::vector<int64_t> Integers(napi_env env, napi_value array) {
  std::vector<int64_t> numbers(Length(env, array));
  for (uint32_t i = 0; i < numbers.size(); ++i) napi_get_value_int64(env, Element(env, array, i), &numbers[i]);
  return numbers;
}

bool IsArray(napi_env env, napi_value value) {
  bool is = false;
  napi_is_array(env, value, &is);
  return is;
}

// The bytes behind a typed array.
bool Bytes(napi_env env, napi_value value, const uint8_t** data, size_t* size) {
  bool is = false;
  napi_is_typedarray(env, value, &is);
  if (!is) return false;
  napi_typedarray_type type;
  size_t length = 0;
  void* raw = nullptr;
  napi_get_typedarray_info(env, value, &type, &length, &raw, nullptr, nullptr);
  static const size_t widths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  *data = static_cast<const uint8_t*>(raw);
  *size = length * widths[type];
  return true;
}

size_t Width(int dtype) {
  switch (dtype) {
    case kFloat:
    case kInt32: return 4;
    case kUint8:
    case kBool: return 1;
    case kInt64:
    case kComplex64: return 8;
    case kBfloat16:
    case kHalf: return 2;
    default: return 0;
  }
}

napi_value Metadata(napi_env env, TFE_TensorHandle* handle) {
  Status status;
  const int rank = TFE_TensorHandleNumDims(handle, status.raw);
  napi_value shape;
  napi_create_array_with_length(env, rank < 0 ? 0 : rank, &shape);
  for (int i = 0; i < rank; ++i) {
    napi_set_element(env, shape, i, Number(env, static_cast<double>(TFE_TensorHandleDim(handle, i, status.raw))));
  }
  const int32_t id = next_id++;
  handles[id] = handle;
  napi_value result;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "id", Number(env, id));
  napi_set_named_property(env, result, "shape", shape);
  napi_set_named_property(env, result, "dtype", Number(env, TFE_TensorHandleDataType(handle)));
  return result;
}

// open(frameworkLibrary, runtimeLibrary, sessionConfig)
napi_value Open(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (context != nullptr) return Fail(env, "TensorFlow is already loaded in this process.");
  // The runtime brings the framework, which lies beside it. In this order a runtime that lacks a library leaves
  // nothing behind, and another build of TensorFlow can still be opened.
  void* runtime = dlopen(Text(env, arguments[1]).c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (runtime == nullptr) return Fail(env, dlerror());
  void* framework = dlopen(Text(env, arguments[0]).c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (framework == nullptr) return Fail(env, dlerror());
#define RESOLVE(result, name, parameters)                                                      \
  name = reinterpret_cast<result(*) parameters>(dlsym(runtime, #name));                        \
  if (name == nullptr) name = reinterpret_cast<result(*) parameters>(dlsym(framework, #name)); \
  if (name == nullptr) return Fail(env, "This TensorFlow has no function " #name ".");
  TENSORFLOW_FUNCTIONS(RESOLVE)
#undef RESOLVE
  Status status;
  TFE_ContextOptions* options = TFE_NewContextOptions();
  const uint8_t* config = nullptr;
  size_t size = 0;
  if (Bytes(env, arguments[2], &config, &size)) TFE_ContextOptionsSetConfig(options, config, size, status.raw);
  TFE_ContextOptionsSetDevicePlacementPolicy(options, 2 /* silent copies between devices */);
  if (status.ok()) context = TFE_NewContext(options, status.raw);
  TFE_DeleteContextOptions(options);
  if (!status.ok()) return Fail(env, status.message());

  TF_DeviceList* devices = TFE_ContextListDevices(context, status.raw);
  napi_value names;
  napi_create_array(env, &names);
  for (int i = 0; status.ok() && i < TF_DeviceListCount(devices); ++i) {
    const std::string name = TF_DeviceListName(devices, i, status.raw);
    if (gpu.empty() && std::strcmp(TF_DeviceListType(devices, i, status.raw), "GPU") == 0) gpu = name;
    napi_set_element(env, names, i, String(env, name));
  }
  TF_DeleteDeviceList(devices);
  napi_value result;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "version", String(env, TF_Version()));
  napi_set_named_property(env, result, "devices", names);
  return result;
}

// createTensor(shape, dtype, typedArray) -> id
napi_value CreateTensor(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const std::vector<int64_t> shape = Integers(env, arguments[0]);
  int32_t dtype = 0;
  napi_get_value_int32(env, arguments[1], &dtype);
  size_t elements = 1;
  for (int64_t side : shape) elements *= static_cast<size_t>(side);
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (!Bytes(env, arguments[2], &data, &size)) return Fail(env, "Only numeric tensors are supported.");
  if (size != elements * Width(dtype)) {
    return Fail(env, "A tensor of " + std::to_string(elements) + " elements of type " + std::to_string(dtype) +
                         " cannot be made from " + std::to_string(size) + " bytes.");
  }
  TF_Tensor* tensor = TF_AllocateTensor(dtype, shape.data(), static_cast<int>(shape.size()), size);
  if (tensor == nullptr) return Fail(env, "Out of memory for a tensor of " + std::to_string(size) + " bytes.");
  std::memcpy(TF_TensorData(tensor), data, size);
  Status status;
  TFE_TensorHandle* handle = TFE_NewTensorHandle(tensor, status.raw);
  TF_DeleteTensor(tensor);
  if (!status.ok()) return Fail(env, status.message());
  // Integers are shapes and indices, which most kernels want in host memory.
  if (!gpu.empty() && dtype != kInt32 && dtype != kInt64) {
    TFE_TensorHandle* moved = TFE_TensorHandleCopyToDevice(handle, context, gpu.c_str(), status.raw);
    TFE_DeleteTensorHandle(handle);
    if (!status.ok()) return Fail(env, status.message());
    handle = moved;
  }
  const int32_t id = next_id++;
  handles[id] = handle;
  return Number(env, id);
}

TFE_TensorHandle* Find(napi_env env, napi_value value) {
  int32_t id = 0;
  napi_get_value_int32(env, value, &id);
  const auto found = handles.find(id);
  if (found == handles.end()) {
    Fail(env, "There is no tensor number " + std::to_string(id) + ".");
    return nullptr;
  }
  return found->second;
}

napi_value DeleteTensor(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  TFE_TensorHandle* handle = Find(env, argument);
  if (handle == nullptr) return nullptr;
  int32_t id = 0;
  napi_get_value_int32(env, argument, &id);
  handles.erase(id);
  TFE_DeleteTensorHandle(handle);
  return nullptr;
}

// tensorDataSync(id) -> typed array with a copy of the numbers
napi_value TensorData(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  TFE_TensorHandle* handle = Find(env, argument);
  if (handle == nullptr) return nullptr;
  napi_typedarray_type type;
  switch (TFE_TensorHandleDataType(handle)) {
    case kComplex64:
    case kFloat: type = napi_float32_array; break;
    case kInt32: type = napi_int32_array; break;
    case kInt64: type = napi_bigint64_array; break;
    case kUint8:
    case kBool: type = napi_uint8_array; break;
    case kBfloat16:
    case kHalf: type = napi_uint16_array; break;
    default: return Fail(env, "A tensor of this type cannot be read.");
  }
  Status status;
  TF_Tensor* tensor = TFE_TensorHandleResolve(handle, status.raw);
  if (!status.ok()) return Fail(env, status.message());
  const size_t size = TF_TensorByteSize(tensor);
  void* data = nullptr;
  napi_value buffer, result = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &buffer) == napi_ok) {
    std::memcpy(data, TF_TensorData(tensor), size);
    const size_t width = type == napi_uint8_array ? 1 : type == napi_uint16_array ? 2 : type == napi_bigint64_array ? 8 : 4;
    napi_create_typedarray(env, type, size / width, buffer, 0, &result);
  }
  TF_DeleteTensor(tensor);
  return result;
}

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

struct Pending {
  napi_async_work work;
  napi_deferred deferred;
  TFE_Op* op;
  std::vector<TFE_TensorHandle*> results;
  int count;
  std::string error;
};

void RunPending(napi_env, void* data) {
  Pending* pending = static_cast<Pending*>(data);
  Status status;
  TFE_Execute(pending->op, pending->results.data(), &pending->count, status.raw);
  if (!status.ok()) pending->error = status.message();
}

void SettlePending(napi_env env, napi_status, void* data) {
  Pending* pending = static_cast<Pending*>(data);
  TFE_DeleteOp(pending->op);
  if (pending->error.empty()) {
    napi_resolve_deferred(env, pending->deferred, Results(env, pending->results, pending->count));
  } else {
    napi_value error;
    napi_create_error(env, nullptr, String(env, pending->error), &error);
    napi_reject_deferred(env, pending->deferred, error);
  }
  napi_delete_async_work(env, pending->work);
  delete pending;
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
  Pending* pending = new Pending{nullptr, nullptr, op, std::vector<TFE_TensorHandle*>(outputs, nullptr), outputs, ""};
  napi_value promise;
  napi_create_promise(env, &pending->deferred, &promise);
  napi_create_async_work(env, nullptr, String(env, "tensorflow"), RunPending, SettlePending, pending, &pending->work);
  napi_queue_async_work(env, pending->work);
  return promise;
}

TF_Graph* Import(const uint8_t* bytes, size_t size, Status* status) {
  TF_Graph* graph = TF_NewGraph();
  TF_Buffer* buffer = TF_NewBufferFromString(bytes, size);
  TF_ImportGraphDefOptions* options = TF_NewImportGraphDefOptions();
  TF_GraphImportGraphDef(graph, buffer, options, status->raw);
  TF_DeleteImportGraphDefOptions(options);
  TF_DeleteBuffer(buffer);
  return graph;
}

// Finds (inputNodes, outputNodes, outputIndices) in a graph; returns the name of a node that is not there, or nothing.
std::string Resolve(napi_env env, TF_Graph* graph, const napi_value* arguments, std::vector<TF_Output>* inputs,
                    std::vector<TF_Output>* outputs) {
  std::string missing;
  const auto resolve = [&](napi_value node, int index, std::vector<TF_Output>* list) {
    const std::string name = Text(env, node);
    TF_Operation* operation = TF_GraphOperationByName(graph, name.c_str());
    if (operation == nullptr) missing = name;
    list->push_back({operation, index});
  };
  for (uint32_t i = 0; i < Length(env, arguments[0]); ++i) resolve(Element(env, arguments[0], i), 0, inputs);
  const std::vector<int64_t> indices = Integers(env, arguments[2]);
  for (uint32_t i = 0; i < indices.size(); ++i) {
    resolve(Element(env, arguments[1], i), static_cast<int>(indices[i]), outputs);
  }
  return missing;
}

// addFunction(name, graphDef, inputNodes, outputNodes, outputIndices)
napi_value AddFunction(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const std::string name = Text(env, arguments[0]);
  const uint8_t* bytes = nullptr;
  size_t size = 0;
  if (!Bytes(env, arguments[1], &bytes, &size)) return Fail(env, "A graph is given as bytes.");
  Status status;
  TF_Graph* graph = Import(bytes, size, &status);
  std::vector<TF_Output> inputs, outputs;
  std::string missing;
  if (status.ok()) {
    missing = Resolve(env, graph, arguments + 2, &inputs, &outputs);
    if (missing.empty()) {
      TF_Function* function = TF_GraphToFunction(
          graph, name.c_str(), 0, -1, nullptr, static_cast<int>(inputs.size()), inputs.data(),
          static_cast<int>(outputs.size()), outputs.data(), nullptr, nullptr, nullptr, status.raw);
      if (status.ok()) TFE_ContextAddFunction(context, function, status.raw);
      if (function != nullptr) TF_DeleteFunction(function);
    }
  }
  TF_DeleteGraph(graph);
  if (!missing.empty()) return Fail(env, "The graph has no node " + missing + ".");
  if (!status.ok()) return Fail(env, status.message());
  return nullptr;
}

napi_value RemoveFunction(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  Status status;
  TFE_ContextRemoveFunction(context, Text(env, argument).c_str(), status.raw);
  if (!status.ok()) return Fail(env, status.message());
  return nullptr;
}

napi_value ByteArray(napi_env env, const void* bytes, size_t size) {
  void* data = nullptr;
  napi_value buffer, array = nullptr;
  if (napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) return nullptr;
  if (size > 0) std::memcpy(data, bytes, size);
  napi_create_typedarray(env, napi_uint8_array, size, buffer, 0, &array);
  return array;
}

// functionDefinition(name) -> FunctionDef bytes
napi_value FunctionDefinition(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  Status status;
  TF_Buffer* buffer = TF_NewBuffer();
  TFE_ContextGetFunctionDef(context, Text(env, argument).c_str(), buffer, status.raw);
  napi_value result = status.ok() ? ByteArray(env, buffer->data, buffer->length) : nullptr;
  TF_DeleteBuffer(buffer);
  return status.ok() ? result : Fail(env, status.message());
}

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

struct SessionCall {
  napi_async_work work;
  napi_deferred deferred;
  const Session* session;
  TF_Buffer *options, *metadata;
  std::vector<TF_Tensor*> inputs, outputs;
  std::vector<TFE_TensorHandle*> results;
  double started, ended;
  std::string error;
};

void RunSessionCall(napi_env, void* data) {
  SessionCall* call = static_cast<SessionCall*>(data);
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

void SettleSessionCall(napi_env env, napi_status, void* data) {
  SessionCall* call = static_cast<SessionCall*>(data);
  for (TF_Tensor* tensor : call->inputs) TF_DeleteTensor(tensor);
  if (call->error.empty()) {
    napi_value value;
    napi_create_object(env, &value);
    napi_set_named_property(env, value, "results", Results(env, call->results, static_cast<int>(call->results.size())));
    napi_set_named_property(env, value, "metadata", ByteArray(env, call->metadata->data, call->metadata->length));
    napi_set_named_property(env, value, "started", Number(env, call->started));
    napi_set_named_property(env, value, "ended", Number(env, call->ended));
    napi_resolve_deferred(env, call->deferred, value);
  } else {
    for (TFE_TensorHandle* handle : call->results) TFE_DeleteTensorHandle(handle);
    napi_value error;
    napi_create_error(env, nullptr, String(env, call->error), &error);
    napi_reject_deferred(env, call->deferred, error);
  }
  TF_DeleteBuffer(call->options);
  TF_DeleteBuffer(call->metadata);
  napi_delete_async_work(env, call->work);
  delete call;
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
  SessionCall* call = new SessionCall{};
  call->session = &found->second;
  call->options = TF_NewBufferFromString(options, size);
  call->metadata = TF_NewBuffer();
  call->inputs = inputs;
  call->outputs.assign(found->second.outputs.size(), nullptr);
  napi_value promise;
  napi_create_promise(env, &call->deferred, &promise);
  napi_create_async_work(env, nullptr, String(env, "tensorflow"), RunSessionCall, SettleSessionCall, call, &call->work);
  napi_queue_async_work(env, call->work);
  return promise;
}

napi_value NumberOfTensors(napi_env env, napi_callback_info) {
  return Number(env, static_cast<double>(handles.size()));
}

napi_value IsUsingGpuDevice(napi_env env, napi_callback_info) {
  napi_value result;
  napi_get_boolean(env, !gpu.empty(), &result);
  return result;
}

napi_value Initialise(napi_env env, napi_value exports) {
  const auto add = [&](const char* name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
    napi_set_named_property(env, exports, name, function);
  };
  add("open", Open);
  add("createTensor", CreateTensor);
  add("deleteTensor", DeleteTensor);
  add("tensorDataSync", TensorData);
  add("executeOp", ExecuteOp);
  add("executeAsync", ExecuteAsync);
  add("addFunction", AddFunction);
  add("removeFunction", RemoveFunction);
  add("functionDefinition", FunctionDefinition);
  add("openSession", OpenSession);
  add("runSession", RunSession);
  add("closeSession", CloseSession);
  add("now", Now);
  add("getNumOfTensors", NumberOfTensors);
  add("isUsingGpuDevice", IsUsingGpuDevice);
  const std::pair<const char*, int> constants[] = {
      {"TF_FLOAT", kFloat},           {"TF_INT32", kInt32},         {"TF_INT64", kInt64},
      {"TF_BOOL", kBool},             {"TF_COMPLEX64", kComplex64}, {"TF_STRING", kString},
      {"TF_RESOURCE", kResource},     {"TF_UINT8", kUint8},         {"TF_BFLOAT16", kBfloat16},
      {"TF_HALF", kHalf},             {"TF_ATTR_STRING", kAttrString}, {"TF_ATTR_INT", kAttrInt},
      {"TF_ATTR_FLOAT", kAttrFloat},  {"TF_ATTR_BOOL", kAttrBool},  {"TF_ATTR_TYPE", kAttrType},
      {"TF_ATTR_SHAPE", kAttrShape},
  };
  for (const auto& [name, value] : constants) napi_set_named_property(env, exports, name, Number(env, value));
  return exports;
}

}  // namespace

NAPI_MODULE(tensorflow_binding, Initialise)
