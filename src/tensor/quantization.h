// How the integers of a quantised tensor stand for real numbers: real = scale * (q - zero_point).
#ifndef MINNOW_TENSOR_QUANTIZATION_H_
#define MINNOW_TENSOR_QUANTIZATION_H_

#include <cstdint>
#include <vector>

namespace minnow {

// One scale and zero point for a whole tensor.
struct QuantParams {
  float scale = 1.0f;
  int32_t zero_point = 0;

  bool operator==(const QuantParams& other) const {
    return scale == other.scale && zero_point == other.zero_point;
  }
};

// What a model file says about a tensor. One entry in both lists: per tensor. More: one for each
// index of `axis`.
struct Quantization {
  std::vector<float> scales;
  std::vector<int32_t> zero_points;
  int axis = 0;
};

}  // namespace minnow

#endif  // MINNOW_TENSOR_QUANTIZATION_H_
