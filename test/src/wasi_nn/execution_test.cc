// Do contexts take every legal input, refuse every other, and give outputs as the ABI says?
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "wasi_nn/guest.h"

namespace minnow::wasi_nn {
namespace {

constexpr uint32_t kBytes = 48;  // of x and y

std::vector<float> Ramp(size_t count = 12) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

std::vector<float> Plus(std::vector<float> values, float by) {
  for (float& value : values) value += by;
  return values;
}

// A guest with graph 0 and context 0.
Guest Ready(const std::string& model = OnnxAdd(), HostOptions options = HostOptions()) {
  Guest guest(options);
  EXPECT_EQ(guest.Load({model}, kAutodetect), kSuccess) << guest.host->last_error();
  EXPECT_EQ(guest.Init(guest.handle), kSuccess) << guest.host->last_error();
  return guest;
}

TEST(WasiNnExecution, ASetInputIsComputedAndRead) {
  Guest guest = Ready();
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Ramp())), kSuccess);
  ASSERT_EQ(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
  EXPECT_EQ(guest.written, kBytes);
  EXPECT_EQ(guest.OutputFloats(), Plus(Ramp(), 0.5f));
}

TEST(WasiNnExecution, UnalignedRecordsDimsAndDataAreRead) {
  for (uint32_t misalign = 1; misalign < 4; ++misalign) {
    Guest guest = Ready();
    ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Ramp(), misalign)), kSuccess);
    ASSERT_EQ(guest.Compute(0), kSuccess);
    const uint32_t buffer = guest.Alloc(kBytes, misalign), out = guest.Alloc(4, misalign);
    ASSERT_EQ(guest.Call(Function::kGetOutput, {0, 0, buffer, kBytes, out}), kSuccess);
    EXPECT_EQ(guest.Floats(buffer, 12), Plus(Ramp(), 0.5f));
    EXPECT_EQ(guest.U32(out), kBytes);
  }
}

TEST(WasiNnExecution, WrongIndexRankDimsTypeAndSizeAreInvalidArguments) {
  Guest guest = Ready();
  const std::vector<float> ramp = Ramp();
  const uint32_t good = guest.PutFloats({1, 3, 2, 2}, ramp);
  for (const uint32_t index : {1u, 256u, UINT32_MAX}) {
    EXPECT_EQ(guest.SetInput(0, index, good), kInvalidArgument);
  }
  for (const std::vector<uint32_t>& dims :
       std::vector<std::vector<uint32_t>>{{12},
                                          {3, 2, 2},
                                          {1, 2, 2, 3},
                                          {1, 1, 3, 2, 2},
                                          {1, 3, 2, 1},
                                          {},
                                          {1, 3, 2, 0},
                                          {1, 3, 2, UINT32_MAX},
                                          {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX}}) {
    EXPECT_EQ(guest.SetInput(0, 0, guest.PutFloats(dims, ramp)), kInvalidArgument);
  }
  for (const uint8_t type : {0, 2, 3, 4, 5, 6, 255}) {
    EXPECT_EQ(guest.SetInput(0, 0, guest.PutTensor({1, 3, 2, 2}, type, ramp.data(), kBytes)),
              kInvalidArgument)
        << int{type};
  }
  for (const size_t bytes : {0u, 12u, 24u, 47u}) {
    EXPECT_EQ(guest.SetInput(0, 0, guest.PutTensor({1, 3, 2, 2}, kTypeF32, ramp.data(), bytes)),
              kInvalidArgument);
  }
  std::vector<float> longer = Ramp(24);
  EXPECT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, longer)), kInvalidArgument);
  EXPECT_EQ(guest.Compute(0), kRuntimeError) << "nothing was set";
}

TEST(WasiNnExecution, EachPointerOfSetInputIsChecked) {
  Guest guest = Ready();
  const auto end = static_cast<uint32_t>(guest.memory.size());
  const uint32_t dims = guest.PutU32s({1, 3, 2, 2}), data = guest.Alloc(kBytes);
  for (const uint32_t bad : {end - 19, end, UINT32_MAX, UINT32_MAX - 19}) {
    EXPECT_EQ(guest.SetInput(0, 0, bad), kInvalidArgument);
  }
  const auto set = [&](uint32_t dims_at, uint32_t rank, uint32_t data_at, uint32_t length) {
    return guest.SetInput(0, 0, guest.PutU32s({dims_at, rank, kTypeF32, data_at, length}));
  };
  EXPECT_EQ(set(dims, 4, data, kBytes), kSuccess);
  for (const uint32_t bad : {end - 15, end, UINT32_MAX, UINT32_MAX - 15}) {
    EXPECT_EQ(set(bad, 4, data, kBytes), kInvalidArgument);
  }
  for (const uint32_t bad : {end - 47, end, UINT32_MAX, UINT32_MAX - 47}) {
    EXPECT_EQ(set(dims, 4, bad, kBytes), kInvalidArgument);
  }
  for (const uint32_t rank : {9u, 0x40000000u, 0x40000004u, UINT32_MAX}) {
    EXPECT_EQ(set(dims, rank, data, kBytes), kInvalidArgument) << "4 * rank wraps";
  }
  EXPECT_EQ(set(dims, 4, data, UINT32_MAX), kInvalidArgument);
}

TEST(WasiNnExecution, ComputeNeedsEveryInput) {
  const std::string model = importers::onnx_test::Model()
                                .Input("a", {1, 2})
                                .Input("b", {1, 2})
                                .Node("Add", {"a", "b"}, {"y"})
                                .Output("y")
                                .Serialize();
  Guest guest = Ready(model);
  EXPECT_EQ(guest.Compute(0), kRuntimeError);
  ASSERT_EQ(guest.SetInput(0, 1, guest.PutFloats({1, 2}, {1, 2})), kSuccess);
  EXPECT_EQ(guest.Compute(0), kRuntimeError);
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 2}, {10, 20})), kSuccess);
  EXPECT_EQ(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.GetOutput(0, 0, 8), kSuccess);
  EXPECT_EQ(guest.OutputFloats(), (std::vector<float>{11, 22}));
}

TEST(WasiNnExecution, OutputBeforeComputeIsARuntimeError) {
  Guest guest = Ready();
  EXPECT_EQ(guest.GetOutput(0, 0, kBytes), kRuntimeError);
  EXPECT_EQ(guest.written, 0xA5A5A5A5u);
}

TEST(WasiNnExecution, BuffersThatAreTooSmallLearnTheSizeAndStayUntouched) {
  Guest guest = Ready();
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Ramp())), kSuccess);
  ASSERT_EQ(guest.Compute(0), kSuccess);
  for (const uint32_t capacity : {0u, 1u, kBytes - 1}) {
    ASSERT_EQ(guest.GetOutput(0, 0, capacity), kTooLarge);
    EXPECT_EQ(guest.written, kBytes);
    EXPECT_EQ(guest.output, std::vector<uint8_t>(capacity, 0xA5));
  }
  EXPECT_EQ(guest.Call(Function::kGetOutput, {0, 0, UINT32_MAX, 0, guest.Alloc(4)}), kTooLarge)
      << "an empty buffer may lie anywhere";
  for (const uint32_t capacity : {kBytes, kBytes + 1, 1000u}) {
    ASSERT_EQ(guest.GetOutput(0, 0, capacity), kSuccess);
    EXPECT_EQ(guest.written, kBytes);
    EXPECT_EQ(std::vector<uint8_t>(guest.output.begin() + kBytes, guest.output.end()),
              std::vector<uint8_t>(capacity - kBytes, 0xA5));
  }
}

TEST(WasiNnExecution, EachPointerOfGetOutputIsChecked) {
  Guest guest = Ready();
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Ramp())), kSuccess);
  ASSERT_EQ(guest.Compute(0), kSuccess);
  const uint32_t buffer = guest.Alloc(kBytes), out = guest.Alloc(4);
  const auto end = static_cast<uint32_t>(guest.memory.size());
  const std::vector<uint8_t> before = guest.memory;
  for (const uint32_t bad : {end - 47, end, UINT32_MAX}) {
    EXPECT_EQ(guest.Call(Function::kGetOutput, {0, 0, bad, kBytes, out}), kInvalidArgument);
  }
  EXPECT_EQ(guest.Call(Function::kGetOutput, {0, 0, buffer, UINT32_MAX, out}), kInvalidArgument);
  for (const uint32_t bad : {end - 3, end, UINT32_MAX}) {
    EXPECT_EQ(guest.Call(Function::kGetOutput, {0, 0, buffer, kBytes, bad}), kInvalidArgument);
  }
  for (const uint32_t index : {1u, 256u, UINT32_MAX}) {
    EXPECT_EQ(guest.Call(Function::kGetOutput, {0, index, buffer, kBytes, out}), kInvalidArgument);
  }
  EXPECT_EQ(guest.memory, before);
}

TEST(WasiNnExecution, OutputsDrainAfterUnloadButNothingElseWorks) {
  Guest guest = Ready();
  const uint32_t tensor = guest.PutFloats({1, 3, 2, 2}, Ramp());
  ASSERT_EQ(guest.SetInput(0, 0, tensor), kSuccess);
  ASSERT_EQ(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.Call(Function::kUnload, {0}), kSuccess);
  EXPECT_EQ(guest.Compute(0), kInvalidArgument);
  EXPECT_EQ(guest.SetInput(0, 0, tensor), kInvalidArgument);
  ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
  EXPECT_EQ(guest.OutputFloats(), Plus(Ramp(), 0.5f));
  EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {0}), kSuccess);
  EXPECT_EQ(guest.GetOutput(0, 0, kBytes), kInvalidArgument);
}

TEST(WasiNnExecution, InputsOutliveARunAndOutputsOutliveTheNextInput) {
  for (const std::string& model : {OnnxAdd(), importers::onnx_test::Model()
                                                  .Input("x", {1, 3, 2, 2})
                                                  .Node("Identity", {"x"}, {"y"})
                                                  .Output("y")
                                                  .Serialize()}) {
    Guest guest = Ready(model);
    ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Ramp())), kSuccess);
    ASSERT_EQ(guest.Compute(0), kSuccess);
    ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
    const std::vector<float> first = guest.OutputFloats();
    ASSERT_EQ(guest.Compute(0), kSuccess) << "on the same input";
    ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
    EXPECT_EQ(guest.OutputFloats(), first);
    ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, Plus(Ramp(), 100))), kSuccess);
    ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
    EXPECT_EQ(guest.OutputFloats(), first) << "not yet computed";
  }
}

TEST(WasiNnExecution, OpenDimsTakeAnySizeInAnyOrderOfInputs) {
  const std::string model = importers::onnx_test::Model()
                                .Input("a", {-1, 2})
                                .Input("b", {-1, 2})
                                .Node("Add", {"a", "b"}, {"y"})
                                .Output("y")
                                .Serialize();
  Guest guest = Ready(model);
  for (const uint32_t rows : {1u, 3u, 2u, 2u, 5u, 1u}) {
    const std::vector<float> a = Ramp(2 * rows);
    ASSERT_EQ(guest.SetInput(0, rows % 2, guest.PutFloats({rows, 2}, a)), kSuccess);
    ASSERT_EQ(guest.SetInput(0, 1 - rows % 2, guest.PutFloats({rows, 2}, Plus(a, 10))), kSuccess);
    ASSERT_EQ(guest.Compute(0), kSuccess) << guest.host->last_error();
    ASSERT_EQ(guest.GetOutput(0, 0, 8 * rows), kSuccess);
    std::vector<float> expected = Plus(a, 10);
    for (size_t i = 0; i < a.size(); ++i) expected[i] += a[i];
    EXPECT_EQ(guest.OutputFloats(), expected);
  }
  // One input of another size: an error of the call, and the context lives on.
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({4, 2}, Ramp(8))), kSuccess);
  ASSERT_EQ(guest.SetInput(0, 1, guest.PutFloats({3, 2}, Ramp(6))), kSuccess);
  EXPECT_NE(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.SetInput(0, 1, guest.PutFloats({4, 2}, Ramp(8))), kSuccess);
  EXPECT_EQ(guest.Compute(0), kSuccess) << guest.host->last_error();
}

TEST(WasiNnExecution, WorkingMemoryBeyondTheLimitIsTooLarge) {
  HostOptions options;
  options.max_bytes = 100000;
  Guest guest = Ready(importers::onnx_test::Model()
                          .Input("x", {-1, 100})
                          .Node("Relu", {"x"}, {"y"})
                          .Output("y")
                          .Serialize(),
                      options);
  EXPECT_EQ(guest.SetInput(0, 0, guest.PutFloats({10, 100}, Ramp(1000))), kSuccess);
  EXPECT_EQ(guest.SetInput(0, 0, guest.PutFloats({100, 100}, Ramp(10000))), kTooLarge);
  EXPECT_LE(guest.host->used_bytes(), 100000u);
  EXPECT_EQ(guest.Compute(0), kSuccess) << "the input before still counts";
}

TEST(WasiNnExecution, InterleavedBytesUnderNchwDimsAreTurned) {
  HostOptions options;
  options.input_layout = InputLayout::kNhwc;
  Guest guest = Ready(OnnxAdd(), options);
  const std::vector<float> interleaved = {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11};
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, interleaved)), kSuccess)
      << guest.host->last_error();
  ASSERT_EQ(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
  EXPECT_EQ(guest.OutputFloats(), Plus(Ramp(), 0.5f));
}

TEST(WasiNnExecution, BothNumberingsOfBytesAndIntegersReachTheGraph) {
  struct Case {
    DType dtype;
    uint8_t number;
    size_t element;
  };
  for (const Case& c : {Case{DType::kU8, 2, 1}, Case{DType::kU8, 3, 1}, Case{DType::kS8, 3, 1},
                        Case{DType::kS32, 3, 4}, Case{DType::kS32, 4, 4}, Case{DType::kF64, 2, 8},
                        Case{DType::kS64, 5, 8}, Case{DType::kF16, 0, 2}}) {
    auto state = FakeBackend::Unary(c.dtype, Shape{2});
    Guest guest({}, {std::make_shared<FakeBackend>(state)});
    ASSERT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
    ASSERT_EQ(guest.Init(0), kSuccess);
    const std::vector<uint8_t> data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    ASSERT_EQ(guest.SetInput(0, 0, guest.PutTensor({2}, c.number, data.data(), 2 * c.element)),
              kSuccess)
        << DTypeName(c.dtype) << " as " << int{c.number} << ": " << guest.host->last_error();
    EXPECT_EQ(state->inputs[0],
              std::vector<uint8_t>(data.begin(), data.begin() + static_cast<long>(2 * c.element)));
  }
}

TEST(WasiNnExecution, FloatsIntoAQuantisedInputAreQuantised) {
  auto state = FakeBackend::Unary(DType::kU8, Shape{4});
  state->info.inputs[0].quantization = QuantParams{0.5f, 128};
  Guest guest({}, {std::make_shared<FakeBackend>(state)});
  ASSERT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  ASSERT_EQ(guest.Init(0), kSuccess);
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutFloats({4}, {0, -1, 1, 1000})), kSuccess);
  EXPECT_EQ(state->inputs[0], (std::vector<uint8_t>{128, 126, 130, 255}));
}

TEST(WasiNnExecution, AFailedComputeTakesTheOutputWithIt) {
  auto state = FakeBackend::Unary(DType::kU8, Shape{1});
  Guest guest({}, {std::make_shared<FakeBackend>(state)});
  ASSERT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  ASSERT_EQ(guest.Init(0), kSuccess);
  const uint8_t one = 1;
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutTensor({1}, 3, &one, 1)), kSuccess);
  ASSERT_EQ(guest.Compute(0), kSuccess);
  ASSERT_EQ(guest.GetOutput(0, 0, 3), kSuccess);
  state->compute_status = Internal("broken");
  EXPECT_EQ(guest.Compute(0), kRuntimeError);
  EXPECT_EQ(guest.GetOutput(0, 0, 3), kRuntimeError);
}

TEST(WasiNnExecution, TheMemoryMayMoveBetweenAnyTwoOf64Steps) {
  Guest guest = Ready();
  for (int step = 0; step < 64; ++step) {
    const std::vector<float> input = Plus(Ramp(), static_cast<float>(step));
    guest.Grow(1);
    const uint32_t tensor = guest.PutFloats({1, 3, 2, 2}, input);
    ASSERT_EQ(guest.SetInput(0, 0, tensor), kSuccess);
    guest.Grow(1);
    ASSERT_EQ(guest.Compute(0), kSuccess);
    guest.Grow(1);
    ASSERT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
    EXPECT_EQ(guest.OutputFloats(), Plus(input, 0.5f));
    guest.memory.resize(4 * kPage);
    guest.top = 2048;
  }
}

TEST(WasiNnExecution, GuestsOnSeveralThreadsShareAGraphAndNothingElse) {
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&results, i] {
      const std::vector<float> input(12, static_cast<float>(i));
      for (int round = 0; round < 5; ++round) {
        Guest guest = Ready();  // loads while others compute, and lets go while others load
        EXPECT_EQ(guest.SetInput(0, 0, guest.PutFloats({1, 3, 2, 2}, input)), kSuccess);
        EXPECT_EQ(guest.Compute(0), kSuccess);
        EXPECT_EQ(guest.GetOutput(0, 0, kBytes), kSuccess);
        results[i] = guest.OutputFloats();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i], std::vector<float>(12, static_cast<float>(i) + 0.5f));
  }
}

}  // namespace
}  // namespace minnow::wasi_nn
