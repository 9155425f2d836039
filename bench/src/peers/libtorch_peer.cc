// A TorchScript file run by libtorch on the CPU, frozen and optimised for inference.
//
//   minnow_peer_libtorch MODEL.pt THREADS
#include <torch/script.h>
#include <torch/torch.h>

#include <cstdlib>
#include <vector>

#include "peers/peer.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL.pt THREADS\n", argv[0]);
    return 2;
  }
  at::set_num_threads(std::atoi(argv[2]));
  const c10::InferenceMode inference;
  torch::jit::Module module = torch::jit::load(argv[1]);
  module.eval();
  module = torch::jit::optimize_for_inference(module);
  std::vector<torch::Tensor> inputs;
  for (int i = 0; i < 4; ++i) inputs.push_back(torch::randn({1, 3, 224, 224}));
  return minnow::bench::TakeTurns(
      [&](int i) { module.forward({inputs[static_cast<size_t>(i) % inputs.size()]}); });
}
