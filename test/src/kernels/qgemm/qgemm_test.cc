// Does every row of the integer GEMM table give the exact bytes for all depths, widths, heights,
// taps and strides, ties and saturation included?
#include "kernels/qgemm/qgemm.h"

#include <gtest/gtest.h>

#include <string>

#include "base/aligned_buffer.h"
#include "kernels/quantized_testing.h"

namespace minnow::kernels {
namespace {

struct Case {
  int64_t m = 1, n = 1, taps = 1, channels = 1;
  std::string Text() const {
    return "m " + std::to_string(m) + " n " + std::to_string(n) + " taps " + std::to_string(taps) +
           " channels " + std::to_string(channels);
  }
};

class Layer {
 public:
  Layer(const QgemmKernel& kernel, const Case& c, uint64_t seed)
      : kernel_(kernel),
        c_(c),
        random_(seed),
        place_(PlaceOf(kernel, c.n)),
        factors_(&random_, c.n, place_, c.taps * c.channels, 40.0) {
    pixel_stride_ = c.channels + random_.Between(0, 5);
    for (int64_t t = 0; t < c.taps; ++t) taps_.push_back(random_.Between(0, 3 * pixel_stride_));
    a_ = RandomBytes(&random_, (c.m + 3) * pixel_stride_ + c.channels, kQgemmOverRead);
    const bool bytes = kernel.form == QgemmForm::kQuads;
    weights_ =
        RandomWeights(&random_, c.n * c.taps * c.channels, bytes ? -128 : -255, bytes ? 127 : 255);
    bias_ = RandomBiases(&random_, c.n);
    offsets_ = RandomBiases(&random_, c.m);
    has_offsets_ = random_.Between(0, 1) == 0;
  }

  int Wrong() {
    const int64_t stride = c_.n + random_.Between(0, 3);
    std::vector<uint8_t> out(static_cast<size_t>(c_.m * stride + 64), kByteGuard);
    Run(out.data(), stride);
    int wrong = 0;
    for (int64_t i = 0; i < static_cast<int64_t>(out.size()); ++i) {
      const int64_t p = i / stride, n = i % stride;
      const uint8_t want = p < c_.m && n < c_.n ? factors_.Want(Sum(p, n), n) : kByteGuard;
      wrong += out[static_cast<size_t>(i)] != want;
    }
    return wrong;
  }

 private:
  static std::vector<int64_t> PlaceOf(const QgemmKernel& kernel, int64_t n) {
    return PlacesOf(QgemmWidth(kernel, n),
                    [&](int64_t at) { return QgemmColumnAt(kernel, n, at); });
  }

  void Run(uint8_t* out, int64_t stride) const {
    const int64_t column_bytes = QgemmColumnBytes(kernel_, c_.taps, c_.channels);
    StatusOr<AlignedBuffer> allocated =
        AlignedBuffer::Allocate(static_cast<size_t>(QgemmWidth(kernel_, c_.n) * column_bytes));
    ASSERT_TRUE(allocated.ok());
    AlignedBuffer& packed = *allocated;
    PackQgemm(kernel_, weights_.data(), c_.n, c_.taps, c_.channels, packed.data());
    const std::vector<int32_t> bias = Placed(bias_, place_);
    if (kernel_.begin != nullptr) kernel_.begin();
    for (int64_t panel = 0; panel < QgemmPanelCount(kernel_, c_.n); ++panel) {
      const QgemmPanel p = QgemmPanelAt(kernel_, c_.n, panel);
      QgemmArgs args;
      args.m = c_.m;
      args.a = a_.data();
      args.taps = taps_.data();
      args.tap_count = c_.taps;
      args.channels = c_.channels;
      args.pixel_stride = pixel_stride_;
      args.b = packed.as<char>() + p.first * column_bytes;
      args.bias = bias.data() + p.first;
      args.row_offsets = has_offsets_ ? offsets_.data() : nullptr;
      args.c = out + p.first;
      args.c_pixel_stride = stride;
      args.columns = std::min(c_.n - p.first, p.vectors * kernel_.lanes);
      args.requant = factors_.From(p.first);
      kernel_.panels[p.vectors - 1](args);
    }
    if (kernel_.end != nullptr) kernel_.end();
  }

  int64_t Sum(int64_t p, int64_t n) const {
    int64_t sum = bias_[static_cast<size_t>(n)];
    if (has_offsets_) sum += offsets_[static_cast<size_t>(p)];
    for (int64_t t = 0; t < c_.taps; ++t) {
      for (int64_t k = 0; k < c_.channels; ++k) {
        const int64_t at = taps_[static_cast<size_t>(t)] + p * pixel_stride_ + k;
        sum += a_[static_cast<size_t>(at)] *
               weights_[static_cast<size_t>((n * c_.taps + t) * c_.channels + k)];
      }
    }
    return sum;
  }

  const QgemmKernel& kernel_;
  const Case c_;
  Random random_;
  std::vector<int64_t> place_;
  Factors factors_;
  int64_t pixel_stride_ = 0;
  std::vector<int64_t> taps_;
  std::vector<uint8_t> a_;
  std::vector<int16_t> weights_;
  std::vector<int32_t> bias_, offsets_;
  bool has_offsets_ = false;
};

void Check(const QgemmKernel& kernel, const Case& c, uint64_t seed) {
  if (c.m < kernel.min_rows) return;
  EXPECT_EQ(Layer(kernel, c, seed).Wrong(), 0) << kernel.name << " " << c.Text();
}

TEST(Qgemm, GivesTheExactBytesForEveryWidthAndHeight) {
  for (const QgemmKernel& kernel : Rows(QgemmKernels)) {
    uint64_t seed = 0;
    for (int64_t n = 1; n <= 131; n += n < 70 ? 1 : 7) {
      for (const int64_t m : {1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 16, 25, 33, 64, 70}) {
        Check(kernel, {m, n, 1, 1 + static_cast<int64_t>(seed % 40)}, seed);
        ++seed;
      }
    }
  }
}

TEST(Qgemm, GivesTheExactBytesForEveryDepthAndTap) {
  for (const QgemmKernel& kernel : Rows(QgemmKernels)) {
    uint64_t seed = 1000;
    for (int64_t channels = 1; channels <= 70; ++channels) {
      for (const int64_t taps : {1, 2, 3, 9}) {
        Check(kernel, {19, 70, taps, channels}, seed++);
      }
    }
    for (const int64_t channels : {255, 256, 257, 511, 513, 960, 1280}) {
      for (const int64_t taps : {1, 3}) Check(kernel, {17, 100, taps, channels}, seed++);
    }
  }
}

TEST(Qgemm, RowSumsAreThoseOfTheTaps) {
  for (const QgemmKernel& kernel : Rows(QgemmKernels)) {
    if (kernel.row_sums == nullptr) continue;
    Random random(5);
    for (int64_t channels = 1; channels <= 140; ++channels) {
      for (const int64_t tap_count : {1, 2}) {
        const std::vector<uint8_t> a = RandomBytes(&random, 26 * channels, 0);
        const int64_t taps[] = {channels, 3 * channels};
        QgemmArgs args;
        args.m = random.Between(1, 22);
        args.a = a.data();
        args.taps = taps;
        args.tap_count = tap_count;
        args.channels = channels;
        args.pixel_stride = channels;
        std::vector<int32_t> sums(static_cast<size_t>(args.m + 1), 77);
        kernel.row_sums(args, -7, sums.data());
        EXPECT_EQ(sums.back(), 77);
        for (int64_t p = 0; p < args.m; ++p) {
          int32_t want = 0;
          for (int64_t t = 0; t < tap_count; ++t) {
            const uint8_t* row = a.data() + taps[t] + p * channels;
            for (int64_t k = 0; k < channels; ++k) want += row[k];
          }
          EXPECT_EQ(sums[static_cast<size_t>(p)], -7 * want)
              << kernel.name << " channels " << channels;
        }
      }
    }
  }
}

TEST(Qgemm, SelectsByRowsAndDepth) {
  for (const Isa isa : SupportedIsas()) {
    for (const int64_t rows : {1, 15, 16, 100}) {
      for (const int64_t channels : {1, 4, 15, 16, 64, 1000}) {
        const QgemmKernel& kernel = SelectQgemm(isa, rows, channels);
        EXPECT_LE(kernel.isa, isa);
        EXPECT_LE(kernel.min_rows, rows);
        if (rows == 100 && channels >= 64) {
          EXPECT_EQ(&kernel, &SelectQgemm(isa));
        }
      }
    }
  }
}

TEST(Qgemm, TableIsOrdered) { ExpectTableIsOrdered(Rows(QgemmKernels), SelectQgemm); }

}  // namespace
}  // namespace minnow::kernels
