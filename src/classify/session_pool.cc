// Sessions of one model, lent to one run at a time and used again.
#include "classify/session_pool.h"

#include <utility>

namespace minnow::classify {

std::shared_ptr<SessionPool> SessionPool::Create(std::shared_ptr<const runtime::Model> model,
                                                 size_t max_idle) {
  return std::shared_ptr<SessionPool>(new SessionPool(std::move(model), max_idle));
}

SessionPool::SessionPool(std::shared_ptr<const runtime::Model> model, size_t max_idle)
    : model_(std::move(model)), max_idle_(max_idle) {
  idle_.reserve(max_idle);
}

StatusOr<SessionPool::Lease> SessionPool::Acquire() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<runtime::Session> session = std::move(idle_.back());
      idle_.pop_back();
      return Lease(shared_from_this(), std::move(session));
    }
  }
  StatusOr<std::unique_ptr<runtime::Session>> session = runtime::Session::Create(model_);
  if (!session.ok()) return session.status();
  return Lease(shared_from_this(), std::move(*session));
}

void SessionPool::Return(std::unique_ptr<runtime::Session> session) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (idle_.size() < max_idle_) idle_.push_back(std::move(session));
}

size_t SessionPool::idle() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return idle_.size();
}

}  // namespace minnow::classify
