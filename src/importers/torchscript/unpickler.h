// What a pickle stands for: the data that torch.jit.save writes, protocol 2. Nothing is executed:
// of all functions that a pickle may name, those that only wrap data are known.
//
// Format: docs.python.org/3/library/pickletools.html.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_UNPICKLER_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_UNPICKLER_H_

#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "importers/importer.h"
#include "importers/torchscript/value.h"

namespace minnow::importers::torchscript {

// Lives for one pickle. `bytes` and `heap` outlive it and the value.
class Unpickler {
 public:
  // Storages are entries of the archive's folder `folder`, which ends with a slash.
  Unpickler(Bytes bytes, std::string folder, Heap* heap)
      : bytes_(bytes), folder_(std::move(folder)), heap_(heap) {}

  // kInvalidModel for malformed bytes, with the offset; kUnsupported for other classes and
  // functions than those of TorchScript.
  StatusOr<Value> Load();

 private:
  Status Step(uint8_t opcode, bool* stop);
  Status StepStack(uint8_t opcode);
  Status StepNumber(uint8_t opcode);

  StatusOr<Bytes> Take(size_t count);
  StatusOr<uint64_t> TakeNumber(size_t bytes);
  StatusOr<std::string_view> TakeLine();
  Status TakeText(size_t length_bytes);

  Status Push(const Value& value);
  StatusOr<Value> Pop();
  // Everything above the last mark, which goes too.
  StatusOr<std::vector<Value>> PopMarked();
  Status PushTuple(size_t count);
  Status Append(const std::vector<Value>& items);
  Status SetItems(const std::vector<Value>& pairs);
  Status Reduce();
  Status NewObject();
  Status Build();
  Status PushMemo(uint64_t index);
  Status PutMemo(uint64_t index);
  StatusOr<Value> RebuildTensor(const std::vector<Value>& arguments);

  Bytes bytes_;
  size_t at_ = 0;
  const std::string folder_;
  Heap* heap_;
  std::vector<Value> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, Value> memo_;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_UNPICKLER_H_
