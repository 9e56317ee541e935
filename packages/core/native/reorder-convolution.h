// The numbers of a convolution, from the order of PyTorch's files to that of TensorFlow.
#pragma once

#include <algorithm>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace {

// Results whose numbers are written side by side; what is read of them lies in as many lines of the cache.
constexpr int64_t kTogether = 32;

// Numbers `[some][step]` of 8 results, at 8 neighbouring places in what is stored, as 8 rows of results.
#if defined(__SSE2__)
inline void TransposeEight(const uint16_t* from, int64_t step, uint16_t* const (&to)[8]) {
  __m128i a[8], b[8];
  for (int i = 0; i < 8; ++i) a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * step));
  for (int i = 0; i < 4; ++i) {
    b[2 * i] = _mm_unpacklo_epi16(a[2 * i], a[2 * i + 1]);
    b[2 * i + 1] = _mm_unpackhi_epi16(a[2 * i], a[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    a[4 * i] = _mm_unpacklo_epi32(b[4 * i], b[4 * i + 2]);
    a[4 * i + 1] = _mm_unpackhi_epi32(b[4 * i], b[4 * i + 2]);
    a[4 * i + 2] = _mm_unpacklo_epi32(b[4 * i + 1], b[4 * i + 3]);
    a[4 * i + 3] = _mm_unpackhi_epi32(b[4 * i + 1], b[4 * i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to[2 * i]), _mm_unpacklo_epi64(a[i], a[i + 4]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to[2 * i + 1]), _mm_unpackhi_epi64(a[i], a[i + 4]));
  }
}
#else
inline void TransposeEight(const uint16_t* from, int64_t step, uint16_t* const (&to)[8]) {
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) to[j][i] = from[i * step + j];
  }
}
#endif
inline void TransposeEight(const uint32_t* from, int64_t step, uint32_t* const (&to)[8]) {
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) to[j][i] = from[i * step + j];
  }
}

// From `[out][in][window]` to `[window][in][out]`.
template <class Word>
void ReorderConvolution(const Word* from, Word* to, int64_t out, int64_t in, int64_t window) {
  const int64_t step = in * window;
  const auto row = [&](int64_t stored) { return to + (stored % window * in + stored / window) * out; };
  for (int64_t first = 0; first < out; first += kTogether) {
    const int64_t end = std::min(first + kTogether, out), whole = first + (end - first) / 8 * 8;
    for (int64_t stored = 0; stored < step; stored += 8) {
      const int64_t some = std::min<int64_t>(8, step - stored);
      Word* rows[8];
      for (int64_t j = 0; j < some; ++j) rows[j] = row(stored + j);
      int64_t o = first;
      for (; some == 8 && o < whole; o += 8) {
        Word* const at[8] = {rows[0] + o, rows[1] + o, rows[2] + o, rows[3] + o,
                             rows[4] + o, rows[5] + o, rows[6] + o, rows[7] + o};
        TransposeEight(from + o * step + stored, step, at);
      }
      for (; o < end; ++o) {
        for (int64_t j = 0; j < some; ++j) rows[j][o] = from[o * step + stored + j];
      }
    }
  }
}

}  // namespace
