// Steps that only move elements: changes of layout, joins.
#include <cstring>

#include "kernels/reorder/reorder.h"
#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

using kernels::kBlock;
using kernels::ReorderArgs;

class Reorder : public Operator {
 public:
  Reorder(const Shape& shape, Layout from, Layout to, SlotId input, SlotId output)
      : images_(shape[0]), from_(from), to_(to), input_(input), output_(output) {
    args_.pixels = shape[1] * shape[2];
    args_.channels = shape[3];
    const bool planar = from == Layout::kPlanar || to == Layout::kPlanar;
    args_.pixel_stride = planar ? 1 : args_.channels;
    args_.channel_stride = planar ? args_.pixels : 1;
  }

  Status Run(const RunContext& context) const override {
    const int64_t blocks = Blocks(args_.channels);
    ForEachRange(context.team, images_ * blocks, [&](int64_t first, int64_t last, int) {
      for (int64_t unit = first; unit < last; ++unit)
        RunBlock(context, unit / blocks, unit % blocks);
    });
    return OkStatus();
  }

 private:
  void RunBlock(const RunContext& context, int64_t image, int64_t block) const {
    ReorderArgs args = args_;
    args.first_block = block;
    args.last_block = block + 1;
    const int64_t plain = image * args.pixels * args.channels;
    const int64_t blocked = image * args.pixels * Blocks(args.channels) * kBlock;
    const float* in = context.buffer<const float>(input_);
    float* out = context.buffer<float>(output_);
    if (to_ == Layout::kBlocked) {
      PlainToBlocked(args, in + plain, out + blocked);
    } else if (from_ == Layout::kBlocked) {
      BlockedToPlain(args, in + blocked, out + plain);
    } else {
      PlanarToRowMajor(in + plain, out + plain, block);
    }
  }

  void PlanarToRowMajor(const float* in, float* out, int64_t block) const {
    const int64_t last = std::min(args_.channels, (block + 1) * kBlock);
    for (int64_t c = block * kBlock; c < last; ++c) {
      for (int64_t p = 0; p < args_.pixels; ++p) {
        out[p * args_.channels + c] = in[c * args_.pixels + p];
      }
    }
  }

  int64_t images_;
  Layout from_, to_;
  SlotId input_, output_;
  ReorderArgs args_;
};

class ChannelConcat : public Operator {
 public:
  ChannelConcat(int64_t images, int64_t pixels, std::vector<int64_t> blocks,
                std::vector<SlotId> inputs, SlotId output)
      : images_(images),
        pixels_(pixels),
        blocks_(std::move(blocks)),
        inputs_(std::move(inputs)),
        output_(output) {}

  Status Run(const RunContext& context) const override {
    const auto parts = static_cast<int64_t>(inputs_.size());
    int64_t total = 0;
    for (int64_t count : blocks_) total += count;
    ForEachRange(context.team, images_ * parts, [&](int64_t first, int64_t last, int) {
      for (int64_t unit = first; unit < last; ++unit) {
        const int64_t image = unit / parts;
        const auto part = static_cast<size_t>(unit % parts);
        int64_t before = 0;
        for (size_t i = 0; i < part; ++i) before += blocks_[i];
        const int64_t elems = blocks_[part] * pixels_ * kBlock;
        const float* in = context.buffer<const float>(inputs_[part]) + image * elems;
        float* out = context.buffer<float>(output_) + (image * total + before) * pixels_ * kBlock;
        // A part that was made in its place needs no copy.
        if (in != out) std::memcpy(out, in, static_cast<size_t>(elems) * sizeof(float));
      }
    });
    return OkStatus();
  }

 private:
  int64_t images_, pixels_;
  std::vector<int64_t> blocks_;
  std::vector<SlotId> inputs_;
  SlotId output_;
};

}  // namespace

std::unique_ptr<Operator> MakeReorder(const Shape& shape, Layout from, Layout to, SlotId input,
                                      SlotId output) {
  return std::unique_ptr<Operator>(new Reorder(shape, from, to, input, output));
}

std::unique_ptr<Operator> MakeChannelConcat(int64_t images, int64_t pixels,
                                            std::vector<int64_t> blocks, std::vector<SlotId> inputs,
                                            SlotId output) {
  return std::unique_ptr<Operator>(
      new ChannelConcat(images, pixels, std::move(blocks), std::move(inputs), output));
}

}  // namespace minnow::runtime
