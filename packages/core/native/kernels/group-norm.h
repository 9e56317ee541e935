// Group normalisation with SiLU, and its gradient in the image. Reference: Wu and He, 2018.
#pragma once

#include <cmath>
#include <vector>

#include "activations.h"
#include "crew.h"
#include "panels.h"
#include "scratch.h"

namespace draft {

struct GroupNormShape {
  int n, positions, channels, groups;  // of an image `[n][positions][channels]`
  float epsilon;
  int perGroup() const { return channels / groups; }
};

// Positions whose sums are kept in single precision.
constexpr int kPositionsAtATime = 128;

// Sums over positions of two quantities of each channel, in double precision, one pair for each part of the work.
class ChannelSums {
 public:
  ChannelSums(const GroupNormShape& g)
      : channels_(RoundUp(g.channels, kLanes)),
        parts_(std::max(1, std::min(Hands() / std::min(Hands(), g.n), g.positions / kPositionsAtATime))),
        room_(static_cast<size_t>(2) * g.n * parts_ * channels_) {
    std::fill_n(room_.data, static_cast<size_t>(2) * g.n * parts_ * channels_, 0.);
  }

  // add(sample, first position, positions, first, second) adds to the two quantities, `[channels]` each.
  template <class Add>
  void Collect(const GroupNormShape& g, const Add& add) {
    InParallel(g.n * parts_, [&](int task) {
      const int sample = task / parts_;
      const auto [from, to] = PartOf(g.positions, parts_, task % parts_);
      const Room<float> room(2 * channels_);
      double* sums = room_.data + static_cast<int64_t>(task) * 2 * channels_;
      for (int first = from; first < to; first += kPositionsAtATime) {
        std::fill_n(room.data, 2 * channels_, 0.f);
        add(sample, first, std::min(kPositionsAtATime, to - first), room.data, room.data + channels_);
        for (int i = 0; i < 2 * channels_; ++i) sums[i] += room.data[i];
      }
    });
  }

  double first(int sample, int channel) const { return Total(sample, channel); }
  double second(int sample, int channel) const { return Total(sample, channels_ + channel); }

 private:
  double Total(int sample, int at) const {
    double total = 0;
    for (int part = 0; part < parts_; ++part) {
      total += room_.data[(static_cast<int64_t>(sample) * parts_ + part) * 2 * channels_ + at];
    }
    return total;
  }
  const int channels_, parts_;
  const Room<double> room_;
};

// Calls work(sample, first position, positions) for equal parts of all samples.
template <class Work>
void OverPositions(const GroupNormShape& g, const Work& work) {
  const int each = std::max(1, std::min(g.positions / 16, 4 * Hands() / std::min(g.n, 4 * Hands())));
  InParallel(Hands() == 1 ? g.n : g.n * each, [&](int task) {
    const int parts = Hands() == 1 ? 1 : each;
    const auto [from, to] = PartOf(g.positions, parts, task % parts);
    work(task / parts, from, to - from);
  });
}

// y = activation(x · scale + shift) with a scale and a shift for each channel of each sample.
struct ChannelCoefficients {
  explicit ChannelCoefficients(const GroupNormShape& g)
      : channels(g.channels), scale(static_cast<size_t>(g.n) * g.channels + kLanes),
        shift(static_cast<size_t>(g.n) * g.channels + kLanes) {}
  void Set(const GroupNormShape& g, const float* gamma, const float* beta, const float* mean, const float* rstd) {
    for (int n = 0; n < g.n; ++n) {
      for (int c = 0; c < channels; ++c) {
        const int group = n * g.groups + c / g.perGroup();
        const float s = gamma[c] * rstd[group];
        scale.data[n * channels + c] = s;
        shift.data[n * channels + c] = beta[c] - mean[group] * s;
      }
    }
  }
  const int channels;
  const Room<float> scale, shift;
};

// `mean` and `rstd` are `[n][groups]`.
template <Activation A, class T>
void NormaliseGroups(const GroupNormShape& g, const T* x, const float* gamma, const float* beta, T* y, float* mean, float* rstd) {
  const int64_t sample = static_cast<int64_t>(g.positions) * g.channels;
  // Deviations from each channel's first number: no cancellation where a mean is far from zero.
  ChannelSums sums(g);
  sums.Collect(g, [&](int n, int first, int count, float* sum, float* squares) {
    const T* origin = x + n * sample;
    for (int i = 0; i < count; ++i) {
      const T* row = origin + static_cast<int64_t>(first + i) * g.channels;
      for (int c = 0; c < g.channels; c += kLanes) {
        const int some = g.channels - c;
        const Vector d = LoadSome(row + c, some) - LoadSome(origin + c, some);
        Store(sum + c, Load(sum + c) + d);
        Store(squares + c, MultiplyAdd(d, d, Load(squares + c)));
      }
    }
  });
  for (int n = 0; n < g.n; ++n) {
    for (int group = 0; group < g.groups; ++group) {
      double total = 0;
      for (int c = group * g.perGroup(); c < (group + 1) * g.perGroup(); ++c) {
        total += sums.first(n, c) / g.positions + Widen(x[n * sample + c]);
      }
      const double middle = total / g.perGroup();
      double variance = 0;
      for (int c = group * g.perGroup(); c < (group + 1) * g.perGroup(); ++c) {
        const double offset = Widen(x[n * sample + c]) - middle;
        variance += sums.second(n, c) / g.positions + 2 * offset * sums.first(n, c) / g.positions + offset * offset;
      }
      mean[n * g.groups + group] = static_cast<float>(middle);
      rstd[n * g.groups + group] =
          static_cast<float>(1 / std::sqrt(std::max(0., variance / g.perGroup()) + g.epsilon));
    }
  }
  ChannelCoefficients coefficients(g);
  coefficients.Set(g, gamma, beta, mean, rstd);
  OverPositions(g, [&](int n, int first, int count) {
    const float* scale = coefficients.scale.data + static_cast<int64_t>(n) * g.channels;
    const float* shift = coefficients.shift.data + static_cast<int64_t>(n) * g.channels;
    for (int i = 0; i < count; ++i) {
      const int64_t row = n * sample + static_cast<int64_t>(first + i) * g.channels;
      for (int c = 0; c < g.channels; c += kLanes) {
        const int some = std::min(kLanes, g.channels - c);
        const Vector u = MultiplyAdd(LoadSome(x + row + c, some), Load(scale + c), Load(shift + c));
        const Vector v = Activate(A, u);
        if (some == kLanes) Store(y + row + c, v);
        else Store(y + row + c, v, some);
      }
    }
  });
}

// The gradient in x: dx = rstd (γ du − mean(γ du) − x̂ mean(γ du x̂)), means over a group, du before the activation.
template <Activation A, class T>
void GroupNormGradient(const GroupNormShape& g, const T* dy, const T* x, const float* gamma, const float* beta,
                       const float* mean, const float* rstd, T* dx) {
  const int64_t sample = static_cast<int64_t>(g.positions) * g.channels;
  ChannelCoefficients normal(g);
  normal.Set(g, gamma, beta, mean, rstd);
  const auto before = [&](int n, int64_t at, int c, int some) {
    const int64_t channel = static_cast<int64_t>(n) * g.channels + c;
    const Vector d = LoadSome(dy + at, some);
    if constexpr (A == Activation::kNone) return d;
    const Vector u =
        MultiplyAdd(LoadSome(x + at, some), Load(normal.scale.data + channel), Load(normal.shift.data + channel));
    return d * Slope(A, u);
  };
  // Σ du and Σ du (x − μ) of each channel.
  const Room<float> centre(static_cast<size_t>(g.n) * g.channels + kLanes);
  for (int n = 0; n < g.n; ++n) {
    for (int c = 0; c < g.channels; ++c) centre.data[n * g.channels + c] = mean[n * g.groups + c / g.perGroup()];
  }
  ChannelSums sums(g);
  sums.Collect(g, [&](int n, int first, int count, float* sum, float* along) {
    for (int i = 0; i < count; ++i) {
      const int64_t row = n * sample + static_cast<int64_t>(first + i) * g.channels;
      for (int c = 0; c < g.channels; c += kLanes) {
        const int some = g.channels - c;
        const Vector du = before(n, row + c, c, some);
        const Vector centred = LoadSome(x + row + c, some) - Load(centre.data + static_cast<int64_t>(n) * g.channels + c);
        Store(sum + c, Load(sum + c) + du);
        Store(along + c, MultiplyAdd(du, centred, Load(along + c)));
      }
    }
  });
  // dx = du · scale + x · slope + offset.
  const Room<float> slope(static_cast<size_t>(g.n) * g.channels + kLanes);
  const Room<float> offset(static_cast<size_t>(g.n) * g.channels + kLanes);
  const double share = 1. / (static_cast<double>(g.positions) * g.perGroup());
  for (int n = 0; n < g.n; ++n) {
    for (int group = 0; group < g.groups; ++group) {
      const double r = rstd[n * g.groups + group], m = mean[n * g.groups + group];
      double level = 0, tilt = 0;
      for (int c = group * g.perGroup(); c < (group + 1) * g.perGroup(); ++c) {
        level += gamma[c] * sums.first(n, c);
        tilt += gamma[c] * sums.second(n, c) * r;
      }
      const double p = -tilt * share * r * r;
      for (int c = group * g.perGroup(); c < (group + 1) * g.perGroup(); ++c) {
        slope.data[n * g.channels + c] = static_cast<float>(p);
        offset.data[n * g.channels + c] = static_cast<float>(-p * m - level * share * r);
      }
    }
  }
  OverPositions(g, [&](int n, int first, int count) {
    const int64_t channel = static_cast<int64_t>(n) * g.channels;
    for (int i = 0; i < count; ++i) {
      const int64_t row = n * sample + static_cast<int64_t>(first + i) * g.channels;
      for (int c = 0; c < g.channels; c += kLanes) {
        const int some = std::min(kLanes, g.channels - c);
        const Vector du = before(n, row + c, c, some);
        const Vector rest = MultiplyAdd(LoadSome(x + row + c, some), Load(slope.data + channel + c),
                                        Load(offset.data + channel + c));
        const Vector d = MultiplyAdd(du, Load(normal.scale.data + channel + c), rest);
        if (some == kLanes) Store(dx + row + c, d);
        else Store(dx + row + c, d, some);
      }
    }
  });
}

}  // namespace draft
