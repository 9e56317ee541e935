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
class DirectConvolution {
 public:
  DirectConvolution(const Convolution& convolution, const T* image, const KernelView<W>& kernelView,
                    const Finish<T>& finishing)
      : c(convolution), x(image), kernel(kernelView), finish(finishing) {
    if (copied) CopyImage();
    std::memset(nothing.data, 0, rowDepth * sizeof(T));
  }

  void Run() const {
    const int step = c.gradient ? c.stride : 1;
    for (int phase = 0; phase < step * step; ++phase) {
      Places places{phase / step, phase % step, step, 0, 0};
      places.down = (c.to.height - places.top + step - 1) / step;
      places.across = (c.to.width - places.left + step - 1) / step;
      if (places.down > 0 && places.across > 0) Compute({places, TapsOf(c, places, onePiece)});
    }
  }

 private:
  // Results that meet the same taps, and what they are made of.
  struct Phase {
    Places places;
    std::vector<Tap> taps;
  };

  // With a border, and with channels up to the padded depth.
  void CopyImage() {
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

  int64_t PanelSize(const Phase& phase) const {
    return std::max<int64_t>(1, static_cast<int64_t>(phase.taps.size()) * rowDepth) * kPanel;
  }
  Matrix<W> MatrixOf(int tap) const { return {kernel.data + tap * kernel.tap, kernel.down, kernel.across}; }

  // Packs some panels. Channels that were padded meet zeros, as Pack fills up to the padded depth.
  void PackPanels(const Phase& phase, int first, int some, T* to) const {
    for (const Tap& tap : phase.taps) {
      for (int q = 0; q < tap.width; ++q, to += static_cast<int64_t>(channels) * kPanel) {
        Pack(MatrixOf(tap.tap + q), c.from.channels, first * kPanel, columns, to, some, PanelSize(phase));
      }
    }
  }
  void FetchPanels(const Phase& phase, int first, int some, int part, int parts) const {
    for (const Tap& tap : phase.taps) {
      for (int q = 0; q < tap.width; ++q) {
        Fetch(MatrixOf(tap.tap + q), c.from.channels, first * kPanel, columns, some, part, parts);
      }
    }
  }

  // Finds what result `row` of a phase reads, as row `r` of each segment. @returns Where the result goes.
  int Gather(const Phase& phase, int row, int r, std::vector<Segment<T>>& segments) const {
    const Places& places = phase.places;
    const int n = row / places.count(), i = row / places.across % places.down, j = row % places.across;
    const int toY = places.top + i * places.step, toX = places.left + j * places.step;
    const int atY = c.gradient ? i : toY * c.stride, atX = c.gradient ? j : toX * c.stride;
    for (size_t s = 0; s < segments.size(); ++s) {
      const Tap& tap = phase.taps[s];
      const int readY = atY + tap.dy, readX = atX + tap.dx + border;
      const bool inside = readY >= 0 && readY < c.from.height && readX >= 0 && readX + tap.width <= width;
      segments[s].rows[r] =
          inside ? x + ((static_cast<int64_t>(n) * c.from.height + readY) * width + readX) * channels : nothing.data;
    }
    return (n * c.to.height + toY) * c.to.width + toX;
  }

  // Results `from` to `to` of one panel of channels. between(tile, tiles) is called before each tile.
  template <class Between>
  void MultiplyPanel(const Phase& phase, int panel, const T* packed, int from, int to, const Between& between) const {
    std::vector<Segment<T>> segments(phase.taps.size());
    for (size_t s = 0; s < segments.size(); ++s) {
      segments[s].panel = packed;
      segments[s].depth = phase.taps[s].width * channels;
      packed += static_cast<int64_t>(segments[s].depth) * kPanel;
    }
    const int tiles = Tiles(to - from);
    for (int tile = 0; tile < tiles; ++tile) {
      between(tile, tiles);
      const auto [begin, end] = PartOf(to - from, tiles, tile);
      int target[kMostRows];
      for (int r = 0; r < end - begin; ++r) target[r] = Gather(phase, from + begin + r, r, segments);
      alignas(64) float sums[kMostRows * kPanel];
      SumTile(end - begin, columns - panel * kPanel, segments.data(), static_cast<int>(segments.size()),
              {sums, kPanel, false});
      finish(end - begin, [&](int i) { return target[i]; }, panel * kPanel, sums);
    }
  }

  void Compute(const Phase& phase) const {
    const int64_t panelSize = PanelSize(phase);
    const int rows = c.to.n * phase.places.count();
    const int64_t touched = static_cast<int64_t>(c.from.channels) * sizeof(T);
    const int64_t fitting = std::max<int64_t>(kRowsAtATime / touched, 2 * kMostRows);
    if (rows <= 2 * fitting && panels >= hands) return ComputeByPanels(phase, rows);
    const Room<T> all(panelSize * panels);
    InParallel(panels, [&](int panel) { PackPanels(phase, panel, 1, all.data + panel * panelSize); });
    const int groups = RoundUp(static_cast<int>((rows + fitting - 1) / fitting), hands);
    InParallel(groups, [&](int group) {
      const auto [from, to] = PartOf(rows, groups, group);
      for (int panel = 0; panel < panels; ++panel) {
        MultiplyPanel(phase, panel, all.data + panel * panelSize, from, to, [](int, int) {});
      }
    });
  }

  // Each panel is packed, and meets all results, at once. Meanwhile the next ones are brought near.
  void ComputeByPanels(const Phase& phase, int rows) const {
    const int64_t panelSize = PanelSize(phase);
    const int parts = std::min(hands, panels);
    InParallel(parts, [&](int part) {
      const auto [from, to] = PartOf(panels, parts, part);
      const Room<T> own(panelSize * kPanelsTogether);
      for (int first = from; first < to; first += kPanelsTogether) {
        const int some = std::min(kPanelsTogether, to - first), next = first + some, end = to;
        PackPanels(phase, first, some, own.data);
        for (int p = 0; p < some; ++p) {
          MultiplyPanel(phase, first + p, own.data + p * panelSize, 0, rows, [&](int tile, int tiles) {
            if (next < end) FetchPanels(phase, next, std::min(kPanelsTogether, end - next), p * tiles + tile, some * tiles);
          });
        }
      }
    });
  }

  const Convolution c;
  const T* x;
  const KernelView<W> kernel;
  const Finish<T>& finish;
  const int columns = c.to.channels, panels = (columns + kPanel - 1) / kPanel, hands = Hands();
  // Few channels make short summands: then rows of the kernel are read in one piece, from an image with a border.
  const bool onePiece = !c.gradient && c.kernelWidth > 1 && c.from.channels <= 16;
  const bool copied = onePiece || c.from.channels % kTogether<T> != 0;
  const int channels = copied ? PaddedDepth<T>(c.from.channels) : c.from.channels;
  const int border = onePiece ? std::max(c.left, 0) : 0;
  const int right = onePiece ? std::max(0, (c.to.width - 1) * c.stride + c.kernelWidth - c.left - c.from.width) : 0;
  const int width = c.from.width + border + right;
  const int rowDepth = (onePiece ? c.kernelWidth : 1) * channels;
  const Room<T> room{copied ? static_cast<size_t>(c.from.n) * c.from.height * width * channels : 0};
  const Room<T> nothing{static_cast<size_t>(rowDepth)};
};

}  // namespace draft
