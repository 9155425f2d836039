// wasi:nn@0.2.0-rc-2024-10-28 in the flat form of the component model's canonical ABI: what a core
// module imports. Results wider than one number are written to `result`; lists and strings of a
// result lie in memory of cabi_realloc.
#ifndef MINNOW_GUEST_COMPONENT_WASI_NN_H_
#define MINNOW_GUEST_COMPONENT_WASI_NN_H_

#include <cstdint>

namespace minnow::guest {

using Handle = int32_t;

struct List {
  const void* data;
  uint32_t count;
};

struct NamedTensor {
  List name;
  Handle tensor;
};

// result<handle, error>
struct HandleResult {
  uint8_t is_error;
  Handle handle;  // of the value or of the error
};

// result<list<named-tensor>, error>
struct TensorsResult {
  uint8_t is_error;
  union {
    Handle error;
    List tensors;
  };
};

inline constexpr int32_t kComponentF32 = 1;         // tensor-type
inline constexpr int32_t kComponentAutodetect = 6;  // graph-encoding
inline constexpr int32_t kComponentCpu = 0;         // execution-target

#define MINNOW_WIT_IMPORT(interface, name) \
  __attribute__((import_module("wasi:nn/" interface "@0.2.0-rc-2024-10-28"), import_name(name)))

extern "C" {
MINNOW_WIT_IMPORT("tensor", "[constructor]tensor")
Handle minnow_wit_new_tensor(const uint32_t* dims, uint32_t rank, int32_t type, const void* data,
                             uint32_t size);
MINNOW_WIT_IMPORT("tensor", "[method]tensor.data")
void minnow_wit_tensor_data(Handle tensor, List* result);
MINNOW_WIT_IMPORT("tensor", "[resource-drop]tensor") void minnow_wit_drop_tensor(Handle tensor);
MINNOW_WIT_IMPORT("graph", "load")
void minnow_wit_load(const List* builders, uint32_t count, int32_t encoding, int32_t target,
                     HandleResult* result);
MINNOW_WIT_IMPORT("graph", "load-by-name")
void minnow_wit_load_by_name(const char* name, uint32_t size, HandleResult* result);
MINNOW_WIT_IMPORT("graph", "[method]graph.init-execution-context")
void minnow_wit_init_context(Handle graph, HandleResult* result);
MINNOW_WIT_IMPORT("graph", "[resource-drop]graph") void minnow_wit_drop_graph(Handle graph);
MINNOW_WIT_IMPORT("inference", "[method]graph-execution-context.compute")
void minnow_wit_compute(Handle context, const NamedTensor* inputs, uint32_t count,
                        TensorsResult* result);
MINNOW_WIT_IMPORT("inference", "[resource-drop]graph-execution-context")
void minnow_wit_drop_context(Handle context);
MINNOW_WIT_IMPORT("errors", "[method]error.code") int32_t minnow_wit_error_code(Handle error);
MINNOW_WIT_IMPORT("errors", "[method]error.data")
void minnow_wit_error_data(Handle error, List* result);
MINNOW_WIT_IMPORT("errors", "[resource-drop]error") void minnow_wit_drop_error(Handle error);
}

#undef MINNOW_WIT_IMPORT

}  // namespace minnow::guest

#endif  // MINNOW_GUEST_COMPONENT_WASI_NN_H_
