// Does every row of the GEMM table give the double-precision sums, for all tails, strides and taps,
// and touch nothing else?
#include "kernels/gemm/gemm.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "base/aligned_buffer.h"
#include "kernels/kernel_testing.h"

namespace minnow::kernels {
namespace {

struct Case {
  int64_t m = 1, channels = 1, n = 1, taps = 1, pixel_stride = kBlock;
  bool residual = false;
  bool plain_c = false;  // C as rows of a matrix, not in blocks
  Epilogue epilogue;

  std::string Text() const {
    return "m " + std::to_string(m) + " channels " + std::to_string(channels) + " n " +
           std::to_string(n) + " taps " + std::to_string(taps) + " stride " +
           std::to_string(pixel_stride) + (residual ? " residual" : "") +
           (plain_c ? " plain" : "") + (epilogue.hard_swish ? " hard-swish" : "");
  }
};

// One product with all its memory, each array just as long as it must be.
class Product {
 public:
  Product(const GemmF32Kernel& kernel, const Case& c, uint64_t seed)
      : kernel_(kernel), case_(c), random_(seed) {
    const int64_t k = c.taps * c.channels;
    padded_n_ = (c.n + kBlock - 1) / kBlock * kBlock;
    weights_ = random_.Floats(c.n * k);
    packed_ = std::move(*AlignedBuffer::Allocate(
        static_cast<size_t>(PackedGemmF32Size(kernel, k, c.n)) * sizeof(float)));
    PackGemmF32(kernel, weights_.data(), k, c.n, packed_.as<float>());
    bias_ = random_.Floats(padded_n_);
    std::fill(bias_.begin() + static_cast<long>(c.n), bias_.end(), 0.0f);

    args_.m = c.m;
    args_.tap_count = c.taps;
    args_.channels = c.channels;
    args_.pixel_stride = c.pixel_stride;
    args_.a_block_stride = c.m * c.pixel_stride + random_.Between(0, 5);
    int64_t last_tap = 0;
    for (int64_t t = 0; t < c.taps; ++t) {
      taps_.push_back(random_.Between(0, 40));
      last_tap = std::max(last_tap, taps_.back());
    }
    const int64_t a_elems = last_tap + std::max<int64_t>(0, c.m - 1) * c.pixel_stride +
                            (c.channels - 1) / kBlock * args_.a_block_stride +
                            std::min<int64_t>(c.channels, kBlock);
    a_ = random_.Floats(a_elems);
    args_.c_pixel_stride = c.plain_c ? padded_n_ : kBlock;
    args_.c_block_stride = c.plain_c ? kBlock : c.m * kBlock + kBlock;
    c_elems_ = c.plain_c ? c.m * padded_n_ : padded_n_ / kBlock * args_.c_block_stride;
    if (c.residual) residual_ = random_.Floats(c_elems_);
    args_.epilogue = c.epilogue;
  }

  // Pixels [first, last) of C, the rest left at kGuard.
  void Run(int64_t first, int64_t last, std::vector<float>* c) {
    GemmF32Args args = args_;
    args.m = last - first;
    args.a = a_.data() + first * args.pixel_stride;
    args.taps = taps_.data();
    const GemmPanels panels = PanelsFor(kernel_, case_.n);
    int64_t column = 0;
    const int64_t k = case_.taps * case_.channels;
    for (int64_t panel = 0; panel < panels.count(); ++panel) {
      const bool wide = panel < panels.wide_count;
      const int64_t at = first * args.c_pixel_stride + column / kBlock * args.c_block_stride;
      args.b = packed_.as<float>() + column * k;
      args.bias = bias_.data() + column;
      args.c = c->data() + at;
      args.residual = case_.residual ? residual_.data() + at : nullptr;
      args.prefetch = panel % 2 == 0 ? nullptr : packed_.as<float>();
      (wide ? kernel_.wide_panel : kernel_.narrow_panel)(args);
      column += wide ? kernel_.wide : kBlock;
    }
    EXPECT_EQ(column, padded_n_);
  }

  std::vector<float> Fresh() const {
    return std::vector<float>(static_cast<size_t>(c_elems_), kGuard);
  }

  Exact Want(int64_t p, int64_t n) const {
    Exact sum;
    sum.Add(static_cast<double>(bias_[static_cast<size_t>(n)]));
    const int64_t k = case_.taps * case_.channels;
    for (int64_t t = 0; t < case_.taps && n < case_.n; ++t) {
      for (int64_t i = 0; i < case_.channels; ++i) {
        const int64_t at = taps_[static_cast<size_t>(t)] + p * args_.pixel_stride +
                           i / kBlock * args_.a_block_stride + i % kBlock;
        sum.Add(static_cast<double>(a_[static_cast<size_t>(at)]) *
                weights_[static_cast<size_t>(n * k + t * case_.channels + i)]);
      }
    }
    if (case_.residual) sum.Add(static_cast<double>(residual_[static_cast<size_t>(At(p, n))]));
    return sum;
  }

  int64_t At(int64_t p, int64_t n) const {
    return p * args_.c_pixel_stride + n / kBlock * args_.c_block_stride + n % kBlock;
  }

  // Wrong elements of C; those that no (p, n) stands for must be kGuard still.
  int Wrong(const std::vector<float>& c) const {
    int wrong = 0;
    std::vector<bool> written(c.size());
    for (int64_t p = 0; p < case_.m; ++p) {
      for (int64_t n = 0; n < padded_n_; ++n) {
        const auto at = static_cast<size_t>(At(p, n));
        written[at] = true;
        wrong += !IsNear(c[at], Want(p, n), case_.epilogue);
      }
    }
    for (size_t i = 0; i < c.size(); ++i) wrong += !written[i] && c[i] != kGuard;
    return wrong;
  }

  Random& random() { return random_; }

 private:
  const GemmF32Kernel& kernel_;
  Case case_;
  Random random_;
  int64_t padded_n_ = 0, c_elems_ = 0;
  std::vector<float> weights_, bias_, a_, residual_;
  std::vector<int64_t> taps_;
  AlignedBuffer packed_;
  GemmF32Args args_;
};

// The whole product is right, and equals its parts, cut anywhere, bit for bit.
void Check(const GemmF32Kernel& kernel, const Case& c, uint64_t seed) {
  SCOPED_TRACE(std::string(kernel.name) + " " + c.Text());
  Product product(kernel, c, seed);
  std::vector<float> whole = product.Fresh();
  product.Run(0, c.m, &whole);
  EXPECT_EQ(product.Wrong(whole), 0);
  std::vector<float> parts = product.Fresh();
  for (int64_t first = 0; first < c.m;) {
    const int64_t last = std::min(c.m, first + product.random().Between(1, 17));
    product.Run(first, last, &parts);
    first = last;
  }
  EXPECT_TRUE(whole.empty() ||
              std::memcmp(whole.data(), parts.data(), whole.size() * sizeof(float)) == 0);
}

constexpr int64_t kStrides[] = {16, 32, 2, 6, 1, 3, 5, 18, 48, 640};

TEST(GemmF32, EveryPixelCountAndStrideMatchesTheExactSum) {
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    for (const int64_t stride : kStrides) {
      for (int64_t m = 0; m <= 40; ++m) {
        Case c;
        c.m = m;
        c.channels = 1 + m % 20;
        c.n = 1 + (m * 7) % 70;
        c.pixel_stride = stride;
        Check(kernel, c, static_cast<uint64_t>(m));
      }
    }
  }
}

TEST(GemmF32, EveryChannelCountMatchesTheExactSum) {
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    for (int64_t channels = 1; channels <= 50; ++channels) {
      for (const int64_t m : {1, 6, 14, 15}) {
        Case c;
        c.m = m;
        c.channels = channels;
        c.n = 32 + channels % 17;
        c.pixel_stride = kStrides[channels % 3];
        Check(kernel, c, static_cast<uint64_t>(channels));
      }
    }
  }
}

TEST(GemmF32, EveryOutputWidthMatchesTheExactSum) {
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    for (int64_t n = 1; n <= 70; ++n) {
      for (const bool plain : {false, true}) {
        Case c;
        c.m = 1 + n % 9;
        c.channels = 19;
        c.n = n;
        c.plain_c = plain;
        Check(kernel, c, static_cast<uint64_t>(n));
      }
    }
  }
}

TEST(GemmF32, AnyMixOfTapsResidualsAndEpiloguesMatchesTheExactSum) {
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    Random random(7);
    for (uint64_t trial = 0; trial < 1500; ++trial) {
      Case c;
      c.m = random.Between(0, 40);
      c.channels = random.Between(1, 50);
      c.n = random.Between(1, 70);
      c.taps = random.Between(1, 9);
      c.pixel_stride = kStrides[random.Between(0, 9)];
      c.residual = random.Between(0, 1) != 0;
      c.plain_c = random.Between(0, 3) == 0;
      c.epilogue = Epilogues()[trial % Epilogues().size()];
      Check(kernel, c, trial);
    }
  }
}

TEST(GemmF32, NaNsPassTheClamp) {
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    const float a[16] = {std::nanf("")};
    AlignedBuffer b = std::move(*AlignedBuffer::Allocate(64 * sizeof(float)));
    const float bias[64] = {};
    float c[64] = {};
    const int64_t tap = 0;
    GemmF32Args args;
    args.m = 1;
    args.a = a;
    args.taps = &tap;
    args.channels = 1;
    args.b = b.as<float>();
    args.bias = bias;
    args.c = c;
    args.c_block_stride = kBlock;
    args.epilogue.min = 0;
    args.epilogue.max = 6;
    kernel.wide_panel(args);
    EXPECT_TRUE(std::isnan(c[0])) << kernel.name;
  }
}

TEST(GemmF32, TableIsOrderedAndPanelsCoverEveryColumn) {
  const std::vector<GemmF32Kernel> rows = Rows(GemmF32Kernels);
  ExpectTableIsOrdered(rows, SelectGemmF32);
  for (const GemmF32Kernel& kernel : rows) {
    EXPECT_EQ(kernel.wide % kBlock, 0);
    EXPECT_GE(kernel.mr, 1);
    for (int64_t n = 1; n <= 200; ++n) {
      const GemmPanels panels = PanelsFor(kernel, n);
      const int64_t columns = panels.wide_count * kernel.wide + panels.narrow_count * kBlock;
      EXPECT_EQ(columns, (n + kBlock - 1) / kBlock * kBlock);
      EXPECT_EQ(PackedGemmF32Size(kernel, 5, n), 5 * columns);
    }
  }
}

TEST(GemmF32, PanelsArePackedAndUnpackedOneByOne) {
  Random random(3);
  for (const GemmF32Kernel& kernel : Rows(GemmF32Kernels)) {
    for (const int64_t n : {1, 15, 16, 40, 65, 200}) {
      constexpr int64_t kDepth = 37;
      const std::vector<float> weights = random.Floats(n * kDepth);
      std::vector<float> whole(static_cast<size_t>(PackedGemmF32Size(kernel, kDepth, n)));
      PackGemmF32(kernel, weights.data(), kDepth, n, whole.data());
      std::vector<float> packed(whole.size(), -1.0f), back(weights.size());
      int64_t rows = 0;
      for (int64_t i = 0; i < PanelsFor(kernel, n).count(); ++i) {
        const GemmPanel panel = PanelAt(kernel, n, i);
        EXPECT_EQ(panel.first, rows);
        rows += panel.rows;
        const std::vector<float> own(weights.data() + panel.first * kDepth,
                                     weights.data() + rows * kDepth);
        PackPanel(panel, own.data(), kDepth, packed.data() + panel.first * kDepth);
        UnpackPanel(panel, packed.data() + panel.first * kDepth, kDepth,
                    back.data() + panel.first * kDepth);
      }
      EXPECT_EQ(rows, n);
      EXPECT_EQ(packed, whole) << kernel.name << " " << n;
      EXPECT_EQ(back, weights) << kernel.name << " " << n;
    }
  }
}

}  // namespace
}  // namespace minnow::kernels
