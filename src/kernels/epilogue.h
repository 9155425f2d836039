// What a kernel does to a result before it stores it.
#ifndef MINNOW_KERNELS_EPILOGUE_H_
#define MINNOW_KERNELS_EPILOGUE_H_

#include <limits>

namespace minnow::kernels {

// Channels of one block of the channel-blocked layout nChw16c: [N][C/16][H][W][16]. Lanes beyond C
// are zero in what convolutions write, and never read as input channels.
inline constexpr int kBlock = 16;

// y = hard_swish ? x * clamp(x/6 + 0.5, 0, 1) : min(max(x, min), max).
struct Epilogue {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
  bool hard_swish = false;
};

}  // namespace minnow::kernels

#endif  // MINNOW_KERNELS_EPILOGUE_H_
