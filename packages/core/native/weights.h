// Weights: read piece by piece, converted, and laid out, each number once on its way to its place.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "async-call.h"
#include "convert-numbers.h"
#include "reorder-convolution.h"
#include "tensors.h"

namespace {

// A piece that is read and converted before it leaves the cache.
constexpr size_t kPiece = size_t{1} << 19;

// What is stored, in memory or in a file.
class StoredBytes {
 public:
  explicit StoredBytes(const uint8_t* memory) : memory_(memory) {}
  StoredBytes(int descriptor, int64_t position) : descriptor_(descriptor), position_(position) {}

  // The bytes `[from, from + length)`, until the next call; null where the file has no more or cannot be read.
  const uint8_t* Read(size_t from, size_t length) {
    if (memory_ != nullptr) return memory_ + from;
    piece_.resize(std::max(piece_.size(), length));
    for (size_t done = 0; done < length;) {
      const ssize_t count = pread(descriptor_, piece_.data() + done, length - done, position_ + static_cast<int64_t>(from + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        problem_ = count == 0 ? "EOF" : "EIO";
        return nullptr;
      }
      done += static_cast<size_t>(count);
    }
    return piece_.data();
  }

  // A code of the operating system, or nothing.
  const char* problem() const { return problem_; }

 private:
  const uint8_t* memory_ = nullptr;
  int descriptor_ = -1;
  int64_t position_ = 0;
  std::vector<uint8_t> piece_;
  const char* problem_ = "";
};

// A weight that is being made.
struct Weight {
  std::vector<int64_t> shape;
  int32_t dtype = 0, stored = 0;
  // The numbers of `[height, width, in, out]` are stored as `[out, in, height, width]`.
  bool convolution = false;
  TF_Tensor* tensor = nullptr;

  size_t elements() const { return Elements(shape); }
  size_t size() const { return elements() * Width(dtype); }
};

bool ReadInOrder(const Weight& weight, StoredBytes* stored) {
  const size_t from = Width(weight.stored), to = Width(weight.dtype), each = kPiece / from;
  uint8_t* place = static_cast<uint8_t*>(TF_TensorData(weight.tensor));
  for (size_t i = 0; i < weight.elements(); i += each) {
    const size_t some = std::min(each, weight.elements() - i);
    const uint8_t* piece = stored->Read(i * from, some * from);
    if (piece == nullptr) return false;
    Convert(piece, weight.stored, place + i * to, weight.dtype, some);
  }
  return true;
}

template <class Word>
bool ReadConvolution(const Weight& weight, StoredBytes* stored) {
  const int64_t window = weight.shape[0] * weight.shape[1], in = weight.shape[2], out = weight.shape[3];
  const size_t step = static_cast<size_t>(in * window), width = Width(weight.stored);
  const bool same = weight.stored == weight.dtype;
  std::vector<Word> converted(same ? 0 : kTogether * step);
  for (int64_t first = 0; first < out; first += kTogether) {
    const int64_t some = std::min(kTogether, out - first);
    const uint8_t* piece = stored->Read(first * step * width, some * step * width);
    if (piece == nullptr) return false;
    if (!same) Convert(piece, weight.stored, converted.data(), weight.dtype, some * step);
    const Word* numbers = same ? reinterpret_cast<const Word*>(piece) : converted.data();
    ReorderConvolution(numbers, static_cast<Word*>(TF_TensorData(weight.tensor)), first, some, out, in, window);
  }
  return true;
}

// Makes the tensor; returns why that is impossible, as a code of the operating system, or nothing.
std::string Make(Weight* weight, StoredBytes stored) {
  weight->tensor = TF_AllocateTensor(weight->dtype, weight->shape.data(), static_cast<int>(weight->shape.size()), weight->size());
  if (weight->tensor == nullptr) return "ENOMEM";
  const bool whole = !weight->convolution       ? ReadInOrder(*weight, &stored)
                     : Width(weight->dtype) == 2 ? ReadConvolution<uint16_t>(*weight, &stored)
                                                 : ReadConvolution<uint32_t>(*weight, &stored);
  if (whole) return "";
  TF_DeleteTensor(weight->tensor);
  return stored.problem();
}

// Reads (shape, dtype, storedAs, convolution); false after a thrown error.
bool ParseWeight(napi_env env, const napi_value* arguments, Weight* weight) {
  weight->shape = Integers(env, arguments[0]);
  napi_get_value_int32(env, arguments[1], &weight->dtype);
  napi_get_value_int32(env, arguments[2], &weight->stored);
  napi_get_value_bool(env, arguments[3], &weight->convolution);
  weight->convolution = weight->convolution && weight->shape.size() == 4;
  if (CanConvert(weight->stored, weight->dtype)) return true;
  Fail(env, "Numbers of type " + std::to_string(weight->stored) + " cannot become type " + std::to_string(weight->dtype) + ".");
  return false;
}

// createWeight(shape, dtype, storedAs, convolution, bytes) -> id; the bytes are aligned to their type
napi_value CreateWeight(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Weight weight;
  if (!ParseWeight(env, arguments, &weight)) return nullptr;
  const uint8_t* data = nullptr;
  size_t size = 0;
  if (!Bytes(env, arguments[4], &data, &size) || size != weight.elements() * Width(weight.stored)) {
    return Fail(env, "A weight of " + std::to_string(weight.elements()) + " elements cannot be made from " +
                         std::to_string(size) + " bytes.");
  }
  if (Make(&weight, StoredBytes(data)).empty()) return Register(env, weight.tensor, weight.dtype);
  return Fail(env, "Out of memory for a tensor of " + std::to_string(weight.size()) + " bytes.");
}

struct WeightCall : AsyncCall {
  Weight weight;
  StoredBytes stored;
  explicit WeightCall(StoredBytes bytes) : stored(std::move(bytes)) {}
};

void RunWeight(WeightCall* call) {
  call->code = Make(&call->weight, std::move(call->stored));
  if (!call->code.empty()) call->error = "a weight cannot be read";
}

napi_value SettleWeight(napi_env env, WeightCall* call) {
  return call->error.empty() ? Register(env, call->weight.tensor, call->weight.dtype) : nullptr;
}

// loadWeight(shape, dtype, storedAs, convolution, descriptor, position) -> Promise of id, off the main thread; the file has to stay
// open until then
napi_value LoadWeight(napi_env env, napi_callback_info info) {
  size_t count = 6;
  napi_value arguments[6];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Weight weight;
  if (!ParseWeight(env, arguments, &weight)) return nullptr;
  int32_t descriptor = -1;
  int64_t position = 0;
  napi_get_value_int32(env, arguments[4], &descriptor);
  napi_get_value_int64(env, arguments[5], &position);
  auto* call = new WeightCall(StoredBytes(descriptor, position));
  call->weight = std::move(weight);
  return Begin<WeightCall, RunWeight, SettleWeight>(env, "weight", call);
}

}  // namespace
