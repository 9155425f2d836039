// A file of its own: compiled for speed, unlike most of what runs when a network is loaded.
#include "tensor/half.h"

namespace minnow {

void FloatsOfHalves(const uint16_t* from, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = FloatOfHalf(from[i]);
}

}  // namespace minnow
