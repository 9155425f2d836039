// From the bytes of a .pt file to a graph: archive, pickles, forward, outputs.
#include "importers/torchscript/torchscript_importer.h"

#include <unordered_set>

#include "importers/import_context.h"
#include "importers/torchscript/evaluator.h"
#include "importers/torchscript/unpickler.h"

namespace minnow::importers::torchscript {
namespace {

using graph::ValueId;
using Kind = Value::Kind;

constexpr int64_t kDefaultSide = 224;
// Tensors are copied once each, but several may lie in the same bytes.
constexpr int64_t kConstantCopies = 8;
constexpr size_t kMaxOutputs = 64;

// The folder that all entries lie in, named after the file that was saved: "resnet18/".
StatusOr<std::string> FindFolder(const ZipArchive& archive) {
  constexpr std::string_view kData = "data.pkl";
  for (std::string_view name : archive.names()) {
    if (name.size() < kData.size() || name.substr(name.size() - kData.size()) != kData) continue;
    const std::string folder(name.substr(0, name.size() - kData.size()));
    if (folder.empty() || folder.find('/') != folder.size() - 1) continue;
    for (std::string_view other : archive.names()) {
      if (other.substr(0, folder.size() + 5) == folder + "code/") return folder;
    }
    return Unsupported(
        "it holds weights without a program; save the module with torch.jit.trace or "
        "torch.jit.script and torch.jit.save");
  }
  return InvalidModel("it is a zip file without data.pkl");
}

StatusOr<Value> LoadPickle(ZipArchive* archive, const std::string& entry, const std::string& folder,
                           Heap* heap) {
  const StatusOr<Bytes> bytes = archive->Read(entry);
  if (!bytes.ok()) return bytes.status();
  StatusOr<Value> value = Unpickler(*bytes, folder, heap).Load();
  if (!value.ok()) return value.status().WithContext(Quote(entry));
  return value;
}

StatusOr<std::vector<Value>> LoadConstants(ZipArchive* archive, const std::string& folder,
                                           Heap* heap) {
  const std::string entry = folder + "constants.pkl";
  if (!archive->Has(entry)) return std::vector<Value>();
  const StatusOr<Value> constants = LoadPickle(archive, entry, folder + "constants/", heap);
  if (!constants.ok()) return constants.status();
  if (!constants->Is(Kind::kTuple)) {
    return InvalidModel("%s is %s", Quote(entry).c_str(), KindName(constants->kind));
  }
  return constants->items->items;
}

// The shape of the first stored tensor with two or more axes, modules in the order of their
// attributes. No recursion: circles are cut where an object was seen before.
std::optional<Shape> FirstWeights(const Value& root, const std::vector<Value>& constants) {
  std::vector<Value> left(constants.rbegin(), constants.rend());
  left.push_back(root);
  std::unordered_set<const Object*> seen;
  while (!left.empty()) {
    const Value value = left.back();
    left.pop_back();
    if (value.Is(Kind::kTensor) && value.tensor->stored != nullptr &&
        value.tensor->stored->shape.rank() >= 2) {
      return value.tensor->stored->shape;
    }
    if (!value.Is(Kind::kObject) || !seen.insert(value.object).second) continue;
    const auto& attributes = value.object->attributes;
    for (auto item = attributes.rbegin(); item != attributes.rend(); ++item) {
      left.push_back(item->second);
    }
  }
  return std::nullopt;
}

StatusOr<Shape> InputShape(const Value& root, const std::vector<Value>& constants) {
  const Shape weights = FirstWeights(root, constants).value_or(Shape{1, 3, 1, 1});
  if (weights.rank() == 2) return Shape{kUnknownDim, weights[1]};
  if (weights.rank() == 4 && weights[1] > 0 && weights[1] <= kMaxElements / kDefaultSide) {
    return Shape{kUnknownDim, weights[1], kDefaultSide, kDefaultSide};
  }
  return Unsupported(
      "its first weights have the shape %s; those of a 2-dimensional convolution "
      "or a matrix are supported",
      weights.ToString().c_str());
}

// One tensor goes in; other parameters must have a default.
StatusOr<const Parameter*> FindInput(const Function& forward) {
  const Parameter* input = nullptr;
  for (size_t i = 1; i < forward.parameters.size(); ++i) {
    const Parameter& parameter = forward.parameters[i];
    if (parameter.otherwise != nullptr) continue;
    if (parameter.type != nullptr && parameter.type->source != "Tensor") {
      return Unsupported("forward takes %s: %s; one tensor is supported",
                         Quote(parameter.name).c_str(), Quote(parameter.type->source).c_str());
    }
    if (input != nullptr) return Unsupported("forward takes more than one tensor");
    input = &parameter;
  }
  if (input == nullptr) return Unsupported("forward takes no tensor");
  return input;
}

// A tensor, or a tuple, list or dict of them.
Status AddOutputs(const Value& result, Trace* trace) {
  std::vector<std::pair<std::string, Value>> outputs;
  if (result.Is(Kind::kTensor)) {
    outputs.emplace_back("output", result);
  } else if (result.Is(Kind::kTuple) || result.Is(Kind::kList) || result.Is(Kind::kDict)) {
    const std::vector<Value>& items = result.items->items;
    if (items.size() > 2 * kMaxOutputs) return Unsupported("%zu outputs", items.size());
    const bool is_dict = result.Is(Kind::kDict);
    for (size_t i = 0; i < items.size(); ++i) {
      if (is_dict && i % 2 == 0) continue;
      const std::string name = is_dict && items[i - 1].Is(Kind::kText)
                                   ? std::string(items[i - 1].text)
                                   : "output" + std::to_string(i);
      // Auxiliary outputs that a network has in training only.
      if (!items[i].Is(Kind::kNone)) outputs.emplace_back(name, items[i]);
    }
  }
  if (outputs.empty()) return Unsupported("forward gives %s", KindName(result.kind));
  for (const auto& [name, value] : outputs) {
    if (!value.Is(Kind::kTensor)) {
      return Unsupported("forward gives %s; tensors are supported", KindName(value.kind));
    }
    trace->AddOutput(name, trace->Read(value.tensor));
  }
  return trace->status();
}

}  // namespace

bool Sniff(Bytes first) {
  return first.size >= 4 && first.data[0] == 'P' && first.data[1] == 'K' && first.data[2] == 3 &&
         first.data[3] == 4;
}

StatusOr<graph::Graph> Import(const std::vector<Bytes>& buffers) {
  StatusOr<ZipArchive> archive = ZipArchive::Open(buffers[0]);
  if (!archive.ok()) return archive.status();
  const StatusOr<std::string> folder = FindFolder(*archive);
  if (!folder.ok()) return folder.status();
  Heap heap;
  const StatusOr<Value> root =
      LoadPickle(&*archive, *folder + "data.pkl", *folder + "data/", &heap);
  if (!root.ok()) return root.status();
  if (!root->Is(Kind::kObject)) return InvalidModel("its data are %s", KindName(root->kind));
  const StatusOr<std::vector<Value>> constants = LoadConstants(&*archive, *folder, &heap);
  if (!constants.ok()) return constants.status();

  Program program(&*archive, *folder + "code/", &heap);
  const StatusOr<const ClassDefinition*> type = program.FindClass(root->object->class_name);
  if (!type.ok()) return type.status();
  const auto forward = (*type)->methods.find("forward");
  if (forward == (*type)->methods.end()) return Unsupported("it has no method forward");
  const StatusOr<const Parameter*> input = FindInput(*forward->second);
  if (!input.ok()) return input.status();
  const StatusOr<Shape> shape = InputShape(*root, *constants);
  if (!shape.ok()) return shape.status();

  const int64_t constant_bytes = static_cast<int64_t>(buffers[0].size) * kConstantCopies;
  Trace trace(&*archive, &heap, constant_bytes);
  Evaluator evaluator(&program, &trace, *constants);
  const Value x = trace.AddInput((*input)->name, *shape);
  const StatusOr<Value> result = evaluator.CallMethod(*root, *forward->second, {x});
  if (!result.ok()) return result.status();
  MINNOW_RETURN_IF_ERROR(AddOutputs(*result, &trace));
  trace.graph().RemoveUnused();
  return std::move(trace.graph());
}

}  // namespace minnow::importers::torchscript
