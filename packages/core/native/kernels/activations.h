// Exponentials and the functions made of them, on vectors.
#pragma once

#include "numbers.h"

namespace draft {

// eˣ, to one unit in the last place or two: 2ⁿ e^r with |r| ≤ ln 2 / 2, e^r by its Taylor series.
inline Vector Exponential(Vector x) {
  x = Smallest(Largest(x, All(-87.3f)), All(88.3f));
  const Vector n = Nearest(x * All(1.44269504f));
  // ln 2 in two parts, the first one exact in few bits.
  Vector r = MultiplyAdd(n, All(-0.693359375f), x);
  r = MultiplyAdd(n, All(2.12194440e-4f), r);
  Vector p = All(1.f / 5040);
  p = MultiplyAdd(p, r, All(1.f / 720));
  p = MultiplyAdd(p, r, All(1.f / 120));
  p = MultiplyAdd(p, r, All(1.f / 24));
  p = MultiplyAdd(p, r, All(1.f / 6));
  p = MultiplyAdd(p, r, All(0.5f));
  p = MultiplyAdd(p, r, All(1.f));
  p = MultiplyAdd(p, r, All(1.f));
  return Scaled(p, n);
}

inline Vector Sigmoid(Vector x) { return All(1.f) / (All(1.f) + Exponential(Zero() - x)); }

// Φ(x) of the normal distribution, by erfc's rational Chebyshev fit, relative error below 1.2e-7.
// Reference: Press et al., Numerical Recipes in C, section 6.2.
inline Vector NormalDistribution(Vector x) {
  const Vector z = Absolute(x) * All(0.70710678f);
  const Vector t = All(1.f) / MultiplyAdd(z, All(0.5f), All(1.f));
  Vector p = All(0.17087277f);
  p = MultiplyAdd(p, t, All(-0.82215223f));
  p = MultiplyAdd(p, t, All(1.48851587f));
  p = MultiplyAdd(p, t, All(-1.13520398f));
  p = MultiplyAdd(p, t, All(0.27886807f));
  p = MultiplyAdd(p, t, All(-0.18628806f));
  p = MultiplyAdd(p, t, All(0.09678418f));
  p = MultiplyAdd(p, t, All(0.37409196f));
  p = MultiplyAdd(p, t, All(1.00002368f));
  p = MultiplyAdd(p, t, All(-1.26551223f));
  const Vector tail = All(0.5f) * t * Exponential(p - z * z);  // Φ(−|x|)
  return WhereNotNegative(x, All(1.f) - tail, tail);
}

// φ(x) of the normal distribution.
inline Vector NormalDensity(Vector x) { return All(0.39894228f) * Exponential(All(-0.5f) * x * x); }

enum class Activation { kNone, kSilu, kGelu, kQuickGelu };

constexpr float kQuickGeluSharpness = 1.702f;

inline Vector Activate(Activation activation, Vector x) {
  switch (activation) {
    case Activation::kSilu: return x * Sigmoid(x);
    case Activation::kGelu: return x * NormalDistribution(x);
    case Activation::kQuickGelu: return x * Sigmoid(All(kQuickGeluSharpness) * x);
    default: return x;
  }
}

// The derivative.
inline Vector Slope(Activation activation, Vector x) {
  switch (activation) {
    case Activation::kSilu: {
      const Vector s = Sigmoid(x);
      return s * MultiplyAdd(x, All(1.f) - s, All(1.f));
    }
    case Activation::kGelu: return MultiplyAdd(x, NormalDensity(x), NormalDistribution(x));
    case Activation::kQuickGelu: {
      const Vector scaled = All(kQuickGeluSharpness) * x;
      const Vector s = Sigmoid(scaled);
      return s * MultiplyAdd(scaled, All(1.f) - s, All(1.f));
    }
    default: return All(1.f);
  }
}

}  // namespace draft
