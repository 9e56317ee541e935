// The linear maps of Winograd's convolution F(2 × 2, 3 × 3), on vectors of channels.
// Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. Reference: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016,
// section 4.1.
#pragma once

#include "numbers.h"

namespace draft {

constexpr int kPlaces = 16;  // of a tile of 4 × 4

// Bᵀ d B for `lanes` channels.
template <class D>
inline void TransformInput(const D& load, Vector (&out)[kPlaces]) {
  Vector half[kPlaces];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Vector d0 = load(j), d1 = load(4 + j), d2 = load(8 + j), d3 = load(12 + j);
    half[j] = d0 - d2;
    half[4 + j] = d1 + d2;
    half[8 + j] = d2 - d1;
    half[12 + j] = d1 - d3;
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    out[i] = half[i] - half[i + 2];
    out[i + 1] = half[i + 1] + half[i + 2];
    out[i + 2] = half[i + 2] - half[i + 1];
    out[i + 3] = half[i + 1] - half[i + 3];
  }
}

// G g Gᵀ.
template <class G>
inline void TransformKernel(const G& load, Vector (&out)[kPlaces]) {
  const auto spread = [](Vector a, Vector b, Vector c, Vector* to, int step) {
    const Vector ends = (a + c) * All(0.5f);
    const Vector middle = b * All(0.5f);
    to[0] = a;
    to[step] = ends + middle;
    to[2 * step] = ends - middle;
    to[3 * step] = c;
  };
  Vector half[12];  // 4 × 3
#pragma GCC unroll 3
  for (int j = 0; j < 3; ++j) spread(load(j), load(3 + j), load(6 + j), half + j, 3);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) spread(half[3 * i], half[3 * i + 1], half[3 * i + 2], out + 4 * i, 1);
}

// Aᵀ m A.
template <class M>
inline void TransformOutput(const M& load, Vector (&out)[4]) {
  Vector half[8];  // 2 × 4
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Vector m1 = load(4 + j), m2 = load(8 + j);
    half[j] = load(j) + m1 + m2;
    half[4 + j] = m1 - m2 - load(12 + j);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    out[2 * i] = half[4 * i] + half[4 * i + 1] + half[4 * i + 2];
    out[2 * i + 1] = half[4 * i + 1] - half[4 * i + 2] - half[4 * i + 3];
  }
}

}  // namespace draft
