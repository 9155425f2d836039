// What one run spent where.
#ifndef MINNOW_RUNTIME_PROFILER_H_
#define MINNOW_RUNTIME_PROFILER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace minnow::runtime {

struct OperatorRecord {
  std::string name;    // the node's name in the model
  std::string op;      // "Conv2D", …
  std::string kernel;  // the chosen row, e.g. "gemm_f32_14x32_avx512"
  std::string output;  // shape of the first output, "[1,112,112,32]"
  int64_t macs = 0;
  double ms = 0;
  // 2 * macs / time; 0 where macs is 0.
  double gflops = 0;
};

struct Profile {
  std::vector<OperatorRecord> operators;
  double total_ms = 0;
  int threads = 1;
};

}  // namespace minnow::runtime

#endif  // MINNOW_RUNTIME_PROFILER_H_
