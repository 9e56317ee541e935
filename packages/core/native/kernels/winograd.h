// Convolutions of 3 × 3 taps with stride 1 in 16 instead of 36 multiplications for each 2 × 2 results.
#pragma once

#include <vector>

#include "convolution-shape.h"
#include "product.h"
#include "winograd-kernel.h"

namespace draft {

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
      const bool fetches = !packedOnce && panel + 1 < panels;
      for (int p = 0; p < kPlaces; ++p) {
        if (fetches) FetchKernel(kernel, depth, columns, from + kPanel, p, kPlaces);
        const Rows<T> rows{transformed.data + p * place, stride, padded};
        float* out = products.data + static_cast<int64_t>(p) * tiles * kPanel;
        MultiplyInto<T>({out, kPanel, false}, rows, tiles, packed + static_cast<int64_t>(p) * padded * kPanel,
                        columns - from);
      }
      for (int t = 0; t < tiles; ++t) {
        const int index = first + t;
        const int n = index / (down * across), i = index / across % down, j = index % across;
        const float* m = products.data + static_cast<int64_t>(t) * kPanel;
        alignas(64) float results[4][kPanel];
        int places[4], count = 0;
        for (int q = 0; q < 4; ++q) {
          const int row = 2 * i + q / 2, column = 2 * j + q % 2;
          if (row < c.to.height && column < c.to.width) places[count++] = q;
        }
        for (int v = 0; v < kPanel; v += kLanes) {
          Vector y[4];
          TransformOutput([&](int p) { return Load(m + static_cast<int64_t>(p) * tiles * kPanel + v); }, y);
          for (int q = 0; q < count; ++q) Store(results[q] + v, y[places[q]]);
        }
        finish(
            count,
            [&](int q) { return (n * c.to.height + 2 * i + places[q] / 2) * c.to.width + 2 * j + places[q] % 2; }, from,
            results[0]);
      }
    });
  }
}

}  // namespace draft
