// Convolutions of 3 × 3 taps with stride 1 in 16 instead of 36 multiplications for each 2 × 2 results.
// Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A. Reference: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2016,
// section 4.1, F(2 × 2, 3 × 3).
#pragma once

#include <vector>

#include "convolution-shape.h"
#include "product.h"

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

// A kernel `[3][3][in][out]` as a convolution, or its gradient in the image, reads it.
template <class W>
struct KernelView {
  const W* data;
  int64_t tap;           // from one tap to the next
  bool turned;           // by 180°
  int64_t down, across;  // from one channel that is read to the next, and of those that are written
  const W* at(int t) const { return data + (turned ? 8 - t : t) * tap; }
};

// Packs the transformed kernel's panel of columns from `from` on, one panel for each place.
template <class T, class W>
void PackKernel(const KernelView<W>& kernel, int depth, int columns, int from, T* panels) {
  const int padded = PaddedDepth<T>(depth);
  const int64_t panelSize = static_cast<int64_t>(padded) * kPanel;
  const int some = std::min(kPanel, columns - from);
  // Blocks of lanes along the side that is contiguous, transformed into squares that are then packed.
  constexpr int kBlock = 2 * kLanes;
  const bool across = kernel.across == 1;
  // `kernel` lies as [taps][depth][columns] or [taps][columns][depth].
  alignas(64) float square[kPlaces][kBlock * kPanel];
  for (int k = 0; k < depth; k += kBlock) {
    const int rows = std::min(kBlock, depth - k);
    const int outer = across ? rows : some;
    const int inner = across ? some : rows;
    const int64_t outerStep = across ? kernel.down : kernel.across;
    const int64_t begin = static_cast<int64_t>(k) * kernel.down + static_cast<int64_t>(from) * kernel.across;
    const int width = across ? kPanel : kBlock;
    for (int i = 0; i < outer; ++i) {
      for (int j = 0; j < inner; j += kLanes) {
        const int64_t at = begin + i * outerStep + j;
        Vector u[kPlaces];
        TransformKernel([&](int t) { return LoadSome(kernel.at(t) + at, inner - j); }, u);
        for (int p = 0; p < kPlaces; ++p) Store(square[p] + i * width + j, u[p]);
      }
    }
    for (int p = 0; p < kPlaces; ++p) {
      T* panel = panels + p * panelSize + static_cast<int64_t>(k) * kPanel;
      if (across) PackAcross(square[p], width, rows, some, panel, 1, 0);
      else PackDown(square[p], width, rows, some, panel);
    }
  }
}

template <class T, class W>
void WinogradConvolution(const Convolution& c, const T* x, const KernelView<W>& kernel, const Finish<T>& finish) {
  const int depth = c.from.channels;
  const int columns = c.to.channels;
  const int padded = PaddedDepth<T>(depth);
  const int stride = padded + (padded * sizeof(T) % 4096 == 0 ? 64 / static_cast<int>(sizeof(T)) : 0);
  const int panels = (columns + kPanel - 1) / kPanel;
  const int down = (c.to.height + 1) / 2, across = (c.to.width + 1) / 2;
  const int total = c.to.n * down * across;
  // As many tiles at a time as repay packing the kernel again, and no more memory than that.
  constexpr int kTilesAtATime = 18 * kMostRows;
  const int chunks = (total + kTilesAtATime - 1) / kTilesAtATime;
  const int most = (total + chunks - 1) / chunks;
  // Places a page apart would share lines of the cache.
  const int64_t place = static_cast<int64_t>(most) * stride + (static_cast<int64_t>(most) * stride * sizeof(T) % 4096 == 0 ? 64 : 0);
  const int64_t kernelSize = static_cast<int64_t>(kPlaces) * padded * kPanel;
  const bool packedOnce = chunks > 1 && kernelSize * panels * static_cast<int64_t>(sizeof(T)) <= (16 << 20);

  const Room<T> transformed(place * kPlaces);
  const Room<T> nothing(depth + kLanes);
  std::memset(nothing.data, 0, (depth + kLanes) * sizeof(T));
  const Room<T> kernels(packedOnce ? kernelSize * panels : 0);
  if (packedOnce) {
    InParallel(panels, [&](int p) { PackKernel(kernel, depth, columns, p * kPanel, kernels.data + p * kernelSize); });
  }

  for (int chunk = 0; chunk < chunks; ++chunk) {
    const auto [first, last] = PartOf(total, chunks, chunk);
    const int tiles = last - first;
    const int shares = std::min(4 * Hands(), tiles);
    InParallel(Hands() == 1 ? 1 : shares, [&](int share) {
      const auto [from, to] = PartOf(tiles, Hands() == 1 ? 1 : shares, share);
      for (int t = from; t < to; ++t) {
        const int index = first + t;
        const int n = index / (down * across), i = index / across % down, j = index % across;
        const T* pixels[kPlaces];
        for (int p = 0; p < kPlaces; ++p) {
          const int y = 2 * i + p / 4 - c.top, xx = 2 * j + p % 4 - c.left;
          const bool inside = y >= 0 && y < c.from.height && xx >= 0 && xx < c.from.width;
          pixels[p] = inside ? x + ((static_cast<int64_t>(n) * c.from.height + y) * c.from.width + xx) * depth
                             : nothing.data;
        }
        T* to_ = transformed.data + static_cast<int64_t>(t) * stride;
        for (int k = 0; k < padded; k += kLanes) {
          Vector v[kPlaces];
          const int some = depth - k;
          if (some >= kLanes) {
            TransformInput([&](int p) { return Load(pixels[p] + k); }, v);
            for (int p = 0; p < kPlaces; ++p) Store(to_ + p * place + k, v[p]);
          } else {
            TransformInput([&](int p) { return LoadSome(pixels[p] + k, some); }, v);
            for (int p = 0; p < kPlaces; ++p) Store(to_ + p * place + k, v[p], padded - k);
          }
        }
      }
    });

    InParallel(panels, [&](int panel) {
      const Room<T> own(packedOnce ? 0 : kernelSize);
      const Room<float> products(static_cast<size_t>(kPlaces) * tiles * kPanel);
      T* packed = packedOnce ? kernels.data + panel * kernelSize : own.data;
      const int from = panel * kPanel;
      if (!packedOnce) PackKernel(kernel, depth, columns, from, packed);
      for (int p = 0; p < kPlaces; ++p) {
        const Rows<T> rows{transformed.data + p * place, stride, padded};
        float* out = products.data + static_cast<int64_t>(p) * tiles * kPanel;
        MultiplyPanel<T>({rows}, 0, tiles, packed + static_cast<int64_t>(p) * padded * kPanel, columns - from,
                         [&](int row, const float* sums) { std::memcpy(out + row * kPanel, sums, kPanel * sizeof(float)); });
      }
      for (int t = 0; t < tiles; ++t) {
        const int index = first + t;
        const int n = index / (down * across), i = index / across % down, j = index % across;
        const float* m = products.data + static_cast<int64_t>(t) * kPanel;
        alignas(64) float results[4][kPanel];
        for (int v = 0; v < kPanel; v += kLanes) {
          Vector y[4];
          TransformOutput([&](int p) { return Load(m + static_cast<int64_t>(p) * tiles * kPanel + v); }, y);
          for (int q = 0; q < 4; ++q) Store(results[q] + v, y[q]);
        }
        for (int q = 0; q < 4; ++q) {
          const int row = 2 * i + q / 2, column = 2 * j + q % 2;
          if (row >= c.to.height || column >= c.to.width) continue;
          finish((n * c.to.height + row) * c.to.width + column, from, results[q]);
        }
      }
    });
  }
}

}  // namespace draft
