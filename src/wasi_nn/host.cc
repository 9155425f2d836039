// The host side of wasi-nn for one guest: dispatch, graphs and names.
#include "wasi_nn/host.h"

#include <utility>

namespace minnow::wasi_nn {
namespace {

constexpr const char* kTargetNames[] = {"cpu", "gpu", "tpu", "auto"};
// Names of models are short; a guest's pointer to gigabytes is not read.
constexpr uint32_t kMaxNameBytes = 4096;
constexpr uint32_t kMaxConfigBytes = 65536;

StatusOr<std::string> ReadText(const GuestMemory& memory, uint32_t pointer, uint32_t length,
                               uint32_t limit, const char* what) {
  StatusOr<importers::Bytes> bytes = memory.Read(pointer, length, what);
  if (!bytes.ok()) return bytes.status();
  if (length > limit) {
    return InvalidArgument("%s has %u bytes, at most %u are supported", what, length, limit);
  }
  return std::string(reinterpret_cast<const char*>(bytes->data), bytes->size);
}

Status CheckBuilderCount(const EncodingRow& encoding, uint32_t count) {
  const bool fits = encoding.builders == 0 ? count == 1 || count == 2 : count == encoding.builders;
  if (fits) return OkStatus();
  const char* expected = encoding.builders == 0 ? "1 or 2" : encoding.builders == 1 ? "1" : "2";
  return InvalidArgument("%u builders for encoding %s, which has %s", count, encoding.name,
                         expected);
}

StatusOr<std::vector<importers::Bytes>> ReadBuilders(const GuestMemory& memory, uint32_t pointer,
                                                     uint32_t count) {
  StatusOr<std::vector<uint32_t>> pairs = memory.ReadU32s(pointer, 2 * count, "the builder array");
  if (!pairs.ok()) return pairs.status();
  std::vector<importers::Bytes> builders;
  for (size_t i = 0; i < count; ++i) {
    StatusOr<importers::Bytes> builder =
        memory.Read((*pairs)[2 * i], (*pairs)[2 * i + 1], "a builder");
    if (!builder.ok()) return builder.status();
    builders.push_back(*builder);
  }
  return builders;
}

// For the embedder, who sees a Status where a guest sees a code.
StatusCode StatusOf(Errno code) {
  switch (code) {
    case Errno::kInvalidArgument:
      return StatusCode::kInvalidArgument;
    case Errno::kInvalidEncoding:
    case Errno::kUnsupportedOperation:
      return StatusCode::kUnsupported;
    case Errno::kTooLarge:
      return StatusCode::kResourceExhausted;
    case Errno::kNotFound:
      return StatusCode::kNotFound;
    case Errno::kBusy:
      return StatusCode::kBusy;
    case Errno::kSuccess:
    case Errno::kMissingMemory:
    case Errno::kRuntimeError:
      break;
  }
  return StatusCode::kInvalidModel;
}

}  // namespace

Host::Host(const HostOptions& options, std::vector<std::shared_ptr<Backend>> backends)
    : options_(options),
      backends_(std::move(backends)),
      budget_(options.max_bytes),
      graphs_(options.first_handle),
      contexts_(options.first_handle) {}

Host::~Host() = default;

uint32_t Host::Call(Function function, const uint32_t* args, const GuestMemory& memory) {
  const FunctionRow& row = kFunctions[static_cast<size_t>(function)];
  Outcome outcome;
  if (busy_) {
    outcome = Outcome(Errno::kBusy, "called while another call is in progress");
  } else if (row.needs_memory && !memory.present()) {
    outcome = Outcome(Errno::kMissingMemory, "the guest's memory is not known");
  } else {
    busy_ = true;
    outcome = Dispatch(function, args, memory);
    busy_ = false;
  }
  if (!outcome.ok()) {
    const std::string prefix = std::string(row.name) + ": ";
    // The importers' messages begin with "load: ", too.
    const bool has_prefix = outcome.message().compare(0, prefix.size(), prefix) == 0;
    last_error_ =
        (has_prefix ? "" : prefix) + outcome.message() + " (" + ErrnoName(outcome.code()) + ")";
  }
  return EncodeErrno(outcome.code(), options_.errno_set);
}

Outcome Host::Dispatch(Function function, const uint32_t* args, const GuestMemory& memory) {
  switch (function) {
    case Function::kLoad:
      return Load(args, memory);
    case Function::kLoadByName:
      return LoadByName(args, memory);
    case Function::kLoadByNameWithConfig:
      return LoadByNameWithConfig(args, memory);
    case Function::kInitExecutionContext:
      return InitExecutionContext(args, memory);
    case Function::kSetInput:
      return SetInput(args, memory);
    case Function::kCompute:
      return Compute(args[0]);
    case Function::kGetOutput:
      return GetOutput(args, memory);
    case Function::kGetOutputSingle:
    case Function::kComputeSingle:
    case Function::kFiniSingle:
      return SingleStep(args[0]);
    case Function::kUnload:
      return Unload(args[0]);
    case Function::kFinalizeExecutionContext:
      return FinalizeExecutionContext(args[0]);
  }
  return Outcome(Errno::kRuntimeError, "no such function");
}

// load(builder_array, builder_count, encoding, target, graph_out)
Outcome Host::Load(const uint32_t* args, const GuestMemory& memory) {
  const uint32_t count = args[1];
  const uint32_t out_pointer = args[4];
  MINNOW_RETURN_IF_ERROR(memory.Check(out_pointer, 4, "the graph's out-pointer"));
  const EncodingRow* encoding = FindEncoding(args[2]);
  if (encoding == nullptr) {
    return Outcome(Errno::kInvalidEncoding, "encoding " + std::to_string(args[2]) + " is unknown");
  }
  if (args[3] >= kTargetCount) {
    return InvalidArgument("target %u is unknown", args[3]);
  }
  MINNOW_RETURN_IF_ERROR(CheckBuilderCount(*encoding, count));
  const auto read = [&] { return ReadBuilders(memory, args[0], count); };
  StatusOr<std::vector<importers::Bytes>> builders = read();
  if (!builders.ok()) return builders.status();

  MINNOW_RETURN_IF_ERROR(CheckGraphCount());
  GraphEntry entry;
  uint64_t bytes = 0;
  for (const importers::Bytes& builder : *builders) bytes += builder.size;
  entry.lease = Budget::Lease(&budget_);
  MINNOW_RETURN_IF_ERROR(entry.lease.Resize(bytes));
  if (Outcome outcome = LoadFrom(read, *encoding, static_cast<Target>(args[3]), &entry.graph);
      !outcome.ok()) {
    return outcome;
  }
  MINNOW_RETURN_IF_ERROR(entry.lease.Resize(entry.graph->memory_bytes()));
  return AddGraph(std::move(entry), out_pointer, memory);
}

Outcome Host::LoadFrom(const BuilderReader& read, const EncodingRow& encoding, Target target,
                       std::shared_ptr<BackendGraph>* graph) {
  const bool accelerator = target == Target::kGpu || target == Target::kTpu;
  if (accelerator && options_.strict_target) {
    return Outcome(Errno::kUnsupportedOperation, std::string("target ") +
                                                     kTargetNames[static_cast<size_t>(target)] +
                                                     " is not available, and strictTarget is set");
  }
  Status unsupported;
  for (const std::shared_ptr<Backend>& backend : backends_) {
    StatusOr<std::vector<importers::Bytes>> builders = read();
    if (!builders.ok()) return builders.status();
    StatusOr<std::shared_ptr<BackendGraph>> loaded = backend->Load(*builders, encoding, target);
    if (loaded.ok() && *loaded != nullptr) {
      *graph = std::move(*loaded);
      replaced_target_ = replaced_target_ || accelerator;
      return Outcome();
    }
    if (!loaded.ok()) {
      unsupported = loaded.status();
      if (unsupported.code() != StatusCode::kUnsupported) return unsupported;
    }
  }
  if (!unsupported.ok()) return unsupported;
  return Outcome(Errno::kInvalidEncoding,
                 std::string("no backend reads these bytes, encoding ") + encoding.name);
}

Status Host::CheckGraphCount() const {
  if (graphs_.size() < options_.max_graphs) return OkStatus();
  return ResourceExhausted("%zu graphs are loaded, no more are allowed", graphs_.size());
}

Outcome Host::AddGraph(GraphEntry entry, uint32_t out_pointer, const GuestMemory& memory) {
  MINNOW_RETURN_IF_ERROR(CheckGraphCount());
  const std::optional<uint32_t> handle = graphs_.Add(std::move(entry));
  if (!handle.has_value()) return Outcome(Errno::kRuntimeError, "graph handles are exhausted");
  return memory.WriteU32(out_pointer, *handle, "the graph's out-pointer");
}

// load_by_name(name, name_length, graph_out)
Outcome Host::LoadByName(const uint32_t* args, const GuestMemory& memory) {
  return LoadNamed(args[0], args[1], CallConfig(), args[2], memory);
}

// load_by_name_with_config(name, name_length, config, config_length, graph_out)
Outcome Host::LoadByNameWithConfig(const uint32_t* args, const GuestMemory& memory) {
  StatusOr<std::string> text = ReadText(memory, args[2], args[3], kMaxConfigBytes, "the config");
  if (!text.ok()) return text.status();
  StatusOr<CallConfig> config = ParseCallConfig(*text);
  if (!config.ok()) return config.status();
  return LoadNamed(args[0], args[1], *config, args[4], memory);
}

Outcome Host::LoadNamed(uint32_t name_pointer, uint32_t name_length, const CallConfig& config,
                        uint32_t out_pointer, const GuestMemory& memory) {
  MINNOW_RETURN_IF_ERROR(memory.Check(out_pointer, 4, "the graph's out-pointer"));
  StatusOr<std::string> name =
      ReadText(memory, name_pointer, name_length, kMaxNameBytes, "the name");
  if (!name.ok()) return name.status();
  const auto model = models_.find(*name);
  if (model == models_.end()) return NotFound("no model is named \"%.100s\"", name->c_str());
  if (config.empty()) {
    for (const auto& [handle, entry] : graphs_) {
      if (entry.name == *name) {
        return memory.WriteU32(out_pointer, handle, "the graph's out-pointer");
      }
    }
  }
  GraphEntry entry;
  entry.graph = model->second.graph;
  entry.config = config;
  if (!entry.config.input_layout.has_value()) entry.config.input_layout = model->second.layout;
  if (config.empty()) entry.name = *name;
  return AddGraph(std::move(entry), out_pointer, memory);
}

Outcome Host::Unload(uint32_t graph) {
  if (!graphs_.Remove(graph)) return InvalidArgument("graph %u is not loaded", graph);
  return Outcome();
}

Status Host::AddModel(const std::string& name, const std::vector<importers::Bytes>& builders,
                      const EncodingRow& encoding, InputLayout layout) {
  MINNOW_RETURN_IF_ERROR(CheckBuilderCount(encoding, static_cast<uint32_t>(builders.size())));
  NamedModel model;
  model.layout = layout;
  const auto read = [&] { return StatusOr<std::vector<importers::Bytes>>(builders); };
  const Outcome outcome = LoadFrom(read, encoding, Target::kCpu, &model.graph);
  if (outcome.ok()) {
    models_[name] = std::move(model);
    return OkStatus();
  }
  return Status(StatusOf(outcome.code()), outcome.message());
}

void Host::Reset() {
  contexts_.Clear();
  graphs_.Clear();
}

const GraphInfo* Host::Describe(uint32_t graph) const {
  const GraphEntry* entry = graphs_.Find(graph);
  return entry == nullptr ? nullptr : &entry->graph->info();
}

const GraphInfo* Host::Describe(const std::string& name) const {
  const auto found = models_.find(name);
  return found == models_.end() ? nullptr : &found->second.graph->info();
}

}  // namespace minnow::wasi_nn
