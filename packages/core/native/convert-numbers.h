// Stored numbers, converted to the type that is computed in.
#pragma once

#include <cstdint>
#include <cstring>

#include "tensorflow-c-api.h"
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define DRAFT_HAS_F16C 1
#endif

namespace {

inline float FromBits(uint32_t bits) {
  float number;
  std::memcpy(&number, &bits, sizeof(number));
  return number;
}

inline uint32_t ToBits(float number) {
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof(bits));
  return bits;
}

// float32 from each stored type.
inline float Widen(float number) { return number; }
struct Bfloat16 {
  uint16_t bits;
};
struct Half {
  uint16_t bits;
};
inline float Widen(Bfloat16 number) { return FromBits(uint32_t{number.bits} << 16); }
inline float Widen(Half number) {
  const uint32_t sign = (number.bits & 0x8000u) << 16, magnitude = number.bits & 0x7fffu;
  const uint32_t exponent = magnitude >> 10, fraction = magnitude & 0x3ffu;
  if (exponent == 31) return FromBits(sign | 0x7f800000u | fraction << 13);
  if (exponent != 0) return FromBits(sign | ((magnitude << 13) + (112u << 23)));
  // Below the smallest normal number, a multiple of 2^-24.
  const float small = static_cast<float>(fraction) * 0x1p-24f;
  return sign != 0 ? -small : small;
}

// Rounded to nearest, ties to even; what is not a number stays that.
inline void Narrow(float number, float* to) { *to = number; }
inline void Narrow(float number, Bfloat16* to) {
  const uint32_t bits = ToBits(number);
  to->bits = static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? bits >> 16 | 0x40u
                                                                      : (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

#ifdef DRAFT_HAS_F16C
#define DRAFT_EIGHTS __attribute__((target("avx2,f16c"))) inline

DRAFT_EIGHTS __m256 WidenEight(const float* from) { return _mm256_loadu_ps(from); }
DRAFT_EIGHTS __m256 WidenEight(const Half* from) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
DRAFT_EIGHTS __m256 WidenEight(const Bfloat16* from) {
  const __m256i words = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  return _mm256_castsi256_ps(_mm256_slli_epi32(words, 16));
}

DRAFT_EIGHTS void NarrowEight(__m256 numbers, float* to) { _mm256_storeu_ps(to, numbers); }
DRAFT_EIGHTS void NarrowEight(__m256 numbers, Bfloat16* to) {
  const __m256i bits = _mm256_castps_si256(numbers), high = _mm256_srli_epi32(bits, 16);
  const __m256i half = _mm256_add_epi32(_mm256_set1_epi32(0x7fff), _mm256_and_si256(high, _mm256_set1_epi32(1)));
  const __m256i rounded = _mm256_srli_epi32(_mm256_add_epi32(bits, half), 16);
  const __m256i quiet = _mm256_or_si256(high, _mm256_set1_epi32(0x40));
  const __m256i unordered = _mm256_castps_si256(_mm256_cmp_ps(numbers, numbers, _CMP_UNORD_Q));
  const __m256i words = _mm256_blendv_epi8(rounded, quiet, unordered);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

// How many were converted, eight at a time.
template <class From, class To>
DRAFT_EIGHTS size_t ConvertEights(const From* from, To* to, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) NarrowEight(WidenEight(from + i), to + i);
  return i;
}
#endif

template <class From, class To>
void ConvertEach(const From* from, To* to, size_t count) {
  size_t i = 0;
#ifdef DRAFT_HAS_F16C
  // No processor has AVX2 without F16C, which not every compiler can ask for.
  static const bool fast = __builtin_cpu_supports("avx2");
  if (fast) i = ConvertEights(from, to, count);
#endif
  for (; i < count; ++i) Narrow(Widen(from[i]), to + i);
}

// Whether numbers of one type can be converted to another.
bool CanConvert(int from, int to) {
  return (from == kFloat || from == kBfloat16 || from == kHalf) && (from == to || to == kFloat || to == kBfloat16);
}

template <class From>
void ConvertFrom(const From* from, int type, void* to, size_t count) {
  if (type == kFloat) ConvertEach(from, static_cast<float*>(to), count);
  else ConvertEach(from, static_cast<Bfloat16*>(to), count);
}

// `count` numbers of type `from_type` as `to_type`.
void Convert(const void* from, int from_type, void* to, int to_type, size_t count) {
  if (from_type == to_type) std::memcpy(to, from, count * (to_type == kFloat ? 4 : 2));
  else if (from_type == kHalf) ConvertFrom(static_cast<const Half*>(from), to_type, to, count);
  else if (from_type == kBfloat16) ConvertFrom(static_cast<const Bfloat16*>(from), to_type, to, count);
  else ConvertFrom(static_cast<const float*>(from), to_type, to, count);
}

}  // namespace
