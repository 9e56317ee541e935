// Products that sum over many rows, aᵀ b, of which one factor is narrow: gradients of low-rank updates.
#pragma once

#include "crew.h"
#include "panels.h"
#include "scratch.h"

namespace draft {

// Columns of `a` that are multiplied at a time, and vectors of `b`.
constexpr int kOuterRows = 8;
constexpr int kOuterVectors = kLanes == 16 ? 3 : 1;

template <int R, class A, class B>
void OuterBlock(int rows, const A* a, int64_t aStride, const B* b, int64_t bStride, int columns, float scale, float* to,
                int64_t toStride) {
  Vector sum[R][kOuterVectors];
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < kOuterVectors; ++j) sum[r][j] = Zero();
  }
  for (int64_t i = 0; i < rows; ++i) {
    Vector right[kOuterVectors];
#pragma GCC unroll 3
    for (int j = 0; j < kOuterVectors; ++j) right[j] = LoadSome(b + i * bStride + j * kLanes, columns - j * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Vector left = All(Widen(a[i * aStride + r]));
#pragma GCC unroll 3
      for (int j = 0; j < kOuterVectors; ++j) sum[r][j] = MultiplyAdd(left, right[j], sum[r][j]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int j = 0; j < kOuterVectors && j * kLanes < columns; ++j) {
      float* at = to + r * toStride + j * kLanes;
      const int some = std::min(kLanes, columns - j * kLanes);
      Store(at, MultiplyAdd(sum[r][j], All(scale), LoadSome(at, some)), some);
    }
  }
}

// y[p][q] = s Σ_i a[i][p] b[i][q].
template <class A, class B>
void OuterProduct(int rows, const A* a, int p, const B* b, int q, float scale, float* y) {
  constexpr int kColumns = kOuterVectors * kLanes;
  // Sums of so many rows at a time are added up, which keeps them exact and what is read in the cache.
  constexpr int kRowsTogether = 512;
  std::fill_n(y, static_cast<int64_t>(p) * q, 0.f);
  const int parts = (q + kColumns - 1) / kColumns;
  InParallel(parts, [&](int part) {
    const int from = part * kColumns, columns = std::min(kColumns, q - from);
    for (int64_t row = 0; row < rows; row += kRowsTogether) {
      const int some = static_cast<int>(std::min<int64_t>(kRowsTogether, rows - row));
      for (int r = 0; r < p; r += kOuterRows) {
        const A* left = a + row * p + r;
        const B* right = b + row * q + from;
        float* to = y + static_cast<int64_t>(r) * q + from;
        switch (std::min(kOuterRows, p - r)) {
#define DRAFT_OUTER(R) \
  case R:              \
    OuterBlock<R>(some, left, p, right, q, columns, scale, to, q); \
    break;
          DRAFT_OUTER(1) DRAFT_OUTER(2) DRAFT_OUTER(3) DRAFT_OUTER(4) DRAFT_OUTER(5) DRAFT_OUTER(6) DRAFT_OUTER(7)
          DRAFT_OUTER(8)
#undef DRAFT_OUTER
        }
      }
    }
  });
}

}  // namespace draft
