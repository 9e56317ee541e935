// What a convolution reads and writes.
#pragma once

#include <cstdint>

namespace draft {

// Images `[n][height][width][channels]`.
struct ImageShape {
  int n, height, width, channels;
  int64_t pixels() const { return static_cast<int64_t>(n) * height * width; }
};

// A cross-correlation y[i, j] = Σ W[p, q] · x[s i + p − top, s j + q − left], or its gradient in x.
struct Convolution {
  ImageShape from;  // what it reads: x, or for the gradient y
  ImageShape to;    // what it writes: y, or for the gradient x
  int kernelHeight, kernelWidth, stride, top, left;
  bool gradient;
};

}  // namespace draft
