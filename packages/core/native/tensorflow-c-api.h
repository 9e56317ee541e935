// The part of TensorFlow's C interface that the binding calls, resolved from the shared libraries at run time.
// Nothing of TensorFlow is needed to compile it: the interface is stable across releases.
#pragma once
#include <cstddef>
#include <cstdint>

struct TF_Status;
struct TF_Tensor;
struct TF_Session;
struct TF_SessionOptions;
struct TF_Graph;
struct TF_Function;
struct TF_FunctionOptions;
struct TF_Operation;
struct TF_DeviceList;
struct TF_ImportGraphDefOptions;
struct TFE_Context;
struct TFE_ContextOptions;
struct TFE_Op;
struct TFE_TensorHandle;
struct TF_Buffer {
  const void* data;
  size_t length;
  void (*deallocate)(void*, size_t);
};
struct TF_Output {
  TF_Operation* oper;
  int index;
};

enum DataType {
  kFloat = 1,
  kInt32 = 3,
  kUint8 = 4,
  kString = 7,
  kComplex64 = 8,
  kInt64 = 9,
  kBool = 10,
  kBfloat16 = 14,
  kHalf = 19,
  kResource = 20,
};

enum AttributeKind { kAttrString = 0, kAttrInt = 1, kAttrFloat = 2, kAttrBool = 3, kAttrType = 4, kAttrShape = 5 };

#define TENSORFLOW_FUNCTIONS(X)                                                                              \
  X(const char*, TF_Version, ())                                                                             \
  X(TF_Status*, TF_NewStatus, ())                                                                            \
  X(void, TF_DeleteStatus, (TF_Status*))                                                                     \
  X(int, TF_GetCode, (const TF_Status*))                                                                     \
  X(const char*, TF_Message, (const TF_Status*))                                                             \
  X(TF_Tensor*, TF_AllocateTensor, (int, const int64_t*, int, size_t))                                       \
  X(void*, TF_TensorData, (const TF_Tensor*))                                                                \
  X(size_t, TF_TensorByteSize, (const TF_Tensor*))                                                           \
  X(void, TF_DeleteTensor, (TF_Tensor*))                                                                     \
  X(TF_Buffer*, TF_NewBufferFromString, (const void*, size_t))                                               \
  X(TF_Buffer*, TF_NewBuffer, ())                                                                            \
  X(void, TF_DeleteBuffer, (TF_Buffer*))                                                                     \
  X(TF_Graph*, TF_NewGraph, ())                                                                              \
  X(void, TF_DeleteGraph, (TF_Graph*))                                                                       \
  X(TF_ImportGraphDefOptions*, TF_NewImportGraphDefOptions, ())                                              \
  X(void, TF_DeleteImportGraphDefOptions, (TF_ImportGraphDefOptions*))                                       \
  X(void, TF_GraphImportGraphDef, (TF_Graph*, const TF_Buffer*, const TF_ImportGraphDefOptions*, TF_Status*)) \
  X(TF_Operation*, TF_GraphOperationByName, (TF_Graph*, const char*))                                        \
  X(TF_Function*, TF_GraphToFunction,                                                                        \
    (const TF_Graph*, const char*, unsigned char, int, const TF_Operation* const*, int, const TF_Output*,    \
     int, const TF_Output*, const char* const*, const TF_FunctionOptions*, const char*, TF_Status*))         \
  X(void, TF_DeleteFunction, (TF_Function*))                                                                 \
  X(TF_SessionOptions*, TF_NewSessionOptions, ())                                                            \
  X(void, TF_DeleteSessionOptions, (TF_SessionOptions*))                                                     \
  X(void, TF_SetConfig, (TF_SessionOptions*, const void*, size_t, TF_Status*))                               \
  X(TF_Session*, TF_NewSession, (TF_Graph*, const TF_SessionOptions*, TF_Status*))                           \
  X(void, TF_CloseSession, (TF_Session*, TF_Status*))                                                        \
  X(void, TF_DeleteSession, (TF_Session*, TF_Status*))                                                       \
  X(void, TF_SessionRun,                                                                                     \
    (TF_Session*, const TF_Buffer*, const TF_Output*, TF_Tensor* const*, int, const TF_Output*, TF_Tensor**, \
     int, const TF_Operation* const*, int, TF_Buffer*, TF_Status*))                                          \
  X(int, TF_DeviceListCount, (const TF_DeviceList*))                                                         \
  X(const char*, TF_DeviceListName, (const TF_DeviceList*, int, TF_Status*))                                 \
  X(const char*, TF_DeviceListType, (const TF_DeviceList*, int, TF_Status*))                                 \
  X(void, TF_DeleteDeviceList, (TF_DeviceList*))                                                             \
  X(TFE_ContextOptions*, TFE_NewContextOptions, ())                                                          \
  X(void, TFE_DeleteContextOptions, (TFE_ContextOptions*))                                                   \
  X(void, TFE_ContextOptionsSetConfig, (TFE_ContextOptions*, const void*, size_t, TF_Status*))               \
  X(void, TFE_ContextOptionsSetDevicePlacementPolicy, (TFE_ContextOptions*, int))                            \
  X(TFE_Context*, TFE_NewContext, (const TFE_ContextOptions*, TF_Status*))                                   \
  X(TF_DeviceList*, TFE_ContextListDevices, (TFE_Context*, TF_Status*))                                      \
  X(void, TFE_ContextAddFunction, (TFE_Context*, TF_Function*, TF_Status*))                                  \
  X(void, TFE_ContextGetFunctionDef, (TFE_Context*, const char*, TF_Buffer*, TF_Status*))                    \
  X(void, TFE_ContextRemoveFunction, (TFE_Context*, const char*, TF_Status*))                                \
  X(TFE_TensorHandle*, TFE_NewTensorHandle, (const TF_Tensor*, TF_Status*))                                  \
  X(void, TFE_DeleteTensorHandle, (TFE_TensorHandle*))                                                       \
  X(int, TFE_TensorHandleDataType, (TFE_TensorHandle*))                                                      \
  X(int, TFE_TensorHandleNumDims, (TFE_TensorHandle*, TF_Status*))                                           \
  X(int64_t, TFE_TensorHandleDim, (TFE_TensorHandle*, int, TF_Status*))                                      \
  X(TF_Tensor*, TFE_TensorHandleResolve, (TFE_TensorHandle*, TF_Status*))                                    \
  X(TFE_TensorHandle*, TFE_TensorHandleCopyToDevice,                                                         \
    (TFE_TensorHandle*, TFE_Context*, const char*, TF_Status*))                                              \
  X(TFE_Op*, TFE_NewOp, (TFE_Context*, const char*, TF_Status*))                                             \
  X(void, TFE_DeleteOp, (TFE_Op*))                                                                           \
  X(void, TFE_OpAddInput, (TFE_Op*, TFE_TensorHandle*, TF_Status*))                                          \
  X(void, TFE_OpSetAttrString, (TFE_Op*, const char*, const void*, size_t))                                  \
  X(void, TFE_OpSetAttrInt, (TFE_Op*, const char*, int64_t))                                                 \
  X(void, TFE_OpSetAttrFloat, (TFE_Op*, const char*, float))                                                 \
  X(void, TFE_OpSetAttrBool, (TFE_Op*, const char*, unsigned char))                                          \
  X(void, TFE_OpSetAttrType, (TFE_Op*, const char*, int))                                                    \
  X(void, TFE_OpSetAttrShape, (TFE_Op*, const char*, const int64_t*, int, TF_Status*))                       \
  X(void, TFE_OpSetAttrIntList, (TFE_Op*, const char*, const int64_t*, int))                                 \
  X(void, TFE_Execute, (TFE_Op*, TFE_TensorHandle**, int*, TF_Status*))
