// DraftProduct, DraftConvolution and DraftOuterProduct.
#pragma once

#include "convolution.h"
#include "op-kernel.h"
#include "outer-product.h"

namespace draft {

// The second factors of a product and its low-rank updates.
template <class T, class W>
struct ProductFactor {
  template <class Element>
  struct Part {
    Matrix<Element> matrix;
    int depth;
  };
  Part<W> weight;
  std::vector<Part<float>> updates;
  int columns;

  void Pack(int first, int panels, T* to, int64_t size) const {
    draft::Pack(weight.matrix, weight.depth, first * kPanel, columns, to, panels, size);
    to += static_cast<int64_t>(PaddedDepth<T>(weight.depth)) * kPanel;
    for (const Part<float>& update : updates) {
      draft::Pack(update.matrix, update.depth, first * kPanel, columns, to, panels, size);
      to += static_cast<int64_t>(PaddedDepth<T>(update.depth)) * kPanel;
    }
  }
  void Fetch(int first, int panels, int part, int parts) const {
    draft::Fetch(weight.matrix, weight.depth, first * kPanel, columns, panels, part, parts);
  }
};

// y = f · (x W + Σ low · up) + b. A weight is `[out][in]` where it is transposed, and so are
// the adapters' second factors, `[out][rank]`; else `[in][out]` and `[rank][out]`. In float32 where it is to be precise.
class ProductKernel {
 public:
  explicit ProductKernel(const Attributes& a)
      : transposed_(a.Flag("transposed")), biases_(a.Integer("biases")), adapters_(a.Integer("adapters")),
        factor_(a.Number("factor")), precise_(a.Flag("precise")) {}

  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    TF_Tensor* weight = run.Input(1);
    std::vector<int64_t> shape = ShapeOf(x);
    const std::vector<int64_t> sides = ShapeOf(weight);
    Require(shape.size() >= 1 && sides.size() == 2 && sides[transposed_ ? 1 : 0] == shape.back(),
            "a product's factors do not fit");
    const int depth = static_cast<int>(shape.back());
    const int columns = static_cast<int>(sides[transposed_ ? 0 : 1]);
    const int rows = RowsOf(shape);
    shape.back() = columns;
    int next = 2;
    std::vector<float> bias;
    if (biases_ > 0) bias = Widened(run.Input(next++));
    std::vector<TF_Tensor*> lows, ups;
    for (int64_t i = 0; i < adapters_; ++i) lows.push_back(run.Input(next++));
    for (int64_t i = 0; i < adapters_; ++i) ups.push_back(run.Input(next++));
    WithType(x, [&](auto type) {
      using T = decltype(type);
      Finish<T> finish{};
      finish.GoTo(run.Output(0, precise_ ? kFloatType : kTypeOf<T>, shape), precise_);
      if (rows == 0 || columns == 0) return;
      finish.bias = bias.empty() ? nullptr : bias.data();
      finish.factor = factor_;
      finish.columns = columns;
      WithWeightType(weight, [&](auto weightType) {
        Compute(DataOf<T>(x), rows, depth, DataOf<decltype(weightType)>(weight), lows, ups, finish);
      });
    });
  }

 private:
  template <class W>
  Matrix<W> AsMatrix(const W* data, int64_t depth, int64_t columns) const {
    return transposed_ ? Matrix<W>{data, 1, depth} : Matrix<W>{data, columns, 1};
  }

  template <class T, class W>
  void Compute(const T* x, int rows, int depth, const W* weight, const std::vector<TF_Tensor*>& lows,
               const std::vector<TF_Tensor*>& ups, const Finish<T>& finish) const {
    const int columns = finish.columns;
    std::vector<std::unique_ptr<TidyRows<T>>> tidy;
    std::vector<Rows<T>> summands;
    std::vector<int> ranks;
    const auto add = [&](const T* data, int width) {
      tidy.push_back(std::make_unique<TidyRows<T>>(data, rows, width));
      summands.push_back(tidy.back()->rows);
    };
    add(x, depth);
    for (TF_Tensor* low : lows) {
      ranks.push_back(static_cast<int>(ShapeOf(low).back()));
      add(DataOf<T>(low), ranks.back());
    }
    ProductFactor<T, W> factor{{AsMatrix(weight, depth, columns), depth}, {}, columns};
    for (size_t i = 0; i < ups.size(); ++i) {
      factor.updates.push_back({AsMatrix(DataOf<float>(ups[i]), ranks[i], columns), ranks[i]});
    }
    Multiply(summands, rows, columns, factor, finish);
  }

  const bool transposed_;
  const int64_t biases_, adapters_;
  const float factor_;
  const bool precise_;
};

// A convolution with its bias, or its gradient in the image, of `height` × `width`; in float32 where
// it is to be precise.
class ConvolutionKernel {
 public:
  explicit ConvolutionKernel(const Attributes& a)
      : gradient_(a.Flag("gradient")), stride_(a.Integer("stride")), top_(a.Integer("top")), left_(a.Integer("left")),
        height_(a.Integer("height")), width_(a.Integer("width")), biases_(a.Integer("biases")),
        precise_(a.Flag("precise")) {}

  void operator()(Run& run) const {
    TF_Tensor* x = run.Input(0);
    TF_Tensor* weight = run.Input(1);
    const std::vector<int64_t> image = ShapeOf(x), kernel = ShapeOf(weight);
    Require(image.size() == 4 && kernel.size() == 4 && image[3] == kernel[gradient_ ? 3 : 2],
            "a convolution's kernel does not fit the image");
    const std::vector<int64_t> shape{image[0], height_, width_, kernel[gradient_ ? 2 : 3]};
    const auto side = [](int64_t value) { return static_cast<int>(value); };
    const Convolution c{{side(image[0]), side(image[1]), side(image[2]), side(image[3])},
                        {side(shape[0]), side(shape[1]), side(shape[2]), side(shape[3])},
                        side(kernel[0]), side(kernel[1]), side(stride_), side(top_), side(left_), gradient_};
    std::vector<float> bias;
    if (biases_ > 0) bias = Widened(run.Input(2));
    WithType(x, [&](auto type) {
      using T = decltype(type);
      Finish<T> finish{};
      finish.GoTo(run.Output(0, precise_ ? kFloatType : kTypeOf<T>, shape), precise_);
      if (CountOf(shape) == 0) return;
      finish.bias = bias.empty() ? nullptr : bias.data();
      finish.columns = c.to.channels;
      WithWeightType(weight, [&](auto weightType) {
        Convolve(c, DataOf<T>(x), DataOf<decltype(weightType)>(weight), finish);
      });
    });
  }

 private:
  const bool gradient_;
  const int64_t stride_, top_, left_, height_, width_, biases_;
  const bool precise_;
};

// y = f · aᵀ b over the rows of all axes but the last, in float32.
class OuterProductKernel {
 public:
  explicit OuterProductKernel(const Attributes& a) : factor_(a.Number("factor")) {}

  void operator()(Run& run) const {
    TF_Tensor* a = run.Input(0);
    TF_Tensor* b = run.Input(1);
    const std::vector<int64_t> left = ShapeOf(a), right = ShapeOf(b);
    Require(!left.empty() && !right.empty() && RowsOf(left) == RowsOf(right), "an outer product's factors do not fit");
    float* y = static_cast<float*>(run.Output(0, kFloatType, {left.back(), right.back()}));
    WithType(a, [&](auto type) {
      using T = decltype(type);
      OuterProduct(RowsOf(left), DataOf<T>(a), static_cast<int>(left.back()), DataOf<T>(b),
                   static_cast<int>(right.back()), factor_, y);
    });
  }

 private:
  const float factor_;
};

inline void RegisterProductOps() {
  const char* const types = "T: {float, bfloat16}";
  const char* const weights = "W: {float, bfloat16}";
  const char* const biases = "B: {float, bfloat16}";
  const char* const results = "O: {float, bfloat16}";
  const char* const precise = "precise: bool = false";
  Register<ProductKernel>("DraftProduct",
                          {"x: T", "weight: W", "bias: biases * B", "low: adapters * T", "up: adapters * float"},
                          {"y: O"},
                          {types, weights, biases, results, precise, "biases: int >= 0 = 0", "adapters: int >= 0 = 0",
                           "transposed: bool = false", "factor: float = 1.0"});
  Register<ConvolutionKernel>("DraftConvolution", {"x: T", "weight: W", "bias: biases * B"},
                              {"y: O"},
                              {types, weights, biases, results, precise, "biases: int >= 0 = 0",
                               "gradient: bool = false", "stride: int = 1", "top: int = 0", "left: int = 0", "height: int", "width: int"});
  Register<OuterProductKernel>("DraftOuterProduct", {"a: T", "b: T"}, {"y: float"}, {types, "factor: float = 1.0"});
}

}  // namespace draft
