#include "tensor/load_limits.h"

#include <algorithm>

namespace minnow {
namespace {

using Clock = std::chrono::steady_clock;

thread_local const LoadScope* current_scope = nullptr;

}  // namespace

LoadScope::LoadScope(const LoadLimits& limits)
    : limits_(limits),
      outer_(current_scope),
      deadline_(Clock::time_point::max()),
      milliseconds_(limits.milliseconds) {
  if (limits.milliseconds > 0) {
    deadline_ = Clock::now() + std::chrono::milliseconds(limits.milliseconds);
  }
  if (outer_ != nullptr && outer_->deadline_ < deadline_) {
    deadline_ = outer_->deadline_;
    milliseconds_ = outer_->milliseconds_;
  }
  current_scope = this;
}

LoadScope::~LoadScope() { current_scope = outer_; }

const LoadLimits& CurrentLoadLimits() {
  static const LoadLimits defaults;
  return current_scope == nullptr ? defaults : current_scope->limits_;
}

int AllowedNesting(int own) { return std::min(own, CurrentLoadLimits().nesting); }

Status CheckLoadTime() {
  if (current_scope == nullptr || current_scope->deadline_ == Clock::time_point::max() ||
      Clock::now() < current_scope->deadline_) {
    return OkStatus();
  }
  return ResourceExhausted("the load takes longer than the limit of %lld ms",
                           static_cast<long long>(current_scope->milliseconds_));
}

Status CheckLoad(int nodes) {
  const int limit = CurrentLoadLimits().nodes;
  if (nodes <= limit) return CheckLoadTime();
  return ResourceExhausted("more than %d operators; the limit is %d", nodes - 1, limit);
}

Status CheckTensorLimits(const Shape& shape) {
  const LoadLimits& limits = CurrentLoadLimits();
  if (shape.rank() > limits.rank) {
    return ResourceExhausted("a tensor of rank %d; the limit is %d", shape.rank(), limits.rank);
  }
  // Nearly all: this is asked of every value after every pass.
  const int64_t elements = shape.ElementCount();
  if (elements > 0 && elements <= std::min(limits.elements, kMaxElements)) return OkStatus();
  Shape sides;
  bool is_empty = false;
  for (const int64_t dim : shape) {
    if (dim == 0) is_empty = true;
    if (dim > 0) sides.Append(dim);
  }
  const int64_t count = sides.ElementCount();
  const int64_t most_of_nothing = std::min(limits.elements, kMaxSidesOfNothing);
  if (is_empty && count > most_of_nothing) {
    return ResourceExhausted(
        "a tensor of shape %s: without elements, its other sides may multiply to %lld",
        shape.ToString().c_str(), static_cast<long long>(most_of_nothing));
  }
  if (count <= std::min(limits.elements, kMaxElements)) return OkStatus();
  if (count > kMaxElements) {
    return InvalidArgument("a tensor of shape %s cannot be allocated", shape.ToString().c_str());
  }
  return ResourceExhausted("a tensor of shape %s; the limit is %lld elements",
                           shape.ToString().c_str(), static_cast<long long>(limits.elements));
}

}  // namespace minnow
