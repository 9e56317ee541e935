// Convolutions, each by the way that is fastest for its shape.
#pragma once

#include "direct-convolution.h"
#include "winograd.h"

namespace draft {

// Fewer tiles than this do not repay the transformation of the kernel.
constexpr int kFewTiles = 20;

inline bool GoesByWinograd(const Convolution& c) {
  const int tiles = c.to.n * ((c.to.height + 1) / 2) * ((c.to.width + 1) / 2);
  return c.kernelHeight == 3 && c.kernelWidth == 3 && c.stride == 1 && c.from.channels >= 16 && c.to.channels >= 16 &&
         tiles >= kFewTiles;
}

// `weight` is `[kh][kw][in][out]`, whichever direction is computed.
template <class T, class W>
void Convolve(const Convolution& given, const T* x, const W* weight, const Finish<T>& finish) {
  Convolution c = given;
  const int in = c.gradient ? c.to.channels : c.from.channels;
  const int out = c.gradient ? c.from.channels : c.to.channels;
  KernelView<W> kernel{weight, static_cast<int64_t>(in) * out, false, c.gradient ? 1 : out, c.gradient ? out : 1};
  if (GoesByWinograd(c)) {
    // The gradient is a convolution with the kernel turned.
    if (c.gradient) {
      kernel.turned = true;
      c.top = 2 - c.top;
      c.left = 2 - c.left;
    }
    return WinogradConvolution<T, W>(c, x, kernel, finish).Run();
  }
  DirectConvolution<T, W>(c, x, kernel, finish).Run();
}

}  // namespace draft
