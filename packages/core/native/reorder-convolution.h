// The numbers of a convolution, from the order of PyTorch's files to that of TensorFlow.
#pragma once

#include <algorithm>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace {

// Results that are written side by side, so that a page is not looked up for a line of the cache alone.
constexpr int64_t kTogether = 128;
// Stored numbers that are taken at a time: a line of the cache or two, read whole while it is there.
constexpr int64_t kStored = 32;

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

// Some results of a convolution, `[count][in][window]`, to their places in `[window][in][out]`, of which `first` is the first's.
template <class Word>
void ReorderConvolution(const Word* from, Word* to, int64_t first, int64_t count, int64_t out, int64_t in, int64_t window) {
  const int64_t step = in * window;
  for (int64_t stored = 0; stored < step; stored += kStored) {
    const int64_t some = std::min(kStored, step - stored);
    Word* rows[kStored];
    for (int64_t j = 0; j < some; ++j) {
      const int64_t at = stored + j;
      rows[j] = to + (at % window * in + at / window) * out + first;
    }
    int64_t o = 0;
    for (; o + 8 <= count; o += 8) {
      int64_t j = 0;
      for (; j + 8 <= some; j += 8) {
        Word* const places[8] = {rows[j] + o,     rows[j + 1] + o, rows[j + 2] + o, rows[j + 3] + o,
                                 rows[j + 4] + o, rows[j + 5] + o, rows[j + 6] + o, rows[j + 7] + o};
        TransposeEight(from + o * step + stored + j, step, places);
      }
      for (; j < some; ++j) {
        for (int64_t i = o; i < o + 8; ++i) rows[j][i] = from[i * step + stored + j];
      }
    }
    for (; o < count; ++o) {
      for (int64_t j = 0; j < some; ++j) rows[j][o] = from[o * step + stored + j];
    }
  }
}

}  // namespace
