// How an ONNX backend test is read from its folder, run through the engine and compared.
#include "conformance/onnx_cases.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "importers/importer.h"
#include "importers/onnx/model_proto.h"
#include "importers/onnx/tensors.h"
#include "interpreter/interpreter.h"
#include "runtime/model.h"
#include "runtime/session.h"

namespace minnow::conformance {
namespace {

namespace fs = std::filesystem;

constexpr double kRelative = 1e-3;
constexpr double kAbsolute = 1e-7;

std::optional<std::string> ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

importers::Bytes BytesOf(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// prefix_0.pb, prefix_1.pb, … until one is missing.
StatusOr<std::vector<Tensor>> ReadTensors(const fs::path& folder, const std::string& prefix) {
  std::vector<Tensor> tensors;
  while (true) {
    const fs::path path = folder / (prefix + "_" + std::to_string(tensors.size()) + ".pb");
    const std::optional<std::string> bytes = ReadFile(path);
    if (!bytes) return tensors;
    StatusOr<importers::onnx::NamedTensor> tensor = importers::onnx::DecodeTensor(BytesOf(*bytes));
    if (!tensor.ok()) return tensor.status().WithContext(path.filename().string());
    tensors.push_back(std::move(tensor->tensor));
  }
}

// The elements of a float tensor in double.
StatusOr<std::vector<double>> Widened(const TensorView& view) {
  const graph::Cast cast{DType::kF64};
  StatusOr<std::vector<Tensor>> wide = interpreter::AllocateOutputs(cast, {view});
  if (!wide.ok()) return wide.status();
  MINNOW_RETURN_IF_ERROR(interpreter::Evaluate(cast, {view}, {(*wide)[0].mutable_view()}));
  const double* values = (*wide)[0].as<double>();
  return std::vector<double>(values, values + view.ElementCount());
}

bool IsFloat(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kF64;
}

bool IsClose(double actual, double expected) {
  if (std::isnan(expected)) return std::isnan(actual);
  if (std::isinf(expected) || std::isinf(actual)) return actual == expected;
  return std::fabs(actual - expected) <= kAbsolute + kRelative * std::fabs(expected);
}

Status Compare(const TensorView& actual, const TensorView& expected) {
  if (actual.dtype != expected.dtype || actual.shape != expected.shape) {
    return Internal("it is %s%s, expected %s%s", DTypeName(actual.dtype),
                    actual.shape.ToString().c_str(), DTypeName(expected.dtype),
                    expected.shape.ToString().c_str());
  }
  if (expected.ElementCount() == 0) return OkStatus();
  if (!IsFloat(expected.dtype)) {
    if (std::memcmp(actual.data, expected.data, expected.size_bytes()) == 0) return OkStatus();
    return Internal("the integers differ");
  }
  const StatusOr<std::vector<double>> ours = Widened(actual);
  const StatusOr<std::vector<double>> theirs = Widened(expected);
  if (!ours.ok()) return ours.status();
  if (!theirs.ok()) return theirs.status();
  for (size_t i = 0; i < ours->size(); ++i) {
    if (!IsClose((*ours)[i], (*theirs)[i])) {
      return Internal("element %zu is %g, expected %g", i, (*ours)[i], (*theirs)[i]);
    }
  }
  return OkStatus();
}

Status RunSet(const fs::path& folder, runtime::Session* session) {
  const StatusOr<std::vector<Tensor>> inputs = ReadTensors(folder, "input");
  if (!inputs.ok()) return inputs.status();
  const StatusOr<std::vector<Tensor>> outputs = ReadTensors(folder, "output");
  if (!outputs.ok()) return outputs.status();
  if (inputs->size() != session->model().inputs().size() ||
      outputs->size() != session->model().outputs().size()) {
    return Internal("%zu inputs and %zu outputs for %zu and %zu", inputs->size(), outputs->size(),
                    session->model().inputs().size(), session->model().outputs().size());
  }
  std::vector<Shape> shapes;
  for (const Tensor& input : *inputs) shapes.push_back(input.shape());
  MINNOW_RETURN_IF_ERROR(session->Prepare(shapes).WithContext("prepare"));
  for (size_t i = 0; i < inputs->size(); ++i) {
    const MutableTensorView to = session->input(i);
    const Tensor& from = (*inputs)[i];
    if (to.dtype != from.dtype()) return Internal("input %zu is %s", i, DTypeName(from.dtype()));
    if (from.size_bytes() > 0) std::memcpy(to.data, from.data(), from.size_bytes());
  }
  MINNOW_RETURN_IF_ERROR(session->Run({}));
  for (size_t i = 0; i < outputs->size(); ++i) {
    MINNOW_RETURN_IF_ERROR(Compare(session->output(i), (*outputs)[i].view())
                               .WithContext("output " + std::to_string(i)));
  }
  return OkStatus();
}

// Operators of the model's nodes; nothing where it does not parse.
std::vector<std::string> OperatorsIn(const std::string& name) {
  std::vector<std::string> operators;
  const std::optional<std::string> bytes =
      ReadFile(fs::path(OnnxDataFolder()) / name / "model.onnx");
  importers::onnx::ModelProto model;
  if (!bytes || !importers::onnx::ParseModel(BytesOf(*bytes), &model).ok()) return operators;
  for (const importers::NodeRecord& node : model.nodes) operators.emplace_back(node.op);
  return operators;
}

}  // namespace

std::string OnnxDataFolder() {
  const char* folder = std::getenv("MINNOW_ONNX_TESTDATA");
  return folder != nullptr ? folder : "/usr/share/libonnx-testdata/data";
}

std::vector<std::string> CasesOf(const std::string& suite) {
  std::vector<std::string> cases;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(OnnxDataFolder()) / suite, error)) {
    const std::string name = entry.path().filename().string();
    if (name.compare(0, 5, "test_") == 0) cases.push_back((fs::path(suite) / name).string());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

std::string OperatorOf(const std::string& name) {
  std::vector<std::string> operators;
  const size_t expanded = name.find("_expanded");
  if (expanded != std::string::npos) operators = OperatorsIn(name.substr(0, expanded));
  if (operators.empty()) operators = OperatorsIn(name);
  return operators.size() == 1 ? operators[0] : "several";
}

Status RunCase(const std::string& name) {
  const fs::path folder = fs::path(OnnxDataFolder()) / name;
  const std::optional<std::string> bytes = ReadFile(folder / "model.onnx");
  if (!bytes) return NotFound("no model.onnx");
  StatusOr<importers::ImportedModel> imported = importers::ImportModel({BytesOf(*bytes)}, "onnx");
  if (!imported.ok()) return imported.status().WithContext("import");
  StatusOr<std::shared_ptr<const runtime::Model>> model =
      runtime::Model::Compile(std::move(imported->graph), {});
  if (!model.ok()) return model.status().WithContext("compile");
  StatusOr<std::unique_ptr<runtime::Session>> session = runtime::Session::Create(*model);
  if (!session.ok()) return session.status().WithContext("session");
  int sets = 0;
  for (; fs::is_directory(folder / ("test_data_set_" + std::to_string(sets))); ++sets) {
    const std::string set = "test_data_set_" + std::to_string(sets);
    MINNOW_RETURN_IF_ERROR(RunSet(folder / set, session->get()).WithContext(set));
  }
  return sets > 0 ? OkStatus() : NotFound("no data sets");
}

}  // namespace minnow::conformance
