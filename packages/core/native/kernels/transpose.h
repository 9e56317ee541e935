// Squares of 32-bit words, transposed in registers.
#pragma once

#include "numbers.h"

namespace draft {

#if defined(__AVX512F__)

// rows[i] lane j becomes rows[j] lane i.
inline void Transpose(Vector (&r)[16]) {
  Vector t[16];
  // Pairs of rows, word by word; then pairs of pairs, two words at a time.
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  const auto low = [](Vector a, Vector b) {
    return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  };
  const auto high = [](Vector a, Vector b) {
    return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
  };
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    r[i] = low(t[i], t[i + 2]);
    r[i + 1] = high(t[i], t[i + 2]);
    r[i + 2] = low(t[i + 1], t[i + 3]);
    r[i + 3] = high(t[i + 1], t[i + 3]);
  }
  // Now r[4 q + j] holds column 4 b + j of rows 4 q … 4 q + 3 in its quarter b.
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Vector even = _mm512_shuffle_f32x4(r[j], r[4 + j], 0x88);       // quarters 0, 2 of q = 0, 1
    const Vector odd = _mm512_shuffle_f32x4(r[j], r[4 + j], 0xdd);        // quarters 1, 3
    const Vector even2 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0x88);
    const Vector odd2 = _mm512_shuffle_f32x4(r[8 + j], r[12 + j], 0xdd);
    t[j] = _mm512_shuffle_f32x4(even, even2, 0x88);
    t[8 + j] = _mm512_shuffle_f32x4(even, even2, 0xdd);
    t[4 + j] = _mm512_shuffle_f32x4(odd, odd2, 0x88);
    t[12 + j] = _mm512_shuffle_f32x4(odd, odd2, 0xdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}

#else

// rows[i] lane j becomes rows[j] lane i.
inline void Transpose(Vector (&r)[8]) {
  Vector t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Vector low = _mm256_permute2f128_ps(r[j], r[4 + j], 0x20);
    const Vector high = _mm256_permute2f128_ps(r[j], r[4 + j], 0x31);
    t[j] = low;
    t[4 + j] = high;
  }
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) r[i] = t[i];
}

#endif

}  // namespace draft
