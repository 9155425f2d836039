// How many bytes of host memory one guest may have live.
#ifndef MINNOW_WASI_NN_BUDGET_H_
#define MINNOW_WASI_NN_BUDGET_H_

#include <cstdint>
#include <utility>

#include "base/status.h"

namespace minnow::wasi_nn {

// Not thread safe. Outlives its leases.
class Budget {
 public:
  explicit Budget(uint64_t limit) : limit_(limit) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  uint64_t used() const { return used_; }

  // A part of the budget, given back when it goes. Movable.
  class Lease {
   public:
    Lease() = default;
    explicit Lease(Budget* budget) : budget_(budget) {}
    ~Lease() { Release(); }
    Lease(Lease&& other) noexcept { *this = std::move(other); }
    Lease& operator=(Lease&& other) noexcept {
      if (this == &other) return *this;
      Release();
      budget_ = other.budget_;
      bytes_ = std::exchange(other.bytes_, 0);
      return *this;
    }

    uint64_t bytes() const { return bytes_; }

    // kResourceExhausted when the budget does not have that much; the lease stays as it is.
    Status Resize(uint64_t bytes) {
      const uint64_t others = budget_->used_ - bytes_;
      if (bytes > budget_->limit_ || others > budget_->limit_ - bytes) {
        return ResourceExhausted("%llu bytes are needed beside %llu in use; the limit is %llu",
                                 static_cast<unsigned long long>(bytes),
                                 static_cast<unsigned long long>(others),
                                 static_cast<unsigned long long>(budget_->limit_));
      }
      budget_->used_ = others + bytes;
      bytes_ = bytes;
      return OkStatus();
    }

   private:
    void Release() {
      if (budget_ != nullptr) budget_->used_ -= bytes_;
      bytes_ = 0;
    }

    Budget* budget_ = nullptr;
    uint64_t bytes_ = 0;
  };

 private:
  const uint64_t limit_;
  uint64_t used_ = 0;
};

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_BUDGET_H_
