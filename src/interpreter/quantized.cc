// What products and sums of integers compute: exact 32-bit sums, requantised once in double.
//
// Both operands become 16-bit differences from their zero points first, so that the inner loops are
// plain dot products (which compilers turn into multiply-add instructions) and padding is 0.
#include <utility>
#include <vector>

#include "interpreter/convolution_geometry.h"
#include "interpreter/elements.h"
#include "interpreter/evaluators.h"
#include "interpreter/requantize.h"
#include "tensor/tensor.h"

namespace minnow::interpreter {
namespace {

// Byte strides of four axes, outermost first.
struct Walk {
  int64_t dims[4];
  int64_t strides[4];
};

// The elements of a tensor in the order of the walk, minus the zero point.
StatusOr<Tensor> Widen(const TensorView& tensor, int32_t zero_point, const Walk& walk) {
  int16_t table[256];
  for (int bits = 0; bits < 256; ++bits) {
    table[bits] =
        static_cast<int16_t>(ByteOf(tensor.dtype, static_cast<uint8_t>(bits)) - zero_point);
  }
  StatusOr<Tensor> wide = Tensor::Allocate(DType::kS16, tensor.shape);
  if (!wide.ok()) return wide;
  int16_t* out = wide->mutable_as<int16_t>();
  for (int64_t a = 0; a < walk.dims[0]; ++a) {
    for (int64_t b = 0; b < walk.dims[1]; ++b) {
      for (int64_t c = 0; c < walk.dims[2]; ++c) {
        const uint8_t* row =
            tensor.as<uint8_t>() + a * walk.strides[0] + b * walk.strides[1] + c * walk.strides[2];
        for (int64_t d = 0; d < walk.dims[3]; ++d) *out++ = table[row[d * walk.strides[3]]];
      }
    }
  }
  return wide;
}

// REQUIRES: length <= 32768 (the shape rule's limit), so that the sum fits.
int32_t Dot(const int16_t* a, const int16_t* b, int64_t length) {
  int32_t sum = 0;
  for (int64_t i = 0; i < length; ++i) sum += a[i] * b[i];
  return sum;
}

// The end of a product: sum and bias of one output channel to a byte.
class Epilogue {
 public:
  Epilogue(const graph::ProductQuantization& q, const graph::Activation& activation,
           const Inputs& inputs, int64_t channels)
      : requantizer_(q.y, q.dtype, activation), scales_(static_cast<size_t>(channels)) {
    for (size_t o = 0; o < scales_.size(); ++o) {
      const size_t index = q.weight_scales.size() == 1 ? 0 : o;
      scales_[o] = static_cast<double>(q.x.scale) * static_cast<double>(q.weight_scales[index]);
    }
    if (Has(inputs, 2)) bias_ = inputs[2].as<int32_t>();
  }

  uint8_t operator()(int32_t sum, int64_t channel) const {
    const int64_t total = sum + (bias_ == nullptr ? int64_t{0} : bias_[channel]);
    return requantizer_(static_cast<double>(total) * scales_[static_cast<size_t>(channel)]);
  }

 private:
  const Requantizer requantizer_;
  std::vector<double> scales_;
  const int32_t* bias_ = nullptr;
};

// One output pixel of a convolution.
struct Pixel {
  int64_t n, y, x;
};

class Convolution {
 public:
  Convolution(const graph::QConv2D& op, const Inputs& inputs, const Geometry& g)
      : g_(g),
        groups_(op.conv.groups),
        channels_(g.group_inputs * op.conv.groups),
        epilogue_(op.quantization, op.conv.activation, inputs, g.output_channels) {}

  Status Prepare(const graph::ProductQuantization& q, const Inputs& inputs) {
    const int64_t height = g_.vertical.size, width = g_.horizontal.size;
    StatusOr<Tensor> x = Widen(inputs[0], q.x.zero_point,
                               {{g_.batch, height, width, channels_},
                                {g_.x.batch, g_.x.height, g_.x.width, g_.x.channel}});
    if (!x.ok()) return x.status();
    // Depthwise weights by tap, so that one tap's channels lie side by side.
    const int64_t o = g_.output_channels, kh = g_.vertical.kernel, kw = g_.horizontal.kernel;
    const WeightStrides& s = g_.w;
    const Walk by_tap = {{1, kh, kw, o}, {0, s.height, s.width, s.output}};
    const Walk ohwi = {{o, kh, kw, g_.group_inputs}, {s.output, s.height, s.width, s.input}};
    StatusOr<Tensor> w = Widen(inputs[1], q.weight_zero_point, IsDepthwise() ? by_tap : ohwi);
    if (!w.ok()) return w.status();
    x_ = std::move(*x);
    w_ = std::move(*w);
    return OkStatus();
  }

  void Run(uint8_t* y) const {
    std::vector<int32_t> sums(static_cast<size_t>(g_.output_channels));
    std::vector<int16_t> patch(static_cast<size_t>(Taps() * g_.group_inputs));
    for (int64_t n = 0; n < g_.batch; ++n) {
      for (int64_t oy = 0; oy < g_.output_h; ++oy) {
        for (int64_t ox = 0; ox < g_.output_w; ++ox) {
          const Pixel pixel = {n, oy, ox};
          if (IsDepthwise()) {
            SumDepthwise(pixel, sums.data());
          } else {
            SumDense(pixel, patch.data(), sums.data());
          }
          uint8_t* out = y + n * g_.y.batch + oy * g_.y.height + ox * g_.y.width;
          for (int64_t o = 0; o < g_.output_channels; ++o) {
            out[o * g_.y.channel] = epilogue_(sums[static_cast<size_t>(o)], o);
          }
        }
      }
    }
  }

 private:
  bool IsDepthwise() const { return g_.group_inputs == 1; }
  int64_t Taps() const { return g_.vertical.kernel * g_.horizontal.kernel; }

  // Calls f(tap, channels of the input pixel under it) for the taps inside the image.
  template <typename F>
  void ForEachTap(const Pixel& pixel, const F& f) const {
    const int64_t top = g_.vertical.Start(pixel.y), left = g_.horizontal.Start(pixel.x);
    const int64_t end_y = g_.vertical.EndTap(top), end_x = g_.horizontal.EndTap(left);
    for (int64_t ky = g_.vertical.FirstTap(top); ky < end_y; ++ky) {
      const int64_t row = pixel.n * g_.vertical.size + top + ky * g_.vertical.dilation;
      for (int64_t kx = g_.horizontal.FirstTap(left); kx < end_x; ++kx) {
        const int64_t column = left + kx * g_.horizontal.dilation;
        f(ky * g_.horizontal.kernel + kx,
          x_.as<int16_t>() + (row * g_.horizontal.size + column) * channels_);
      }
    }
  }

  void SumDepthwise(const Pixel& pixel, int32_t* sums) const {
    std::fill_n(sums, g_.output_channels, 0);
    ForEachTap(pixel, [&](int64_t tap, const int16_t* x) {
      const int16_t* w = w_.as<int16_t>() + tap * g_.output_channels;
      if (g_.group_outputs == 1) {
        for (int64_t o = 0; o < g_.output_channels; ++o) sums[o] += x[o] * w[o];
        return;
      }
      for (int64_t o = 0; o < g_.output_channels; ++o) sums[o] += x[o / g_.group_outputs] * w[o];
    });
  }

  void SumDense(const Pixel& pixel, int16_t* patch, int32_t* sums) const {
    const int64_t inputs = g_.group_inputs, length = Taps() * inputs;
    for (int64_t group = 0; group < groups_; ++group) {
      std::fill_n(patch, length, int16_t{0});
      ForEachTap(pixel, [&](int64_t tap, const int16_t* x) {
        std::copy_n(x + group * inputs, inputs, patch + tap * inputs);
      });
      const int64_t first = group * g_.group_outputs;
      for (int64_t o = first; o < first + g_.group_outputs; ++o) {
        sums[o] = Dot(patch, w_.as<int16_t>() + o * length, length);
      }
    }
  }

  const Geometry& g_;
  const int64_t groups_, channels_;
  const Epilogue epilogue_;
  Tensor x_;  // NHWC
  Tensor w_;  // OHWI; [H,W,O] where depthwise
};

double Combine(graph::BinaryKind kind, double a, double b) {
  if (kind == graph::BinaryKind::kAdd) return a + b;
  return kind == graph::BinaryKind::kSub ? a - b : a * b;
}

// The number that each byte stands for.
void FillTable(DType dtype, const QuantParams& params, double* table) {
  for (int bits = 0; bits < 256; ++bits) {
    table[bits] = (ByteOf(dtype, static_cast<uint8_t>(bits)) - params.zero_point) *
                  static_cast<double>(params.scale);
  }
}

}  // namespace

Status Run(const graph::QConv2D& op, const Inputs& inputs, const MutableTensorView& output) {
  Geometry geometry = {};
  MINNOW_RETURN_IF_ERROR(
      MakeGeometry(op.conv, inputs[0].shape, inputs[1].shape, output.shape, &geometry));
  Convolution convolution(op, inputs, geometry);
  MINNOW_RETURN_IF_ERROR(convolution.Prepare(op.quantization, inputs));
  convolution.Run(output.as<uint8_t>());
  return OkStatus();
}

Status Run(const graph::QFullyConnected& op, const Inputs& inputs,
           const MutableTensorView& output) {
  const int64_t inner = inputs[1].shape[1], columns = inputs[1].shape[0];
  const int64_t rows = output.ElementCount() / columns;
  const StatusOr<Tensor> x =
      Widen(inputs[0], op.quantization.x.zero_point, {{1, 1, rows, inner}, {0, 0, inner, 1}});
  if (!x.ok()) return x.status();
  const StatusOr<Tensor> w = Widen(inputs[1], op.quantization.weight_zero_point,
                                   {{1, 1, columns, inner}, {0, 0, inner, 1}});
  if (!w.ok()) return w.status();
  const Epilogue epilogue(op.quantization, op.product.activation, inputs, columns);
  uint8_t* y = output.as<uint8_t>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t o = 0; o < columns; ++o) {
      *y++ = epilogue(Dot(x->as<int16_t>() + row * inner, w->as<int16_t>() + o * inner, inner), o);
    }
  }
  return OkStatus();
}

Status Run(const graph::QBinary& op, const Inputs& inputs, const MutableTensorView& output) {
  double a_table[256], b_table[256];
  FillTable(inputs[0].dtype, op.a, a_table);
  FillTable(inputs[1].dtype, op.b, b_table);
  const Requantizer requantize(op.y, op.dtype, op.binary.activation);
  const Shape& shape = output.shape;
  const std::array<Strides, 2> strides = {BroadcastStrides(inputs[0].shape, shape),
                                          BroadcastStrides(inputs[1].shape, shape)};
  const int64_t a_step = RowStep(shape, strides[0]), b_step = RowStep(shape, strides[1]);
  uint8_t* y = output.as<uint8_t>();
  return ForEachRow<2>(shape, strides, [&](const std::array<int64_t, 2>& offsets) {
    const uint8_t* a = inputs[0].as<uint8_t>() + offsets[0];
    const uint8_t* b = inputs[1].as<uint8_t>() + offsets[1];
    for (int64_t i = 0; i < RowLength(shape); ++i) {
      *y++ = requantize(Combine(op.binary.kind, a_table[a[i * a_step]], b_table[b[i * b_step]]));
    }
    return OkStatus();
  });
}

}  // namespace minnow::interpreter
