// A guest without Wasm: linear memory with an allocator, and the imports as methods.
#ifndef MINNOW_TEST_WASI_NN_GUEST_H_
#define MINNOW_TEST_WASI_NN_GUEST_H_

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "importers/model_builders.h"
#include "wasi_nn/host.h"
#include "wasi_nn/native_backend.h"

namespace minnow::wasi_nn {

inline constexpr uint32_t kSuccess = 0, kInvalidArgument = 1, kInvalidEncoding = 2,
                          kMissingMemory = 3, kBusy = 4, kRuntimeError = 5, kUnsupported = 6,
                          kTooLarge = 7, kNotFound = 8;
inline constexpr uint32_t kOnnx = 1, kTensorflow = 2, kTensorflowlite = 4;
inline constexpr uint32_t kAutodetect = 5, kGgmlOrAutodetect = 6;
inline constexpr uint32_t kCpu = 0;
inline constexpr uint8_t kTypeF32 = 1;
inline constexpr uint32_t kPage = 65536;

// y = x + 0.5, x f32 [1,3,2,2].
inline std::string OnnxAdd() {
  return importers::onnx_test::Model()
      .Input("x", {1, 3, 2, 2})
      .Weights("w", {1, 3, 2, 2})
      .Node("Add", {"x", "w"}, {"y"})
      .Output("y")
      .Serialize();
}

// The same in TensorFlow's format, x f32 [1,2,2,3].
inline std::string TensorflowAdd() {
  return importers::tf_test::Graph()
      .Input("x", {1, 2, 2, 3})
      .Weights("w", {1, 2, 2, 3})
      .Node("y", "AddV2", {"x", "w"}, {importers::tf_test::TypeAttr("T", 1)})
      .Serialize();
}

class Guest {
 public:
  explicit Guest(HostOptions options = HostOptions(),
                 std::vector<std::shared_ptr<Backend>> backends = {}, uint32_t pages = 4)
      : memory(pages * kPage, 0xA5) {
    if (backends.empty()) backends.push_back(MakeNativeBackend(&GraphCache::Shared()));
    host = std::make_unique<Host>(options, std::move(backends));
  }

  uint32_t Call(Function function, std::vector<uint32_t> args) {
    args.resize(kMaxParams);
    return host->Call(function, args.data(), GuestMemory(memory.data(), memory.size()));
  }

  // memory.grow: the old memory goes away.
  void Grow(uint32_t pages) {
    std::vector<uint8_t> grown(memory.size() + pages * kPage, 0xA5);
    std::memcpy(grown.data(), memory.data(), memory.size());
    std::memset(memory.data(), 0xDD, memory.size());
    memory = std::move(grown);
  }

  // Space for `bytes`, `misalign` bytes past a multiple of 16.
  uint32_t Alloc(uint32_t bytes, uint32_t misalign = 0) {
    top = (top + 15) / 16 * 16 + misalign;
    const uint32_t at = top;
    top += bytes;
    while (top > memory.size()) Grow(1);
    return at;
  }
  uint32_t Put(const void* data, size_t bytes, uint32_t misalign = 0) {
    const uint32_t at = Alloc(static_cast<uint32_t>(bytes), misalign);
    if (bytes != 0) std::memcpy(memory.data() + at, data, bytes);
    return at;
  }
  uint32_t Put(const std::string& text) { return Put(text.data(), text.size()); }
  uint32_t PutU32s(const std::vector<uint32_t>& values, uint32_t misalign = 0) {
    return Put(values.data(), 4 * values.size(), misalign);
  }
  uint32_t U32(uint32_t at) const {
    uint32_t value;
    std::memcpy(&value, memory.data() + at, sizeof(value));
    return value;
  }
  std::vector<float> Floats(uint32_t at, size_t count) const {
    std::vector<float> values(count);
    std::memcpy(values.data(), memory.data() + at, 4 * count);
    return values;
  }

  uint32_t PutBuilders(const std::vector<std::string>& parts, uint32_t misalign = 0) {
    std::vector<uint32_t> pairs;
    for (const std::string& part : parts) {
      pairs.push_back(Put(part));
      pairs.push_back(static_cast<uint32_t>(part.size()));
    }
    return PutU32s(pairs, misalign);
  }
  // The record with garbage in its padding, as old guests have it.
  uint32_t PutTensor(const std::vector<uint32_t>& dims, uint8_t type, const void* data,
                     size_t bytes, uint32_t misalign = 0) {
    const uint32_t dims_at = PutU32s(dims, misalign);
    const uint32_t data_at = Put(data, bytes, misalign);
    return PutU32s({dims_at, static_cast<uint32_t>(dims.size()), 0x10330000u | type, data_at,
                    static_cast<uint32_t>(bytes)},
                   misalign);
  }
  uint32_t PutFloats(const std::vector<uint32_t>& dims, const std::vector<float>& values,
                     uint32_t misalign = 0) {
    return PutTensor(dims, kTypeF32, values.data(), 4 * values.size(), misalign);
  }

  uint32_t Load(const std::vector<std::string>& parts, uint32_t encoding, uint32_t target = kCpu) {
    const uint32_t out = Alloc(4);
    const uint32_t builders = PutBuilders(parts);
    const uint32_t code = Call(
        Function::kLoad, {builders, static_cast<uint32_t>(parts.size()), encoding, target, out});
    handle = U32(out);
    return code;
  }
  uint32_t LoadByName(const std::string& name) {
    const uint32_t out = Alloc(4);
    const uint32_t code =
        Call(Function::kLoadByName, {Put(name), static_cast<uint32_t>(name.size()), out});
    handle = U32(out);
    return code;
  }
  uint32_t LoadByNameWithConfig(const std::string& name, const std::string& config) {
    const uint32_t out = Alloc(4);
    const uint32_t code = Call(Function::kLoadByNameWithConfig,
                               {Put(name), static_cast<uint32_t>(name.size()), Put(config),
                                static_cast<uint32_t>(config.size()), out});
    handle = U32(out);
    return code;
  }
  uint32_t Init(uint32_t graph) {
    const uint32_t out = Alloc(4);
    const uint32_t code = Call(Function::kInitExecutionContext, {graph, out});
    handle = U32(out);
    return code;
  }
  uint32_t SetInput(uint32_t context, uint32_t index, uint32_t tensor) {
    return Call(Function::kSetInput, {context, index, tensor});
  }
  uint32_t Compute(uint32_t context) { return Call(Function::kCompute, {context}); }
  // `output` and `written` receive what the guest finds in its memory.
  uint32_t GetOutput(uint32_t context, uint32_t index, uint32_t capacity) {
    const uint32_t buffer = Alloc(capacity), out = Alloc(4);
    const uint32_t code = Call(Function::kGetOutput, {context, index, buffer, capacity, out});
    output.assign(memory.begin() + buffer, memory.begin() + buffer + capacity);
    written = U32(out);
    return code;
  }
  std::vector<float> OutputFloats() const {
    std::vector<float> values(output.size() / 4);
    std::memcpy(values.data(), output.data(), 4 * values.size());
    return values;
  }

  std::vector<uint8_t> memory;
  uint32_t top = 1024;
  uint32_t handle = 0;  // that the last load or init gave
  uint32_t written = 0;
  std::vector<uint8_t> output;
  std::unique_ptr<Host> host;
};

// A backend for what the engine has no small model for: types, quantisation, failures.
class FakeBackend : public Backend {
 public:
  struct State {
    GraphInfo info;
    Status load_status, compute_status;
    bool mine = true;
    int loads = 0;
    std::function<void()> during_compute;
    std::vector<std::vector<uint8_t>> inputs;  // as written
    std::vector<uint8_t> result = {1, 2, 3};
  };

  explicit FakeBackend(std::shared_ptr<State> state) : state_(std::move(state)) {}
  static std::shared_ptr<State> Unary(DType dtype, const Shape& shape) {
    auto state = std::make_shared<State>();
    state->info.backend = "fake";
    state->info.inputs = {{"x", dtype, shape, "", std::nullopt}};
    state->info.outputs = {{"y", DType::kU8, Shape{3}, "", std::nullopt}};
    return state;
  }

  StatusOr<std::shared_ptr<BackendGraph>> Load(const std::vector<importers::Bytes>&,
                                               const EncodingRow&, Target) override;

 private:
  class Graph;
  class Context;
  const std::shared_ptr<State> state_;
};

}  // namespace minnow::wasi_nn

#include "wasi_nn/fake_backend.h"

#endif  // MINNOW_TEST_WASI_NN_GUEST_H_
