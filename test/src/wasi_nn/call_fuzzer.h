// Random calls of a guest, and what must hold after each of them.
#ifndef MINNOW_TEST_WASI_NN_CALL_FUZZER_H_
#define MINNOW_TEST_WASI_NN_CALL_FUZZER_H_

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "wasi_nn/guest.h"

namespace minnow::wasi_nn {

// Calls that `random` chooses, most of them sensible, on a guest of one page.
class CallFuzzer {
 public:
  explicit CallFuzzer(std::function<uint32_t()> random)
      : random_(std::move(random)), guest_(Limits(), {}, 1) {
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

  // Makes one call. What it did that no call may do, or "".
  std::string Step() {
    const auto function = static_cast<Function>(random_() % kFunctionCount);
    std::vector<uint32_t> args(kMaxParams);
    for (uint32_t& arg : args) arg = Argument();
    if (random_() % 4 != 0) Sensible(function, &args);
    if (random_() % 64 == 0) Scribble();
    if (random_() % 512 == 0) guest_.Grow(1);
    if (guest_.memory.size() > 8 * kPage) guest_.memory.resize(kPage);
    before_ = guest_.memory;
    const uint32_t code = guest_.Call(function, args);
    const std::string name = kFunctions[static_cast<size_t>(function)].name;
    if (code > kNotFound) return name + " gave " + std::to_string(code);
    ++codes_[code];
    if (!WroteOnlyOutputs(function, args, code)) return name + " wrote elsewhere";
    const HostOptions limits = Limits();
    const Host& host = *guest_.host;
    const bool bounded = host.graph_count() <= limits.max_graphs &&
                         host.context_count() <= limits.max_contexts &&
                         host.used_bytes() <= limits.max_bytes;
    return bounded ? "" : name + " went beyond a limit";
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
        return random_();
      case 1:
        return size - random_() % 64;
      case 2:
        return UINT32_MAX - random_() % 64;
      case 3:
      case 4:
        return records_[random_() % records_.size()];
      default:
        return random_() % 16;
    }
  }

  // Arguments of which most are right, so that calls get far.
  void Sensible(Function function, std::vector<uint32_t>* args) {
    std::vector<uint32_t>& a = *args;
    const auto handle = [&](uint32_t& latest) { return latest - random_() % 3; };
    switch (function) {
      case Function::kLoad:
        a = {records_[random_() % 4], 1, 1 + random_() % 2, random_() % 4, records_[11]};
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
        a = {handle(context_), 0, records_[10], 44 + random_() % 8, records_[11]};
        break;
      case Function::kUnload:
        a = {graph_ - random_() % 8};
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

  bool WroteOnlyOutputs(Function function, const std::vector<uint32_t>& args, uint32_t code) {
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
    for (const Extent& extent : allowed) {
      if (extent.at + extent.bytes > before_.size()) return false;
      std::copy_n(guest_.memory.begin() + static_cast<long>(extent.at), extent.bytes,
                  before_.begin() + static_cast<long>(extent.at));
    }
    return guest_.memory == before_;
  }

  std::function<uint32_t()> random_;
  Guest guest_;
  std::vector<uint8_t> before_;  // the memory as it was, and what the call may have changed
  std::vector<uint32_t> records_;
  uint32_t graph_ = 0, context_ = 0;
  uint64_t codes_[9] = {};
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_TEST_WASI_NN_CALL_FUZZER_H_
