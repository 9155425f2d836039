// Are instruction set levels named, listed and capped as documented?
#include "base/cpu_features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "base/child_process.h"

namespace minnow {
namespace {

TEST(CpuFeatures, NamesParseBack) {
  for (const Isa isa :
       {Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAvx512Vbmi, Isa::kAmx}) {
    const StatusOr<Isa> parsed = ParseIsa(IsaName(isa));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, isa);
  }
}

TEST(CpuFeatures, ParseRejectsOtherNames) {
  for (const char* name : {"", "AVX2", "avx", "avx2 ", "sse"}) {
    const StatusOr<Isa> parsed = ParseIsa(name);
    ASSERT_FALSE(parsed.ok()) << name;
    EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument);
  }
}

TEST(CpuFeatures, SupportedLevelsRiseFromPortableToTheDetected) {
  const std::vector<Isa> isas = SupportedIsas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::kPortable);
  EXPECT_EQ(isas.back(), DetectedIsa());
  EXPECT_TRUE(std::is_sorted(isas.begin(), isas.end()));
  EXPECT_EQ(std::adjacent_find(isas.begin(), isas.end()), isas.end());
}

TEST(CpuFeatures, DefaultIsNeverAboveTheDetected) { EXPECT_LE(DefaultIsa(), DetectedIsa()); }

TEST(CpuFeaturesChild, DISABLED_SaysItsDefault) { std::printf("<<%s>>\n", IsaName(DefaultIsa())); }

std::string DefaultWith(const std::string& environment) {
  return ChildSays(environment, "CpuFeaturesChild.DISABLED_SaysItsDefault");
}

TEST(CpuFeatures, DefaultHonoursTheEnvironmentUpToTheDetected) {
  for (const Isa isa :
       {Isa::kPortable, Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Vnni, Isa::kAvx512Vbmi, Isa::kAmx}) {
    EXPECT_EQ(DefaultWith(std::string("MINNOW_ISA=") + IsaName(isa)),
              IsaName(std::min(isa, DetectedIsa())));
  }
}

TEST(CpuFeatures, DefaultIsTheDetectedWithoutAKnownName) {
  EXPECT_EQ(DefaultWith("-u MINNOW_ISA"), IsaName(DetectedIsa()));
  EXPECT_EQ(DefaultWith("MINNOW_ISA="), IsaName(DetectedIsa()));
  EXPECT_EQ(DefaultWith("MINNOW_ISA=mmx"), IsaName(DetectedIsa()));
}

TEST(CpuFeatures, AtLeastOneCpuIsAvailable) {
  EXPECT_GE(AvailableCpus(), 1);
  EXPECT_LE(AvailableCpus(), 1 << 16);
}

}  // namespace
}  // namespace minnow
