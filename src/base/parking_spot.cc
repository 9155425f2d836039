#include "base/parking_spot.h"

namespace minnow {

void ParkingSpot::Park(std::unique_lock<std::mutex>& lock) {
  thread_ = pthread_self();
  is_parked_ = true;
  wake_.wait(lock, [this] { return !is_parked_; });
#if defined(__linux__)
  // It runs where it is meant to: it may go where it likes again.
  if (is_kept_off_) pthread_setaffinity_np(thread_, sizeof(home_), &home_);
  is_kept_off_ = false;
#endif
}

void ParkingSpot::Wake() {
  is_parked_ = false;
  wake_.notify_one();
}

void ParkingSpot::WakeElsewhere() {
#if defined(__linux__)
  const int cpu = sched_getcpu();
  // Where the set is not to be had (over 1024 CPUs), the kernel chooses.
  if (cpu >= 0 && cpu < CPU_SETSIZE &&
      pthread_getaffinity_np(thread_, sizeof(home_), &home_) == 0 && CPU_ISSET(cpu, &home_) &&
      CPU_COUNT(&home_) > 1) {
    cpu_set_t others = home_;
    CPU_CLR(cpu, &others);
    is_kept_off_ = pthread_setaffinity_np(thread_, sizeof(others), &others) == 0;
  }
#endif
  Wake();
}

}  // namespace minnow
