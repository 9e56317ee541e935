// The gradient of attention: probabilities are computed again, block by block.
#pragma once

#include "attention.h"

namespace draft {

constexpr int kGradientQueries = 128;  // even, as probabilities are packed in pairs of queries
constexpr int kGradientKeys = 8 * kPanel;

// The transpose of rows of one head, `[width][rows padded]`.
template <class T>
void TransposeHead(const T* x, int64_t stride, int rows, int width, T* to, int toStride) {
  for (int64_t j = 0; j < width; ++j) {
    for (int i = 0; i < rows; ++i) to[j * toStride + i] = x[i * stride + j];
    for (int i = rows; i < toStride; ++i) to[j * toStride + i] = T{};
  }
}

// Two rows of a panel.
inline void StoreRows(float* panel, int row, Vector first, Vector second) {
  Store(panel + static_cast<int64_t>(row) * kPanel, first);
  Store(panel + static_cast<int64_t>(row + 1) * kPanel, second);
}
#if defined(__AVX512BF16__)
inline void StoreRows(Bf16* panel, int row, Vector first, Vector second) {
  StoreInTurns(panel + static_cast<int64_t>(row) * kPanel, first, second);
}
#endif

// What one part works in.
template <class T>
struct GradientRooms {
  GradientRooms(const AttentionShape& a, int keys)
      : queries(static_cast<size_t>(padded(a.queries)) * PaddedDepth<T>(a.width)),
        results(static_cast<size_t>(padded(a.queries)) * PaddedDepth<T>(a.valueWidth)),
        queriesAcross(static_cast<size_t>(padded(a.queries)) * a.width),
        resultsAcross(static_cast<size_t>(padded(a.queries)) * a.valueWidth),
        keysForProducts(static_cast<size_t>(Panels(keys)) * PaddedDepth<T>(a.width) * kPanel),
        valuesForProducts(static_cast<size_t>(Panels(keys)) * PaddedDepth<T>(a.valueWidth) * kPanel),
        keysForQueries(static_cast<size_t>(Panels(a.width)) * PaddedDepth<T>(keys) * kPanel),
        products(kGradientQueries * kGradientKeys),
        slopes(kGradientQueries * kGradientKeys),
        slopeRows(kGradientQueries * kGradientKeys),
        probabilityPanels(kGradientQueries * kGradientKeys),
        slopePanels(kGradientQueries * kGradientKeys),
        keySums(static_cast<size_t>(a.width) * kGradientKeys),
        valueSums(static_cast<size_t>(a.valueWidth) * kGradientKeys),
        dots(a.queries) {}
  static int padded(int queries) { return RoundUp(queries, kGradientQueries); }
  Room<T> queries, results, queriesAcross, resultsAcross;
  Room<T> keysForProducts, valuesForProducts, keysForQueries;
  Room<float> products, slopes;
  Room<T> slopeRows, probabilityPanels, slopePanels;
  Room<float> keySums, valueSums, dots;
};

// Columns of sums `[width][kGradientKeys]` as rows of a head.
template <class T>
void StoreAcross(const float* sums, int width, int keys, T* to, int64_t stride) {
  for (int64_t i = 0; i < keys; ++i) {
    for (int j = 0; j < width; ++j) to[i * stride + j] = Narrow<T>(sums[static_cast<int64_t>(j) * kGradientKeys + i]);
  }
}

template <class T>
void AttendBackward(const AttentionShape& a, const T* q, const T* k, const T* v, const T* out, const float* logs,
                    const T* dOut, T* dq, T* dk, T* dv) {
  const int depth = PaddedDepth<T>(a.width), valueDepth = PaddedDepth<T>(a.valueWidth);
  const int across = GradientRooms<T>::padded(a.queries);
  const std::vector<AttentionPart> parts = PartsOfAttention(a, a.keys);
  const int each = static_cast<int>(parts.size()) / (a.n * a.heads);
  const int sumStride = Panels(a.width) * kPanel;
  // Gradients of all queries of a head, of each part of its keys.
  const auto querySums = [&](int64_t rows) { return rows * sumStride; };
  const Room<float> shared(each > 1 ? querySums(static_cast<int64_t>(parts.size()) * a.queries) : 0);

  const auto storeQueries = [&](const AttentionPart& part, const float* sums) {
    for (int64_t i = 0; i < a.queries; ++i) {
      T* to = dq + (static_cast<int64_t>(part.sample) * a.queries + i) * a.queryStride() + part.head * a.width;
      for (int j = 0; j < a.width; j += kLanes) {
        Store(to + j, Load(sums + i * sumStride + j), std::min(kLanes, a.width - j));
      }
    }
  };

  InParallel(static_cast<int>(parts.size()), [&](int index) {
    const AttentionPart part = parts[index];
    const int64_t sample = part.sample;
    const int keys = part.to - part.from;
    const GradientRooms<T> rooms(a, keys);
    const Room<float> own(each > 1 ? 0 : querySums(a.queries));
    float* dQueries = each > 1 ? shared.data + querySums(static_cast<int64_t>(index) * a.queries) : own.data;
    std::memset(dQueries, 0, querySums(a.queries) * sizeof(float));
    const T* headQ = q + sample * a.queries * a.queryStride() + part.head * a.width;
    const T* headK = k + (sample * a.keys + part.from) * a.queryStride() + part.head * a.width;
    const T* headV = v + (sample * a.keys + part.from) * a.valueStride() + part.head * a.valueWidth;
    const T* headOut = out + sample * a.queries * a.valueStride() + part.head * a.valueWidth;
    const T* headD = dOut + sample * a.queries * a.valueStride() + part.head * a.valueWidth;
    const float* headLogs = logs + (sample * a.heads + part.head) * a.queries;
    CopyHead(headQ, a.queryStride(), a.queries, a.width, rooms.queries.data);
    CopyHead(headD, a.valueStride(), a.queries, a.valueWidth, rooms.results.data);
    TransposeHead(headQ, a.queryStride(), a.queries, a.width, rooms.queriesAcross.data, across);
    TransposeHead(headD, a.valueStride(), a.queries, a.valueWidth, rooms.resultsAcross.data, across);
    PackAll(Matrix<T>{headK, 1, a.queryStride()}, a.width, keys, rooms.keysForProducts.data);
    PackAll(Matrix<T>{headV, 1, a.valueStride()}, a.valueWidth, keys, rooms.valuesForProducts.data);
    PackAll(Matrix<T>{headK, a.queryStride(), 1}, keys, a.width, rooms.keysForQueries.data);
    // Σ dy · o of each query, which is also Σ p · dp.
    for (int64_t i = 0; i < a.queries; ++i) {
      Vector sum = Zero();
      for (int j = 0; j < a.valueWidth; j += kLanes) {
        const int some = a.valueWidth - j;
        sum = MultiplyAdd(LoadSome(headOut + i * a.valueStride() + j, some),
                          LoadSome(headD + i * a.valueStride() + j, some), sum);
      }
      rooms.dots.data[i] = Sum(sum);
    }

    for (int block = 0; block < keys; block += kGradientKeys) {
      const int some = std::min(kGradientKeys, keys - block);
      const int panels = Panels(some);
      std::memset(rooms.keySums.data, 0, static_cast<size_t>(a.width) * kGradientKeys * sizeof(float));
      std::memset(rooms.valueSums.data, 0, static_cast<size_t>(a.valueWidth) * kGradientKeys * sizeof(float));
      // Queries before all keys of the block see none of them.
      const int firstSeeing = a.causal ? std::max(0, part.from + block) / kGradientQueries * kGradientQueries : 0;
      for (int first = firstSeeing; first < a.queries; first += kGradientQueries) {
        const int rows = std::min(kGradientQueries, a.queries - first);
        const int even = RoundUp(rows, 2);
        for (int p = 0; p < panels; ++p) {
          const int from = p * kPanel;
          const int64_t panel = block / kPanel + p;
          MultiplyInto<T>({rooms.products.data + from, kGradientKeys, false},
                          {rooms.queries.data + static_cast<int64_t>(first) * depth, depth, depth}, rows,
                          rooms.keysForProducts.data + panel * depth * kPanel, some - from);
          MultiplyInto<T>({rooms.slopes.data + from, kGradientKeys, false},
                          {rooms.results.data + static_cast<int64_t>(first) * valueDepth, valueDepth, valueDepth}, rows,
                          rooms.valuesForProducts.data + panel * valueDepth * kPanel, some - from);
        }
        for (int i = 0; i < even; i += 2) {
          for (int j = 0; j < panels * kPanel; j += kLanes) {
            Vector p[2], ds[2];
            for (int r = 0; r < 2; ++r) {
              const int row = i + r;
              const int seen = a.causal ? std::min(some, first + row + 1 - part.from - block) : some;
              p[r] = ds[r] = Zero();
              // What was not computed is not read.
              if (row < rows && seen > j) {
                const int64_t at = row * kGradientKeys + j;
                p[r] = Exponential(MultiplyAdd(Load(rooms.products.data + at), All(a.scale), All(-headLogs[first + row])));
                ds[r] = p[r] * (Load(rooms.slopes.data + at) - All(rooms.dots.data[first + row])) * All(a.scale);
                if (seen - j < kLanes) {
                  p[r] = FirstOf(p[r], seen - j);
                  ds[r] = FirstOf(ds[r], seen - j);
                }
              }
              if (row >= rows) continue;
              Store(rooms.slopeRows.data + row * kGradientKeys + j, ds[r]);
            }
            const int64_t panel = static_cast<int64_t>(j / kPanel) * kGradientQueries * kPanel;
            StoreRows(rooms.probabilityPanels.data + panel + kTogether<T> * (j % kPanel), i, p[0], p[1]);
            StoreRows(rooms.slopePanels.data + panel + kTogether<T> * (j % kPanel), i, ds[0], ds[1]);
          }
        }
        const int blockDepth = PaddedDepth<T>(some);
        for (int from = 0; from < a.width; from += kPanel) {
          MultiplyInto<T>({dQueries + static_cast<int64_t>(first) * sumStride + from, sumStride, true},
                          {rooms.slopeRows.data, kGradientKeys, blockDepth}, rows,
                          rooms.keysForQueries.data + from / kPanel * static_cast<int64_t>(PaddedDepth<T>(keys)) * kPanel +
                              static_cast<int64_t>(block) * kPanel,
                          a.width - from);
        }
        const int depthHere = PaddedDepth<T>(rows);
        for (int p = 0; p < panels; ++p) {
          const int64_t panel = static_cast<int64_t>(p) * kGradientQueries * kPanel;
          MultiplyInto<T>({rooms.keySums.data + p * kPanel, kGradientKeys, true},
                          {rooms.queriesAcross.data + first, across, depthHere}, a.width,
                          rooms.slopePanels.data + panel, some - p * kPanel);
          MultiplyInto<T>({rooms.valueSums.data + p * kPanel, kGradientKeys, true},
                          {rooms.resultsAcross.data + first, across, depthHere}, a.valueWidth,
                          rooms.probabilityPanels.data + panel, some - p * kPanel);
        }
      }
      const int64_t key = sample * a.keys + part.from + block;
      StoreAcross(rooms.keySums.data, a.width, some, dk + key * a.queryStride() + part.head * a.width, a.queryStride());
      StoreAcross(rooms.valueSums.data, a.valueWidth, some, dv + key * a.valueStride() + part.head * a.valueWidth,
                  a.valueStride());
    }
    if (each == 1) storeQueries(part, dQueries);
  });

  if (each == 1) return;
  InParallel(a.n * a.heads, [&](int head) {
    float* sums = shared.data + querySums(static_cast<int64_t>(head) * each * a.queries);
    for (int e = 1; e < each; ++e) {
      const float* more = sums + querySums(static_cast<int64_t>(e) * a.queries);
      for (int64_t j = 0; j < querySums(a.queries); j += kLanes) Store(sums + j, Load(sums + j) + Load(more + j));
    }
    storeQueries(parts[head * each], sums);
  });
}

}  // namespace draft
