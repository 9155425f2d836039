// minnow's own engine as a wasi-nn backend: every format that it imports.
#ifndef MINNOW_WASI_NN_NATIVE_BACKEND_H_
#define MINNOW_WASI_NN_NATIVE_BACKEND_H_

#include <memory>

#include "tensor/load_limits.h"
#include "wasi_nn/backend.h"
#include "wasi_nn/graph_cache.h"

namespace minnow::wasi_nn {

// Thread safe. `cache` outlives the backend. `limits` hold for every file that it loads.
std::shared_ptr<Backend> MakeNativeBackend(GraphCache* cache, const LoadLimits& limits = {});

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_NATIVE_BACKEND_H_
