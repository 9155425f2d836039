// The host side of wasi-nn for one guest: execution contexts, their inputs and outputs.
#include <cstring>
#include <utility>

#include "wasi_nn/convert.h"
#include "wasi_nn/host.h"

namespace minnow::wasi_nn {
namespace {

uint32_t RecordField(const std::vector<uint32_t>& record, uint32_t offset) {
  return record[offset / 4];
}

StatusOr<Shape> ReadDims(const GuestMemory& memory, uint32_t pointer, uint32_t rank) {
  if (rank > static_cast<uint32_t>(kMaxRank)) {
    return InvalidArgument("the tensor has %u dims, at most %d are supported", rank, kMaxRank);
  }
  StatusOr<std::vector<uint32_t>> dims = memory.ReadU32s(pointer, rank, "the tensor's dims");
  if (!dims.ok()) return dims.status();
  const std::vector<int64_t> wide(dims->begin(), dims->end());
  return Shape::Make(wide.data(), wide.size());
}

// The record, its dims and its elements, each checked as it was read.
StatusOr<GuestTensor> ReadTensor(const GuestMemory& memory, uint32_t pointer) {
  StatusOr<std::vector<uint32_t>> record = memory.ReadU32s(pointer, kTensorBytes / 4, "the tensor");
  if (!record.ok()) return record.status();
  GuestTensor tensor;
  StatusOr<Shape> shape = ReadDims(memory, RecordField(*record, kTensorDimsOffset),
                                   RecordField(*record, kTensorRankOffset));
  if (!shape.ok()) return shape.status();
  tensor.shape = *shape;
  const uint32_t length = RecordField(*record, kTensorLengthOffset);
  StatusOr<importers::Bytes> data =
      memory.Read(RecordField(*record, kTensorDataOffset), length, "the tensor's data");
  if (!data.ok()) return data.status();
  tensor.data = data->data;
  tensor.size = data->size;
  const auto number = static_cast<uint8_t>(RecordField(*record, kTensorTypeOffset));
  const std::optional<DType> type =
      DecodeTensorType(number, static_cast<uint64_t>(shape->ElementCount()), length);
  if (!type.has_value()) {
    return InvalidArgument("type %u does not go with %u bytes for shape %s", number, length,
                           shape->ToString().c_str());
  }
  tensor.type = *type;
  return tensor;
}

}  // namespace

Host::ContextEntry* Host::FindContext(uint32_t handle, Outcome* outcome) {
  ContextEntry* entry = contexts_.Find(handle);
  if (entry == nullptr) *outcome = InvalidArgument("there is no context %u", handle);
  return entry;
}

Host::ContextEntry* Host::FindLiveContext(uint32_t handle, Outcome* outcome) {
  ContextEntry* entry = FindContext(handle, outcome);
  if (entry != nullptr && graphs_.Find(entry->graph_handle) == nullptr) {
    *outcome = InvalidArgument("graph %u of context %u is unloaded", entry->graph_handle, handle);
    return nullptr;
  }
  return entry;
}

// init_execution_context(graph, context_out)
Outcome Host::InitExecutionContext(const uint32_t* args, const GuestMemory& memory) {
  MINNOW_RETURN_IF_ERROR(memory.Check(args[1], 4, "the context's out-pointer"));
  const GraphEntry* graph = graphs_.Find(args[0]);
  if (graph == nullptr) return InvalidArgument("graph %u is not loaded", args[0]);
  if (contexts_.size() >= options_.max_contexts) {
    return ResourceExhausted("%zu contexts are open, no more are allowed", contexts_.size());
  }
  if (contexts_.exhausted()) {
    return Outcome(Errno::kRuntimeError, "context handles are exhausted");
  }
  ContextOptions options;
  options.threads = graph->config.threads.value_or(options_.threads);
  options.input_layout = graph->config.input_layout.value_or(options_.input_layout);
  options.budget = &budget_;
  StatusOr<std::unique_ptr<BackendContext>> context = graph->graph->CreateContext(options);
  if (!context.ok()) return context.status();
  ContextEntry entry;
  entry.graph = graph->graph;
  entry.graph_handle = args[0];
  entry.context = std::move(*context);
  entry.is_set.resize(graph->graph->info().inputs.size());
  const std::optional<uint32_t> handle = contexts_.Add(std::move(entry));
  return memory.WriteU32(args[1], *handle, "the context's out-pointer");
}

// set_input(context, index, tensor)
Outcome Host::SetInput(const uint32_t* args, const GuestMemory& memory) {
  Outcome outcome;
  ContextEntry* entry = FindLiveContext(args[0], &outcome);
  if (entry == nullptr) return outcome;
  const size_t index = args[1];
  const std::vector<TensorSpec>& inputs = entry->graph->info().inputs;
  if (index >= inputs.size()) {
    return InvalidArgument("input %zu of a graph with %zu", index, inputs.size());
  }
  StatusOr<GuestTensor> tensor = ReadTensor(memory, args[2]);
  if (!tensor.ok()) return tensor.status();
  MINNOW_RETURN_IF_ERROR(CheckTensor(*tensor, inputs[index]));
  MINNOW_RETURN_IF_ERROR(entry->context->SetInput(index, *tensor));
  entry->is_set[index] = true;
  return Outcome();
}

Outcome Host::Compute(uint32_t context) {
  Outcome outcome;
  ContextEntry* entry = FindLiveContext(context, &outcome);
  if (entry == nullptr) return outcome;
  for (size_t i = 0; i < entry->is_set.size(); ++i) {
    if (entry->is_set[i]) continue;
    return Outcome(Errno::kRuntimeError, "input " + std::to_string(i) + " is not set");
  }
  entry->computed = false;
  MINNOW_RETURN_IF_ERROR(entry->context->Compute());
  entry->computed = true;
  return outcome;
}

// get_output(context, index, buffer, buffer_bytes, written_out)
Outcome Host::GetOutput(const uint32_t* args, const GuestMemory& memory) {
  const uint32_t buffer = args[2], capacity = args[3], written_out = args[4];
  Outcome outcome;
  ContextEntry* entry = FindContext(args[0], &outcome);
  if (entry == nullptr) return outcome;
  const size_t index = args[1], count = entry->graph->info().outputs.size();
  if (index >= count) return InvalidArgument("output %zu of a graph with %zu", index, count);
  MINNOW_RETURN_IF_ERROR(memory.Check(written_out, 4, "the out-pointer of the size"));
  MINNOW_RETURN_IF_ERROR(memory.Check(buffer, capacity, "the output buffer"));
  if (!entry->computed) {
    return Outcome(Errno::kRuntimeError, "there is no output before compute has succeeded");
  }
  const TensorView output = entry->context->Output(index);
  const uint64_t bytes = output.size_bytes();
  if (bytes > UINT32_MAX) {
    return Outcome(Errno::kTooLarge, "the output has more than 4 GiB");
  }
  const auto size = static_cast<uint32_t>(bytes);
  if (size > capacity) {
    // Guests ask for the size with an empty buffer.
    MINNOW_RETURN_IF_ERROR(memory.WriteU32(written_out, size, "the out-pointer of the size"));
    return Outcome(Errno::kTooLarge, "the output has " + std::to_string(size) +
                                         " bytes, the buffer " + std::to_string(capacity));
  }
  MINNOW_RETURN_IF_ERROR(memory.Write(buffer, output.data, size, "the output buffer"));
  return memory.WriteU32(written_out, size, "the out-pointer of the size");
}

// compute_single, get_output_single and fini_single stream the tokens of a language model.
Outcome Host::SingleStep(uint32_t context) {
  Outcome outcome;
  if (FindContext(context, &outcome) == nullptr) return outcome;
  return InvalidArgument("context %u is not of a language model", context);
}

Outcome Host::FinalizeExecutionContext(uint32_t context) {
  if (!contexts_.Remove(context)) return InvalidArgument("there is no context %u", context);
  return Outcome();
}

}  // namespace minnow::wasi_nn
