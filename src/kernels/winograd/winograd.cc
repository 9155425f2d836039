#include "kernels/winograd/winograd.h"

#include "kernels/table.h"
#include "kernels/winograd/declarations.h"

namespace minnow::kernels {
namespace {

#define MINNOW_WINOGRAD_F32(isa, suffix) \
  {isa, "winograd_f32_" #suffix, winograd_input_f32_##suffix, winograd_output_f32_##suffix},
constexpr WinogradF32Kernel kKernels[] = {
#include "kernels/winograd/kernels.inc"
};
#undef MINNOW_WINOGRAD_F32

}  // namespace

const WinogradF32Kernel& SelectWinogradF32(Isa isa) { return Select(kKernels, isa); }

const WinogradF32Kernel* WinogradF32Kernels(size_t* count) { return Supported(kKernels, count); }

void TransformWinogradWeights(const float* g, int64_t stride, float out[kWinogradPositions]) {
  // G = [1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1], down the columns and then along the rows.
  const auto transform = [](double a, double b, double c, double(&t)[4]) {
    t[0] = a;
    t[1] = (a + b + c) / 2;
    t[2] = (a - b + c) / 2;
    t[3] = c;
  };
  double down[3][4];
  for (int x = 0; x < 3; ++x) {
    transform(g[x * stride], g[(3 + x) * stride], g[(6 + x) * stride], down[x]);
  }
  for (int y = 0; y < 4; ++y) {
    double row[4];
    transform(down[0][y], down[1][y], down[2][y], row);
    for (int x = 0; x < 4; ++x) out[4 * y + x] = static_cast<float>(row[x]);
  }
}

}  // namespace minnow::kernels
