// minnow's own engine as a wasi-nn backend: every format that it imports.
#include "wasi_nn/native_backend.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/aligned_buffer.h"
#include "runtime/model.h"
#include "runtime/plan.h"
#include "runtime/session.h"
#include "wasi_nn/convert.h"

namespace minnow::wasi_nn {
namespace {

std::vector<TensorSpec> SpecsOf(const std::vector<runtime::TensorInfo>& infos) {
  std::vector<TensorSpec> specs;
  for (const runtime::TensorInfo& info : infos) {
    TensorSpec spec = {info.name, info.dtype, info.shape, info.layout, std::nullopt};
    if (info.quantization.has_value() && info.quantization->scales.size() == 1 &&
        info.quantization->zero_points.size() == 1) {
      spec.quantization =
          QuantParams{info.quantization->scales[0], info.quantization->zero_points[0]};
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<Shape> DeclaredShapes(const GraphInfo& info) {
  std::vector<Shape> shapes;
  for (const TensorSpec& input : info.inputs) {
    Shape shape = input.shape;
    for (int axis = 0; axis < shape.rank(); ++axis) shape[axis] = std::max<int64_t>(shape[axis], 1);
    shapes.push_back(shape);
  }
  return shapes;
}

// Inputs go straight into the session's arena, which keeps them through a run (keep_inputs).
// A new shape makes the session plan anew, which needs the shapes of all inputs: so in a graph of
// several inputs a tensor of a new shape waits in `staged` for Compute.
class NativeContext : public BackendContext {
 public:
  NativeContext(std::shared_ptr<BackendGraph> graph, std::shared_ptr<const runtime::Model> model,
                const ContextOptions& options)
      : graph_(std::move(graph)),
        model_(std::move(model)),
        options_(options),
        lease_(options.budget),
        shapes_(DeclaredShapes(graph_->info())),
        staged_(shapes_.size()),
        outputs_(graph_->info().outputs.size()) {}

  Status Create() {
    MINNOW_RETURN_IF_ERROR(Charge(shapes_));
    StatusOr<std::unique_ptr<runtime::Session>> session = runtime::Session::Create(model_);
    if (!session.ok()) return session.status();
    session_ = std::move(*session);
    return OkStatus();
  }

  Status SetInput(size_t index, const GuestTensor& tensor) override {
    const TensorSpec& spec = graph_->info().inputs[index];
    const InputLayout layout = options_.input_layout;
    const bool same_shape = tensor.shape == session_->input(index).shape;
    if (!same_shape && shapes_.size() > 1) {
      const size_t bytes = static_cast<size_t>(tensor.shape.ElementCount()) * DTypeSize(spec.dtype);
      StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(bytes);
      if (!buffer.ok()) return buffer.status();
      MINNOW_RETURN_IF_ERROR(WriteTensor(tensor, spec, layout, buffer->data()));
      staged_[index] = std::move(*buffer);
      shapes_[index] = tensor.shape;
      return OkStatus();
    }
    if (!same_shape) MINNOW_RETURN_IF_ERROR(Prepare({tensor.shape}));
    MINNOW_RETURN_IF_ERROR(WriteTensor(tensor, spec, layout, session_->input(index).data));
    shapes_[index] = tensor.shape;
    staged_[index] = AlignedBuffer();
    return OkStatus();
  }

  Status Compute() override {
    MINNOW_RETURN_IF_ERROR(Unstage());
    runtime::RunOptions run;
    run.threads = options_.threads;
    MINNOW_RETURN_IF_ERROR(session_->Run(run));
    // Outputs whose shapes depend on data are known only now.
    uint64_t bytes = session_->arena_bytes();
    for (size_t i = 0; i < outputs_.size(); ++i) bytes += session_->output(i).size_bytes();
    MINNOW_RETURN_IF_ERROR(lease_.Resize(bytes));
    for (size_t i = 0; i < outputs_.size(); ++i) {
      MINNOW_RETURN_IF_ERROR(Keep(session_->output(i), &outputs_[i]));
    }
    return OkStatus();
  }

  TensorView Output(size_t index) override {
    const Kept& kept = outputs_[index];
    return {kept.dtype, kept.shape, kept.buffer.data()};
  }

 private:
  // A copy of an output: the next input may take its place in the arena.
  struct Kept {
    DType dtype = DType::kF32;
    Shape shape;
    AlignedBuffer buffer;
  };

  Status Charge(const std::vector<Shape>& shapes) {
    StatusOr<std::shared_ptr<const runtime::Plan>> plan = model_->PlanFor(shapes);
    if (!plan.ok()) return plan.status();
    const uint64_t arena = session_ == nullptr
                               ? (*plan)->arena_bytes
                               : std::max((*plan)->arena_bytes, session_->arena_bytes());
    uint64_t bytes = arena;
    for (const runtime::SlotId id : (*plan)->outputs) {
      if (id == runtime::kNoSlot) continue;
      const runtime::Slot& slot = (*plan)->slots[static_cast<size_t>(id)];
      bytes += static_cast<uint64_t>(slot.shape.ElementCount()) * DTypeSize(slot.dtype);
    }
    return lease_.Resize(bytes);
  }

  Status Prepare(const std::vector<Shape>& shapes) {
    MINNOW_RETURN_IF_ERROR(Charge(shapes));
    return session_->Prepare(shapes);
  }

  Status Unstage() {
    const auto is_staged = [](const AlignedBuffer& buffer) { return buffer.data() != nullptr; };
    if (std::none_of(staged_.begin(), staged_.end(), is_staged)) return OkStatus();
    for (size_t i = 0; i < staged_.size(); ++i) {
      if (is_staged(staged_[i])) continue;
      Kept kept;
      const MutableTensorView input = session_->input(i);
      MINNOW_RETURN_IF_ERROR(Keep({input.dtype, input.shape, input.data}, &kept));
      staged_[i] = std::move(kept.buffer);
    }
    MINNOW_RETURN_IF_ERROR(Prepare(shapes_));
    for (size_t i = 0; i < staged_.size(); ++i) {
      const MutableTensorView input = session_->input(i);
      if (input.size_bytes() != 0) std::memcpy(input.data, staged_[i].data(), input.size_bytes());
      staged_[i] = AlignedBuffer();
    }
    return OkStatus();
  }

  static Status Keep(const TensorView& tensor, Kept* kept) {
    if (kept->buffer.data() == nullptr || kept->buffer.size() < tensor.size_bytes()) {
      StatusOr<AlignedBuffer> buffer = AlignedBuffer::Allocate(tensor.size_bytes());
      if (!buffer.ok()) return buffer.status();
      kept->buffer = std::move(*buffer);
    }
    kept->dtype = tensor.dtype;
    kept->shape = tensor.shape;
    if (tensor.size_bytes() != 0) {
      std::memcpy(kept->buffer.data(), tensor.data, tensor.size_bytes());
    }
    return OkStatus();
  }

  const std::shared_ptr<BackendGraph> graph_;
  const std::shared_ptr<const runtime::Model> model_;
  const ContextOptions options_;
  Budget::Lease lease_;
  std::unique_ptr<runtime::Session> session_;
  std::vector<Shape> shapes_;  // of the tensors set last
  std::vector<AlignedBuffer> staged_;
  std::vector<Kept> outputs_;
};

class NativeGraph : public BackendGraph, public std::enable_shared_from_this<NativeGraph> {
 public:
  NativeGraph(std::shared_ptr<const runtime::Model> model, const char* format)
      : model_(std::move(model)) {
    info_.backend = "minnow";
    info_.format = format;
    info_.inputs = SpecsOf(model_->inputs());
    info_.outputs = SpecsOf(model_->outputs());
  }

  const GraphInfo& info() const override { return info_; }
  uint64_t memory_bytes() const override { return static_cast<uint64_t>(model_->weight_bytes()); }

  StatusOr<std::unique_ptr<BackendContext>> CreateContext(const ContextOptions& options) override {
    auto context = std::make_unique<NativeContext>(shared_from_this(), model_, options);
    MINNOW_RETURN_IF_ERROR(context->Create());
    return std::unique_ptr<BackendContext>(std::move(context));
  }

 private:
  const std::shared_ptr<const runtime::Model> model_;
  GraphInfo info_;
};

bool HasImporter(const std::string& name) {
  const std::vector<importers::Importer>& all = importers::Importers();
  return std::any_of(all.begin(), all.end(),
                     [&](const importers::Importer& importer) { return name == importer.name; });
}

// The format that the bytes show, else the one that the guest names, else "".
std::string FormatOf(importers::Bytes first, const EncodingRow& encoding) {
  for (const importers::Importer& importer : importers::Importers()) {
    if (importer.sniff(first)) return importer.name;
  }
  return HasImporter(encoding.importer) ? encoding.importer : "";
}

class NativeBackend : public Backend {
 public:
  NativeBackend(GraphCache* cache, const LoadLimits& limits) : cache_(cache), limits_(limits) {}

  StatusOr<std::shared_ptr<BackendGraph>> Load(const std::vector<importers::Bytes>& builders,
                                               const EncodingRow& encoding, Target) override {
    const std::string format = FormatOf(builders[0], encoding);
    if (format.empty()) return std::shared_ptr<BackendGraph>();
    // What another host may load is not what this one may.
    const std::string kind = format + LimitsKey();
    return cache_->GetOrLoad(kind, builders, [&](const std::vector<importers::Bytes>& buffers) {
      return Compile(buffers, format);
    });
  }

 private:
  std::string LimitsKey() const {
    std::string key;
    for (const int64_t limit :
         {int64_t{limits_.rank}, limits_.elements, int64_t{limits_.nodes}, int64_t{limits_.nesting},
          static_cast<int64_t>(limits_.arena_bytes)}) {
      key += ' ' + std::to_string(limit);
    }
    return key;
  }

  StatusOr<std::shared_ptr<BackendGraph>> Compile(const std::vector<importers::Bytes>& buffers,
                                                  const std::string& format) const {
    const LoadScope scope(limits_);
    StatusOr<importers::ImportedModel> imported = importers::ImportModel(buffers, format);
    if (!imported.ok()) return imported.status();
    runtime::CompileOptions options;
    options.keep_inputs = true;
    StatusOr<std::shared_ptr<const runtime::Model>> model =
        runtime::Model::Compile(std::move(imported->graph), options);
    if (!model.ok()) return model.status();
    return std::shared_ptr<BackendGraph>(
        std::make_shared<NativeGraph>(std::move(*model), imported->format));
  }

  GraphCache* const cache_;
  const LoadLimits limits_;
};

}  // namespace

std::shared_ptr<Backend> MakeNativeBackend(GraphCache* cache, const LoadLimits& limits) {
  return std::make_shared<NativeBackend>(cache, limits);
}

}  // namespace minnow::wasi_nn
