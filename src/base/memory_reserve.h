// Address space for the small allocations of work that has run out of memory.
//
// The engine is built without exceptions: what is large is an AlignedBuffer, whose failure is a
// Status, and operator new must not fail. When the system refuses it memory, a block of the reserve
// goes back to the system and operator new tries again; the next Check() of any work then fails,
// that work ends and frees what it has, and the reserve is filled again.
#ifndef MINNOW_BASE_MEMORY_RESERVE_H_
#define MINNOW_BASE_MEMORY_RESERVE_H_

#include "base/status.h"

namespace minnow {

class MemoryReserve {
 public:
  // Fills the reserve and sets the process's new-handler; later calls do nothing. 64 MiB of
  // addresses, no memory: the pages are never touched. Nothing where there is no mmap.
  static void Install();
  // kResourceExhausted while a block is missing and cannot be had again. One load when none is.
  static Status Check();
};

}  // namespace minnow

#endif  // MINNOW_BASE_MEMORY_RESERVE_H_
