// Kernels of 3 × 3 taps, transformed for Winograd's convolution and packed.
#pragma once

#include "panels.h"
#include "winograd-transforms.h"

namespace draft {

// A kernel `[3][3][in][out]` as a convolution, or its gradient in the image, reads it.
template <class W>
struct KernelView {
  const W* data;
  int64_t tap;           // from one tap to the next
  bool turned;           // by 180°
  int64_t down, across;  // from one channel that is read to the next, and of those that are written
  const W* at(int t) const { return data + (turned ? 8 - t : t) * tap; }
};

// Transforms `some` of the numbers that lie side by side from `at` on.
template <class W>
inline void TransformKernelAt(const KernelView<W>& kernel, int64_t at, int some, Vector (&u)[kPlaces]) {
  TransformKernel([&](int t) { return LoadSome(kernel.at(t) + at, some); }, u);
}

// Packs the transformed kernel's panel of columns from `from` on, one panel for each place, `[depth][columns]` each.
// Channels that are written lie side by side.
template <class W>
void PackKernelAcross(const KernelView<W>& kernel, int depth, int some, int64_t begin, float* panels, int64_t size) {
  for (int k = 0; k < depth; ++k) {
    for (int j = 0; j < kPanel; j += kLanes) {
      Vector u[kPlaces];
      TransformKernelAt(kernel, begin + k * kernel.down + j, some - j, u);
      for (int p = 0; p < kPlaces; ++p) Store(panels + p * size + static_cast<int64_t>(k) * kPanel + j, u[p]);
    }
  }
}

// The same where channels that are read lie side by side.
template <class W>
void PackKernelDown(const KernelView<W>& kernel, int depth, int some, int64_t begin, float* panels, int64_t size) {
  alignas(64) float rows[kPlaces][kLanes][kLanes];
  for (int j = 0; j < kPanel; j += kLanes) {
    for (int k = 0; k < depth; k += kLanes) {
      for (int i = 0; i < kLanes; ++i) {
        Vector u[kPlaces];
        const int left = j + i < some ? depth - k : 0;
        TransformKernelAt(kernel, begin + (j + i) * kernel.across + k, left, u);
        for (int p = 0; p < kPlaces; ++p) Store(rows[p][i], u[p]);
      }
      const int lines = std::min(kLanes, depth - k);
      for (int p = 0; p < kPlaces; ++p) {
        Vector square[kLanes];
        for (int i = 0; i < kLanes; ++i) square[i] = Load(rows[p][i]);
        Transpose(square);
        float* panel = panels + p * size + static_cast<int64_t>(k) * kPanel + j;
        for (int i = 0; i < lines; ++i) Store(panel + i * kPanel, square[i]);
      }
    }
  }
}

#if defined(__AVX512BF16__)
template <class W>
void PackKernelAcross(const KernelView<W>& kernel, int depth, int some, int64_t begin, Bf16* panels, int64_t size) {
  for (int k = 0; k < depth; k += 2) {
    for (int j = 0; j < kPanel; j += kLanes) {
      Vector first[kPlaces], second[kPlaces];
      const int64_t at = begin + k * kernel.down + j;
      TransformKernelAt(kernel, at, some - j, first);
      TransformKernelAt(kernel, at + kernel.down, k + 1 < depth ? some - j : 0, second);
      Bf16* panel = panels + static_cast<int64_t>(k) * kPanel + 2 * j;
      for (int p = 0; p < kPlaces; ++p) StoreInTurns(panel + p * size, first[p], second[p]);
    }
  }
}

template <class W>
void PackKernelDown(const KernelView<W>& kernel, int depth, int some, int64_t begin, Bf16* panels, int64_t size) {
  alignas(64) Bf16 rows[kPlaces][kLanes][2 * kLanes];
  for (int j = 0; j < kPanel; j += kLanes) {
    for (int k = 0; k < depth; k += 2 * kLanes) {
      for (int i = 0; i < kLanes; ++i) {
        Vector first[kPlaces], second[kPlaces];
        const int left = j + i < some ? depth - k : 0;
        const int64_t at = begin + (j + i) * kernel.across + k;
        TransformKernelAt(kernel, at, left, first);
        TransformKernelAt(kernel, at + kLanes, left - kLanes, second);
        for (int p = 0; p < kPlaces; ++p) {
          _mm512_store_si512(rows[p][i], (__m512i)_mm512_cvtne2ps_pbh(second[p], first[p]));
        }
      }
      const int pairs = std::min(kLanes, (depth - k + 1) / 2);
      for (int p = 0; p < kPlaces; ++p) {
        Vector square[kLanes];
        for (int i = 0; i < kLanes; ++i) square[i] = Load(reinterpret_cast<const float*>(rows[p][i]));
        Transpose(square);
        float* panel = reinterpret_cast<float*>(panels + p * size + static_cast<int64_t>(k) * kPanel) + j;
        for (int i = 0; i < pairs; ++i) Store(panel + i * kPanel, square[i]);
      }
    }
  }
}
#endif

template <class T, class W>
void PackKernel(const KernelView<W>& kernel, int depth, int columns, int from, T* panels) {
  const int64_t size = static_cast<int64_t>(PaddedDepth<T>(depth)) * kPanel;
  const int some = std::min(kPanel, columns - from);
  const int64_t begin = static_cast<int64_t>(from) * kernel.across;
  if (kernel.across == 1) PackKernelAcross(kernel, depth, some, begin, panels, size);
  else PackKernelDown(kernel, depth, some, begin, panels, size);
}

// Asks for part `part` of `parts` of the numbers that PackKernel would read.
template <class W>
void FetchKernel(const KernelView<W>& kernel, int depth, int columns, int from, int part, int parts) {
  for (int t = 0; t < 9; ++t) {
    const Matrix<W> matrix{kernel.at(t), kernel.down, kernel.across};
    Fetch(matrix, depth, from, columns, 1, part, parts);
  }
}

}  // namespace draft
