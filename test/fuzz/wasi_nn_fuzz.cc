// Can any sequence of calls make the wasi-nn host crash, give an unknown code, write outside of
// its declared outputs, or hold more than its limits? Up to 64 calls a sequence, the memory grows
// and moves between them.
#include <cstdio>
#include <cstdlib>

#include "wasi_nn/call_fuzzer.h"

namespace {

constexpr int kMaxCalls = 64;

// The input's bytes as choices: two for most, four where the first say so.
class Choices {
 public:
  Choices(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool done() const { return size_ == 0; }
  uint32_t Next() {
    const uint32_t small = Take(2);
    return small < 0xf000 ? small : Take(4);
  }

 private:
  uint32_t Take(size_t count) {
    uint32_t value = 0;
    for (; count > 0 && size_ > 0; --count, --size_) value = value << 8 | *data_++;
    return value;
  }

  const uint8_t* data_;
  size_t size_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using minnow::wasi_nn::CallFuzzer;
  // Keeps the graphs in the cache: what is fuzzed is the host.
  static auto* const keeper = new minnow::wasi_nn::Guest();
  static const uint32_t kept = keeper->Load({minnow::wasi_nn::OnnxAdd()}, 1) +
                               keeper->Load({minnow::wasi_nn::TensorflowAdd()}, 2);
  if (kept != 0) std::abort();
  Choices choices(data, size);
  CallFuzzer fuzzer([&choices] { return choices.Next(); });
  for (int call = 0; call < kMaxCalls && !choices.done(); ++call) {
    const std::string wrong = fuzzer.Step();
    if (wrong.empty()) continue;
    std::fprintf(stderr, "call %d: %s\n", call, wrong.c_str());
    std::abort();
  }
  return 0;
}
