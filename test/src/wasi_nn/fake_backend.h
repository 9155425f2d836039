// What the backend of guest.h does: remembers inputs, answers with a fixed result.
#ifndef MINNOW_TEST_WASI_NN_FAKE_BACKEND_H_
#define MINNOW_TEST_WASI_NN_FAKE_BACKEND_H_

#include "wasi_nn/convert.h"

namespace minnow::wasi_nn {

class FakeBackend::Context : public BackendContext {
 public:
  Context(std::shared_ptr<State> state, const ContextOptions& options)
      : state_(std::move(state)), options_(options) {
    state_->inputs.resize(state_->info.inputs.size());
  }
  Status SetInput(size_t index, const GuestTensor& tensor) override {
    const TensorSpec& spec = state_->info.inputs[index];
    state_->inputs[index].assign(
        static_cast<size_t>(tensor.shape.ElementCount()) * DTypeSize(spec.dtype), 0);
    return WriteTensor(tensor, spec, options_.input_layout, state_->inputs[index].data());
  }
  Status Compute() override {
    if (state_->during_compute) state_->during_compute();
    return state_->compute_status;
  }
  TensorView Output(size_t) override {
    return {DType::kU8, Shape{static_cast<int64_t>(state_->result.size())}, state_->result.data()};
  }

 private:
  const std::shared_ptr<State> state_;
  const ContextOptions options_;
};

class FakeBackend::Graph : public BackendGraph {
 public:
  explicit Graph(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const GraphInfo& info() const override { return state_->info; }
  uint64_t memory_bytes() const override { return 10; }
  StatusOr<std::unique_ptr<BackendContext>> CreateContext(const ContextOptions& options) override {
    return std::unique_ptr<BackendContext>(std::make_unique<Context>(state_, options));
  }

 private:
  const std::shared_ptr<State> state_;
};

inline StatusOr<std::shared_ptr<BackendGraph>> FakeBackend::Load(
    const std::vector<importers::Bytes>&, const EncodingRow&, Target) {
  ++state_->loads;
  if (!state_->load_status.ok()) return state_->load_status;
  if (!state_->mine) return std::shared_ptr<BackendGraph>();
  return std::shared_ptr<BackendGraph>(std::make_shared<Graph>(state_));
}

}  // namespace minnow::wasi_nn

#endif  // MINNOW_TEST_WASI_NN_FAKE_BACKEND_H_
