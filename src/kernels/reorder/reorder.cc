#include "kernels/reorder/reorder.h"

#include <algorithm>
#include <cstring>

#include "kernels/epilogue.h"

namespace minnow::kernels {

void PlainToBlocked(const ReorderArgs& args, const float* plain, float* blocked) {
  for (int64_t block = args.first_block; block < args.last_block; ++block) {
    const int64_t lanes = std::min<int64_t>(kBlock, args.channels - block * kBlock);
    const float* in = plain + block * kBlock * args.channel_stride;
    float* out = blocked + block * args.pixels * kBlock;
    for (int64_t p = 0; p < args.pixels; ++p, in += args.pixel_stride, out += kBlock) {
      for (int64_t lane = 0; lane < lanes; ++lane) out[lane] = in[lane * args.channel_stride];
      if (lanes < kBlock) {
        std::memset(out + lanes, 0, static_cast<size_t>(kBlock - lanes) * sizeof(float));
      }
    }
  }
}

void BlockedToPlain(const ReorderArgs& args, const float* blocked, float* plain) {
  for (int64_t block = args.first_block; block < args.last_block; ++block) {
    const int64_t lanes = std::min<int64_t>(kBlock, args.channels - block * kBlock);
    const float* in = blocked + block * args.pixels * kBlock;
    float* out = plain + block * kBlock * args.channel_stride;
    for (int64_t p = 0; p < args.pixels; ++p, in += kBlock, out += args.pixel_stride) {
      for (int64_t lane = 0; lane < lanes; ++lane) out[lane * args.channel_stride] = in[lane];
    }
  }
}

}  // namespace minnow::kernels
