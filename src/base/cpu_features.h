// Which instruction sets this CPU and operating system have: the only place that asks.
#ifndef MINNOW_BASE_CPU_FEATURES_H_
#define MINNOW_BASE_CPU_FEATURES_H_

#include <string>
#include <vector>

#include "base/status.h"

namespace minnow {

// Levels in rising order; each includes those before it that its architecture has.
enum class Isa : int {
  kPortable = 0,  // plain C++ (x86-64: SSE2 by the compiler)
  kAvx2,          // AVX2 + FMA
  kAvx512,        // AVX-512 F, BW, VL, DQ
  kAvx512Vnni,    // and VNNI: products of bytes
  kAvx512Vbmi,    // and VBMI: bytes of two vectors in any order
  kAmx,           // and AMX: products of tiles of bytes (Linux, where the kernel permits it)
};

const char* IsaName(Isa isa);
StatusOr<Isa> ParseIsa(const std::string& name);

// The best level that this machine runs, without any override.
Isa DetectedIsa();
// All levels up to DetectedIsa(), worst first: what tests loop over.
std::vector<Isa> SupportedIsas();
// DetectedIsa() capped by the environment variable MINNOW_ISA (portable, avx2, avx512,
// avx512vnni, avx512vbmi, amx; an unknown name is ignored). Read once.
Isa DefaultIsa();

// CPUs this process may use: affinity mask, cut by the cgroup v1/v2 quota (rounded up); at least 1.
int AvailableCpus();

}  // namespace minnow

#endif  // MINNOW_BASE_CPU_FEATURES_H_
