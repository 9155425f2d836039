// Do random calls only ever give documented codes, and write only where they may?
//
// 100,000 calls a seed; MINNOW_FUZZ_CALLS=1000000 for more, MINNOW_FUZZ_SEED=n for another seed.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "wasi_nn/call_fuzzer.h"

namespace minnow::wasi_nn {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(WasiNnFuzz, RandomCallsGiveDocumentedCodesAndWriteOnlyTheirOutputs) {
  const uint64_t seed = FromEnvironment("MINNOW_FUZZ_SEED", 20240521);
  const uint64_t calls = FromEnvironment("MINNOW_FUZZ_CALLS", 100000);
  std::printf("%llu calls, MINNOW_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(calls),
              static_cast<unsigned long long>(seed));
  SCOPED_TRACE("MINNOW_FUZZ_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  CallFuzzer fuzzer([&random] { return static_cast<uint32_t>(random()); });
  for (uint64_t i = 0; i < calls; ++i) ASSERT_EQ(fuzzer.Step(), "") << "call " << i;
  // The fuzzer reaches every kind of end that these calls can have.
  for (const uint32_t code :
       {kSuccess, kInvalidArgument, kInvalidEncoding, kRuntimeError, kTooLarge, kNotFound}) {
    EXPECT_GT(fuzzer.codes()[code], calls / 10000) << code;
  }
}

}  // namespace
}  // namespace minnow::wasi_nn
