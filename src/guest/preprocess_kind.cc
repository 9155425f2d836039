#include "guest/preprocess_kind.h"

#include <algorithm>

namespace minnow::guest {
namespace {

struct Row {
  PreprocessKind kind;
  std::string_view name;
  float scale;
  float mean[3];
  float std[3];
  image::ChannelOrder order;
};

constexpr Row kRows[] = {
    {PreprocessKind::kTf, "tf", 1 / 127.5f, {1, 1, 1}, {1, 1, 1}, image::ChannelOrder::kRGB},
    {PreprocessKind::kImagenet,
     "imagenet",
     1 / 255.0f,
     {0.485f, 0.456f, 0.406f},
     {0.229f, 0.224f, 0.225f},
     image::ChannelOrder::kRGB},
    {PreprocessKind::kUnit, "unit", 1 / 255.0f, {0, 0, 0}, {1, 1, 1}, image::ChannelOrder::kRGB},
    {PreprocessKind::kCaffeBgr,
     "caffe-bgr",
     1,
     {103.939f, 116.779f, 123.68f},
     {1, 1, 1},
     image::ChannelOrder::kBGR},
    {PreprocessKind::kNone, "none", 1, {0, 0, 0}, {1, 1, 1}, image::ChannelOrder::kRGB},
};

}  // namespace

bool ParsePreprocessKind(std::string_view name, PreprocessKind* kind) {
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    *kind = row.kind;
    return true;
  }
  return false;
}

PreprocessKind DefaultKind(std::string_view format) {
  return format == "tensorflow" ? PreprocessKind::kTf : PreprocessKind::kImagenet;
}

void Apply(PreprocessKind kind, image::PreprocessSpec* spec) {
  for (const Row& row : kRows) {
    if (row.kind != kind) continue;
    spec->scale = row.scale;
    spec->order = row.order;
    std::copy(row.mean, row.mean + 3, spec->mean);
    std::copy(row.std, row.std + 3, spec->std);
  }
}

}  // namespace minnow::guest
