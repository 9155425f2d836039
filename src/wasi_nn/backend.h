// What runs a graph for a guest: three small interfaces. minnow's engine is one backend
// (native_backend.h); JavaScript may bring others.
#ifndef MINNOW_WASI_NN_BACKEND_H_
#define MINNOW_WASI_NN_BACKEND_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"
#include "tensor/quantization.h"
#include "tensor/tensor.h"
#include "wasi_nn/abi.h"
#include "wasi_nn/budget.h"

namespace minnow::wasi_nn {

// A tensor in guest memory, borrowed for the call: checked extents, any alignment.
struct GuestTensor {
  DType type = DType::kF32;  // a carrier type, see CarrierOf
  Shape shape;               // static, at least one element
  const uint8_t* data = nullptr;
  size_t size = 0;  // elements * DTypeSize(type)
};

struct TensorSpec {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;         // -1 where the graph leaves it open
  std::string layout;  // "NHWC", "NCHW" or ""
  // u8 and i8 inputs of quantised networks, per tensor: guests may give f32 instead.
  std::optional<QuantParams> quantization;
};

struct GraphInfo {
  std::string backend;
  std::string format;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

// The order in which a guest lays out the bytes of an image whose dims are the graph's. OpenVINO
// guests of 2021 to 2023 give interleaved pixels under the dims [1,3,H,W].
enum class InputLayout { kAuto, kNchw, kNhwc };  // kAuto: as the dims say

struct ContextOptions {
  int threads = 0;  // of one run at most; 0: the backend's choice
  InputLayout input_layout = InputLayout::kAuto;
  Budget* budget = nullptr;  // for the context's memory; outlives it
};

// One execution context. Not thread safe.
class BackendContext {
 public:
  virtual ~BackendContext() = default;
  // Copies the elements, laid out and quantised as the graph wants them. REQUIRES: CheckTensor
  // (convert.h) has passed for this input.
  virtual Status SetInput(size_t index, const GuestTensor& tensor) = 0;
  // REQUIRES: every input was set; once is enough for many runs.
  virtual Status Compute() = 0;
  // Output of the last Compute, which succeeded; valid until the next one. SetInput does not
  // change it.
  virtual TensorView Output(size_t index) = 0;
};

// A loaded graph; shared by guests, so immutable and, if it comes from the native backend, thread
// safe.
class BackendGraph {
 public:
  virtual ~BackendGraph() = default;
  virtual const GraphInfo& info() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // The context keeps what it needs of the graph alive.
  virtual StatusOr<std::unique_ptr<BackendContext>> CreateContext(
      const ContextOptions& options) = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  // Null when the bytes are in no format of this backend: the next one is asked. So it is, too,
  // after kUnsupported. `builders` are borrowed, and not stable where the guest shares its memory.
  virtual StatusOr<std::shared_ptr<BackendGraph>> Load(
      const std::vector<importers::Bytes>& builders, const EncodingRow& encoding,
      Target target) = 0;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_BACKEND_H_
