// Convolutions of 3 × 3 taps with stride 1 in 16 instead of 36 multiplications for each 2 × 2 results.
#pragma once

#include <vector>

#include "convolution-shape.h"
#include "product.h"
#include "winograd-kernel.h"

namespace draft {

template <class T, class W>
class WinogradConvolution {
 public:
  WinogradConvolution(const Convolution& convolution, const T* image, const KernelView<W>& kernelView,
                      const Finish<T>& finishing)
      : c(convolution), x(image), kernel(kernelView), finish(finishing) {
    std::memset(nothing.data, 0, (depth + kLanes) * sizeof(T));
  }

  void Run() const {
    if (packedOnce) {
      InParallel(panels, [&](int p) { PackKernel(kernel, depth, columns, p * kPanel, kernels.data + p * kernelSize); });
    }
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const auto [first, last] = PartOf(total, chunks, chunk);
      const int begin = first, tiles = last - first;
      const int shares = Hands() == 1 ? 1 : std::min(4 * Hands(), tiles);
      InParallel(shares, [&](int share) {
        const auto [from, to] = PartOf(tiles, shares, share);
        for (int t = from; t < to; ++t) ReadTile(begin + t, transformed.data + static_cast<int64_t>(t) * stride);
      });
      InParallel(panels, [&](int panel) {
        const Room<float> products(static_cast<size_t>(kPlaces) * tiles * kPanel);
        MultiplyWithKernel(panel, tiles, products.data);
        for (int t = 0; t < tiles; ++t) WriteTile(begin + t, panel, products.data + static_cast<int64_t>(t) * kPanel, tiles);
      });
    }
  }

 private:
  // Where the 2 × 2 results of a tile begin.
  struct Corner {
    int n, row, column;
  };
  Corner CornerOf(int tile) const { return {tile / (down * across), tile / across % down * 2, tile % across * 2}; }

  // Transforms the 4 × 4 pixels that a tile sees, each place to a matrix of its own.
  void ReadTile(int tile, T* to) const {
    const Corner at = CornerOf(tile);
    const T* pixels[kPlaces];
    for (int p = 0; p < kPlaces; ++p) {
      const int row = at.row + p / 4 - c.top, column = at.column + p % 4 - c.left;
      const bool inside = row >= 0 && row < c.from.height && column >= 0 && column < c.from.width;
      pixels[p] =
          inside ? x + ((static_cast<int64_t>(at.n) * c.from.height + row) * c.from.width + column) * depth : nothing.data;
    }
    for (int k = 0; k < padded; k += kLanes) {
      Vector v[kPlaces];
      const int some = depth - k;
      if (some >= kLanes) {
        TransformInput([&](int p) { return Load(pixels[p] + k); }, v);
        for (int p = 0; p < kPlaces; ++p) Store(to + p * place + k, v[p]);
      } else {
        TransformInput([&](int p) { return LoadSome(pixels[p] + k, some); }, v);
        for (int p = 0; p < kPlaces; ++p) Store(to + p * place + k, v[p], padded - k);
      }
    }
  }

  // The product of each place: `[places][tiles][kPanel]`.
  void MultiplyWithKernel(int panel, int tiles, float* products) const {
    const Room<T> own(packedOnce ? 0 : kernelSize);
    T* packed = packedOnce ? kernels.data + panel * kernelSize : own.data;
    const int from = panel * kPanel;
    if (!packedOnce) PackKernel(kernel, depth, columns, from, packed);
    const bool fetches = !packedOnce && panel + 1 < panels;
    for (int p = 0; p < kPlaces; ++p) {
      // Meanwhile the next panel is brought near.
      if (fetches) FetchKernel(kernel, depth, columns, from + kPanel, p, kPlaces);
      const Rows<T> rows{transformed.data + p * place, stride, padded};
      MultiplyInto<T>({products + static_cast<int64_t>(p) * tiles * kPanel, kPanel, false}, rows, tiles,
                      packed + static_cast<int64_t>(p) * padded * kPanel, columns - from);
    }
  }

  // Transforms a tile's products back; those of a place are `tiles · kPanel` numbers from those of the next.
  void WriteTile(int tile, int panel, const float* products, int tiles) const {
    const Corner at = CornerOf(tile);
    alignas(64) float results[4][kPanel];
    int places[4], count = 0;
    for (int q = 0; q < 4; ++q) {
      if (at.row + q / 2 < c.to.height && at.column + q % 2 < c.to.width) places[count++] = q;
    }
    for (int v = 0; v < kPanel; v += kLanes) {
      Vector y[4];
      TransformOutput([&](int p) { return Load(products + static_cast<int64_t>(p) * tiles * kPanel + v); }, y);
      for (int q = 0; q < count; ++q) Store(results[q] + v, y[places[q]]);
    }
    const auto rowOf = [&](int q) {
      return (at.n * c.to.height + at.row + places[q] / 2) * c.to.width + at.column + places[q] % 2;
    };
    finish(count, rowOf, panel * kPanel, results[0]);
  }

  // Pixels and tiles a page apart would share lines of the cache.
  static constexpr int64_t kPage = 4096 / sizeof(T), kLine = 64 / sizeof(T);
  // As many tiles at a time as repay packing the kernel again, and no more memory than that.
  static constexpr int kTilesAtATime = 18 * kMostRows;

  const Convolution c;
  const T* const x;
  const KernelView<W> kernel;
  const Finish<T>& finish;
  const int depth = c.from.channels, columns = c.to.channels;
  const int padded = PaddedDepth<T>(depth), panels = (columns + kPanel - 1) / kPanel;
  const int down = (c.to.height + 1) / 2, across = (c.to.width + 1) / 2, total = c.to.n * down * across;
  const int chunks = (total + kTilesAtATime - 1) / kTilesAtATime;
  const int64_t stride = padded + (padded % kPage == 0 ? kLine : 0);
  // From what is read for one place to what is read for the next.
  const int64_t tight = (total + chunks - 1) / chunks * stride, place = tight + (tight % kPage == 0 ? kLine : 0);
  const int64_t kernelSize = static_cast<int64_t>(kPlaces) * padded * kPanel;
  const bool packedOnce = chunks > 1 && kernelSize * panels * static_cast<int64_t>(sizeof(T)) <= (16 << 20);
  const Room<T> transformed{static_cast<size_t>(place * kPlaces)};
  const Room<T> nothing{static_cast<size_t>(depth + kLanes)};
  const Room<T> kernels{static_cast<size_t>(packedOnce ? kernelSize * panels : 0)};
};

}  // namespace draft
