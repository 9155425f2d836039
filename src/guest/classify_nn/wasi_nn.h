// The host's wasi-nn functions, as a guest sees them (the witx of 2023: tensor types 0..5).
#ifndef MINNOW_GUEST_CLASSIFY_NN_WASI_NN_H_
#define MINNOW_GUEST_CLASSIFY_NN_WASI_NN_H_

#include <cstdint>

namespace minnow::guest {

enum class NnError : uint16_t {
  kSuccess = 0,
  kInvalidArgument = 1,
  kInvalidEncoding = 2,
  kMissingMemory = 3,
  kBusy = 4,
  kRuntimeError = 5,
  kUnsupportedOperation = 6,
  kTooLarge = 7,
  kNotFound = 8,
};

enum class NnEncoding : int32_t { kOnnx = 1, kTensorflow = 2, kAutodetect = 5 };

inline constexpr int32_t kTargetCpu = 0;
inline constexpr uint8_t kTypeF32 = 1;

struct NnBuilder {
  const uint8_t* data;
  uint32_t size;
};

struct NnTensor {
  const uint32_t* dims;
  uint32_t rank;
  uint8_t type;
  const void* data;
  uint32_t size;  // in bytes
};

#define MINNOW_NN_IMPORT(name) \
  __attribute__((import_module("wasi_ephemeral_nn"), import_name(#name)))

extern "C" {
MINNOW_NN_IMPORT(load)
int32_t minnow_nn_load(const NnBuilder* builders, uint32_t count, int32_t encoding, int32_t target,
                       uint32_t* graph);
MINNOW_NN_IMPORT(init_execution_context)
int32_t minnow_nn_init_execution_context(uint32_t graph, uint32_t* context);
MINNOW_NN_IMPORT(set_input)
int32_t minnow_nn_set_input(uint32_t context, uint32_t index, const NnTensor* tensor);
MINNOW_NN_IMPORT(compute)
int32_t minnow_nn_compute(uint32_t context);
MINNOW_NN_IMPORT(get_output)
int32_t minnow_nn_get_output(uint32_t context, uint32_t index, void* buffer, uint32_t size,
                             uint32_t* written);
}

#undef MINNOW_NN_IMPORT

}  // namespace minnow::guest

#endif  // MINNOW_GUEST_CLASSIFY_NN_WASI_NN_H_
