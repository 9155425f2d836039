// Sessions of one model, lent to one run at a time and used again.
#ifndef MINNOW_CLASSIFY_SESSION_POOL_H_
#define MINNOW_CLASSIFY_SESSION_POOL_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "base/status.h"
#include "runtime/model.h"
#include "runtime/session.h"

namespace minnow::classify {

// Thread safe. Lives as long as its longest lease.
class SessionPool : public std::enable_shared_from_this<SessionPool> {
 public:
  // A session that goes back when the lease ends. Movable.
  class Lease {
   public:
    Lease(std::shared_ptr<SessionPool> pool, std::unique_ptr<runtime::Session> session)
        : pool_(std::move(pool)), session_(std::move(session)) {}
    ~Lease() {
      if (session_ != nullptr) pool_->Return(std::move(session_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    runtime::Session* operator->() const { return session_.get(); }
    runtime::Session& operator*() const { return *session_; }

   private:
    std::shared_ptr<SessionPool> pool_;
    std::unique_ptr<runtime::Session> session_;
  };

  // Keeps at most `max_idle` sessions that nobody uses; more may be lent at the same time.
  static std::shared_ptr<SessionPool> Create(std::shared_ptr<const runtime::Model> model,
                                             size_t max_idle);

  // The session used last (its arena is warm), or a new one. Errors: those of Session::Create.
  StatusOr<Lease> Acquire();

  const std::shared_ptr<const runtime::Model>& model() const { return model_; }
  size_t idle() const;

 private:
  SessionPool(std::shared_ptr<const runtime::Model> model, size_t max_idle);
  void Return(std::unique_ptr<runtime::Session> session);

  const std::shared_ptr<const runtime::Model> model_;
  const size_t max_idle_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<runtime::Session>> idle_;
};

}  // namespace minnow::classify

#endif  // MINNOW_CLASSIFY_SESSION_POOL_H_
