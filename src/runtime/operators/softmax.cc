// Softmax over the last axis.
#include "kernels/softmax/softmax.h"

#include "runtime/operators/operators.h"

namespace minnow::runtime {
namespace {

class Softmax : public Operator {
 public:
  Softmax(int64_t rows, int64_t n, bool log, SlotId input, SlotId output)
      : rows_(rows), n_(n), log_(log), input_(input), output_(output) {}

  Status Run(const RunContext& context) const override {
    ForEachRange(context.team, rows_, [&](int64_t first, int64_t last, int) {
      for (int64_t row = first; row < last; ++row) {
        kernels::SoftmaxF32(context.buffer<const float>(input_) + row * n_, n_, log_,
                            context.buffer<float>(output_) + row * n_);
      }
    });
    return OkStatus();
  }
  const char* kernel() const override { return "softmax_f32"; }

 private:
  int64_t rows_, n_;
  bool log_;
  SlotId input_, output_;
};

}  // namespace

std::unique_ptr<Operator> MakeSoftmax(int64_t rows, int64_t n, bool log, SlotId input,
                                      SlotId output) {
  return std::unique_ptr<Operator>(new Softmax(rows, n, log, input, output));
}

}  // namespace minnow::runtime
