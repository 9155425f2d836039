// The host side of wasi-nn for one guest: handles, limits, and the twelve functions.
//
//   load | load_by_name -> graph; init_execution_context -> context;
//   (set_input* compute get_output*)*; finalize_execution_context; unload
#ifndef MINNOW_WASI_NN_HOST_H_
#define MINNOW_WASI_NN_HOST_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "wasi_nn/abi.h"
#include "wasi_nn/backend.h"
#include "wasi_nn/budget.h"
#include "wasi_nn/call_config.h"
#include "wasi_nn/guest_memory.h"
#include "wasi_nn/handle_table.h"

namespace minnow::wasi_nn {

struct HostOptions {
  ErrnoSet errno_set = ErrnoSet::k2023;
  InputLayout input_layout = InputLayout::kAuto;  // of graphs that do not say otherwise
  bool strict_target = false;                     // gpu and tpu fail instead of running on the CPU
  int threads = 0;                                // of one run at most; 0: all
  // Live at a time. Graphs given to AddModel do not count until the guest loads them.
  uint64_t max_graphs = 64;
  uint64_t max_contexts = 256;
  // Weights of the graphs that the guest loaded, and working memory of its contexts.
  uint64_t max_bytes = uint64_t{1} << 30;
  uint64_t first_handle = 0;  // tests of exhaustion only
};

// How a call ends: a code, and what went wrong.
class Outcome {
 public:
  Outcome() = default;
  Outcome(const Status& status)  // NOLINT: implicit, so that MINNOW_RETURN_IF_ERROR works
      : code_(ErrnoOf(status.code())), message_(status.message()) {}
  Outcome(Errno code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Errno::kSuccess; }
  Errno code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Errno code_ = Errno::kSuccess;
  std::string message_;
};

// Not thread safe. A backend that calls back into the guest gets `busy` from nested calls.
class Host {
 public:
  // Backends are asked in this order.
  Host(const HostOptions& options, std::vector<std::shared_ptr<Backend>> backends);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // One import: `args` are kFunctions[function].params i32. Returns the number for the guest.
  // `memory` may change where a backend that is written in JavaScript makes it move.
  // Writes to the guest's memory only where the ABI says, last of all, and nothing on failure but
  // the needed size of an output that does not fit.
  uint32_t Call(Function function, const uint32_t* args, const GuestMemory& memory);

  // Loads what load_by_name will find under `name`. REQUIRES: !busy().
  Status AddModel(const std::string& name, const std::vector<importers::Bytes>& builders,
                  const EncodingRow& encoding, InputLayout layout);

  // Forgets the guest's graphs and contexts; names and handle numbers go on. REQUIRES: !busy().
  void Reset();
  // Inside a call: a backend has called back.
  bool busy() const { return busy_; }

  // "set_input: ... (invalid_argument)" of the last call that failed; "" before.
  const std::string& last_error() const { return last_error_; }
  // A graph was loaded for gpu or tpu, and runs on the CPU.
  bool replaced_target() const { return replaced_target_; }

  // Null when there is no such handle or name. Valid until the next call.
  const GraphInfo* Describe(uint32_t graph) const;
  const GraphInfo* Describe(const std::string& name) const;

  size_t graph_count() const { return graphs_.size(); }
  size_t context_count() const { return contexts_.size(); }
  uint64_t used_bytes() const { return budget_.used(); }

 private:
  struct GraphEntry {
    std::shared_ptr<BackendGraph> graph;
    CallConfig config;
    std::string name;  // that load_by_name will give out again
    Budget::Lease lease;
  };
  struct ContextEntry {
    std::shared_ptr<BackendGraph> graph;
    uint32_t graph_handle = 0;
    std::unique_ptr<BackendContext> context;
    std::vector<bool> is_set;
    bool computed = false;
  };
  struct NamedModel {
    std::shared_ptr<BackendGraph> graph;
    InputLayout layout = InputLayout::kAuto;
  };

  Outcome Dispatch(Function function, const uint32_t* args, const GuestMemory& memory);
  Outcome Load(const uint32_t* args, const GuestMemory& memory);
  Outcome LoadByName(const uint32_t* args, const GuestMemory& memory);
  Outcome LoadByNameWithConfig(const uint32_t* args, const GuestMemory& memory);
  Outcome InitExecutionContext(const uint32_t* args, const GuestMemory& memory);
  Outcome SetInput(const uint32_t* args, const GuestMemory& memory);
  Outcome Compute(uint32_t context);
  Outcome GetOutput(const uint32_t* args, const GuestMemory& memory);
  Outcome SingleStep(uint32_t context);
  Outcome Unload(uint32_t graph);
  Outcome FinalizeExecutionContext(uint32_t context);

  // Read anew for each backend: one written in JavaScript may move the guest's memory.
  using BuilderReader = std::function<StatusOr<std::vector<importers::Bytes>>()>;

  Outcome LoadFrom(const BuilderReader& read, const EncodingRow& encoding, Target target,
                   std::shared_ptr<BackendGraph>* graph);
  Outcome LoadNamed(uint32_t name_pointer, uint32_t name_length, const CallConfig& config,
                    uint32_t out_pointer, const GuestMemory& memory);
  Status CheckGraphCount() const;
  Outcome AddGraph(GraphEntry entry, uint32_t out_pointer, const GuestMemory& memory);
  // Null when stale; `outcome` then says so.
  ContextEntry* FindContext(uint32_t handle, Outcome* outcome);
  ContextEntry* FindLiveContext(uint32_t handle, Outcome* outcome);

  const HostOptions options_;
  const std::vector<std::shared_ptr<Backend>> backends_;
  Budget budget_;
  std::map<std::string, NamedModel> models_;
  HandleTable<GraphEntry> graphs_;
  HandleTable<ContextEntry> contexts_;
  std::string last_error_;
  bool replaced_target_ = false;
  bool busy_ = false;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_HOST_H_
