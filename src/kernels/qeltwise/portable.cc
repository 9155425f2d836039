// One element at a time, exactly.
#include "kernels/qeltwise/declarations.h"

namespace minnow::kernels {

void qeltwise_binary_portable(const QbinaryArgs& args) {
  for (int64_t i = 0, j = 0; i < args.n; ++i) {
    args.out[i] = QbinaryExact(args, args.a[i], args.b[j]);
    if (++j == args.b_period) j = 0;
  }
}

// What is exact needs none.
void qeltwise_factors_portable(const QbinaryArgs& /*args*/, const QproductFactors& /*factors*/,
                               float* /*out*/) {}

void qeltwise_quantize_portable(const QuantizeArgs& args) {
  for (int64_t i = 0; i < args.n; ++i) args.out[i] = QuantizeExact(args, args.in[i]);
}

void qeltwise_dequantize_portable(const DequantizeArgs& args) {
  for (int64_t i = 0; i < args.n; ++i) {
    args.out[i] = static_cast<float>(args.in[i] - args.zero_point) * args.scale;
  }
}

void qeltwise_map_portable(const QmapArgs& args) {
  for (int64_t i = 0; i < args.n; ++i) args.out[i] = args.table[args.in[i]];
}

}  // namespace minnow::kernels
