// Multi-head attention, softmax(s q kᵀ) v, without ever holding more of the probabilities than a block.
// Reference: Dao et al., FlashAttention, 2022, algorithm 1; its gradient as in appendix B.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "activations.h"
#include "product.h"

namespace draft {

struct AttentionShape {
  int n, heads, queries, keys, width, valueWidth;  // widths of a head
  float scale;
  bool causal;  // a query sees only keys at its own position and before
  int64_t queryStride() const { return static_cast<int64_t>(heads) * width; }
  int64_t valueStride() const { return static_cast<int64_t>(heads) * valueWidth; }
};

// One head of one sample, or a part of its queries or keys.
struct AttentionPart {
  int sample, head, from, to;
};

// Heads, each in several parts of `total` where there are fewer heads than hands.
inline std::vector<AttentionPart> PartsOfAttention(const AttentionShape& a, int total) {
  const int heads = a.n * a.heads;
  const int each = heads >= 2 * Hands() ? 1 : std::min(Hands(), std::max(1, total / 64));
  std::vector<AttentionPart> parts;
  for (int i = 0; i < heads * each; ++i) {
    const auto [from, to] = PartOf(total, each, i % each);
    parts.push_back({i / each / a.heads, i / each % a.heads, from, to});
  }
  return parts;
}

// Rows of one head, side by side, with zeros up to the padded width.
template <class T>
void CopyHead(const T* x, int64_t stride, int rows, int width, T* to) {
  const int padded = PaddedDepth<T>(width);
  for (int i = 0; i < rows; ++i) {
    std::memcpy(to + static_cast<int64_t>(i) * padded, x + i * stride, width * sizeof(T));
    if (padded > width) to[static_cast<int64_t>(i) * padded + width] = T{};
  }
}

template <class T, class W>
void PackAll(const Matrix<W>& matrix, int depth, int columns, T* panels) {
  const int64_t size = static_cast<int64_t>(PaddedDepth<T>(depth)) * kPanel;
  for (int from = 0; from < columns; from += kPanel, panels += size) Pack(matrix, depth, from, columns, panels);
}

inline int Panels(int columns) { return (columns + kPanel - 1) / kPanel; }

constexpr int kQueriesAtATime = 4 * kMostRows;
constexpr int kKeysAtATime = 512;

// What is known of a block of queries while key after key passes by.
struct RunningSoftmax {
  float most[kQueriesAtATime];
  float sum[kQueriesAtATime];
};

// Turns products into probabilities up to a factor, and what was summed before into the same measure.
// `row` has room for whole vectors; its probabilities go to `probabilities`, zeros up to `padded`.
template <class T>
inline float Soften(float* row, int seen, int padded, float scale, float* most, float* sum, T* probabilities) {
  const int vectors = (padded + kLanes - 1) / kLanes;
  for (int j = seen; j < vectors * kLanes; ++j) row[j] = -std::numeric_limits<float>::infinity();
  Vector highest = All(-std::numeric_limits<float>::infinity());
  for (int j = 0; j < vectors; ++j) highest = Largest(highest, Load(row + j * kLanes));
  const float now = std::max(*most, Highest(highest) * scale);
  const float factor = std::isinf(*most) ? 0.f : std::exp(*most - now);
  Vector total = Zero();
  for (int j = 0; j < vectors; ++j) {
    const Vector p = Exponential(MultiplyAdd(Load(row + j * kLanes), All(scale), All(-now)));
    total = total + p;
    const int some = std::min(kLanes, padded - j * kLanes);
    if (some == kLanes) Store(probabilities + j * kLanes, p);
    else Store(probabilities + j * kLanes, p, some);
  }
  *sum = *sum * factor + Sum(total);
  *most = now;
  return factor;
}

// `logs` gets the logarithm of each query's sum of exponentials, `[n][heads][queries]`.
template <class T>
void Attend(const AttentionShape& a, const T* q, const T* k, const T* v, T* out, float* logs) {
  const int depth = PaddedDepth<T>(a.width);
  const int keysPadded = PaddedDepth<T>(a.keys);
  const int keyPanels = Panels(a.keys), valuePanels = Panels(a.valueWidth);
  const int64_t keyPanel = static_cast<int64_t>(depth) * kPanel;
  const int64_t valuePanel = static_cast<int64_t>(keysPadded) * kPanel;
  const std::vector<AttentionPart> parts = PartsOfAttention(a, a.queries);

  InParallel(static_cast<int>(parts.size()), [&](int index) {
    const AttentionPart part = parts[index];
    const int64_t sample = part.sample;
    const Room<T> keys(keyPanel * keyPanels), values(valuePanel * valuePanels);
    const Room<T> queries(static_cast<size_t>(kQueriesAtATime) * depth);
    const Room<T> probabilities(kQueriesAtATime * kKeysAtATime);
    const Room<float> products(kQueriesAtATime * kKeysAtATime);
    const Room<float> sums(static_cast<size_t>(kQueriesAtATime) * valuePanels * kPanel);
    const int sumStride = valuePanels * kPanel;
    PackAll(Matrix<T>{k + sample * a.keys * a.queryStride() + part.head * a.width, 1, a.queryStride()}, a.width, a.keys,
            keys.data);
    PackAll(Matrix<T>{v + sample * a.keys * a.valueStride() + part.head * a.valueWidth, a.valueStride(), 1}, a.keys,
            a.valueWidth, values.data);

    for (int first = part.from; first < part.to; first += kQueriesAtATime) {
      const int rows = std::min(kQueriesAtATime, part.to - first);
      CopyHead(q + (sample * a.queries + first) * a.queryStride() + part.head * a.width, a.queryStride(), rows, a.width,
               queries.data);
      RunningSoftmax soft;
      std::fill_n(soft.most, rows, -std::numeric_limits<float>::infinity());
      std::fill_n(soft.sum, rows, 0.f);
      const int seenKeys = a.causal ? std::min(a.keys, first + rows) : a.keys;
      for (int block = 0; block < seenKeys; block += kKeysAtATime) {
        const int some = std::min(kKeysAtATime, a.keys - block);
        const int padded = PaddedDepth<T>(some);
        for (int from = 0; from < some; from += kPanel) {
          MultiplyInto<T>({products.data + from, kKeysAtATime, false}, {queries.data, depth, depth}, rows,
                          keys.data + (block + from) / kPanel * keyPanel, some - from);
        }
        for (int i = 0; i < rows; ++i) {
          const int seen = a.causal ? std::max(0, std::min(some, first + i + 1 - block)) : some;
          const float factor = Soften(products.data + i * kKeysAtATime, seen, padded, a.scale, soft.most + i,
                                      soft.sum + i, probabilities.data + i * kKeysAtATime);
          if (block == 0) continue;
          for (int j = 0; j < sumStride; j += kLanes) {
            float* at = sums.data + i * sumStride + j;
            Store(at, Load(at) * All(factor));
          }
        }
        for (int from = 0; from < a.valueWidth; from += kPanel) {
          MultiplyInto<T>({sums.data + from, sumStride, block > 0}, {probabilities.data, kKeysAtATime, padded}, rows,
                          values.data + from / kPanel * valuePanel + static_cast<int64_t>(block) * kPanel,
                          a.valueWidth - from);
        }
      }
      for (int i = 0; i < rows; ++i) {
        T* to = out + (sample * a.queries + first + i) * a.valueStride() + part.head * a.valueWidth;
        const Vector factor = All(1.f / soft.sum[i]);
        for (int j = 0; j < a.valueWidth; j += kLanes) {
          const Vector y = Load(sums.data + i * sumStride + j) * factor;
          Store(to + j, y, std::min(kLanes, a.valueWidth - j));
        }
        logs[(sample * a.heads + part.head) * a.queries + first + i] = soft.most[i] + std::log(soft.sum[i]);
      }
    }
  });
}

}  // namespace draft
