// Does every row of the depthwise table give the double-precision sums for all kernels, strides,
// dilations, widths and pads?
#include "kernels/dwconv/dwconv.h"

#include <gtest/gtest.h>

#include <string>

#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

struct Case {
  int64_t kernel_h = 3, kernel = 3, stride = 1, dilation = 1;
  int64_t width = 1, pad_left = 0, pad_right = 0;
  int64_t out_rows = 1;
  int64_t OutWidth() const {
    const int64_t room = width + pad_left + pad_right - (kernel - 1) * dilation - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
  std::string Text() const {
    return "kernel " + std::to_string(kernel_h) + "x" + std::to_string(kernel) + " stride " +
           std::to_string(stride) + " dilation " + std::to_string(dilation) + " width " +
           std::to_string(width) + " pads " + std::to_string(pad_left) + " " +
           std::to_string(pad_right) + " rows " + std::to_string(out_rows);
  }
};

Exact Want(const DwconvF32Args& args, int64_t y, int64_t x, int64_t lane) {
  Exact sum;
  sum.Add(static_cast<double>(args.bias[lane]));
  for (int64_t ky = 0; ky < args.kernel_h; ++ky) {
    const float* row = args.rows[y * args.stride_h + ky * args.dilation_h];
    for (int64_t kx = 0; kx < args.kernel_w && row != nullptr; ++kx) {
      const int64_t column = x * args.stride_w + kx * args.dilation_w - args.pad_left;
      if (column < 0 || column >= args.in_width) continue;
      sum.Add(static_cast<double>(row[column * kBlock + lane]) *
              args.weights[(ky * args.kernel_w + kx) * kBlock + lane]);
    }
  }
  return sum;
}

// Input rows, some of them padding, weights and bias for one call.
class Layer {
 public:
  Layer(const Case& c, uint64_t seed) {
    Random random(seed);
    args_.stride_h = random.Between(1, 3);
    args_.dilation_h = c.dilation;
    const int64_t rows =
        (std::max<int64_t>(1, c.out_rows) - 1) * args_.stride_h + (c.kernel_h - 1) * c.dilation + 1;
    for (int64_t row = 0; row < rows; ++row) {
      rows_.push_back(random.Floats(c.width * kBlock));
      pointers_.push_back(random.Between(0, 4) == 0 ? nullptr : rows_.back().data());
    }
    weights_ = random.Floats(c.kernel_h * c.kernel * kBlock);
    bias_ = random.Floats(kBlock);
    args_.rows = pointers_.data();
    args_.in_width = c.width;
    args_.out_width = c.OutWidth();
    args_.out_rows = c.out_rows;
    args_.kernel_h = c.kernel_h;
    args_.kernel_w = c.kernel;
    args_.stride_w = c.stride;
    args_.dilation_w = c.dilation;
    args_.pad_left = c.pad_left;
    args_.weights = weights_.data();
    args_.bias = bias_.data();
    args_.epilogue = Epilogues()[seed % Epilogues().size()];
  }

  // All rows, and kGuard behind them.
  std::vector<float> Run(const DwconvF32Kernel& kernel) const {
    const int64_t size = args_.out_rows * args_.out_width * kBlock;
    std::vector<float> out(static_cast<size_t>(size + kBlock), kGuard);
    DwconvF32Args args = args_;
    args.out = out.data();
    kernel.run(args);
    return out;
  }

  // The same, a row a call.
  std::vector<float> RunRowByRow(const DwconvF32Kernel& kernel) const {
    std::vector<float> out(static_cast<size_t>((args_.out_rows * args_.out_width + 1) * kBlock),
                           kGuard);
    for (int64_t y = 0; y < args_.out_rows; ++y) {
      DwconvF32Args args = args_;
      args.out_rows = 1;
      args.rows += y * args.stride_h;
      args.out = out.data() + y * args.out_width * kBlock;
      kernel.run(args);
    }
    return out;
  }

  int Wrong(const std::vector<float>& out) const {
    int wrong = 0;
    int64_t at = 0;
    for (int64_t y = 0; y < args_.out_rows; ++y) {
      for (int64_t x = 0; x < args_.out_width; ++x) {
        for (int64_t lane = 0; lane < kBlock; ++lane, ++at) {
          wrong += !IsNear(out[static_cast<size_t>(at)], Want(args_, y, x, lane), args_.epilogue);
        }
      }
    }
    for (; at < static_cast<int64_t>(out.size()); ++at) {
      wrong += out[static_cast<size_t>(at)] != kGuard;
    }
    return wrong;
  }

 private:
  std::vector<std::vector<float>> rows_;
  std::vector<const float*> pointers_;
  std::vector<float> weights_, bias_;
  DwconvF32Args args_;
};

void Check(const DwconvF32Kernel& kernel, const Case& c, uint64_t seed) {
  const Layer layer(c, seed);
  const std::vector<float> out = layer.Run(kernel);
  EXPECT_EQ(layer.Wrong(out), 0) << kernel.name << " " << c.Text();
  EXPECT_EQ(out, layer.RunRowByRow(kernel)) << kernel.name << " " << c.Text();
}

TEST(DwconvF32, MatchesTheExactSumForEveryWindowWidthAndPad) {
  for (const DwconvF32Kernel& kernel : Rows(DwconvF32Kernels)) {
    uint64_t seed = 0;
    Case c;
    for (c.kernel = 1; c.kernel <= 7; c.kernel += 2) {
      for (c.stride = 1; c.stride <= 3; ++c.stride) {
        for (c.dilation = 1; c.dilation <= 2; ++c.dilation) {
          for (c.width = 1; c.width <= 20; ++c.width) {
            const int64_t reach = (c.kernel - 1) * c.dilation;
            for (const int64_t pads : {int64_t{0}, reach / 2, reach + 2}) {
              c.pad_left = pads;
              c.pad_right = pads == 0 ? 0 : static_cast<int64_t>(seed % 3) + pads - 1;
              c.kernel_h = c.kernel;
              c.out_rows = static_cast<int64_t>(seed % 4);
              Check(kernel, c, seed++);
            }
          }
        }
      }
    }
  }
}

TEST(DwconvF32, MatchesTheExactSumForWideRowsAndOblongKernels) {
  for (const DwconvF32Kernel& kernel : Rows(DwconvF32Kernels)) {
    uint64_t seed = 0;
    for (const int64_t width : {28, 56, 57, 112, 113}) {
      for (const int64_t stride : {1, 2}) {
        for (const int64_t kernel_h : {1, 2, 3, 4}) {
          Case c;
          c.width = width;
          c.stride = stride;
          c.pad_left = static_cast<int64_t>(seed % 2);
          c.pad_right = 1;
          c.kernel_h = kernel_h;
          c.out_rows = 3;
          Check(kernel, c, seed++);
        }
      }
    }
  }
}

TEST(DwconvF32, TableIsOrdered) { ExpectTableIsOrdered(Rows(DwconvF32Kernels), SelectDwconvF32); }

}  // namespace
}  // namespace minnow::kernels
