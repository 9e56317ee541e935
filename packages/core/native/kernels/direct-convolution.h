// Convolutions of any kernel and stride, and their gradients in the image, as products whose rows are gathered by
// pointers: nothing is unfolded.
#pragma once

#include <vector>

#include "convolution-shape.h"
#include "product.h"
#include "winograd.h"

namespace draft {

// Places of a result that meet the same taps: all of a convolution; of a gradient with stride s one of s · s.
struct Places {
  int top, left, step;  // the first one, and how far apart they are
  int down, across;     // how many
  int count() const { return down * across; }
};

// One summand: which part of the kernel, and where a place reads what it meets.
struct Tap {
  int tap, width;  // its first tap, and how many neighbours along a row it takes
  int dy, dx;      // added to where the place lies
};

// The taps that the results at `places` are made of.
inline std::vector<Tap> TapsOf(const Convolution& c, const Places& places, bool rowsInOnePiece) {
  std::vector<Tap> taps;
  for (int p = 0; p < c.kernelHeight; ++p) {
    for (int q = 0; q < c.kernelWidth; ++q) {
      if (!c.gradient) {
        if (rowsInOnePiece && q > 0) continue;
        taps.push_back({p * c.kernelWidth + q, rowsInOnePiece ? c.kernelWidth : 1, p - c.top, q - c.left});
        continue;
      }
      // x[u] is read by y[i] at tap p where u = s i + p − top.
      const int up = places.top + c.top - p, over = places.left + c.left - q;
      if (up % c.stride != 0 || over % c.stride != 0) continue;
      taps.push_back({p * c.kernelWidth + q, 1, up / c.stride - places.top / c.stride,
                      over / c.stride - places.left / c.stride});
    }
  }
  return taps;
}

template <class T, class W>
void DirectConvolution(const Convolution& c, const T* x, const KernelView<W>& kernel, const Finish<T>& finish) {
  const int columns = c.to.channels;
  const int panels = (columns + kPanel - 1) / kPanel;
  const int hands = Hands();
  // Few channels make short summands: then rows of the kernel are read in one piece, from an image with a border.
  const bool onePiece = !c.gradient && c.kernelWidth > 1 && c.from.channels <= 16;
  const bool copied = onePiece || c.from.channels % kTogether<T> != 0;
  const int channels = copied ? PaddedDepth<T>(c.from.channels) : c.from.channels;
  const int border = onePiece ? std::max(c.left, 0) : 0;
  const int right = onePiece ? std::max(0, (c.to.width - 1) * c.stride + c.kernelWidth - c.left - c.from.width) : 0;
  const int width = c.from.width + border + right;
  const Room<T> room(copied ? static_cast<size_t>(c.from.n) * c.from.height * width * channels : 0);
  if (copied) {
    const int rows = c.from.n * c.from.height;
    const int parts = std::min(hands, rows);
    InParallel(parts, [&](int part) {
      const auto [from, to] = PartOf(rows, parts, part);
      std::memset(room.data + static_cast<int64_t>(from) * width * channels, 0,
                  static_cast<size_t>(to - from) * width * channels * sizeof(T));
      for (int64_t row = from; row < to; ++row) {
        for (int j = 0; j < c.from.width; ++j) {
          std::memcpy(room.data + (row * width + border + j) * channels,
                      x + (row * c.from.width + j) * c.from.channels, c.from.channels * sizeof(T));
        }
      }
    });
    x = room.data;
  }
  const int rowDepth = (onePiece ? c.kernelWidth : 1) * channels;
  const Room<T> nothing(rowDepth);
  std::memset(nothing.data, 0, rowDepth * sizeof(T));

  const int step = c.gradient ? c.stride : 1;
  for (int phase = 0; phase < step * step; ++phase) {
    Places places{phase / step, phase % step, step, 0, 0};
    places.down = (c.to.height - places.top + step - 1) / step;
    places.across = (c.to.width - places.left + step - 1) / step;
    if (places.down <= 0 || places.across <= 0) continue;
    const std::vector<Tap> taps = TapsOf(c, places, onePiece);
    const int count = static_cast<int>(taps.size());
    const int64_t panelSize = std::max<int64_t>(1, static_cast<int64_t>(count) * rowDepth) * kPanel;
    const int rows = c.to.n * places.count();

    const auto matrix = [&](int tap) {
      return Matrix<W>{kernel.data + tap * kernel.tap, kernel.down, kernel.across};
    };
    // Channels that were padded meet zeros, as Pack fills up to the padded depth.
    const auto pack = [&](int first, int some, T* to) {
      for (const Tap& tap : taps) {
        for (int q = 0; q < tap.width; ++q, to += static_cast<int64_t>(channels) * kPanel) {
          Pack(matrix(tap.tap + q), c.from.channels, first * kPanel, columns, to, some, panelSize);
        }
      }
    };
    const auto fetch = [&](int first, int some, int part, int parts) {
      for (const Tap& tap : taps) {
        for (int q = 0; q < tap.width; ++q) {
          Fetch(matrix(tap.tap + q), c.from.channels, first * kPanel, columns, some, part, parts);
        }
      }
    };
    const auto multiply = [&](int panel, const T* packed, int from, int to, const auto& between) {
      std::vector<Segment<T>> segments(count);
      const int tiles = Tiles(to - from);
      const int left = columns - panel * kPanel;
      for (int tile = 0; tile < tiles; ++tile) {
        between(tile, tiles);
        const auto [begin, end] = PartOf(to - from, tiles, tile);
        int target[kMostRows];
        for (int r = 0; r < end - begin; ++r) {
          const int row = from + begin + r;
          const int n = row / places.count(), i = row / places.across % places.down, j = row % places.across;
          const int y = places.top + i * step, xx = places.left + j * step;
          target[r] = (n * c.to.height + y) * c.to.width + xx;
          const int atY = c.gradient ? i : y * c.stride, atX = c.gradient ? j : xx * c.stride;
          for (int s = 0; s < count; ++s) {
            const int readY = atY + taps[s].dy, readX = atX + taps[s].dx + border;
            const bool inside = readY >= 0 && readY < c.from.height && readX >= 0 && readX + taps[s].width <= width;
            segments[s].rows[r] =
                inside ? x + ((static_cast<int64_t>(n) * c.from.height + readY) * width + readX) * channels
                       : nothing.data;
          }
        }
        const T* next = packed;
        for (int s = 0; s < count; ++s) {
          segments[s].panel = next;
          segments[s].depth = taps[s].width * channels;
          next += static_cast<int64_t>(segments[s].depth) * kPanel;
        }
        alignas(64) float sums[kMostRows * kPanel];
        SumTile(end - begin, left, segments.data(), count, {sums, kPanel, false});
        finish(end - begin, [&](int i) { return target[i]; }, panel * kPanel, sums);
      }
    };

    const int64_t touched = static_cast<int64_t>(c.from.channels) * sizeof(T);
    const int64_t fitting = std::max<int64_t>(kRowsAtATime / touched, 2 * kMostRows);
    if (rows <= 2 * fitting && panels >= hands) {
      const int parts = std::min(hands, panels);
      InParallel(parts, [&](int part) {
        const auto [from, to] = PartOf(panels, parts, part);
        const Room<T> own(panelSize * kPanelsTogether);
        for (int first = from; first < to; first += kPanelsTogether) {
          const int some = std::min(kPanelsTogether, to - first), next = first + some;
          pack(first, some, own.data);
          for (int p = 0; p < some; ++p) {
            multiply(first + p, own.data + p * panelSize, 0, rows, [&](int tile, int tiles) {
              if (next < to) fetch(next, std::min(kPanelsTogether, to - next), p * tiles + tile, some * tiles);
            });
          }
        }
      });
      continue;
    }
    const Room<T> all(panelSize * panels);
    InParallel(panels, [&](int panel) { pack(panel, 1, all.data + panel * panelSize); });
    const int groups = RoundUp(static_cast<int>((rows + fitting - 1) / fitting), hands);
    InParallel(groups, [&](int group) {
      const auto [from, to] = PartOf(rows, groups, group);
      for (int panel = 0; panel < panels; ++panel) {
        multiply(panel, all.data + panel * panelSize, from, to, [](int, int) {});
      }
    });
  }
}

}  // namespace draft
