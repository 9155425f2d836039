// Do random calls only ever give documented codes, and write only where they may?
//
// 100,000 calls a seed; MINNOW_FUZZ_CALLS=1000000 for more, MINNOW_FUZZ_SEED=n for another seed.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "wasi_nn/guest.h"

namespace minnow::wasi_nn {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Fuzzer {
 public:
  explicit Fuzzer(uint64_t seed) : random_(seed), guest_(Limits(), {}, 1) {
    const std::string onnx = OnnxAdd(), tensorflow = TensorflowAdd();
    (void)guest_.host->AddModel("net", {importers::AsBytes(onnx)}, *FindEncoding(kOnnx),
                                InputLayout::kAuto);
    records_ = {
        guest_.PutBuilders({onnx}),
        guest_.PutBuilders({tensorflow}),
        guest_.PutBuilders({onnx, tensorflow}),
        guest_.PutBuilders({onnx.substr(0, 40)}),
        guest_.Put("net"),
        guest_.Put("{\"threads\":1}"),
        guest_.PutFloats({1, 3, 2, 2}, std::vector<float>(12, 1)),
        guest_.PutFloats({1, 2, 2, 3}, std::vector<float>(12, 1)),
        guest_.PutFloats({1, 3, 2, 2}, std::vector<float>(12, 1), 3),
        guest_.PutTensor({12}, 3, "123456789012", 12),
        guest_.Alloc(48),
        guest_.Alloc(4),
    };
  }

  // Runs one call and checks what it did to the memory.
  void Step() {
    const auto function = static_cast<Function>(random_() % kFunctionCount);
    std::vector<uint32_t> args(kMaxParams);
    for (uint32_t& arg : args) arg = Argument();
    if (random_() % 4 != 0) Sensible(function, &args);
    if (random_() % 64 == 0) Scribble();
    if (random_() % 512 == 0) guest_.Grow(1);
    if (guest_.memory.size() > 8 * kPage) guest_.memory.resize(kPage);
    const std::vector<uint8_t> before = guest_.memory;
    const uint32_t code = guest_.Call(function, args);
    ASSERT_LE(code, kNotFound);
    ++codes_[code];
    CheckWrites(function, args, code, before);
  }

  const uint64_t* codes() const { return codes_; }

 private:
  static HostOptions Limits() {
    HostOptions options;
    options.max_graphs = 4;
    options.max_contexts = 6;
    options.max_bytes = 1 << 16;
    options.threads = 1;
    return options;
  }

  uint32_t Argument() {
    const auto size = static_cast<uint32_t>(guest_.memory.size());
    switch (random_() % 8) {
      case 0:
        return static_cast<uint32_t>(random_());
      case 1:
        return size - static_cast<uint32_t>(random_() % 64);
      case 2:
        return UINT32_MAX - static_cast<uint32_t>(random_() % 64);
      case 3:
      case 4:
        return records_[random_() % records_.size()];
      default:
        return static_cast<uint32_t>(random_() % 16);
    }
  }

  // Arguments of which most are right, so that calls get far.
  void Sensible(Function function, std::vector<uint32_t>* args) {
    std::vector<uint32_t>& a = *args;
    const auto handle = [&](uint32_t& latest) {
      return latest - static_cast<uint32_t>(random_() % 3);
    };
    switch (function) {
      case Function::kLoad:
        a = {records_[random_() % 4], 1, 1 + static_cast<uint32_t>(random_() % 2),
             static_cast<uint32_t>(random_() % 4), records_[11]};
        break;
      case Function::kLoadByName:
        a = {records_[4], 3, records_[11]};
        break;
      case Function::kLoadByNameWithConfig:
        a = {records_[4], 3, records_[5], 13, records_[11]};
        break;
      case Function::kInitExecutionContext:
        a = {handle(graph_), records_[11]};
        break;
      case Function::kSetInput:
        a = {handle(context_), 0, records_[6 + random_() % 4]};
        break;
      case Function::kGetOutput:
      case Function::kGetOutputSingle:
        a = {handle(context_), 0, records_[10], 44 + static_cast<uint32_t>(random_() % 8),
             records_[11]};
        break;
      case Function::kUnload:
        a = {graph_ - static_cast<uint32_t>(random_() % 8)};
        break;
      default:
        a = {handle(context_)};
    }
    a.resize(kMaxParams);
  }

  void Scribble() {
    const size_t at = random_() % (guest_.memory.size() - 8);
    for (size_t i = 0; i < 1 + random_() % 8; ++i) {
      // The models stay whole most of the time, or nothing would load any more.
      if (at + i > 4096) guest_.memory[at + i] = static_cast<uint8_t>(random_());
    }
  }

  void CheckWrites(Function function, const std::vector<uint32_t>& args, uint32_t code,
                   const std::vector<uint8_t>& before) {
    struct Extent {
      uint64_t at, bytes;
    };
    std::vector<Extent> allowed;
    const bool is_output = function == Function::kGetOutput;
    if (code == kSuccess && is_output) allowed.push_back({args[2], args[3]});
    if (is_output && (code == kSuccess || code == kTooLarge)) allowed.push_back({args[4], 4});
    if (code == kSuccess) {
      if (function == Function::kLoad || function == Function::kLoadByNameWithConfig) {
        allowed.push_back({args[4], 4});
        graph_ = guest_.U32(args[4]);
      } else if (function == Function::kLoadByName) {
        allowed.push_back({args[2], 4});
        graph_ = guest_.U32(args[2]);
      } else if (function == Function::kInitExecutionContext) {
        allowed.push_back({args[1], 4});
        context_ = guest_.U32(args[1]);
      }
    }
    std::vector<uint8_t> expected = before;
    for (const Extent& extent : allowed) {
      ASSERT_LE(extent.at + extent.bytes, expected.size());
      std::copy_n(guest_.memory.begin() + static_cast<long>(extent.at), extent.bytes,
                  expected.begin() + static_cast<long>(extent.at));
    }
    ASSERT_TRUE(guest_.memory == expected)
        << kFunctions[static_cast<size_t>(function)].name << " wrote elsewhere";
  }

  std::mt19937_64 random_;
  Guest guest_;
  std::vector<uint32_t> records_;
  uint32_t graph_ = 0, context_ = 0;
  uint64_t codes_[9] = {};
};

TEST(WasiNnFuzz, RandomCallsGiveDocumentedCodesAndWriteOnlyTheirOutputs) {
  const uint64_t seed = FromEnvironment("MINNOW_FUZZ_SEED", 20240521);
  const uint64_t calls = FromEnvironment("MINNOW_FUZZ_CALLS", 100000);
  std::printf("%llu calls, MINNOW_FUZZ_SEED=%llu\n", static_cast<unsigned long long>(calls),
              static_cast<unsigned long long>(seed));
  SCOPED_TRACE("MINNOW_FUZZ_SEED=" + std::to_string(seed));
  Fuzzer fuzzer(seed);
  for (uint64_t i = 0; i < calls; ++i) {
    fuzzer.Step();
    if (::testing::Test::HasFatalFailure()) FAIL() << "call " << i;
  }
  // The fuzzer reaches every kind of end that these calls can have.
  for (const uint32_t code :
       {kSuccess, kInvalidArgument, kInvalidEncoding, kRuntimeError, kTooLarge, kNotFound}) {
    EXPECT_GT(fuzzer.codes()[code], calls / 10000) << code;
  }
}

}  // namespace
}  // namespace minnow::wasi_nn
