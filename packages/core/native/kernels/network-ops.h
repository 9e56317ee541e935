// DraftAttention, the norms and the activations, with their gradients.
#pragma once

#include "attention-gradient.h"
#include "elementwise.h"
#include "group-norm.h"
#include "layer-norm.h"
#include "op-kernel.h"
#include "upsampling.h"

namespace draft {

inline AttentionShape AttentionShapeOf(const TF_Tensor* q, const TF_Tensor* k, const TF_Tensor* v, int heads,
                                       float scale, bool causal) {
  const std::vector<int64_t> qs = ShapeOf(q), ks = ShapeOf(k), vs = ShapeOf(v);
  Require(qs.size() == 3 && ks.size() == 3 && vs.size() == 3 && heads > 0 && qs[0] == ks[0] && qs[0] == vs[0] &&
              qs[2] == ks[2] && ks[1] == vs[1] && qs[2] % heads == 0 && vs[2] % heads == 0,
          "queries, keys and values do not fit");
  const auto side = [](int64_t value) { return static_cast<int>(value); };
  return {side(qs[0]), heads, side(qs[1]), side(ks[1]), side(qs[2]) / heads, side(vs[2]) / heads, scale, causal};
}

// How queries meet keys, as the node says.
class AttentionAttributes {
 public:
  explicit AttentionAttributes(const Attributes& a)
      : heads_(static_cast<int>(a.Integer("heads"))), scale_(a.Number("scale")), causal_(a.Flag("causal")) {}

 protected:
  const int heads_;
  const float scale_;
  const bool causal_;
};

class AttentionKernel : AttentionAttributes {
 public:
  using AttentionAttributes::AttentionAttributes;
  void operator()(Run& run) const {
    TF_Tensor* q = run.Input(0);
    TF_Tensor* k = run.Input(1);
    TF_Tensor* v = run.Input(2);
    const AttentionShape a = AttentionShapeOf(q, k, v, heads_, scale_, causal_);
    float* logs = static_cast<float*>(run.Output(1, kFloatType, {a.n, a.heads, a.queries}));
    WithType(q, [&](auto type) {
      using T = decltype(type);
      T* out = static_cast<T*>(run.Output(0, kTypeOf<T>, {a.n, a.queries, a.valueStride()}));
      Attend(a, DataOf<T>(q), DataOf<T>(k), DataOf<T>(v), out, logs);
    });
  }
};

class AttentionGradientKernel : AttentionAttributes {
 public:
  using AttentionAttributes::AttentionAttributes;
  void operator()(Run& run) const {
    TF_Tensor* in[6];
    for (int i = 0; i < 6; ++i) in[i] = run.Input(i);
    const AttentionShape a = AttentionShapeOf(in[0], in[1], in[2], heads_, scale_, causal_);
    WithType(in[0], [&](auto type) {
      using T = decltype(type);
      const auto like = [&](int i) { return static_cast<T*>(run.Output(i, kTypeOf<T>, ShapeOf(in[i]))); };
      T* dq = like(0);
      T* dk = like(1);
      T* dv = like(2);
      const AttentionTensors<T> tensors{DataOf<T>(in[0]), DataOf<T>(in[1]),     DataOf<T>(in[2]),
                                        DataOf<T>(in[3]), DataOf<float>(in[5]), DataOf<T>(in[4])};
      AttendBackward(a, tensors, dq, dk, dv);
    });
  }
};

class GroupNormAttributes {
 public:
  explicit GroupNormAttributes(const Attributes& a)
      : groups_(static_cast<int>(a.Integer("groups"))), epsilon_(a.Number("epsilon")),
        activation_(static_cast<Activation>(a.Integer("activation"))) {}

 protected:
  GroupNormShape Shape(const TF_Tensor* x) const {
    const std::vector<int64_t> shape = ShapeOf(x);
    Require(shape.size() >= 3 && groups_ > 0 && shape.back() % groups_ == 0, "groups do not fit the channels");
    const int64_t positions = CountOf(shape) / std::max<int64_t>(1, shape[0] * shape.back());
    return {static_cast<int>(shape[0]), static_cast<int>(positions), static_cast<int>(shape.back()), groups_, epsilon_};
  }
  // Calls use(activation) with one that is known when this is compiled.
  template <class Use>
  void WithActivation(const Use& use) const {
    if (activation_ == Activation::kSilu) return use(std::integral_constant<Activation, Activation::kSilu>{});
    Require(activation_ == Activation::kNone, "a group norm is followed by SiLU or nothing");
    use(std::integral_constant<Activation, Activation::kNone>{});
  }
  const int groups_;
  const float epsilon_;
  const Activation activation_;
};

class GroupNormKernel : GroupNormAttributes {
 public:
  using GroupNormAttributes::GroupNormAttributes;
  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    TF_Tensor* gamma = run.Input(1);
    TF_Tensor* beta = run.Input(2);
    const GroupNormShape g = Shape(x);
    float* mean = static_cast<float*>(run.Output(1, kFloatType, {g.n, g.groups, 1}));
    float* rstd = static_cast<float*>(run.Output(2, kFloatType, {g.n, g.groups, 1}));
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* y = static_cast<T*>(run.Output(0, kTypeOf<T>, ShapeOf(x)));
      WithActivation([&](auto activation) {
        NormaliseGroups<activation()>(g, DataOf<T>(x), Widened(gamma).data(), Widened(beta).data(), y, mean, rstd);
      });
    });
  }
};

class GroupNormGradientKernel : GroupNormAttributes {
 public:
  using GroupNormAttributes::GroupNormAttributes;
  void operator()(Run& run) const {
    TF_Tensor* in[6];
    for (int i = 0; i < 6; ++i) in[i] = run.Input(i);
    const GroupNormShape g = Shape(in[1]);
    WithType(in[1], [&](auto type) {
      using T = decltype(type);
      T* dx = static_cast<T*>(run.Output(0, kTypeOf<T>, ShapeOf(in[1])));
      WithActivation([&](auto activation) {
        GroupNormGradient<activation()>(g, DataOf<T>(in[0]), DataOf<T>(in[1]), Widened(in[2]).data(),
                                        Widened(in[3]).data(), DataOf<float>(in[4]), DataOf<float>(in[5]), dx);
      });
    });
  }
};

class LayerNormKernel {
 public:
  explicit LayerNormKernel(const Attributes& a) : epsilon_(a.Number("epsilon")) {}
  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    TF_Tensor* gamma = run.Input(1);
    TF_Tensor* beta = run.Input(2);
    const std::vector<int64_t> shape = ShapeOf(x);
    const int rows = RowsOf(shape), width = static_cast<int>(shape.back());
    float* mean = static_cast<float*>(run.Output(1, kFloatType, {rows, 1}));
    float* rstd = static_cast<float*>(run.Output(2, kFloatType, {rows, 1}));
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* y = static_cast<T*>(run.Output(0, kTypeOf<T>, shape));
      NormaliseRows(rows, width, epsilon_, DataOf<T>(x), Widened(gamma).data(), Widened(beta).data(), y, mean, rstd);
    });
  }

 private:
  const float epsilon_;
};

class LayerNormGradientKernel {
 public:
  explicit LayerNormGradientKernel(const Attributes&) {}
  void operator()(Run& run) const {
    TF_Tensor* in[5];
    for (int i = 0; i < 5; ++i) in[i] = run.Input(i);
    const std::vector<int64_t> shape = ShapeOf(in[1]);
    WithType(in[1], [&](auto type) {
      using T = decltype(type);
      T* dx = static_cast<T*>(run.Output(0, kTypeOf<T>, shape));
      LayerNormGradient(RowsOf(shape), static_cast<int>(shape.back()), DataOf<T>(in[0]), DataOf<T>(in[1]),
                        Widened(in[2]).data(), DataOf<float>(in[3]), DataOf<float>(in[4]), dx);
    });
  }
};

class ActivationKernel {
 public:
  explicit ActivationKernel(const Attributes& a) : activation_(static_cast<Activation>(a.Integer("activation"))) {}
  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* y = static_cast<T*>(run.Output(0, kTypeOf<T>, ShapeOf(x)));
      ApplyActivation(activation_, CountOf(ShapeOf(x)), DataOf<T>(x), y);
    });
  }

 private:
  const Activation activation_;
};

class ActivationGradientKernel {
 public:
  explicit ActivationGradientKernel(const Attributes& a)
      : activation_(static_cast<Activation>(a.Integer("activation"))) {}
  void operator()(Run& run) const {
    TF_Tensor* dy = run.Input(0);
    TF_Tensor* x = run.Input(1);
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* dx = static_cast<T*>(run.Output(0, kTypeOf<T>, ShapeOf(x)));
      ActivationGradient(activation_, CountOf(ShapeOf(x)), DataOf<T>(dy), DataOf<T>(x), dx);
    });
  }

 private:
  const Activation activation_;
};

class GatedGeluKernel {
 public:
  explicit GatedGeluKernel(const Attributes&) {}
  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    std::vector<int64_t> shape = ShapeOf(x);
    const int rows = RowsOf(shape);
    shape.back() /= 2;
    WithType(x, [&](auto type) {
      using T = decltype(type);
      GatedGelu(rows, static_cast<int>(shape.back()), DataOf<T>(x), static_cast<T*>(run.Output(0, kTypeOf<T>, shape)));
    });
  }
};

class GatedGeluGradientKernel {
 public:
  explicit GatedGeluGradientKernel(const Attributes&) {}
  void operator()(Run& run) const {
    TF_Tensor* dy = run.Input(0);
    TF_Tensor* x = run.Input(1);
    const std::vector<int64_t> shape = ShapeOf(x);
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* dx = static_cast<T*>(run.Output(0, kTypeOf<T>, shape));
      GatedGeluGradient(RowsOf(shape), static_cast<int>(shape.back()) / 2, DataOf<T>(dy), DataOf<T>(x), dx);
    });
  }
};

// Images twice as large, or the gradient of that.
template <bool kGradient>
class UpsampleKernel {
 public:
  explicit UpsampleKernel(const Attributes&) {}
  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    std::vector<int64_t> shape = ShapeOf(x);
    Require(shape.size() == 4, "only images are enlarged");
    for (int side : {1, 2}) shape[side] = kGradient ? shape[side] / 2 : shape[side] * 2;
    WithType(x, [&](auto type) {
      using T = decltype(type);
      T* y = static_cast<T*>(run.Output(0, kTypeOf<T>, shape));
      const int channels = static_cast<int>(shape[3]);
      const auto rows = [&](int64_t height) { return static_cast<int>(shape[0] * height); };
      if (kGradient) {
        UpsampleNearestGradient(rows(shape[1]), static_cast<int>(shape[2]), channels, DataOf<T>(x), y);
      } else {
        UpsampleNearest(rows(shape[1] / 2), static_cast<int>(shape[2] / 2), channels, DataOf<T>(x), y);
      }
    });
  }
};

inline void RegisterNetworkOps() {
  const char* const types = "T: {float, bfloat16}";
  const char* const weights = "W: {float, bfloat16}";
  const char* const biases = "B: {float, bfloat16}";
  const std::initializer_list<const char*> attention = {types, "heads: int", "scale: float", "causal: bool = false"};
  const std::initializer_list<const char*> groupNorm = {types, weights, biases, "groups: int", "epsilon: float",
                                                        "activation: int = 0"};
  Register<AttentionKernel>("DraftAttention", {"q: T", "k: T", "v: T"}, {"out: T", "logs: float"}, attention);
  Register<AttentionGradientKernel>("DraftAttentionGradient",
                                    {"q: T", "k: T", "v: T", "out: T", "dy: T", "logs: float"},
                                    {"dq: T", "dk: T", "dv: T"}, attention);
  Register<GroupNormKernel>("DraftGroupNorm", {"x: T", "gamma: W", "beta: B"}, {"y: T", "mean: float", "rstd: float"},
                            groupNorm);
  Register<GroupNormGradientKernel>("DraftGroupNormGradient",
                                    {"dy: T", "x: T", "gamma: W", "beta: B", "mean: float", "rstd: float"}, {"dx: T"},
                                    groupNorm);
  Register<LayerNormKernel>("DraftLayerNorm", {"x: T", "gamma: W", "beta: B"}, {"y: T", "mean: float", "rstd: float"},
                            {types, weights, biases, "epsilon: float"});
  Register<LayerNormGradientKernel>("DraftLayerNormGradient",
                                    {"dy: T", "x: T", "gamma: W", "mean: float", "rstd: float"}, {"dx: T"},
                                    {types, weights});
  Register<ActivationKernel>("DraftActivation", {"x: T"}, {"y: T"}, {types, "activation: int"});
  Register<ActivationGradientKernel>("DraftActivationGradient", {"dy: T", "x: T"}, {"dx: T"},
                                     {types, "activation: int"});
  Register<UpsampleKernel<false>>("DraftUpsample", {"x: T"}, {"y: T"}, {types});
  Register<UpsampleKernel<true>>("DraftUpsampleGradient", {"dy: T"}, {"dx: T"}, {types});
  Register<GatedGeluKernel>("DraftGatedGelu", {"x: T"}, {"y: T"}, {types});
  Register<GatedGeluGradientKernel>("DraftGatedGeluGradient", {"dy: T", "x: T"}, {"dx: T"}, {types});
}

}  // namespace draft
