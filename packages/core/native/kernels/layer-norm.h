// Layer normalisation, and its gradient in what is normalised. Reference: Ba et al., 2016.
#pragma once

#include <cmath>

#include "over-rows.h"
#include "panels.h"

namespace draft {

// y = γ (x − μ) / √(σ² + ε) + β for each row of `width` numbers.
template <class T>
void NormaliseRows(int rows, int width, float epsilon, const T* x, const float* gamma, const float* beta, T* y, float* mean,
                   float* rstd) {
  OverRows(rows, [&](int row) {
    const T* from = x + static_cast<int64_t>(row) * width;
    T* to = y + static_cast<int64_t>(row) * width;
    Vector sum = Zero();
    for (int c = 0; c < width; c += kLanes) sum = sum + LoadSome(from + c, width - c);
    const float middle = Sum(sum) / width;
    Vector squares = Zero();
    for (int c = 0; c < width; c += kLanes) {
      const int some = width - c;
      const Vector d = FirstOf(LoadSome(from + c, some) - All(middle), some);
      squares = MultiplyAdd(d, d, squares);
    }
    const float scale = 1 / std::sqrt(Sum(squares) / width + epsilon);
    for (int c = 0; c < width; c += kLanes) {
      const int some = std::min(kLanes, width - c);
      const Vector normal = (LoadSome(from + c, some) - All(middle)) * All(scale);
      Store(to + c, MultiplyAdd(normal, LoadSome(gamma + c, some), LoadSome(beta + c, some)), some);
    }
    mean[row] = middle;
    rstd[row] = scale;
  });
}

// dx = rstd (γ dy − mean(γ dy) − x̂ mean(γ dy x̂)).
template <class T>
void LayerNormGradient(int rows, int width, const T* dy, const T* x, const float* gamma, const float* mean,
                       const float* rstd, T* dx) {
  OverRows(rows, [&](int row) {
    const int64_t at = static_cast<int64_t>(row) * width;
    const Vector middle = All(mean[row]), scale = All(rstd[row]);
    Vector level = Zero(), tilt = Zero();
    for (int c = 0; c < width; c += kLanes) {
      const int some = width - c;
      const Vector d = LoadSome(dy + at + c, some) * LoadSome(gamma + c, some);
      level = level + d;
      tilt = MultiplyAdd(d, (LoadSome(x + at + c, some) - middle) * scale, tilt);
    }
    const Vector flat = All(Sum(level) / width), steep = All(Sum(tilt) / width);
    for (int c = 0; c < width; c += kLanes) {
      const int some = std::min(kLanes, width - c);
      const Vector d = LoadSome(dy + at + c, some) * LoadSome(gamma + c, some);
      const Vector normal = (LoadSome(x + at + c, some) - middle) * scale;
      Store(dx + at + c, (d - flat - normal * steep) * scale, some);
    }
  });
}

}  // namespace draft
