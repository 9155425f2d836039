// What the command line of classify-nn.wasm asks for.
#ifndef MINNOW_GUEST_CLASSIFY_NN_ARGUMENTS_H_
#define MINNOW_GUEST_CLASSIFY_NN_ARGUMENTS_H_

#include <string>

#include "base/status.h"
#include "guest/classify_nn/wasi_nn.h"
#include "guest/preprocess_kind.h"

namespace minnow::guest {

inline constexpr const char* kUsage =
    "usage: classify-nn MODEL IMAGE LABELS [--encoding onnx|tensorflow|autodetect]\n"
    "         [--preprocess tf|imagenet|unit|caffe-bgr|none] [--size PIXELS] [--top K]\n"
    "         [--digits N] [--repeat N]\n";

struct Arguments {
  std::string model, image, labels;
  NnEncoding encoding = NnEncoding::kAutodetect;
  // By name (.onnx) where the encoding does not say it.
  bool is_onnx = false;
  PreprocessKind preprocess = PreprocessKind::kByFormat;
  int size = 224;
  int top = 5;
  int digits = 4;  // of the probabilities, behind the point
  // Times that the network runs; their median goes to stderr when there is more than one.
  int repeat = 1;
};

StatusOr<Arguments> ParseArguments(int argc, char** argv);

}  // namespace minnow::guest

#endif  // MINNOW_GUEST_CLASSIFY_NN_ARGUMENTS_H_
