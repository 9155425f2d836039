// Does each row of the behaviour table hold: loading, names, handles, limits, targets, errors?
#include "wasi_nn/host.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wasi_nn/guest.h"

namespace minnow::wasi_nn {
namespace {

struct Format {
  const char* name;
  uint32_t encoding;
  std::string bytes;
};

// Each number under which guests give each format, the swap of 2021 included.
std::vector<Format> Formats() {
  std::vector<Format> formats;
  for (const uint32_t encoding : {kOnnx, kTensorflow, kAutodetect, kGgmlOrAutodetect}) {
    formats.push_back({"onnx", encoding, OnnxAdd()});
    formats.push_back({"tensorflow", encoding, TensorflowAdd()});
  }
  return formats;
}

TEST(WasiNnHost, EveryEncodingNumberLoadsWhatTheBytesAre) {
  for (const Format& format : Formats()) {
    Guest guest;
    ASSERT_EQ(guest.Load({format.bytes}, format.encoding), kSuccess)
        << format.name << " " << format.encoding << " " << guest.host->last_error();
    EXPECT_EQ(guest.host->Describe(guest.handle)->format, format.name);
    EXPECT_EQ(guest.host->last_error(), "");
  }
}

TEST(WasiNnHost, UnknownEncodingsAndThoseWithoutABackendAreInvalidEncoding) {
  Guest guest;
  for (const uint32_t encoding : {15u, 256u + kOnnx, UINT32_MAX}) {
    EXPECT_EQ(guest.Load({OnnxAdd()}, encoding), kInvalidEncoding) << encoding;
  }
  for (const uint32_t encoding : {7u, 14u}) {
    EXPECT_EQ(guest.Load({"no model"}, encoding), kInvalidEncoding) << encoding;
  }
  EXPECT_EQ(guest.Load({"no model"}, kAutodetect), kInvalidEncoding);
  EXPECT_EQ(guest.Load({"no model"}, kGgmlOrAutodetect), kInvalidEncoding);
  EXPECT_EQ(guest.host->graph_count(), 0u);
}

TEST(WasiNnHost, BytesOfNoModelUnderAKnownEncodingAreARuntimeError) {
  Guest guest;
  EXPECT_EQ(guest.Load({"no model"}, 3), kRuntimeError);
  EXPECT_EQ(guest.Load({"<?xml version='1.0'?><no", "bin"}, 0), kRuntimeError);
  EXPECT_EQ(guest.host->graph_count(), 0u);
}

TEST(WasiNnHost, CorruptModelsAreRuntimeErrorsWithAReason) {
  for (const Format& format : Formats()) {
    const std::string half = format.bytes.substr(0, format.bytes.size() / 2);
    Guest guest;
    const uint32_t code = guest.Load({half}, format.encoding);
    EXPECT_EQ(code, kRuntimeError) << format.name << " " << format.encoding;
    EXPECT_NE(guest.host->last_error(), "");
  }
  Guest guest;
  EXPECT_EQ(guest.Load({""}, kOnnx), kRuntimeError);
  EXPECT_EQ(guest.Load({""}, kTensorflow), kRuntimeError);
  EXPECT_EQ(guest.Load({"no model"}, kTensorflowlite), kRuntimeError);
}

TEST(WasiNnHost, AnOperatorThatIsNotKnownIsUnsupported) {
  Guest guest;
  const std::string model = importers::onnx_test::Model()
                                .Input("x", {1})
                                .Node("NoSuchOperator", {"x"}, {"y"})
                                .Output("y")
                                .Serialize();
  EXPECT_EQ(guest.Load({model}, kOnnx), kUnsupported);
  EXPECT_NE(guest.host->last_error().find("NoSuchOperator"), std::string::npos);
}

TEST(WasiNnHost, WrongBuilderCountsAreInvalidArguments) {
  const std::string bytes = OnnxAdd();
  for (const Format& format : Formats()) {
    Guest guest;
    const std::string& part = format.bytes;
    EXPECT_EQ(guest.Load({}, format.encoding), kInvalidArgument);
    EXPECT_EQ(guest.Load({part, part}, format.encoding), kInvalidArgument) << format.encoding;
    EXPECT_EQ(guest.Load({part, part, part}, format.encoding), kInvalidArgument);
  }
  Guest guest;
  EXPECT_EQ(guest.Load({bytes}, 0), kInvalidArgument) << "OpenVINO has two";
  const uint32_t out = guest.Alloc(4), builders = guest.PutBuilders({bytes});
  for (const uint32_t count : {0x20000001u, 0x80000000u, UINT32_MAX}) {
    EXPECT_EQ(guest.Call(Function::kLoad, {builders, count, kOnnx, kCpu, out}), kInvalidArgument)
        << "8 * count wraps";
  }
}

TEST(WasiNnHost, EachPointerOfLoadIsChecked) {
  Guest guest;
  const std::string bytes = OnnxAdd();
  const uint32_t out = guest.Alloc(4), builders = guest.PutBuilders({bytes});
  const auto end = static_cast<uint32_t>(guest.memory.size());
  for (const uint32_t bad : {end - 3, end, UINT32_MAX, UINT32_MAX - 3}) {
    EXPECT_EQ(guest.Call(Function::kLoad, {builders, 1, kOnnx, kCpu, bad}), kInvalidArgument);
    EXPECT_EQ(guest.Call(Function::kLoad, {bad, 1, kOnnx, kCpu, out}), kInvalidArgument);
    const uint32_t pair = guest.PutU32s({bad, static_cast<uint32_t>(bytes.size())});
    EXPECT_EQ(guest.Call(Function::kLoad, {pair, 1, kOnnx, kCpu, out}), kInvalidArgument);
  }
  for (const uint32_t length : {end, UINT32_MAX}) {
    const uint32_t pair = guest.PutU32s({guest.Put(bytes), length});
    EXPECT_EQ(guest.Call(Function::kLoad, {pair, 1, kOnnx, kCpu, out}), kInvalidArgument);
  }
  EXPECT_EQ(guest.U32(out), 0xA5A5A5A5u) << "a failure writes nothing";
  EXPECT_EQ(guest.host->graph_count(), 0u);
}

TEST(WasiNnHost, PointersNeedNoAlignment) {
  for (uint32_t misalign = 1; misalign < 4; ++misalign) {
    Guest guest;
    const uint32_t builders = guest.PutBuilders({OnnxAdd()}, misalign);
    const uint32_t out = guest.Alloc(4, misalign);
    ASSERT_EQ(guest.Call(Function::kLoad, {builders, 1, kOnnx, kCpu, out}), kSuccess);
    EXPECT_EQ(guest.U32(out), 0u);
  }
}

TEST(WasiNnHost, TargetsRunOnTheCpuUnlessStrict) {
  for (const uint32_t target : {0u, 1u, 2u, 3u}) {
    Guest guest;
    EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx, target), kSuccess);
    EXPECT_EQ(guest.host->replaced_target(), target == 1 || target == 2) << target;
    HostOptions strict;
    strict.strict_target = true;
    Guest other(strict);
    EXPECT_EQ(other.Load({OnnxAdd()}, kOnnx, target),
              target == 1 || target == 2 ? kUnsupported : kSuccess);
  }
  Guest guest;
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx, 4), kInvalidArgument);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx, 256), kInvalidArgument);
}

TEST(WasiNnHost, HandlesCountFromZeroAndAreNeverUsedAgain) {
  Guest guest;
  for (uint32_t i = 0; i < 5; ++i) {
    ASSERT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
    EXPECT_EQ(guest.handle, i);
    ASSERT_EQ(guest.Init(i), kSuccess);
    EXPECT_EQ(guest.handle, i);
    EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {i}), kSuccess);
    EXPECT_EQ(guest.Call(Function::kUnload, {i}), kSuccess);
  }
  guest.host->Reset();
  ASSERT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  EXPECT_EQ(guest.handle, 5u);
}

TEST(WasiNnHost, StaleAndUnknownHandlesAreInvalidArguments) {
  Guest guest;
  ASSERT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  ASSERT_EQ(guest.Init(0), kSuccess);
  const uint32_t tensor = guest.PutFloats({1, 3, 2, 2}, std::vector<float>(12));
  for (const uint32_t bad : {1u, 7u, 0x80000000u, UINT32_MAX}) {
    EXPECT_EQ(guest.Init(bad), kInvalidArgument);
    EXPECT_EQ(guest.SetInput(bad, 0, tensor), kInvalidArgument);
    EXPECT_EQ(guest.Compute(bad), kInvalidArgument);
    EXPECT_EQ(guest.GetOutput(bad, 0, 48), kInvalidArgument);
    EXPECT_EQ(guest.Call(Function::kUnload, {bad}), kInvalidArgument);
    EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {bad}), kInvalidArgument);
  }
  EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {0}), kSuccess);
  EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {0}), kInvalidArgument);
  EXPECT_EQ(guest.Compute(0), kInvalidArgument);
  EXPECT_EQ(guest.Call(Function::kUnload, {0}), kSuccess);
  EXPECT_EQ(guest.Call(Function::kUnload, {0}), kInvalidArgument);
  EXPECT_EQ(guest.Init(0), kInvalidArgument);
}

TEST(WasiNnHost, ExhaustedHandlesAreARuntimeError) {
  HostOptions options;
  options.first_handle = UINT32_MAX;
  Guest guest(options);
  ASSERT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  EXPECT_EQ(guest.handle, UINT32_MAX);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx), kRuntimeError);
  ASSERT_EQ(guest.Init(UINT32_MAX), kSuccess);
  EXPECT_EQ(guest.Init(UINT32_MAX), kRuntimeError);
}

TEST(WasiNnHost, TheStreamingFunctionsAreInvalidArguments) {
  Guest guest;
  ASSERT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  ASSERT_EQ(guest.Init(0), kSuccess);
  for (const uint32_t context : {0u, 9u}) {
    EXPECT_EQ(guest.Call(Function::kComputeSingle, {context}), kInvalidArgument);
    EXPECT_EQ(guest.Call(Function::kFiniSingle, {context}), kInvalidArgument);
    EXPECT_EQ(guest.Call(Function::kGetOutputSingle, {context, 0, 0, 0, 0}), kInvalidArgument);
  }
}

TEST(WasiNnHost, NamesGiveTheSameHandleWhileItLives) {
  Guest guest;
  const std::string bytes = OnnxAdd();
  ASSERT_TRUE(guest.host
                  ->AddModel("net", {importers::AsBytes(bytes)}, *FindEncoding(kAutodetect),
                             InputLayout::kAuto)
                  .ok());
  EXPECT_EQ(guest.host->graph_count(), 0u);
  ASSERT_EQ(guest.LoadByName("net"), kSuccess);
  EXPECT_EQ(guest.handle, 0u);
  ASSERT_EQ(guest.LoadByName("net"), kSuccess);
  EXPECT_EQ(guest.handle, 0u);
  EXPECT_EQ(guest.Call(Function::kUnload, {0}), kSuccess);
  ASSERT_EQ(guest.LoadByName("net"), kSuccess);
  EXPECT_EQ(guest.handle, 1u);
  const std::string others[] = {"", "ne", "nets", "NET", "\xff", std::string("net\0", 4)};
  for (const std::string& name : others) {
    EXPECT_EQ(guest.LoadByName(name), kNotFound) << name;
  }
  EXPECT_EQ(guest.Call(Function::kLoadByName, {UINT32_MAX, 3, 0}), kInvalidArgument);
  EXPECT_EQ(guest.Call(Function::kLoadByName, {0, 3, UINT32_MAX}), kInvalidArgument);
  EXPECT_EQ(guest.Call(Function::kLoadByName, {0, 0x20000, 0}), kInvalidArgument) << "too long";
}

TEST(WasiNnHost, AConfigMakesAGraphOfItsOwn) {
  Guest guest;
  const std::string bytes = OnnxAdd();
  ASSERT_TRUE(
      guest.host
          ->AddModel("net", {importers::AsBytes(bytes)}, *FindEncoding(kOnnx), InputLayout::kAuto)
          .ok());
  ASSERT_EQ(guest.LoadByNameWithConfig("net", ""), kSuccess);
  EXPECT_EQ(guest.handle, 0u);
  ASSERT_EQ(guest.LoadByNameWithConfig("net", "{}"), kSuccess);
  EXPECT_EQ(guest.handle, 0u);
  ASSERT_EQ(guest.LoadByNameWithConfig("net", "{\"inputLayout\":\"nhwc\",\"threads\":1}"),
            kSuccess);
  EXPECT_EQ(guest.handle, 1u);
  EXPECT_EQ(guest.LoadByNameWithConfig("net", "{\"n-gpu-layers\":1}"), kInvalidArgument);
  EXPECT_EQ(guest.LoadByNameWithConfig("other", "{}"), kNotFound);
  EXPECT_EQ(guest.Call(Function::kLoadByNameWithConfig, {0, 0, UINT32_MAX, 2, 0}),
            kInvalidArgument);
}

TEST(WasiNnHost, LimitsOnGraphsContextsAndBytesAreTooLarge) {
  HostOptions options;
  options.max_graphs = 2;
  options.max_contexts = 3;
  Guest guest(options);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx), kTooLarge);
  EXPECT_EQ(guest.Call(Function::kUnload, {0}), kSuccess);
  EXPECT_EQ(guest.Load({OnnxAdd()}, kOnnx), kSuccess);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guest.Init(1), kSuccess);
  EXPECT_EQ(guest.Init(1), kTooLarge);
  EXPECT_EQ(guest.Call(Function::kFinalizeExecutionContext, {1}), kSuccess);
  EXPECT_EQ(guest.Init(1), kSuccess);

  options.max_bytes = 100;
  Guest small(options);
  EXPECT_EQ(small.Load({OnnxAdd()}, kOnnx), kTooLarge);
  EXPECT_EQ(small.host->used_bytes(), 0u);
  options.max_bytes = 4096;
  Guest enough(options);
  ASSERT_EQ(enough.Load({OnnxAdd()}, kOnnx), kSuccess);
  uint32_t code = kSuccess;
  for (int i = 0; i < 3 && code == kSuccess; ++i) code = enough.Init(0);
  EXPECT_LE(enough.host->used_bytes(), 4096u);
  enough.host->Reset();
  EXPECT_EQ(enough.host->used_bytes(), 0u);
}

TEST(WasiNnHost, WithoutMemoryCallsThatNeedItSayMissingMemory) {
  Guest guest;
  for (size_t i = 0; i < kFunctionCount; ++i) {
    const uint32_t args[kMaxParams] = {};
    const uint32_t code = guest.host->Call(static_cast<Function>(i), args, GuestMemory());
    EXPECT_EQ(code, kFunctions[i].needs_memory ? kMissingMemory : kInvalidArgument)
        << kFunctions[i].name;
  }
}

TEST(WasiNnHost, TheErrnoSetDecidesWhatTheGuestSees) {
  HostOptions options;
  options.errno_set = ErrnoSet::k2020;
  Guest old(options);
  EXPECT_EQ(old.LoadByName("x"), 1u);
  EXPECT_EQ(old.Load({OnnxAdd()}, 99), 1u);
  options.errno_set = ErrnoSet::k2022;
  Guest middle(options);
  EXPECT_EQ(middle.LoadByName("x"), 1u);
  EXPECT_EQ(middle.Load({OnnxAdd()}, 99), 2u);
  EXPECT_NE(middle.host->last_error().find("(invalid_encoding)"), std::string::npos);
}

TEST(WasiNnHost, BackendsAreAskedInOrder) {
  auto first = FakeBackend::Unary(DType::kU8, Shape{1});
  auto second = FakeBackend::Unary(DType::kU8, Shape{1});
  Guest guest({}, {std::make_shared<FakeBackend>(first), std::make_shared<FakeBackend>(second)});
  EXPECT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  EXPECT_EQ(second->loads, 0);
  first->mine = false;
  EXPECT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  EXPECT_EQ(second->loads, 1);
  first->load_status = Unsupported("operator");
  EXPECT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  EXPECT_EQ(second->loads, 2);
  second->mine = false;
  EXPECT_EQ(guest.Load({"x"}, kOnnx), kUnsupported);
  first->load_status = InvalidModel("broken");
  EXPECT_EQ(guest.Load({"x"}, kOnnx), kRuntimeError);
  EXPECT_EQ(second->loads, 3) << "a broken file is not tried elsewhere";
}

TEST(WasiNnHost, CallsFromInsideACallAreBusy) {
  auto state = FakeBackend::Unary(DType::kU8, Shape{1});
  Guest guest({}, {std::make_shared<FakeBackend>(state)});
  ASSERT_EQ(guest.Load({"x"}, kOnnx), kSuccess);
  ASSERT_EQ(guest.Init(0), kSuccess);
  const uint8_t one = 1;
  ASSERT_EQ(guest.SetInput(0, 0, guest.PutTensor({1}, 3, &one, 1)), kSuccess);
  uint32_t nested = 99;
  state->during_compute = [&] {
    EXPECT_TRUE(guest.host->busy());
    nested = guest.Call(Function::kFinalizeExecutionContext, {0});
  };
  EXPECT_EQ(guest.Compute(0), kSuccess);
  EXPECT_EQ(nested, kBusy);
  EXPECT_FALSE(guest.host->busy());
}

TEST(WasiNnHost, TheEmbedderGetsAStatusForAModelThatDoesNotLoad) {
  Guest guest;
  const std::string bytes = "no model";
  const auto add = [&](uint32_t encoding) {
    return guest.host->AddModel("x", {importers::AsBytes(bytes)}, *FindEncoding(encoding),
                                InputLayout::kAuto);
  };
  EXPECT_EQ(add(kOnnx).code(), StatusCode::kInvalidModel);
  EXPECT_EQ(add(kAutodetect).code(), StatusCode::kUnsupported);
  EXPECT_EQ(add(0).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(guest.LoadByName("x"), kNotFound);
}

}  // namespace
}  // namespace minnow::wasi_nn
