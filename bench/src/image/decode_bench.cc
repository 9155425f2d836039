// How long from file bytes to tensor, stage by stage, on one thread.
//
// Pictures come from $MINNOW_TEST_DATA/images (default: ../shared/data beside the repository), and
// one that is drawn here is always there. Counters: per_MP is the time for a million pixels of the
// stored picture; max_diff and mean_diff say how far the tensor is from that of the full decode, in
// levels of 255.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
// jpeglib.h needs size_t and FILE to be declared before it.
#include <jpeglib.h>

#include "image/decode.h"
#include "image/preprocess.h"
#include "kernels/resize/resize.h"

namespace minnow::image {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes ReadFile(const std::string& path) {
  Bytes bytes;
  if (std::FILE* file = std::fopen(path.c_str(), "rb")) {
    uint8_t block[65536];
    for (size_t got = 0; (got = std::fread(block, 1, sizeof(block), file)) > 0;) {
      bytes.insert(bytes.end(), block, block + got);
    }
    std::fclose(file);
  }
  return bytes;
}

// Waves of different length: something to do for the entropy decoder.
Bytes DrawJpeg(int width, int height) {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 85, TRUE);
  jpeg_start_compress(&info, TRUE);
  Bytes row(static_cast<size_t>(3 * width));
  while (info.next_scanline < info.image_height) {
    const double y = info.next_scanline;
    for (int i = 0; i < 3 * width; ++i) {
      const double x = i / 3;
      const double wave = std::sin(x * x / 9000.0 + i % 3) * std::cos(y * y / 7000.0 - i % 3);
      row[static_cast<size_t>(i)] = static_cast<uint8_t>(128 + 100 * wave);
    }
    uint8_t* pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  Bytes file(data, data + size);
  jpeg_destroy_compress(&info);
  std::free(data);
  return file;
}

void SetPixels(benchmark::State& state, const ImageInfo& info) {
  using benchmark::Counter;
  state.counters["per_MP"] = Counter(static_cast<double>(info.width * info.height) / 1e6,
                                     Counter::kIsIterationInvariantRate | Counter::kInvert);
}

void BM_DecodeFull(benchmark::State& state, const Bytes& file, const ImageInfo& info) {
  for (auto _ : state) {
    StatusOr<Image> image = Decode(file.data(), file.size(), {});
    benchmark::DoNotOptimize(image->pixels.data());
  }
  SetPixels(state, info);
}

void BM_PreprocessFull(benchmark::State& state, const Bytes& file, const ImageInfo& info) {
  StatusOr<Image> image = Decode(file.data(), file.size(), {});
  const PreprocessSpec spec;
  std::vector<float> out(static_cast<size_t>(3 * spec.width * spec.height));
  for (auto _ : state) {
    (void)Preprocess(ViewOf(*image), spec, out.data()).ok();
    benchmark::DoNotOptimize(out.data());
  }
  SetPixels(state, info);
}

// What classify does: decode as small as the target allows, then the tensor.
void BM_FileToTensor(benchmark::State& state, const Bytes& file, const ImageInfo& info) {
  const PreprocessSpec spec;
  std::vector<float> want(static_cast<size_t>(3 * spec.width * spec.height)), out(want.size());
  StatusOr<Image> full = Decode(file.data(), file.size(), {});
  (void)Preprocess(ViewOf(*full), spec, want.data()).ok();
  for (auto _ : state) {
    StatusOr<Image> image = Decode(file.data(), file.size(), DecodeOptionsFor(spec));
    (void)Preprocess(ViewOf(*image), spec, out.data()).ok();
    benchmark::DoNotOptimize(out.data());
  }
  SetPixels(state, info);
  double largest = 0, sum = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(out[i]) - static_cast<double>(want[i]));
    largest = std::max(largest, difference);
    sum += difference;
  }
  state.counters["max_diff"] = largest;
  state.counters["mean_diff"] = sum / static_cast<double>(out.size());
}

void BM_PreprocessLevel(benchmark::State& state, const kernels::ResizeKernels* kernels) {
  // One row of the horizontal pass, 960 to 224: 4.3 : 1, 9 or 10 taps.
  constexpr int64_t kSource = 960, kTarget = 224, kGroups = 3;
  std::vector<uint8_t> row(3 * kSource + 64, 100);
  std::vector<int64_t> start(kTarget);
  for (int64_t x = 0; x < kTarget; ++x)
    start[static_cast<size_t>(x)] = x * (kSource - 12) / kTarget;
  std::vector<int16_t> weights(kTarget * kGroups * kernels::kResizeGroupWeights, 1000);
  std::vector<float> out(3 * kTarget + kernels::kResizeExtraFloats);
  kernels::ResizeRowPlan plan;
  plan.width = kTarget;
  plan.groups = kGroups;
  plan.start = start.data();
  plan.weights = weights.data();
  plan.unit = 1.0f / 65536;
  for (auto _ : state) {
    kernels->row(plan, row.data(), out.data());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

void Register(const std::string& name, const Bytes& file) {
  StatusOr<ImageInfo> info = ReadInfo(file.data(), file.size(), {});
  if (!info.ok()) return;
  const auto add = [&](const char* stage, auto body) {
    benchmark::RegisterBenchmark((std::string(stage) + "/" + name).c_str(), body, file, *info)
        ->Unit(benchmark::kMillisecond);
  };
  add("DecodeFull", BM_DecodeFull);
  add("PreprocessFull", BM_PreprocessFull);
  add("FileToTensor", BM_FileToTensor);
}

const int kRegistered = [] {
  Register("drawn_12MP", DrawJpeg(4000, 3000));
  const char* folder = std::getenv("MINNOW_TEST_DATA");
  const std::string images =
      (folder != nullptr ? std::string(folder) : MINNOW_REPO_DIR "/../shared/data") + "/images/";
  for (const char* name : {"cat_1080p.jpg", "kite_and_cold.jpg", "bird.jpg", "mushroom.jpg",
                           "parrot.jpg", "grace_hopper.jpg", "golden-retriever.jpeg"}) {
    const Bytes file = ReadFile(images + name);
    if (!file.empty()) Register(name, file);
  }
  size_t count = 0;
  const kernels::ResizeKernels* variants = kernels::AllResizeKernels(&count);
  for (size_t i = 0; i < count; ++i) {
    const bool picked = &variants[i] == &kernels::SelectResize(DefaultIsa());
    benchmark::RegisterBenchmark(
        (std::string("ResizeRow960/") + variants[i].name + (picked ? "<--" : "")).c_str(),
        BM_PreprocessLevel, &variants[i]);
  }
  return 0;
}();

}  // namespace
}  // namespace minnow::image
