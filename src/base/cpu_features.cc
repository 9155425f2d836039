#include "base/cpu_features.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#if defined(__linux__)
#include <sched.h>
#endif
#if !defined(__wasi__)
#include <thread>
#endif

#include "base/target_region.h"

#if MINNOW_X86_64
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif
#endif

namespace minnow {
namespace {

constexpr Isa kAllIsas[] = {Isa::kPortable,   Isa::kAvx2,       Isa::kAvx512,
                            Isa::kAvx512Vnni, Isa::kAvx512Vbmi, Isa::kAmx};

#if MINNOW_X86_64
// XCR0: which register states the operating system saves. Needs OSXSAVE.
uint64_t EnabledStates() {
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}

// Linux saves the tiles of threads only in processes that have asked for it.
bool MayUseTiles() {
#if defined(__linux__)
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

Isa Detect() {
  constexpr uint32_t kFma = 1u << 12, kOsxsave = 1u << 27, kAvx = 1u << 28;        // leaf 1, ecx
  constexpr uint32_t kAvx2 = 1u << 5;                                              // leaf 7, ebx
  constexpr uint32_t kAvx512 = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);  // F, DQ, BW, VL
  constexpr uint32_t kVnni = 1u << 11, kVbmi = 1u << 1;                            // leaf 7, ecx
  constexpr uint32_t kAmx = (1u << 24) | (1u << 25);  // TILE, INT8: edx
  constexpr uint64_t kTileStates = 0x60000;
  constexpr uint64_t kYmmStates = 0x6, kZmmStates = 0xe6;
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return Isa::kPortable;
  constexpr uint32_t kLeaf1 = kFma | kOsxsave | kAvx;
  if ((ecx & kLeaf1) != kLeaf1) return Isa::kPortable;
  const uint64_t states = EnabledStates();
  if ((states & kYmmStates) != kYmmStates) return Isa::kPortable;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return Isa::kPortable;
  if ((ebx & kAvx2) == 0) return Isa::kPortable;
  if ((ebx & kAvx512) != kAvx512 || (states & kZmmStates) != kZmmStates) return Isa::kAvx2;
  if ((ecx & kVnni) == 0) return Isa::kAvx512;
  if ((ecx & kVbmi) == 0) return Isa::kAvx512Vnni;
  const bool has_tiles = (edx & kAmx) == kAmx && (states & kTileStates) == kTileStates;
  return has_tiles && MayUseTiles() ? Isa::kAmx : Isa::kAvx512Vbmi;
}
#else
Isa Detect() { return Isa::kPortable; }
#endif

#if defined(__linux__)
// Quota of the innermost cgroup in CPUs, rounded up; 0 when there is none.
int CgroupCpus() {
  double quota = 0, period = 0;
  if (std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {  // v2
    char text[64] = {};
    const bool read = std::fscanf(file, "%63s %lf", text, &period) == 2;
    std::fclose(file);
    if (read && std::strcmp(text, "max") != 0) quota = std::strtod(text, nullptr);
  } else {
    const auto read = [](const char* path) {
      double value = 0;
      if (std::FILE* v1 = std::fopen(path, "re")) {
        if (std::fscanf(v1, "%lf", &value) != 1) value = 0;
        std::fclose(v1);
      }
      return value;
    };
    quota = read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
    period = read("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  }
  if (quota <= 0 || period <= 0) return 0;
  return std::max(1, static_cast<int>((quota + period - 1) / period));
}
#endif

}  // namespace

const char* IsaName(Isa isa) {
  switch (isa) {
    case Isa::kPortable:
      return "portable";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Vnni:
      return "avx512vnni";
    case Isa::kAvx512Vbmi:
      return "avx512vbmi";
    case Isa::kAmx:
      return "amx";
  }
  return "?";
}

StatusOr<Isa> ParseIsa(const std::string& name) {
  for (Isa isa : kAllIsas) {
    if (name == IsaName(isa)) return isa;
  }
  return InvalidArgument(
      "\"%s\" is no instruction set level; known: portable, avx2, avx512, avx512vnni, avx512vbmi, "
      "amx",
      name.c_str());
}

Isa DetectedIsa() {
  static const Isa isa = Detect();
  return isa;
}

std::vector<Isa> SupportedIsas() {
  std::vector<Isa> isas;
  for (Isa isa : kAllIsas) {
    if (isa <= DetectedIsa()) isas.push_back(isa);
  }
  return isas;
}

Isa DefaultIsa() {
  static const Isa isa = [] {
    const char* name = std::getenv("MINNOW_ISA");
    if (name == nullptr) return DetectedIsa();
    const StatusOr<Isa> parsed = ParseIsa(name);
    return parsed.ok() ? std::min(*parsed, DetectedIsa()) : DetectedIsa();
  }();
  return isa;
}

int AvailableCpus() {
#if defined(__wasi__)
  return 1;
#else
  int cpus = static_cast<int>(std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) cpus = CPU_COUNT(&set);
  if (const int quota = CgroupCpus(); quota > 0) cpus = std::min(cpus, quota);
#endif
  return std::max(1, cpus);
#endif
}

}  // namespace minnow
