// Node-API's C++ wrapper, set up the same for every file of the binding.
#ifndef MINNOW_BINDING_NODE_H_
#define MINNOW_BINDING_NODE_H_

// In a worker that is being terminated no JavaScript can run, so no error can be thrown either. The
// wrapper would then end the whole process; with this it carries on, and values come back empty.
#ifndef NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#endif

#include <napi.h>

#endif  // MINNOW_BINDING_NODE_H_
