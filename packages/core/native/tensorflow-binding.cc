// Node-API binding to TensorFlow's eager runtime: tensors by number, single ops, and whole graphs as functions.
// A graph that was recorded in JavaScript becomes one TensorFlow function; running it is one call, off the main
// thread, whose arguments never leave the device that they live on.
#include <dlfcn.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <node_api.h>

#include "profiled-sessions.h"
#include "weights.h"

namespace {

// Keeps the memory of large tensors for the next ones, whichever thread makes them. The C library would give it back to
// the system each time, and getting a page anew costs more than most ops spend on it.
void KeepMemory() {
#ifdef __GLIBC__
  // One heap for all threads, and nothing beside it.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  constexpr int kLargest = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, kLargest);
#endif
}

void* libraries[2] = {};  // the runtime and the framework

void* FindInTensorFlow(const char* name) {
  void* found = dlsym(libraries[0], name);
  return found != nullptr ? found : dlsym(libraries[1], name);
}

// Registers the ops of our own kernels; returns why that is impossible, or nothing.
std::string RegisterKernels(const std::string& path, int hands) {
  void* kernels = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (kernels == nullptr) return dlerror();
  const auto add = reinterpret_cast<int (*)(void* (*)(const char*), int, char*, size_t)>(
      dlsym(kernels, "draft_register_kernels"));
  if (add == nullptr) return path + " holds no kernels";
  char error[256] = "";
  return add(FindInTensorFlow, hands, error, sizeof(error)) == 0 ? "" : error;
}

// open(frameworkLibrary, runtimeLibrary, sessionConfig, kernelLibrary or '', processors that share an op)
napi_value Open(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (context != nullptr) return Fail(env, "TensorFlow is already loaded in this process.");
  // The runtime brings the framework, which lies beside it. In this order a runtime that lacks a library leaves
  // nothing behind, and another build of TensorFlow can still be opened.
  void* runtime = dlopen(Text(env, arguments[1]).c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (runtime == nullptr) return Fail(env, dlerror());
  void* framework = dlopen(Text(env, arguments[0]).c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (framework == nullptr) return Fail(env, dlerror());
  libraries[0] = runtime;
  libraries[1] = framework;
#define RESOLVE(result, name, parameters)                                    \
  name = reinterpret_cast<result(*) parameters>(FindInTensorFlow(#name)); \
  if (name == nullptr) return Fail(env, "This TensorFlow has no function " #name ".");
  TENSORFLOW_FUNCTIONS(RESOLVE)
#undef RESOLVE
  KeepMemory();
  const std::string kernels = count > 3 ? Text(env, arguments[3]) : "";
  if (!kernels.empty()) {
    int32_t hands = 1;
    napi_get_value_int32(env, arguments[4], &hands);
    const std::string problem = RegisterKernels(kernels, hands);
    if (!problem.empty()) return Fail(env, problem);
  }
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
  add("createWeight", CreateWeight);
  add("loadWeight", LoadWeight);
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
