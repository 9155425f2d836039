// classify-nn.wasm: an image classifier that leaves the network to the host's wasi-nn. It decodes
// and preprocesses the picture in Wasm and prints the best classes, one a line:
//   208 golden retriever 0.9670
// Exit code 1 when something fails, 2 for wrong arguments.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "classify/top_k.h"
#include "guest/classify_nn/arguments.h"
#include "guest/classify_nn/wasi_nn.h"
#include "guest/picture.h"
#include "guest/preprocess_kind.h"

namespace minnow::guest {
namespace {

constexpr size_t kMaxScores = 1 << 16;

// Not a vector: it would clear 14 megabytes before they are read.
struct FileBytes {
  std::unique_ptr<uint8_t, decltype(&std::free)> data{nullptr, std::free};
  size_t size = 0;
};

StatusOr<FileBytes> ReadFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return NotFound("cannot open %s", path.c_str());
  FileBytes bytes;
  long size = -1;
  if (std::fseek(file, 0, SEEK_END) == 0) {
    size = std::ftell(file);
    std::rewind(file);
  }
  if (size > 0) bytes.data.reset(static_cast<uint8_t*>(std::malloc(static_cast<size_t>(size))));
  if (bytes.data != nullptr)
    bytes.size = std::fread(bytes.data.get(), 1, static_cast<size_t>(size), file);
  std::fclose(file);
  if (size < 1 || bytes.size != static_cast<size_t>(size)) {
    return NotFound("cannot read %s", path.c_str());
  }
  return bytes;
}

// Lines without their ends; what is missing at the end of the last line does not count.
StatusOr<std::vector<std::string>> ReadLabels(const std::string& path) {
  StatusOr<FileBytes> bytes = ReadFile(path);
  if (!bytes.ok()) return bytes.status();
  std::vector<std::string> labels(1);
  for (size_t i = 0; i < bytes->size; ++i) {
    const uint8_t byte = bytes->data.get()[i];
    if (byte == '\n') {
      labels.emplace_back();
    } else if (byte != '\r') {
      labels.back().push_back(static_cast<char>(byte));
    }
  }
  if (labels.back().empty()) labels.pop_back();
  return labels;
}

StatusOr<std::vector<float>> ReadTensor(const Arguments& arguments) {
  StatusOr<FileBytes> bytes = ReadFile(arguments.image);
  if (!bytes.ok()) return bytes.status();
  const bool by_format = arguments.preprocess == PreprocessKind::kByFormat;
  const PreprocessKind kind =
      by_format ? DefaultKind(arguments.is_onnx ? "onnx" : "tensorflow") : arguments.preprocess;
  return PictureToTensor(bytes->data.get(), bytes->size, kind, arguments.size, arguments.is_onnx);
}

Status Check(const char* function, int32_t error) {
  constexpr const char* kNames[] = {
      "success",       "invalid_argument",      "invalid_encoding", "missing_memory", "busy",
      "runtime_error", "unsupported_operation", "too_large",        "not_found"};
  if (error == 0) return OkStatus();
  const bool known = error > 0 && error < static_cast<int32_t>(sizeof(kNames) / sizeof(*kNames));
  return Internal("wasi-nn %s: %s (%d)", function, known ? kNames[error] : "unknown error", error);
}

StatusOr<uint32_t> OpenContext(const Arguments& arguments) {
  StatusOr<FileBytes> model = ReadFile(arguments.model);
  if (!model.ok()) return model.status();
  const NnBuilder builder = {model->data.get(), static_cast<uint32_t>(model->size)};
  uint32_t graph = 0, context = 0;
  MINNOW_RETURN_IF_ERROR(Check(
      "load",
      minnow_nn_load(&builder, 1, static_cast<int32_t>(arguments.encoding), kTargetCpu, &graph)));
  MINNOW_RETURN_IF_ERROR(
      Check("init_execution_context", minnow_nn_init_execution_context(graph, &context)));
  return context;
}

StatusOr<std::vector<double>> Run(uint32_t context, const Arguments& arguments,
                                  const std::vector<float>& tensor) {
  const uint32_t side = static_cast<uint32_t>(arguments.size);
  const uint32_t nchw[4] = {1, 3, side, side}, nhwc[4] = {1, side, side, 3};
  const NnTensor input = {arguments.is_onnx ? nchw : nhwc, 4, kTypeF32, tensor.data(),
                          static_cast<uint32_t>(tensor.size() * sizeof(float))};
  std::vector<float> scores(kMaxScores);
  uint32_t written = 0;
  std::vector<double> times;
  for (int i = 0; i < arguments.repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    MINNOW_RETURN_IF_ERROR(Check("set_input", minnow_nn_set_input(context, 0, &input)));
    MINNOW_RETURN_IF_ERROR(Check("compute", minnow_nn_compute(context)));
    const uint32_t size = static_cast<uint32_t>(scores.size() * sizeof(float));
    MINNOW_RETURN_IF_ERROR(
        Check("get_output", minnow_nn_get_output(context, 0, scores.data(), size, &written)));
    const auto end = std::chrono::steady_clock::now();
    times.push_back(std::chrono::duration<double, std::milli>(end - start).count());
  }
  if (arguments.repeat > 1) {
    std::sort(times.begin(), times.end());
    std::fprintf(stderr, "median %.3f ms\n", times[times.size() / 2]);
  }
  return std::vector<double>(scores.begin(),
                             scores.begin() + static_cast<long>(written / sizeof(float)));
}

// wasi-nn does not tell what an output means. Probabilities are not below 0 and sum up to 1; the
// rounding of the sum of a float softmax is far below 1e-3.
void ToProbabilities(std::vector<double>* scores) {
  double sum = 0;
  bool negative = false;
  for (const double score : *scores) {
    sum += score;
    negative = negative || score < 0;
  }
  if (negative || !(sum > 0.999 && sum < 1.001)) classify::SoftmaxInPlace(scores);
}

Status Classify(const Arguments& arguments) {
  StatusOr<std::vector<std::string>> labels = ReadLabels(arguments.labels);
  if (!labels.ok()) return labels.status();
  StatusOr<std::vector<float>> tensor = ReadTensor(arguments);
  if (!tensor.ok()) return tensor.status();
  StatusOr<uint32_t> context = OpenContext(arguments);
  if (!context.ok()) return context.status();
  StatusOr<std::vector<double>> scores = Run(*context, arguments, *tensor);
  if (!scores.ok()) return scores.status();
  // Lists of ImageNet's labels may have an entry for the background that the network has not.
  const size_t skipped = labels->size() == scores->size() + 1 ? 1 : 0;
  ToProbabilities(&*scores);
  for (const classify::Prediction& best : classify::TopK(*scores, arguments.top)) {
    const size_t line = static_cast<size_t>(best.index) + skipped;
    std::printf("%lld %s %.*f\n", static_cast<long long>(best.index),
                line < labels->size() ? (*labels)[line].c_str() : "?", arguments.digits,
                best.probability);
  }
  return OkStatus();
}

}  // namespace
}  // namespace minnow::guest

int main(int argc, char** argv) {
  using namespace minnow;
  StatusOr<guest::Arguments> arguments = guest::ParseArguments(argc, argv);
  if (!arguments.ok()) {
    std::fprintf(stderr, "classify-nn: %s\n%s", arguments.status().message().c_str(),
                 guest::kUsage);
    return 2;
  }
  if (Status status = guest::Classify(*arguments); !status.ok()) {
    std::fprintf(stderr, "classify-nn: %s\n", status.message().c_str());
    return 1;
  }
  return 0;
}
