// Ops as C++ sees them: attributes when a kernel is made, tensors when it runs, and their registration.
#pragma once

#include <exception>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "numbers.h"
#include "tensorflow-kernel-api.h"

namespace draft {

// A status that is deleted, and thrown as an exception where it is not well.
class Status {
 public:
  Status() : raw(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(raw); }
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  void Check() const {
    if (TF_GetCode(raw) != 0) throw std::runtime_error(TF_Message(raw));
  }
  TF_Status* const raw;
};

// The attributes of a node, by name.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* raw) : raw_(raw) {}
  int64_t Integer(const char* name) const {
    int64_t value = 0;
    const Status status;
    TF_OpKernelConstruction_GetAttrInt64(raw_, name, &value, status.raw);
    status.Check();
    return value;
  }
  float Number(const char* name) const {
    float value = 0;
    const Status status;
    TF_OpKernelConstruction_GetAttrFloat(raw_, name, &value, status.raw);
    status.Check();
    return value;
  }
  bool Flag(const char* name) const {
    unsigned char value = 0;
    const Status status;
    TF_OpKernelConstruction_GetAttrBool(raw_, name, &value, status.raw);
    status.Check();
    return value != 0;
  }

 private:
  TF_OpKernelConstruction* raw_;
};

// The tensors of one run of a kernel.
class Run {
 public:
  explicit Run(TF_OpKernelContext* raw) : raw_(raw) {}
  ~Run() {
    for (TF_Tensor* tensor : held_) TF_DeleteTensor(tensor);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  TF_Tensor* Input(int i) {
    TF_Tensor* tensor = nullptr;
    const Status status;
    TF_GetInput(raw_, i, &tensor, status.raw);
    if (tensor != nullptr) held_.push_back(tensor);
    status.Check();
    return tensor;
  }
  void* Output(int i, int type, const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    const Status status;
    TF_Tensor* tensor = TF_AllocateOutput(raw_, i, type, shape.data(), static_cast<int>(shape.size()),
                                          static_cast<size_t>(count) * (type == kBf16Type ? 2 : 4), status.raw);
    if (tensor != nullptr) held_.push_back(tensor);
    status.Check();
    return TF_TensorData(tensor);
  }

 private:
  TF_OpKernelContext* raw_;
  std::vector<TF_Tensor*> held_;
};

inline std::vector<int64_t> ShapeOf(const TF_Tensor* tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor));
  for (size_t i = 0; i < shape.size(); ++i) shape[i] = TF_Dim(tensor, static_cast<int>(i));
  return shape;
}

inline int64_t CountOf(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t side : shape) count *= side;
  return count;
}

// Rows of a tensor whose last axis has `width` numbers.
inline int RowsOf(const std::vector<int64_t>& shape) {
  return static_cast<int>(shape.empty() || shape.back() == 0 ? 0 : CountOf(shape) / shape.back());
}

template <class T>
const T* DataOf(const TF_Tensor* tensor) {
  return static_cast<const T*>(TF_TensorData(tensor));
}

template <class T>
constexpr int kTypeOf = sizeof(T) == 2 ? kBf16Type : kFloatType;

inline void Require(bool right, const char* message) {
  if (!right) throw std::runtime_error(message);
}

// Calls use(number) with a number of the activations' type.
template <class Use>
void WithType(const TF_Tensor* tensor, const Use& use) {
#if defined(__AVX512BF16__)
  if (TF_TensorType(tensor) == kBf16Type) return use(Bf16{});
#endif
  Require(TF_TensorType(tensor) == kFloatType, "this processor computes in float32 alone");
  use(float{});
}

// Calls use(number) with a number of a weight's type.
template <class Use>
void WithWeightType(const TF_Tensor* tensor, const Use& use) {
  if (TF_TensorType(tensor) == kBf16Type) return use(Bf16{});
  use(float{});
}

// A weight's numbers in float32.
inline std::vector<float> Widened(TF_Tensor* tensor) {
  const int64_t count = CountOf(ShapeOf(tensor));
  std::vector<float> numbers(static_cast<size_t>(count));
  WithWeightType(tensor, [&](auto type) {
    const auto* data = DataOf<decltype(type)>(tensor);
    for (int64_t i = 0; i < count; ++i) numbers[i] = Widen(data[i]);
  });
  return numbers;
}

// Registers an op and its kernel, `Kernel(attributes)` with `operator()(run) const`.
// Parts of its signature in TensorFlow's notation: "x: T", "T: {float, bfloat16}".
template <class Kernel>
void Register(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
              std::initializer_list<const char*> attributes) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(name);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  // Whoever records a graph knows the shapes.
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, [](TF_ShapeInferenceContext* context, TF_Status* status) {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  });
  const Status defined;
  TF_RegisterOpDefinition(definition, defined.raw);
  defined.Check();

  constexpr int kInvalidArgument = 3;
  TF_KernelBuilder* builder = TF_NewKernelBuilder(
      name, "CPU",
      [](TF_OpKernelConstruction* construction) -> void* {
        try {
          return new Kernel(Attributes(construction));
        } catch (const std::exception& error) {
          const Status status;
          TF_SetStatus(status.raw, kInvalidArgument, error.what());
          TF_OpKernelConstruction_Failure(construction, status.raw);
          return nullptr;
        }
      },
      [](void* kernel, TF_OpKernelContext* context) {
        try {
          Run run(context);
          (*static_cast<const Kernel*>(kernel))(run);
        } catch (const std::exception& error) {
          const Status status;
          TF_SetStatus(status.raw, kInvalidArgument, error.what());
          TF_OpKernelContext_Failure(context, status.raw);
        }
      },
      [](void* kernel) { delete static_cast<Kernel*>(kernel); });
  const Status registered;
  TF_RegisterKernelBuilder(name, builder, registered.raw);
  registered.Check();
}

}  // namespace draft
