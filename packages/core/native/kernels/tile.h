// The innermost loops: a tile of a product of matrices, in registers from its first summand to its last.
#pragma once

#include "numbers.h"

namespace draft {

// Whether two bfloat16 numbers are multiplied as such.
#if defined(__AVX512BF16__)
constexpr bool kMultipliesBf16 = true;
#else
constexpr bool kMultipliesBf16 = false;
#endif

// Columns of a panel, and most rows of a tile with so many vectors of columns.
constexpr int kPanelVectors = 2;
constexpr int kPanel = kPanelVectors * kLanes;
#if defined(__AVX512F__)
constexpr int kMostRows = 14;
#else
constexpr int kMostRows = 6;
#endif

// How many neighbours along the summed axis stand side by side in a panel.
template <class T>
constexpr int kTogether = sizeof(T) == 2 ? 2 : 1;

// A part of the summed axis: `depth` numbers from each row, and the panel `[depth / together][kPanel][together]`
// that they meet. `depth` is a multiple of `together`.
template <class T>
struct Segment {
  const T* rows[kMostRows];
  const T* panel;
  int depth;
};

template <int M, int V>
inline void Accumulate(const Segment<float>& segment, Vector (&sum)[M][V]) {
  const float* panel = segment.panel;
  const float* rows[M];
  for (int i = 0; i < M; ++i) rows[i] = segment.rows[i];
  for (int k = 0; k < segment.depth; ++k, panel += kPanel) {
    Vector b[V];
#pragma GCC unroll 4
    for (int j = 0; j < V; ++j) b[j] = Load(panel + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const Vector a = All(rows[i][k]);
#pragma GCC unroll 4
      for (int j = 0; j < V; ++j) sum[i][j] = MultiplyAdd(a, b[j], sum[i][j]);
    }
  }
}

#if defined(__AVX512BF16__)
template <int M, int V>
inline void Accumulate(const Segment<Bf16>& segment, Vector (&sum)[M][V]) {
  const Bf16* panel = segment.panel;
  const Bf16* rows[M];
  for (int i = 0; i < M; ++i) rows[i] = segment.rows[i];
  for (int k = 0; k < segment.depth; k += 2, panel += 2 * kPanel) {
    __m512bh b[V];
#pragma GCC unroll 4
    for (int j = 0; j < V; ++j) b[j] = (__m512bh)_mm512_loadu_si512(panel + 2 * j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      int32_t pair;
      std::memcpy(&pair, rows[i] + k, 4);
      const __m512bh a = (__m512bh)_mm512_set1_epi32(pair);
#pragma GCC unroll 4
      for (int j = 0; j < V; ++j) sum[i][j] = _mm512_dpbf16_ps(sum[i][j], a, b[j]);
    }
  }
}
#endif

// Where the sums of a tile go: rows `stride` apart, in the place of what is there or added to it.
struct Target {
  float* data;
  int64_t stride;
  bool added;
};

// Sums all segments of a tile of `M` rows by `V` vectors.
template <int M, int V, class T>
__attribute__((noinline)) void Tile(const Segment<T>* segments, int count, const Target& to) {
  Vector sum[M][V];
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < V; ++j) sum[i][j] = to.added ? Load(to.data + i * to.stride + j * kLanes) : Zero();
  }
  for (int s = 0; s < count; ++s) Accumulate<M, V>(segments[s], sum);
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < V; ++j) Store(to.data + i * to.stride + j * kLanes, sum[i][j]);
  }
}

// The same for a number of rows that is known only now.
template <int V, class T>
inline void TileOf(int rows, const Segment<T>* segments, int count, const Target& to) {
  switch (rows) {
#define DRAFT_ROWS(M) \
  case M:             \
    return Tile<M, V>(segments, count, to);
    DRAFT_ROWS(1) DRAFT_ROWS(2) DRAFT_ROWS(3) DRAFT_ROWS(4) DRAFT_ROWS(5) DRAFT_ROWS(6)
#if defined(__AVX512F__)
    DRAFT_ROWS(7) DRAFT_ROWS(8) DRAFT_ROWS(9) DRAFT_ROWS(10) DRAFT_ROWS(11) DRAFT_ROWS(12) DRAFT_ROWS(13) DRAFT_ROWS(14)
#endif
#undef DRAFT_ROWS
  }
}

// Sums a tile that is as wide as a panel, or as its first vector where no more than that has columns.
template <class T>
inline void SumTile(int rows, int columns, const Segment<T>* segments, int count, const Target& to) {
  if (columns > kLanes) TileOf<2>(rows, segments, count, to);
  else TileOf<1>(rows, segments, count, to);
}

}  // namespace draft
