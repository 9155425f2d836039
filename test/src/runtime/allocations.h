// Counts what this process allocates.
#ifndef MINNOW_TEST_SRC_RUNTIME_ALLOCATIONS_H_
#define MINNOW_TEST_SRC_RUNTIME_ALLOCATIONS_H_

#include <cstdint>

namespace minnow::runtime {

// Allocations so far, by any thread: malloc and its kin where glibc lets a program put its own in
// their place, else (sanitizers) operator new only.
int64_t Allocations();

}  // namespace minnow::runtime

#endif  // MINNOW_TEST_SRC_RUNTIME_ALLOCATIONS_H_
