// Activations and gated activations, with their gradients.
#pragma once

#include "activations.h"
#include "over-rows.h"
#include "panels.h"

namespace draft {

// Calls work(from, count) for parts of `total` numbers; all parts but the last are whole vectors.
template <class Work>
void OverNumbers(int64_t total, const Work& work) {
  const int64_t vectors = (total + kLanes - 1) / kLanes;
  const int parts = static_cast<int>(std::max<int64_t>(1, std::min<int64_t>(Hands() == 1 ? 1 : 4 * Hands(), vectors / 256)));
  InParallel(parts, [&](int part) {
    const int64_t from = vectors * part / parts * kLanes;
    const int64_t to = std::min(total, vectors * (part + 1) / parts * kLanes);
    for (int64_t i = from; i < to; i += kLanes) work(i, static_cast<int>(std::min<int64_t>(kLanes, to - i)));
  });
}

template <class T>
void ApplyActivation(Activation activation, int64_t total, const T* x, T* y) {
  OverNumbers(total, [&](int64_t at, int some) { Store(y + at, Activate(activation, LoadSome(x + at, some)), some); });
}

template <class T>
void ActivationGradient(Activation activation, int64_t total, const T* dy, const T* x, T* dx) {
  OverNumbers(total, [&](int64_t at, int some) {
    Store(dx + at, LoadSome(dy + at, some) * Slope(activation, LoadSome(x + at, some)), some);
  });
}

// value · gelu(gate); a row of x holds the values, then the gates. Reference: Shazeer, 2020.
template <class T>
void GatedGelu(int rows, int width, const T* x, T* y) {
  OverRows(rows, [&](int row) {
    const T* value = x + static_cast<int64_t>(row) * 2 * width;
    T* to = y + static_cast<int64_t>(row) * width;
    for (int c = 0; c < width; c += kLanes) {
      const int some = std::min(kLanes, width - c);
      Store(to + c, LoadSome(value + c, some) * Activate(Activation::kGelu, LoadSome(value + width + c, some)), some);
    }
  });
}

template <class T>
void GatedGeluGradient(int rows, int width, const T* dy, const T* x, T* dx) {
  OverRows(rows, [&](int row) {
    const T* value = x + static_cast<int64_t>(row) * 2 * width;
    const T* from = dy + static_cast<int64_t>(row) * width;
    T* to = dx + static_cast<int64_t>(row) * 2 * width;
    for (int c = 0; c < width; c += kLanes) {
      const int some = std::min(kLanes, width - c);
      const Vector d = LoadSome(from + c, some);
      const Vector gate = LoadSome(value + width + c, some);
      const Vector phi = NormalDistribution(gate);
      Store(to + c, d * gate * phi, some);
      const Vector slope = MultiplyAdd(gate, NormalDensity(gate), phi);
      Store(to + width + c, d * LoadSome(value + c, some) * slope, some);
    }
  });
}

}  // namespace draft
