// Vectors of float32 as wide as the processor has them, and bfloat16 in memory.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace draft {

// A bfloat16 number: the upper half of a float32.
struct Bf16 {
  uint16_t bits;
};

inline float Widen(float x) { return x; }
inline float Widen(Bf16 x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float y;
  std::memcpy(&y, &bits, 4);
  return y;
}

template <class T>
T Narrow(float x);
template <>
inline float Narrow<float>(float x) {
  return x;
}
// Rounds to nearest, ties to even.
template <>
inline Bf16 Narrow<Bf16>(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (x != x) return {static_cast<uint16_t>((bits >> 16) | 0x40)};
  return {static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)};
}

#if defined(__AVX512F__)

constexpr int kLanes = 16;
using Vector = __m512;
using Mask = __mmask16;

inline Mask FirstLanes(int n) { return static_cast<Mask>(n >= 16 ? 0xffff : (1u << n) - 1); }
inline Vector Zero() { return _mm512_setzero_ps(); }
inline Vector All(float x) { return _mm512_set1_ps(x); }
inline Vector Load(const float* p) { return _mm512_loadu_ps(p); }
inline Vector Load(const Bf16* p) {
  const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
inline Vector Load(const float* p, int n) { return _mm512_maskz_loadu_ps(FirstLanes(n), p); }
inline Vector Load(const Bf16* p, int n) {
  const __m256i half = _mm256_maskz_loadu_epi16(FirstLanes(n), p);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
inline __m256i Rounded(Vector x) {
#if defined(__AVX512BF16__)
  return (__m256i)_mm512_cvtneps_pbh(x);
#else
  const __m512i bits = _mm512_castps_si512(x);
  const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
  const __m512i nan = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
  const __m512i kept = _mm512_mask_mov_epi32(up, _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q), nan);
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(kept, 16));
#endif
}
inline void Store(float* p, Vector x) { _mm512_storeu_ps(p, x); }
inline void Store(Bf16* p, Vector x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), Rounded(x)); }
inline void Store(float* p, Vector x, int n) { _mm512_mask_storeu_ps(p, FirstLanes(n), x); }
inline void Store(Bf16* p, Vector x, int n) { _mm256_mask_storeu_epi16(p, FirstLanes(n), Rounded(x)); }
// Two vectors side by side.
inline void StorePanel(float* p, Vector a, Vector b) {
  Store(p, a);
  Store(p + kLanes, b);
}
inline void StorePanel(Bf16* p, Vector a, Vector b) {
#if defined(__AVX512BF16__)
  _mm512_storeu_si512(p, (__m512i)_mm512_cvtne2ps_pbh(b, a));
#else
  Store(p, a);
  Store(p + kLanes, b);
#endif
}
inline Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
inline Vector Largest(Vector a, Vector b) { return _mm512_max_ps(a, b); }
inline Vector Smallest(Vector a, Vector b) { return _mm512_min_ps(a, b); }
inline Vector Nearest(Vector x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
// x · 2ⁿ for a whole n.
inline Vector Scaled(Vector x, Vector n) { return _mm512_scalef_ps(x, n); }
inline Vector Absolute(Vector x) { return _mm512_abs_ps(x); }
inline Vector SquareRoot(Vector x) { return _mm512_sqrt_ps(x); }
// a where x ≥ 0, else b.
inline Vector WhereNotNegative(Vector x, Vector a, Vector b) {
  return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ), b, a);
}
// The first n numbers, then zeros.
inline Vector FirstOf(Vector x, int n) { return _mm512_maskz_mov_ps(FirstLanes(n), x); }
inline float Sum(Vector x) { return _mm512_reduce_add_ps(x); }
inline float Highest(Vector x) { return _mm512_reduce_max_ps(x); }

#elif defined(__AVX2__) && defined(__FMA__)

constexpr int kLanes = 8;
using Vector = __m256;

inline __m256i FirstLanes(int n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline Vector Zero() { return _mm256_setzero_ps(); }
inline Vector All(float x) { return _mm256_set1_ps(x); }
inline Vector Load(const float* p) { return _mm256_loadu_ps(p); }
inline Vector Load(const Bf16* p) {
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
inline Vector Load(const float* p, int n) { return _mm256_maskload_ps(p, FirstLanes(n)); }
inline Vector Load(const Bf16* p, int n) {
  Bf16 some[8] = {};
  std::memcpy(some, p, n * sizeof(Bf16));
  return Load(some);
}
inline __m128i Rounded(Vector x) {
  const __m256i bits = _mm256_castps_si256(x);
  const __m256i odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i up = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
  const __m256i nan = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256i unordered = _mm256_castps_si256(_mm256_cmp_ps(x, x, _CMP_UNORD_Q));
  const __m256i kept = _mm256_srli_epi32(_mm256_blendv_epi8(up, nan, unordered), 16);
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(kept, kept), 0xd8);
  return _mm256_castsi256_si128(packed);
}
inline void Store(float* p, Vector x) { _mm256_storeu_ps(p, x); }
inline void Store(Bf16* p, Vector x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), Rounded(x)); }
inline void Store(float* p, Vector x, int n) { _mm256_maskstore_ps(p, FirstLanes(n), x); }
inline void Store(Bf16* p, Vector x, int n) {
  Bf16 some[8];
  Store(some, x);
  std::memcpy(p, some, n * sizeof(Bf16));
}
// Two vectors side by side.
template <class T>
inline void StorePanel(T* p, Vector a, Vector b) {
  Store(p, a);
  Store(p + kLanes, b);
}
inline Vector MultiplyAdd(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
inline Vector Largest(Vector a, Vector b) { return _mm256_max_ps(a, b); }
inline Vector Smallest(Vector a, Vector b) { return _mm256_min_ps(a, b); }
inline Vector Nearest(Vector x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
// x · 2ⁿ for a whole n from −126 to 127.
inline Vector Scaled(Vector x, Vector n) {
  const __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(x, _mm256_castsi256_ps(exponent));
}
inline Vector Absolute(Vector x) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x); }
inline Vector SquareRoot(Vector x) { return _mm256_sqrt_ps(x); }
// a where x ≥ 0, else b.
inline Vector WhereNotNegative(Vector x, Vector a, Vector b) {
  return _mm256_blendv_ps(b, a, _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GE_OQ));
}
// The first n numbers, then zeros.
inline Vector FirstOf(Vector x, int n) { return _mm256_and_ps(x, _mm256_castsi256_ps(FirstLanes(n))); }
inline float Sum(Vector x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}
inline float Highest(Vector x) {
  __m128 half = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_max_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

#else
#error "The kernels need a processor with AVX2 and FMA."
#endif

}  // namespace draft
