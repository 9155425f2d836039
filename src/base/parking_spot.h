// Where one thread sleeps until another has work for it, and on which CPU it wakes.
#ifndef MINNOW_BASE_PARKING_SPOT_H_
#define MINNOW_BASE_PARKING_SPOT_H_

#include <pthread.h>

#include <condition_variable>
#include <mutex>

#if defined(__linux__)
#include <sched.h>
#endif

namespace minnow {

// Of one thread. All functions are called with one mutex held, which may be another one each time.
class ParkingSpot {
 public:
  ParkingSpot() = default;
  ParkingSpot(const ParkingSpot&) = delete;
  ParkingSpot& operator=(const ParkingSpot&) = delete;

  // Sleeps until another thread calls Wake or WakeElsewhere; `lock` is let go of meanwhile.
  void Park(std::unique_lock<std::mutex>& lock);

  // REQUIRES: a thread is parked here that nobody has woken yet.
  void Wake();

  // The same for a sleeper that is to work beside its waker: it wakes on another CPU than the
  // waker's, where it may use one. Left alone, the kernel puts both on one CPU once the others have
  // been idle for some milliseconds in a virtual machine (their virtual CPUs count as preempted),
  // and leaves them there for several more: two threads then take longer than one.
  void WakeElsewhere();

 private:
  std::condition_variable wake_;
  pthread_t thread_ = {};  // the last one that parked
  bool is_parked_ = false;
#if defined(__linux__)
  bool is_kept_off_ = false;
  cpu_set_t home_;  // while kept off a CPU: where the thread may run otherwise
#endif
};

}  // namespace minnow

#endif  // MINNOW_BASE_PARKING_SPOT_H_
