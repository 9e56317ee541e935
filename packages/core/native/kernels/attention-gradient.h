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

// What the gradient is computed from.
template <class T>
struct AttentionTensors {
  const T *q, *k, *v, *out;
  const float* logs;
  const T* dOut;
};

// The gradient of one head of one sample in all of its queries, by some of its keys, and in those keys and their values.
template <class T>
class AttentionGradient {
 public:
  AttentionGradient(const AttentionShape& shape, const AttentionTensors<T>& tensors, const AttentionPart& part)
      : a(shape), from(part.from), keys(part.to - part.from), rooms(shape, keys) {
    const int64_t sample = part.sample;
    keyAt = (sample * a.keys + from) * a.queryStride() + part.head * a.width;
    valueAt = (sample * a.keys + from) * a.valueStride() + part.head * a.valueWidth;
    logs = tensors.logs + (sample * a.heads + part.head) * a.queries;
    const int64_t queryAt = sample * a.queries * a.queryStride() + part.head * a.width;
    const int64_t resultAt = sample * a.queries * a.valueStride() + part.head * a.valueWidth;
    LayOut(tensors.q + queryAt, tensors.k + keyAt, tensors.v + valueAt, tensors.dOut + resultAt);
    SumDots(tensors.out + resultAt, tensors.dOut + resultAt);
  }

  // Adds to `dQueries`, `[queries][stride]`; writes the part's rows of `dk` and `dv`.
  void Run(float* dQueries, int stride, T* dk, T* dv) {
    for (int block = 0; block < keys; block += kGradientKeys) {
      const Block at{block, std::min(kGradientKeys, keys - block)};
      std::memset(rooms.keySums.data, 0, static_cast<size_t>(a.width) * kGradientKeys * sizeof(float));
      std::memset(rooms.valueSums.data, 0, static_cast<size_t>(a.valueWidth) * kGradientKeys * sizeof(float));
      // Queries before all keys of the block see none of them.
      const int firstSeeing = a.causal ? std::max(0, from + block) / kGradientQueries * kGradientQueries : 0;
      for (int first = firstSeeing; first < a.queries; first += kGradientQueries) {
        const int rows = std::min(kGradientQueries, a.queries - first);
        MultiplyWithKeys(at, first, rows);
        MakeSlopes(at, first, rows);
        SumQueries(at, rows, dQueries + static_cast<int64_t>(first) * stride, stride);
        SumKeys(at, first, rows);
      }
      StoreAcross(rooms.keySums.data, a.width, at.size, dk + keyAt + block * a.queryStride(), a.queryStride());
      StoreAcross(rooms.valueSums.data, a.valueWidth, at.size, dv + valueAt + block * a.valueStride(), a.valueStride());
    }
  }

 private:
  // Some keys of the part.
  struct Block {
    int first, size;
    int panels() const { return Panels(size); }
  };

  void LayOut(const T* q, const T* k, const T* v, const T* dOut) {
    CopyHead(q, a.queryStride(), a.queries, a.width, rooms.queries.data);
    CopyHead(dOut, a.valueStride(), a.queries, a.valueWidth, rooms.results.data);
    TransposeHead(q, a.queryStride(), a.queries, a.width, rooms.queriesAcross.data, across);
    TransposeHead(dOut, a.valueStride(), a.queries, a.valueWidth, rooms.resultsAcross.data, across);
    PackAll(Matrix<T>{k, 1, a.queryStride()}, a.width, keys, rooms.keysForProducts.data);
    PackAll(Matrix<T>{v, 1, a.valueStride()}, a.valueWidth, keys, rooms.valuesForProducts.data);
    PackAll(Matrix<T>{k, a.queryStride(), 1}, keys, a.width, rooms.keysForQueries.data);
  }

  // Σ dy · o of each query, which is also Σ p · dp.
  void SumDots(const T* out, const T* dOut) {
    for (int64_t i = 0; i < a.queries; ++i) {
      Vector sum = Zero();
      for (int j = 0; j < a.valueWidth; j += kLanes) {
        const int some = a.valueWidth - j;
        sum = MultiplyAdd(LoadSome(out + i * a.valueStride() + j, some), LoadSome(dOut + i * a.valueStride() + j, some),
                          sum);
      }
      rooms.dots.data[i] = Sum(sum);
    }
  }

  // q kᵀ and dy vᵀ of some queries and a block of keys.
  void MultiplyWithKeys(Block at, int first, int rows) {
    for (int p = 0; p < at.panels(); ++p) {
      const int column = p * kPanel;
      const int64_t panel = at.first / kPanel + p;
      MultiplyInto<T>({rooms.products.data + column, kGradientKeys, false},
                      {rooms.queries.data + static_cast<int64_t>(first) * depth, depth, depth}, rows,
                      rooms.keysForProducts.data + panel * depth * kPanel, at.size - column);
      MultiplyInto<T>({rooms.slopes.data + column, kGradientKeys, false},
                      {rooms.results.data + static_cast<int64_t>(first) * valueDepth, valueDepth, valueDepth}, rows,
                      rooms.valuesForProducts.data + panel * valueDepth * kPanel, at.size - column);
    }
  }

  // Probabilities p, and the gradient s p (dp − Σ p dp) in what they were made from: as rows, and both as panels.
  void MakeSlopes(Block at, int first, int rows) {
    for (int i = 0; i < RoundUp(rows, 2); i += 2) {
      for (int j = 0; j < at.panels() * kPanel; j += kLanes) {
        Vector p[2], ds[2];
        for (int r = 0; r < 2; ++r) {
          const int row = i + r;
          p[r] = ds[r] = Zero();
          if (row >= rows) continue;
          const int seen = (a.causal ? std::min(at.size, first + row + 1 - from - at.first) : at.size) - j;
          // What was not computed is not read.
          if (seen > 0) SlopesAt(row, j, seen, first + row, p[r], ds[r]);
          Store(rooms.slopeRows.data + row * kGradientKeys + j, ds[r]);
        }
        const int64_t panel = static_cast<int64_t>(j / kPanel) * kGradientQueries * kPanel;
        StoreRows(rooms.probabilityPanels.data + panel + kTogether<T> * (j % kPanel), i, p[0], p[1]);
        StoreRows(rooms.slopePanels.data + panel + kTogether<T> * (j % kPanel), i, ds[0], ds[1]);
      }
    }
  }

  void SlopesAt(int row, int column, int seen, int query, Vector& p, Vector& ds) const {
    const int64_t at = row * kGradientKeys + column;
    p = Exponential(MultiplyAdd(Load(rooms.products.data + at), All(a.scale), All(-logs[query])));
    ds = p * (Load(rooms.slopes.data + at) - All(rooms.dots.data[query])) * All(a.scale);
    if (seen >= kLanes) return;
    p = FirstOf(p, seen);
    ds = FirstOf(ds, seen);
  }

  // Adds ds k to the gradient in the queries.
  void SumQueries(Block at, int rows, float* dQueries, int stride) {
    const int64_t panel = static_cast<int64_t>(PaddedDepth<T>(keys)) * kPanel;
    for (int column = 0; column < a.width; column += kPanel) {
      MultiplyInto<T>({dQueries + column, stride, true}, {rooms.slopeRows.data, kGradientKeys, PaddedDepth<T>(at.size)},
                      rows,
                      rooms.keysForQueries.data + column / kPanel * panel + static_cast<int64_t>(at.first) * kPanel,
                      a.width - column);
    }
  }

  // Adds dsᵀ q to the gradient in the keys, and pᵀ dy to that in the values.
  void SumKeys(Block at, int first, int rows) {
    const int depthHere = PaddedDepth<T>(rows);
    for (int p = 0; p < at.panels(); ++p) {
      const int64_t panel = static_cast<int64_t>(p) * kGradientQueries * kPanel;
      MultiplyInto<T>({rooms.keySums.data + p * kPanel, kGradientKeys, true},
                      {rooms.queriesAcross.data + first, across, depthHere}, a.width, rooms.slopePanels.data + panel,
                      at.size - p * kPanel);
      MultiplyInto<T>({rooms.valueSums.data + p * kPanel, kGradientKeys, true},
                      {rooms.resultsAcross.data + first, across, depthHere}, a.valueWidth,
                      rooms.probabilityPanels.data + panel, at.size - p * kPanel);
    }
  }

  const AttentionShape& a;
  const int from, keys;
  const int depth = PaddedDepth<T>(a.width), valueDepth = PaddedDepth<T>(a.valueWidth);
  const int across = GradientRooms<T>::padded(a.queries);
  const GradientRooms<T> rooms;
  const float* logs;
  int64_t keyAt, valueAt;
};

template <class T>
void AttendBackward(const AttentionShape& a, const AttentionTensors<T>& tensors, T* dq, T* dk, T* dv) {
  const std::vector<AttentionPart> parts = PartsOfAttention(a, a.keys);
  const int each = static_cast<int>(parts.size()) / (a.n * a.heads);
  const int stride = Panels(a.width) * kPanel;
  const int64_t size = static_cast<int64_t>(a.queries) * stride;
  // Gradients of all queries of a head, of each part of its keys.
  const Room<float> shared(each > 1 ? size * parts.size() : 0);

  const auto storeQueries = [&](const AttentionPart& part, const float* sums) {
    for (int64_t i = 0; i < a.queries; ++i) {
      T* to = dq + (static_cast<int64_t>(part.sample) * a.queries + i) * a.queryStride() + part.head * a.width;
      for (int j = 0; j < a.width; j += kLanes) {
        Store(to + j, Load(sums + i * stride + j), std::min(kLanes, a.width - j));
      }
    }
  };

  InParallel(static_cast<int>(parts.size()), [&](int index) {
    const Room<float> own(each > 1 ? 0 : size);
    float* dQueries = each > 1 ? shared.data + size * index : own.data;
    std::memset(dQueries, 0, size * sizeof(float));
    AttentionGradient<T>(a, tensors, parts[index]).Run(dQueries, stride, dk, dv);
    if (each == 1) storeQueries(parts[index], dQueries);
  });
  if (each == 1) return;

  InParallel(a.n * a.heads, [&](int head) {
    float* sums = shared.data + size * each * head;
    for (int e = 1; e < each; ++e) {
      for (int64_t j = 0; j < size; j += kLanes) Store(sums + j, Load(sums + j) + Load(sums + size * e + j));
    }
    storeQueries(parts[head * each], sums);
  });
}

}  // namespace draft
