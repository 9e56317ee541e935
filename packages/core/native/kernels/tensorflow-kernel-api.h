// The part of TensorFlow's C interface for kernels that is called, found at run time; it is stable across releases.
#pragma once

#include <cstddef>
#include <cstdint>

struct TF_Status;
struct TF_Tensor;
struct TF_KernelBuilder;
struct TF_OpKernelConstruction;
struct TF_OpKernelContext;
struct TF_OpDefinitionBuilder;
struct TF_ShapeInferenceContext;

namespace draft {

#define DRAFT_TENSORFLOW_FUNCTIONS(X)                                                                                  \
  X(TF_Status*, TF_NewStatus, ())                                                                                      \
  X(void, TF_DeleteStatus, (TF_Status*))                                                                               \
  X(void, TF_SetStatus, (TF_Status*, int, const char*))                                                                \
  X(int, TF_GetCode, (const TF_Status*))                                                                               \
  X(const char*, TF_Message, (const TF_Status*))                                                                       \
  X(int, TF_TensorType, (const TF_Tensor*))                                                                            \
  X(int, TF_NumDims, (const TF_Tensor*))                                                                               \
  X(int64_t, TF_Dim, (const TF_Tensor*, int))                                                                          \
  X(void*, TF_TensorData, (const TF_Tensor*))                                                                          \
  X(void, TF_DeleteTensor, (TF_Tensor*))                                                                               \
  X(TF_OpDefinitionBuilder*, TF_NewOpDefinitionBuilder, (const char*))                                                 \
  X(void, TF_OpDefinitionBuilderAddInput, (TF_OpDefinitionBuilder*, const char*))                                      \
  X(void, TF_OpDefinitionBuilderAddOutput, (TF_OpDefinitionBuilder*, const char*))                                     \
  X(void, TF_OpDefinitionBuilderAddAttr, (TF_OpDefinitionBuilder*, const char*))                                       \
  X(void, TF_OpDefinitionBuilderSetShapeInferenceFunction,                                                             \
    (TF_OpDefinitionBuilder*, void (*)(TF_ShapeInferenceContext*, TF_Status*)))                                        \
  X(void, TF_ShapeInferenceContextSetUnknownShape, (TF_ShapeInferenceContext*, TF_Status*))                            \
  X(void, TF_RegisterOpDefinition, (TF_OpDefinitionBuilder*, TF_Status*))                                              \
  X(TF_KernelBuilder*, TF_NewKernelBuilder,                                                                            \
    (const char*, const char*, void* (*)(TF_OpKernelConstruction*), void (*)(void*, TF_OpKernelContext*),              \
     void (*)(void*)))                                                                                                 \
  X(void, TF_RegisterKernelBuilder, (const char*, TF_KernelBuilder*, TF_Status*))                                      \
  X(void, TF_OpKernelConstruction_GetAttrInt64, (TF_OpKernelConstruction*, const char*, int64_t*, TF_Status*))         \
  X(void, TF_OpKernelConstruction_GetAttrFloat, (TF_OpKernelConstruction*, const char*, float*, TF_Status*))           \
  X(void, TF_OpKernelConstruction_GetAttrBool, (TF_OpKernelConstruction*, const char*, unsigned char*, TF_Status*))    \
  X(void, TF_OpKernelConstruction_Failure, (TF_OpKernelConstruction*, TF_Status*))                                     \
  X(void, TF_GetInput, (TF_OpKernelContext*, int, TF_Tensor**, TF_Status*))                                            \
  X(TF_Tensor*, TF_AllocateOutput, (TF_OpKernelContext*, int, int, const int64_t*, int, size_t, TF_Status*))           \
  X(void, TF_OpKernelContext_Failure, (TF_OpKernelContext*, TF_Status*))

#define DRAFT_DECLARE(result, name, parameters) inline result(*name) parameters = nullptr;
DRAFT_TENSORFLOW_FUNCTIONS(DRAFT_DECLARE)
#undef DRAFT_DECLARE

enum TensorType { kFloatType = 1, kBf16Type = 14 };

}  // namespace draft
