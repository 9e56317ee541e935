// Images twice as high and as wide, each pixel a block of 2 × 2, and the gradient.
#pragma once

#include <cstring>

#include "over-rows.h"
#include "panels.h"

namespace draft {

template <class T>
void UpsampleNearest(int rows, int width, int channels, const T* x, T* y) {
  const int64_t line = static_cast<int64_t>(width) * channels;
  OverRows(rows, [&](int row) {
    T* to = y + row * 4 * line;
    for (int j = 0; j < width; ++j) {
      const T* pixel = x + row * line + static_cast<int64_t>(j) * channels;
      for (int copy = 0; copy < 2; ++copy) {
        std::memcpy(to + (2 * j + copy) * static_cast<int64_t>(channels), pixel, channels * sizeof(T));
      }
    }
    std::memcpy(to + 2 * line, to, 2 * line * sizeof(T));
  });
}

// `rows` and `width` are those of dx.
template <class T>
void UpsampleNearestGradient(int rows, int width, int channels, const T* dy, T* dx) {
  const int64_t line = static_cast<int64_t>(width) * channels;
  OverRows(rows, [&](int row) {
    const T* from = dy + row * 4 * line;
    for (int j = 0; j < width; ++j) {
      const T* block = from + 2 * static_cast<int64_t>(j) * channels;
      T* to = dx + row * line + static_cast<int64_t>(j) * channels;
      for (int c = 0; c < channels; c += kLanes) {
        const int some = std::min(kLanes, channels - c);
        const Vector above = LoadSome(block + c, some) + LoadSome(block + channels + c, some);
        const Vector below = LoadSome(block + 2 * line + c, some) + LoadSome(block + 2 * line + channels + c, some);
        Store(to + c, above + below, some);
      }
    }
  });
}

}  // namespace draft
