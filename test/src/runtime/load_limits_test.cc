// Does each limit of a load end it at the number that it says, and not before?
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "importers/small_networks.h"
#include "runtime/use_model.h"

namespace minnow::runtime {
namespace {

using importers::Files;
using Maker = Files (*)();

// x [N,2,3], `count` sigmoids.
Files Chain(int count) {
  importers::onnx_test::Model model;
  model.Input("x0", {-1, 2, 3});
  for (int i = 0; i < count; ++i) {
    const std::string from = "x" + std::to_string(i), to = "x" + std::to_string(i + 1);
    model.Node("Sigmoid", {from}, {to});
  }
  return {model.Output(("x" + std::to_string(count)).c_str()).Serialize()};
}

// A constant of 1000 x 1000, which the file has as one number.
Files Repeated() {
  using namespace importers::tf_test;  // NOLINT: the builders' language
  return {
      Graph().Input("x", {1}).Weights("w", {1000, 1000}).Node("y", "Add", {"x", "w"}).Serialize()};
}

std::shared_ptr<const Model> Load(const Files& files, const LoadLimits& limits, Status* status,
                                  const char* format = "") {
  std::vector<importers::Bytes> buffers;
  for (const std::string& file : files) buffers.push_back(importers::AsBytes(file));
  return LoadModel(buffers, format, limits, status);
}

Status LoadStatus(const Files& files, const LoadLimits& limits) {
  Status status;
  Load(files, limits, &status);
  return status;
}

// That `limit` at `most` is enough for the files, and one less is not.
template <typename T>
void ExpectLimit(const Files& files, T LoadLimits::*limit, T most, const char* message) {
  LoadLimits limits;
  limits.*limit = most;
  const Status fits = LoadStatus(files, limits);
  EXPECT_TRUE(fits.ok()) << fits.message();
  limits.*limit = most - 1;
  const Status over = LoadStatus(files, limits);
  EXPECT_EQ(over.code(), StatusCode::kResourceExhausted) << over.message();
  EXPECT_NE(over.message().find(message), std::string::npos) << over.message();
}

TEST(LoadLimits, OfRankElementsAndNodes) {
  ExpectLimit(Chain(1), &LoadLimits::rank, 3, "a tensor of rank 3; the limit is 2");
  ExpectLimit(Chain(1), &LoadLimits::elements, int64_t{6}, "the limit is 5 elements");
  ExpectLimit(Chain(5), &LoadLimits::nodes, 5, "more than 4 operators; the limit is 4");
}

TEST(LoadLimits, OfElementsHoldForWhatAFileRepeats) {
  ExpectLimit(Repeated(), &LoadLimits::elements, int64_t{1000000}, "the limit is 999999 elements");
}

TEST(LoadLimits, OfTheArena) {
  Status status;
  const auto model = Load(Chain(3), LoadLimits(), &status);
  ASSERT_NE(model, nullptr) << status.message();
  const size_t needed = (*Session::Create(model))->arena_bytes();
  ExpectLimit(Chain(3), &LoadLimits::arena_bytes, needed, "bytes for its activations; the limit");
}

TEST(LoadLimits, HoldForPlansOfLaterShapes) {
  LoadLimits limits;
  limits.elements = 12;
  Status status;
  const auto model = Load(Chain(1), limits, &status);
  ASSERT_NE(model, nullptr) << status.message();
  const auto session = Session::Create(model);
  ASSERT_TRUE(session.ok());
  EXPECT_TRUE((*session)->Prepare({Shape{2, 2, 3}}).ok());
  EXPECT_EQ((*session)->Prepare({Shape{3, 2, 3}}).code(), StatusCode::kResourceExhausted);
}

TEST(LoadLimits, OfNestingInEveryFormat) {
  const std::pair<const char*, Maker> formats[] = {{"onnx", importers::OnnxFile},
                                                   {"tensorflow", importers::TensorflowFile},
                                                   {"tflite", importers::TfliteFile},
                                                   {"openvino", importers::OpenvinoFile},
                                                   {"pytorch", importers::TorchscriptFile}};
  for (const auto& [format, files] : formats) {
    LoadLimits limits;
    int refused = 0;
    Status status;
    for (limits.nesting = 0; Load(files(), limits, &status, format) == nullptr; ++limits.nesting) {
      ASSERT_TRUE(status.code() == StatusCode::kInvalidModel ||
                  status.code() == StatusCode::kUnsupported)
          << format << ": " << status.message();
      ASSERT_LT(limits.nesting, 20) << format << ": " << status.message();
      ++refused;
    }
    EXPECT_GT(refused, 1) << format;
  }
}

TEST(LoadLimits, OfTime) {
  LoadLimits limits;
  limits.milliseconds = 1;
  {
    const LoadScope scope(limits);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    // Another scope inside does not put the end off.
    const Status late = LoadStatus(Chain(1), LoadLimits());
    EXPECT_EQ(late.code(), StatusCode::kResourceExhausted);
    EXPECT_NE(late.message().find("longer than the limit of 1 ms"), std::string::npos)
        << late.message();
  }
  limits.milliseconds = 0;
  EXPECT_TRUE(LoadStatus(Chain(1), limits).ok());
}

}  // namespace
}  // namespace minnow::runtime
