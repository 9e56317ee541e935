// Tensors: made of numbers, found, read and deleted.
#pragma once

#include "node-values.h"
#include "tensorflow-state.h"

namespace {

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

// Gives a tensor its number, on the device that it belongs to; null where that fails, and the tensor is gone either way.
napi_value Register(napi_env env, TF_Tensor* tensor, int32_t dtype) {
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

size_t Elements(const std::vector<int64_t>& shape) {
  size_t elements = 1;
  for (int64_t side : shape) elements *= static_cast<size_t>(side);
  return elements;
}

// createTensor(shape, dtype, typedArray) -> id
napi_value CreateTensor(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  const std::vector<int64_t> shape = Integers(env, arguments[0]);
  int32_t dtype = 0;
  napi_get_value_int32(env, arguments[1], &dtype);
  const size_t elements = Elements(shape);
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
  return Register(env, tensor, dtype);
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

}  // namespace
