// Does every row of the integer depthwise table give the exact bytes for all windows, strides,
// pads, widths and channels, ties and saturation included?
#include "kernels/qdwconv/qdwconv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>

#include "base/aligned_buffer.h"
#include "kernels/quantized_testing.h"

namespace minnow::kernels {
namespace {

struct Case {
  int64_t channels = 1, kernel_h = 3, kernel_w = 3, stride = 1, dilation = 1;
  int64_t more_stride_h = 0, more_dilation_h = 0;  // than across
  int64_t width = 5, pad_left = 1, pad_right = 1, out_rows = 2;
  int planes = 1;  // bytes that sum up to a weight, where kernels have them
  int LeastWeight() const { return std::max(-128 * planes, -255); }
  int LargestWeight() const { return std::min(127 * planes, 255); }
  int64_t StrideH() const { return stride + more_stride_h; }
  int64_t DilationH() const { return dilation + more_dilation_h; }
  int64_t OutWidth() const {
    const int64_t room = width + pad_left + pad_right - (kernel_w - 1) * dilation - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
  std::string Text() const {
    return "channels " + std::to_string(channels) + " kernel " + std::to_string(kernel_h) + "x" +
           std::to_string(kernel_w) + " stride " + std::to_string(stride) + " dilation " +
           std::to_string(dilation) + " down " + std::to_string(more_stride_h) + " " +
           std::to_string(more_dilation_h) + " more, width " + std::to_string(width) + " pads " +
           std::to_string(pad_left) + " " + std::to_string(pad_right);
  }
};

class Layer {
 public:
  Layer(const QdwconvKernel& kernel, const Case& c, uint64_t seed)
      : kernel_(kernel),
        c_(c),
        random_(seed),
        place_(PlaceOf(kernel, c.channels)),
        factors_(&random_, c.channels, place_, c.kernel_h * c.kernel_w, 120.0) {
    const int64_t rows = (c.out_rows - 1) * c.StrideH() + (c.kernel_h - 1) * c.DilationH() + 1;
    for (int64_t i = 0; i < rows; ++i) {
      rows_.push_back(RandomBytes(&random_, c.width * c.channels, kQdwconvOverRead));
      pointers_.push_back(rows_.back().data());
    }
    zero_ = RandomBytes(&random_, c.channels, kQdwconvOverRead);
    if (random_.Between(0, 1) == 0) std::fill(zero_.begin(), zero_.end(), uint8_t{0});
    weights_ = RandomWeights(&random_, c.channels * c.kernel_h * c.kernel_w, c.LeastWeight(),
                             c.LargestWeight());
    bias_ = RandomBiases(&random_, c.channels);
  }

  int Wrong() const {
    const int64_t size = c_.out_rows * c_.OutWidth() * c_.channels;
    std::vector<uint8_t> out(static_cast<size_t>(size + 64), kByteGuard);
    Run(out.data());
    int wrong = 0;
    for (int64_t i = 0; i < size + 64; ++i) {
      const int64_t pixel = i / c_.channels, channel = i % c_.channels;
      uint8_t want = kByteGuard;
      if (i < size) {
        const int64_t sum = Sum(pixel / c_.OutWidth(), pixel % c_.OutWidth(), channel);
        want = factors_.Want(sum, channel);
      }
      wrong += out[static_cast<size_t>(i)] != want;
    }
    return wrong;
  }

 private:
  static std::vector<int64_t> PlaceOf(const QdwconvKernel& kernel, int64_t channels) {
    return PlacesOf(QdwconvWidth(kernel, channels),
                    [&](int64_t at) { return QdwconvChannelAt(kernel, channels, at); });
  }

  void Run(uint8_t* out) const {
    const int64_t planes = QdwconvPlanes(kernel_, static_cast<int16_t>(c_.LeastWeight()),
                                         static_cast<int16_t>(c_.LargestWeight()));
    StatusOr<AlignedBuffer> allocated = AlignedBuffer::Allocate(
        static_cast<size_t>(QdwconvWidth(kernel_, c_.channels) * planes *
                            QdwconvChannelBytes(kernel_, c_.kernel_h, c_.kernel_w)));
    ASSERT_TRUE(allocated.ok());
    AlignedBuffer& packed = *allocated;
    PackQdwconv(kernel_, weights_.data(), c_.channels, c_.kernel_h, c_.kernel_w, planes,
                packed.data());
    const std::vector<int32_t> bias = Placed(bias_, place_);
    QdwconvArgs args;
    args.rows = pointers_.data();
    args.zero = zero_.data();
    args.channels = c_.channels;
    args.in_width = c_.width;
    args.out_width = c_.OutWidth();
    args.out_rows = c_.out_rows;
    args.kernel_h = c_.kernel_h;
    args.kernel_w = c_.kernel_w;
    args.stride_h = c_.StrideH();
    args.stride_w = c_.stride;
    args.dilation_h = c_.DilationH();
    args.dilation_w = c_.dilation;
    args.pad_left = c_.pad_left;
    args.weights = packed.data();
    args.planes = planes;
    args.bias = bias.data();
    args.out = out;
    args.requant = factors_.From(0);
    kernel_.run(args);
  }

  int64_t Sum(int64_t y, int64_t x, int64_t channel) const {
    int64_t sum = bias_[static_cast<size_t>(channel)];
    for (int64_t ky = 0; ky < c_.kernel_h; ++ky) {
      for (int64_t kx = 0; kx < c_.kernel_w; ++kx) {
        const int64_t column = x * c_.stride + kx * c_.dilation - c_.pad_left;
        const uint8_t* in =
            column >= 0 && column < c_.width
                ? pointers_[static_cast<size_t>(y * c_.StrideH() + ky * c_.DilationH())] +
                      column * c_.channels
                : zero_.data();
        sum += in[channel] *
               weights_[static_cast<size_t>((channel * c_.kernel_h + ky) * c_.kernel_w + kx)];
      }
    }
    return sum;
  }

  const QdwconvKernel& kernel_;
  const Case c_;
  Random random_;
  std::vector<int64_t> place_;
  Factors factors_;
  std::vector<std::vector<uint8_t>> rows_;
  std::vector<const uint8_t*> pointers_;
  std::vector<uint8_t> zero_;
  std::vector<int16_t> weights_;
  std::vector<int32_t> bias_;
};

void Check(const QdwconvKernel& kernel, const Case& c, uint64_t seed) {
  EXPECT_EQ(Layer(kernel, c, seed).Wrong(), 0) << kernel.name << " " << c.Text();
}

TEST(Qdwconv, GivesTheExactBytesForEveryNumberOfChannels) {
  for (const QdwconvKernel& kernel : Rows(QdwconvKernels)) {
    uint64_t seed = 0;
    Case c;
    for (c.channels = 1; c.channels <= 150; ++c.channels) {
      for (c.stride = 1; c.stride <= 2; ++c.stride) {
        c.planes = seed % 5 == 0 ? 3 : 1;
        Check(kernel, c, seed++);
      }
    }
  }
}

TEST(Qdwconv, GivesTheExactBytesForEveryWindowWidthAndPad) {
  for (const QdwconvKernel& kernel : Rows(QdwconvKernels)) {
    uint64_t seed = 1000;
    Case c;
    for (c.kernel_w = 1; c.kernel_w <= 7; c.kernel_w += 2) {
      for (c.kernel_h = 1; c.kernel_h <= 5; ++c.kernel_h) {
        for (c.stride = 1; c.stride <= 3; ++c.stride) {
          for (c.dilation = 1; c.dilation <= 2; ++c.dilation) {
            for (c.width = 1; c.width <= 19; c.width += 3) {
              const int64_t reach = (c.kernel_w - 1) * c.dilation;
              c.pad_left = static_cast<int64_t>(seed % static_cast<uint64_t>(reach + 2));
              c.pad_right = reach - c.pad_left + static_cast<int64_t>(seed % 3);
              c.channels = 40 + static_cast<int64_t>(seed % 60);
              c.planes = seed % 7 < 2 ? 3 - static_cast<int>(seed % 7) : 1;
              if (c.pad_right >= 0) Check(kernel, c, seed);
              ++seed;
            }
          }
        }
      }
    }
  }
}

// Several pixels of few channels fill a vector.
TEST(Qdwconv, GivesTheExactBytesOfFewChannelsForEveryWidthAndPad) {
  for (const QdwconvKernel& kernel : Rows(QdwconvKernels)) {
    uint64_t seed = 5000;
    Case c;
    for (c.channels = 8; c.channels <= 32; c.channels *= 2) {
      for (c.stride = 1; c.stride <= 2; ++c.stride) {
        for (c.width = 1; c.width <= 37; c.width += c.width < 20 ? 1 : 5) {
          for (c.pad_left = 0; c.pad_left <= 3; ++c.pad_left) {
            for (c.pad_right = 0; c.pad_right <= 3; ++c.pad_right) {
              c.planes = 1 + static_cast<int>(seed % 3);
              Check(kernel, c, seed++);
            }
          }
        }
      }
    }
  }
}

// Large images, whose rows are taken as bytes, and those that nearly are.
TEST(Qdwconv, GivesTheExactBytesOfLargeImages) {
  Case plain, changed[11];
  changed[0].pad_left = 0, changed[0].pad_right = 2;
  changed[1].pad_left = 2, changed[1].pad_right = 0;
  changed[2].pad_right = 0;
  changed[3].stride = 2, changed[3].more_stride_h = -1;
  changed[4].more_stride_h = 1;
  changed[5].dilation = 2, changed[5].more_dilation_h = -1, changed[5].pad_right = 3;
  changed[6].more_dilation_h = 1;
  changed[7].kernel_h = 2;
  changed[8].kernel_h = 5;
  changed[9].kernel_w = 5, changed[9].pad_right = 3;
  changed[10].stride = 2;
  for (const QdwconvKernel& kernel : Rows(QdwconvKernels)) {
    uint64_t seed = 9000;
    const auto check = [&](Case c, int64_t channels, int64_t width) {
      const int64_t phases = channels / std::gcd(channels, int64_t{64});
      c.channels = channels;
      c.width = width;
      c.out_rows = 200 * phases / width + 1;
      c.planes = 1 + static_cast<int>(seed % 3);
      Check(kernel, c, seed++);
    };
    for (int64_t channels = 4; channels <= 100; channels += 4) {
      check(plain, channels, 14);
      check(plain, channels, 1 + static_cast<int64_t>(seed % 20));
    }
    for (int64_t width = 1; width <= 3; ++width) check(plain, 80, width);
    for (const Case& c : changed) {
      check(c, 16, 14);
      check(c, 48, 13);
    }
  }
}

TEST(Qdwconv, TableIsOrdered) { ExpectTableIsOrdered(Rows(QdwconvKernels), SelectQdwconv); }

}  // namespace
}  // namespace minnow::kernels
