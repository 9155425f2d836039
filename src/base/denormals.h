// Flushes denormal floats to zero on this thread while in scope: sums that fade out would otherwise
// run a hundred times slower. Restores the caller's mode.
#ifndef MINNOW_BASE_DENORMALS_H_
#define MINNOW_BASE_DENORMALS_H_

#include "base/target_region.h"

namespace minnow {

class FlushDenormals {
 public:
#if MINNOW_X86_64
  FlushDenormals() : saved_(__builtin_ia32_stmxcsr()) {
    constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
    __builtin_ia32_ldmxcsr(saved_ | kFlushToZero | kDenormalsAreZero);
  }
  ~FlushDenormals() { __builtin_ia32_ldmxcsr(saved_); }
#else
  FlushDenormals() {}  // not defaulted: a variable of a trivial type would count as unused
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if MINNOW_X86_64
  unsigned saved_;
#endif
};

}  // namespace minnow

#endif  // MINNOW_BASE_DENORMALS_H_
