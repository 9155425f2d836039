// component-core.wasm: the core module of a small component that imports wasi:nn. Its world, in
// test/fixtures/guests/classifier.wit, exports one function:
//
//   classify: func(name: string, model: list<u8>, image: list<u8>, side: u32, preprocess: string,
//                  nchw: bool) -> result<list<f32>, string>
//
// The scores of the picture, by the model called `name`, or by `model` where the name is empty. An
// error reads "CODE: TEXT", CODE the number of the WIT's error-code, or "image: TEXT".
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "guest/component/wasi_nn.h"
#include "guest/picture.h"
#include "guest/preprocess_kind.h"

namespace minnow::guest {
namespace {

// result<list<f32>, string>
struct ScoresResult {
  uint8_t is_error;
  List value;
};

// An empty list's address is any number, never a block of its own.
std::vector<uint8_t> TakeList(List list) {
  if (list.count == 0) return {};
  const auto* bytes = static_cast<const uint8_t*>(list.data);
  std::vector<uint8_t> copy(bytes, bytes + list.count);
  std::free(const_cast<void*>(list.data));
  return copy;
}

void* CopyOf(const void* data, size_t size) {
  void* copy = std::malloc(size == 0 ? 1 : size);
  if (copy == nullptr) std::abort();
  std::memcpy(copy, data, size);
  return copy;
}

ScoresResult* Answer(bool is_error, const void* data, size_t count, size_t size) {
  static ScoresResult result;
  result = {is_error, {CopyOf(data, size), static_cast<uint32_t>(count)}};
  return &result;
}

ScoresResult* Fail(const std::string& text) {
  return Answer(true, text.data(), text.size(), text.size());
}

ScoresResult* FailWith(Handle error) {
  List data;
  minnow_wit_error_data(error, &data);
  const std::vector<uint8_t> text = TakeList(data);
  std::string message = std::to_string(minnow_wit_error_code(error)) + ": ";
  message.append(text.begin(), text.end());
  minnow_wit_drop_error(error);
  return Fail(message);
}

ScoresResult* Compute(Handle context, const std::vector<float>& pixels, uint32_t side, bool nchw) {
  const uint32_t planar[4] = {1, 3, side, side}, interleaved[4] = {1, side, side, 3};
  const uint32_t size = static_cast<uint32_t>(pixels.size() * sizeof(float));
  const NamedTensor input = {
      {"0", 1},
      minnow_wit_new_tensor(nchw ? planar : interleaved, 4, kComponentF32, pixels.data(), size)};
  TensorsResult outputs;
  minnow_wit_compute(context, &input, 1, &outputs);
  if (outputs.is_error) return FailWith(outputs.error);
  const auto* tensors = static_cast<const NamedTensor*>(outputs.tensors.data);
  ScoresResult* answer = nullptr;
  for (uint32_t i = 0; i < outputs.tensors.count; ++i) {
    if (i == 0) {
      List data;
      minnow_wit_tensor_data(tensors[i].tensor, &data);
      const std::vector<uint8_t> scores = TakeList(data);
      answer = Answer(false, scores.data(), scores.size() / sizeof(float), scores.size());
    }
    minnow_wit_drop_tensor(tensors[i].tensor);
    TakeList(tensors[i].name);
  }
  if (outputs.tensors.count != 0) std::free(const_cast<void*>(outputs.tensors.data));
  return answer != nullptr ? answer : Fail("no output");
}

ScoresResult* Run(const std::string& name, const std::vector<uint8_t>& model,
                  const std::vector<float>& pixels, uint32_t side, bool nchw) {
  HandleResult graph, context;
  if (!name.empty()) {
    minnow_wit_load_by_name(name.data(), static_cast<uint32_t>(name.size()), &graph);
  } else {
    const List builder = {model.data(), static_cast<uint32_t>(model.size())};
    minnow_wit_load(&builder, 1, kComponentAutodetect, kComponentCpu, &graph);
  }
  if (graph.is_error) return FailWith(graph.handle);
  minnow_wit_init_context(graph.handle, &context);
  // The context keeps what it needs.
  minnow_wit_drop_graph(graph.handle);
  if (context.is_error) return FailWith(context.handle);
  ScoresResult* answer = Compute(context.handle, pixels, side, nchw);
  minnow_wit_drop_context(context.handle);
  return answer;
}

}  // namespace
}  // namespace minnow::guest

#define MINNOW_EXPORT(name) extern "C" __attribute__((export_name(name), used))

MINNOW_EXPORT("cabi_realloc")
void* minnow_cabi_realloc(void* old, size_t, size_t alignment, size_t size) {
  if (size == 0) return reinterpret_cast<void*>(alignment);
  void* data = std::realloc(old, size);
  if (data == nullptr) std::abort();
  return data;
}

MINNOW_EXPORT("classify")
void* minnow_classify(const char* name_data, uint32_t name_size, const uint8_t* model_data,
                      uint32_t model_size, const uint8_t* image_data, uint32_t image_size,
                      uint32_t side, const char* kind_data, uint32_t kind_size, int32_t nchw) {
  using namespace minnow::guest;
  const std::vector<uint8_t> name_bytes = TakeList({name_data, name_size});
  const std::vector<uint8_t> model = TakeList({model_data, model_size});
  const std::vector<uint8_t> image = TakeList({image_data, image_size});
  const std::vector<uint8_t> kind_name = TakeList({kind_data, kind_size});
  PreprocessKind kind;
  const bool known = ParsePreprocessKind(
      std::string_view(reinterpret_cast<const char*>(kind_name.data()), kind_name.size()), &kind);
  if (!known || side < 1 || side > 4096) return Fail("image: wrong preprocess or side");
  minnow::StatusOr<std::vector<float>> pixels =
      PictureToTensor(image.data(), image.size(), kind, static_cast<int>(side), nchw != 0);
  if (!pixels.ok()) return Fail("image: " + pixels.status().message());
  return Run(std::string(name_bytes.begin(), name_bytes.end()), model, *pixels, side, nchw != 0);
}

MINNOW_EXPORT("cabi_post_classify") void minnow_post_classify(void* result) {
  const auto* answer = static_cast<const minnow::guest::ScoresResult*>(result);
  std::free(const_cast<void*>(answer->value.data));
}
