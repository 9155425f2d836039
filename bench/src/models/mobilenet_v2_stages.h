// The inverted residual blocks of MobileNetV2 (arXiv:1801.04381, table 2).
#ifndef MINNOW_BENCH_SRC_MODELS_MOBILENET_V2_STAGES_H_
#define MINNOW_BENCH_SRC_MODELS_MOBILENET_V2_STAGES_H_

namespace minnow::bench {

struct Stage {
  int expansion, channels, blocks, stride;
};
inline constexpr Stage kStages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                                    {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};

}  // namespace minnow::bench

#endif  // MINNOW_BENCH_SRC_MODELS_MOBILENET_V2_STAGES_H_
