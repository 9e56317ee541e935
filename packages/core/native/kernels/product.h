// Products of matrices whose second factor is a weight: linear maps with their bias and low-rank updates.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "crew.h"
#include "panels.h"
#include "scratch.h"

namespace draft {

// Bytes of rows that are worked on while panel after panel passes by: a part of the second cache.
constexpr int64_t kRowsAtATime = 320 << 10;

// The first factor of one summand, `[rows][depth]`; its rows may be read up to the padded depth.
template <class T>
struct Rows {
  const T* data;
  int64_t stride;
  int depth;
};

// Rows whose places in the cache do not collide, and that end with zeros where the depth is padded.
template <class T>
class TidyRows {
 public:
  TidyRows(const T* data, int rows, int depth)
      : room_(Collides(depth) || depth % kTogether<T> != 0 ? static_cast<size_t>(rows) * Stride(depth) : 0),
        rows{data, depth, depth} {
    if (!Collides(depth) && depth % kTogether<T> == 0) return;
    const int stride = Stride(depth);
    const int parts = std::min(Hands(), rows);
    InParallel(parts, [&](int part) {
      const auto [from, to] = PartOf(rows, parts, part);
      for (int64_t i = from; i < to; ++i) {
        std::memcpy(room_.data + i * stride, data + i * depth, depth * sizeof(T));
        std::memset(room_.data + i * stride + depth, 0, (PaddedDepth<T>(depth) - depth) * sizeof(T));
      }
    });
    this->rows = {room_.data, stride, PaddedDepth<T>(depth)};
  }

 private:
  // Rows a page apart would share the same few lines of the first cache.
  static bool Collides(int64_t depth) { return depth * sizeof(T) % 4096 == 0; }
  static int Stride(int depth) { return PaddedDepth<T>(depth) + (Collides(depth) ? 64 / static_cast<int>(sizeof(T)) : 0); }
  Room<T> room_;

 public:
  Rows<T> rows;
};

// Equal tiles of at most kMostRows rows.
inline int Tiles(int rows) { return (rows + kMostRows - 1) / kMostRows; }

// Finishes tiles: what sums are multiplied with, what is added, and where they go.
template <class T>
struct Finish {
  const float* bias = nullptr;  // `[columns]` or null
  float factor = 1;
  T* result = nullptr;             // `[rows][columns]`
  float* preciseResult = nullptr;  // instead of it
  int columns = 0;

  void GoTo(void* data, bool precise) {
    if (precise) preciseResult = static_cast<float*>(data);
    else result = static_cast<T*>(data);
  }

  // `sums` are those of a panel's columns, from `from` on, of rows rowOf(0) to rowOf(rows − 1).
  template <class RowOf>
  inline void operator()(int rows, const RowOf& rowOf, int from, const float* sums) const {
    const int end = std::min(kPanel, columns - from);
    const Vector f = All(factor);
    Vector b[kPanelVectors];
    for (int j = 0; j < kPanelVectors; ++j) {
      b[j] = bias == nullptr ? Zero() : LoadSome(bias + from + j * kLanes, end - j * kLanes);
    }
    for (int i = 0; i < rows; ++i, sums += kPanel) {
      const int64_t place = static_cast<int64_t>(rowOf(i)) * columns + from;
      if (end == kPanel && preciseResult == nullptr) {
        StorePanel(result + place, MultiplyAdd(Load(sums), f, b[0]), MultiplyAdd(Load(sums + kLanes), f, b[1]));
        continue;
      }
      for (int j = 0; j * kLanes < end; ++j) {
        const int at = j * kLanes, some = std::min(kLanes, end - at);
        const Vector y = MultiplyAdd(Load(sums + at), f, b[j]);
        if (preciseResult != nullptr) Store(preciseResult + place + at, y, some);
        else Store(result + place + at, y, some);
      }
    }
  }
};

// Multiplies some rows with one panel, which holds the summands one after the other. between(tile, tiles) is called
// before each tile.
template <class T, class Done, class Between>
inline void MultiplyPanel(const std::vector<Rows<T>>& summands, int firstRow, int rows, const T* panel, int columns,
                          const Done& done, const Between& between) {
  constexpr int kMostSegments = 16;
  Segment<T> segments[kMostSegments];
  const int count = static_cast<int>(summands.size());
  const int tiles = Tiles(rows);
  for (int tile = 0; tile < tiles; ++tile) {
    between(tile, tiles);
    const auto [from, to] = PartOf(rows, tiles, tile);
    const T* next = panel;
    for (int s = 0; s < count; ++s) {
      const Rows<T>& summand = summands[s];
      for (int i = 0; i < to - from; ++i) {
        segments[s].rows[i] = summand.data + (firstRow + from + i) * summand.stride;
      }
      segments[s].panel = next;
      segments[s].depth = summand.depth;
      next += static_cast<int64_t>(summand.depth) * kPanel;
    }
    const int first = firstRow + from;
    alignas(64) float sums[kMostRows * kPanel];
    SumTile(to - from, columns, segments, count, {sums, kPanel, false});
    done(to - from, [=](int i) { return first + i; }, sums);
  }
}

// Multiplies rows with one panel, straight to where the sums belong.
template <class T>
inline void MultiplyInto(const Target& to, const Rows<T>& factor, int rows, const T* panel, int columns) {
  Segment<T> segment;
  segment.panel = panel;
  segment.depth = factor.depth;
  const int tiles = Tiles(rows);
  for (int tile = 0; tile < tiles; ++tile) {
    const auto [first, last] = PartOf(rows, tiles, tile);
    for (int i = first; i < last; ++i) segment.rows[i - first] = factor.data + i * factor.stride;
    SumTile(last - first, columns, &segment, 1, {to.data + first * to.stride, to.stride, to.added});
  }
}

// Panels that are packed together where each meets all rows at once.
constexpr int kPanelsTogether = 2;

// The sum of products of `rows` rows with matrices of `columns` columns. `factor` packs the matrices:
// Pack(first panel, panels, to, size) and Fetch(first panel, panels, part, parts) as in panels.h, for all summands.
// done(rows, rowOf, first column, sums) takes the results of a tile.
template <class T, class Factor, class Done>
void Multiply(const std::vector<Rows<T>>& summands, int rows, int columns, const Factor& factor, const Done& done) {
  const int panels = (columns + kPanel - 1) / kPanel;
  int64_t depth = 0;
  for (const Rows<T>& summand : summands) depth += summand.depth;
  const int64_t panelSize = depth * kPanel;
  const auto multiply = [&](int panel, const T* packed, int from, int to, const auto& between) {
    MultiplyPanel(
        summands, from, to - from, packed, columns - panel * kPanel,
        [&](int count, const auto& rowOf, const float* sums) { done(count, rowOf, panel * kPanel, sums); }, between);
  };
  const int64_t fitting = std::max<int64_t>(kRowsAtATime / std::max<int64_t>(1, depth * sizeof(T)), 2 * kMostRows);
  const int hands = Hands();
  if (rows <= 2 * fitting) {
    // Each panel is packed, and meets all rows, at once. Meanwhile the next ones are brought near.
    const int parts = std::min(hands, panels);
    InParallel(parts, [&](int part) {
      const auto [from, to] = PartOf(panels, parts, part);
      const Room<T> room(panelSize * kPanelsTogether);
      for (int first = from; first < to; first += kPanelsTogether) {
        const int some = std::min(kPanelsTogether, to - first), next = first + some, end = to;
        factor.Pack(first, some, room.data, panelSize);
        for (int p = 0; p < some; ++p) {
          multiply(first + p, room.data + p * panelSize, 0, rows, [&](int tile, int tiles) {
            if (next < end) factor.Fetch(next, std::min(kPanelsTogether, end - next), p * tiles + tile, some * tiles);
          });
        }
      }
    });
    return;
  }
  // All panels are packed, and pass by each group of rows.
  const Room<T> room(panelSize * panels);
  const int pairs = (panels + 1) / 2;
  InParallel(pairs, [&](int pair) {
    factor.Pack(2 * pair, std::min(2, panels - 2 * pair), room.data + 2 * pair * panelSize, panelSize);
  });
  const int groups = static_cast<int>((rows + fitting - 1) / fitting);
  const int even = RoundUp(groups, hands);
  InParallel(even, [&](int group) {
    const auto [from, to] = PartOf(rows, even, group);
    for (int panel = 0; panel < panels; ++panel) {
      multiply(panel, room.data + panel * panelSize, from, to, [](int, int) {});
    }
  });
}

}  // namespace draft
