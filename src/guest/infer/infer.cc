// infer.wasm: the whole engine as a WASI module. Its exports are those of the 2020 demo's module,
// with a few more that a host may do without:
//
//   _start()                           needed once by node:wasi; does nothing else
//   alloc(len) -> ptr                  memory for one model or image; 0 when there is none
//   infer_from_ptrs(model_ptr, model_len, image_ptr, image_len) -> class
//       The class of the best score, counted from 1. 0: no score is a number. Below 0: what went
//       wrong, -1 ... -9, minus the number of the StatusCode (-2 model, -3 image). Both blocks must
//       come from `alloc` with these lengths; they belong to the module from here on, whatever the
//       result. A damaged image may also trap: the instance is then best thrown away.
//   last_error() -> ptr                why the last result was below 0, as a C string; never 0
//   set_preprocess(kind)               a PreprocessKind by its number, for all later calls;
//                                      0 (as at first) goes by the model's format
//   set_top_k(k)                       how many of the best classes later calls keep; 1 at first
//   class_at(rank) -> class            of the last call, counted from 1; rank 0 is the best. 0 when
//                                      there is none
//   probability_at(rank) -> f64        its probability; 0 when there is none
//   class_count() -> count             of the model in force; 0 without one, or where it is open
//
// The model of the last call is kept compiled: the same bytes again cost one comparison.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "classify/classifier.h"
#include "classify/output_kind.h"
#include "classify/session_pool.h"
#include "guest/preprocess_kind.h"
#include "importers/importer.h"
#include "runtime/model.h"

extern "C" void __wasm_call_ctors();

namespace minnow::guest {
namespace {

using Block = std::unique_ptr<uint8_t, decltype(&std::free)>;

struct State {
  PreprocessKind preprocess = PreprocessKind::kByFormat;
  // The model in force: its file, and what was made of it.
  Block model{nullptr, std::free};
  size_t model_size = 0;
  std::optional<classify::Classifier> classifier;
  int64_t top_k = 1;
  // Of the last call.
  std::vector<classify::Prediction> predictions;
  std::string error;
};

// Hosts that do not care for _start may call any export first.
State& TheState() {
  static State* const state = [] {
    __wasm_call_ctors();
    return new State;
  }();
  return *state;
}

// wasi-libc's memcmp goes byte by byte; a model has millions of them.
bool SameBytes(const uint8_t* a, const uint8_t* b, size_t size) {
  typedef uint64_t Lanes __attribute__((vector_size(16)));
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    Lanes x, y;
    __builtin_memcpy(&x, a + i, sizeof(x));
    __builtin_memcpy(&y, b + i, sizeof(y));
    const Lanes difference = x ^ y;
    if ((difference[0] | difference[1]) != 0) return false;
  }
  for (; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

StatusOr<classify::Classifier> Load(const uint8_t* model, size_t size, PreprocessKind preprocess) {
  StatusOr<importers::ImportedModel> imported = importers::ImportModel({{model, size}}, "");
  if (!imported.ok()) return imported.status();
  classify::ClassifierOptions options;
  options.preprocess.width = 0;
  options.preprocess.height = 0;
  options.output = classify::FindOutputKind(imported->graph);
  const bool by_format = preprocess == PreprocessKind::kByFormat;
  Apply(by_format ? DefaultKind(imported->format) : preprocess, &options.preprocess);
  StatusOr<std::shared_ptr<const runtime::Model>> compiled =
      runtime::Model::Compile(std::move(imported->graph), runtime::CompileOptions());
  if (!compiled.ok()) return compiled.status();
  return classify::Classifier::Create(classify::SessionPool::Create(*compiled, 1), options);
}

Status UseModel(Block model, size_t size, State* state) {
  if (state->classifier.has_value() && state->model_size == size &&
      SameBytes(state->model.get(), model.get(), size)) {
    return OkStatus();
  }
  // Two models at a time would need twice the memory.
  state->classifier.reset();
  state->model.reset();
  StatusOr<classify::Classifier> classifier = Load(model.get(), size, state->preprocess);
  if (!classifier.ok()) return classifier.status();
  state->classifier.emplace(std::move(*classifier));
  state->model = std::move(model);
  state->model_size = size;
  return OkStatus();
}

int32_t Fail(const Status& status, State* state) {
  state->error = status.message();
  return -static_cast<int32_t>(status.code());
}

int32_t Infer(Block model, size_t model_size, Block image, size_t image_size) {
  State& state = TheState();
  state.error.clear();
  state.predictions.clear();
  if (model == nullptr || image == nullptr) {
    return Fail(InvalidArgument("infer_from_ptrs: a pointer is 0"), &state);
  }
  if (Status status = UseModel(std::move(model), model_size, &state); !status.ok()) {
    return Fail(status, &state);
  }
  classify::ClassifyOptions options;
  options.top_k = state.top_k;
  StatusOr<classify::Classification> result =
      state.classifier->Classify(classify::EncodedImage{image.get(), image_size}, options);
  if (!result.ok()) return Fail(result.status(), &state);
  if (result->predictions.empty() || std::isnan(result->predictions[0].probability)) return 0;
  state.predictions = std::move(result->predictions);
  return static_cast<int32_t>(state.predictions[0].index) + 1;
}

classify::Prediction At(uint32_t rank) {
  const std::vector<classify::Prediction>& all = TheState().predictions;
  return rank < all.size() ? all[rank] : classify::Prediction{-1, 0};
}

}  // namespace
}  // namespace minnow::guest

#define MINNOW_EXPORT(name) extern "C" __attribute__((export_name(#name), used))

MINNOW_EXPORT(_start) void minnow_start() { minnow::guest::TheState(); }

MINNOW_EXPORT(alloc) void* minnow_alloc(uint32_t size) {
  minnow::guest::TheState();
  // malloc may give null for 0 bytes, which means failure here.
  return std::malloc(size == 0 ? 1 : size);
}

MINNOW_EXPORT(infer_from_ptrs)
int32_t minnow_infer_from_ptrs(uint8_t* model, uint32_t model_size, uint8_t* image,
                               uint32_t image_size) {
  using minnow::guest::Block;
  return minnow::guest::Infer(Block(model, std::free), model_size, Block(image, std::free),
                              image_size);
}

MINNOW_EXPORT(last_error) const char* minnow_last_error() {
  return minnow::guest::TheState().error.c_str();
}

MINNOW_EXPORT(set_preprocess) void minnow_set_preprocess(int32_t kind) {
  using namespace minnow::guest;
  State& state = TheState();
  if (kind < 0 || kind >= kPreprocessKinds) kind = 0;
  if (static_cast<PreprocessKind>(kind) == state.preprocess) return;
  state.preprocess = static_cast<PreprocessKind>(kind);
  state.classifier.reset();
}

MINNOW_EXPORT(set_top_k) void minnow_set_top_k(int32_t k) {
  minnow::guest::TheState().top_k = k < 1 ? 1 : k;
}

MINNOW_EXPORT(class_at) int32_t minnow_class_at(uint32_t rank) {
  return static_cast<int32_t>(minnow::guest::At(rank).index) + 1;
}

MINNOW_EXPORT(probability_at) double minnow_probability_at(uint32_t rank) {
  return minnow::guest::At(rank).probability;
}

MINNOW_EXPORT(class_count) int32_t minnow_class_count() {
  const auto& classifier = minnow::guest::TheState().classifier;
  if (!classifier.has_value() || classifier->class_count() < 0) return 0;
  return static_cast<int32_t>(classifier->class_count());
}
