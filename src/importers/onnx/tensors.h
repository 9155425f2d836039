// ONNX TensorProto to Tensor.
#ifndef MINNOW_IMPORTERS_ONNX_TENSORS_H_
#define MINNOW_IMPORTERS_ONNX_TENSORS_H_

#include <optional>
#include <string_view>
#include <vector>

#include "importers/importer.h"
#include "tensor/tensor.h"

namespace minnow::importers::onnx {

// TensorProto.DataType; nothing for strings, complex numbers, bfloat16 and the 8- and 4-bit floats.
std::optional<DType> ToDType(int64_t data_type);

struct NamedTensor {
  std::string_view name;  // views into the message
  Tensor tensor;
};

// Raw bytes that are still to be copied, by all threads.
class RawCopies {
 public:
  // `payload`: see Bytes.
  explicit RawCopies(const Payload* payload) : payload_(payload) {}

  void Add(const Bytes& from, void* to);
  // At once. kNotFound where bytes cannot be read from the file.
  Status Copy(const Bytes& from, void* to) const;
  Status CopyAll() const;

 private:
  struct Piece {
    Bytes from;
    void* to;
  };
  const Payload* payload_;
  std::vector<Piece> pieces_;
  size_t bytes_ = 0;
};

// Decodes and copies; with `later`, raw bytes are left to its CopyAll(). kInvalidModel where the
// bytes do not fill the dims exactly, kUnsupported for external data and dtypes that ToDType does
// not know. Errors name the tensor.
StatusOr<NamedTensor> DecodeTensor(Bytes message, RawCopies* later = nullptr);

}  // namespace minnow::importers::onnx

#endif  // MINNOW_IMPORTERS_ONNX_TENSORS_H_
