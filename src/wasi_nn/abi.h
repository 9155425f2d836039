// The numbers of the wasi-nn ABI ("witx" style, module wasi_ephemeral_nn): functions, error codes,
// encodings, targets, tensor types. Tables and conversions only.
//
// Guests in use were built against several generations of these numbers. docs/wasi-nn.md lists
// them.
#ifndef MINNOW_WASI_NN_ABI_H_
#define MINNOW_WASI_NN_ABI_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/status.h"
#include "tensor/dtype.h"

namespace minnow::wasi_nn {

inline constexpr char kModuleName[] = "wasi_ephemeral_nn";

// In the order of kFunctions.
enum class Function : uint32_t {
  kLoad,
  kLoadByName,
  kLoadByNameWithConfig,
  kInitExecutionContext,
  kSetInput,
  kCompute,
  kGetOutput,
  kGetOutputSingle,
  kComputeSingle,
  kFiniSingle,
  kUnload,
  kFinalizeExecutionContext,
};

inline constexpr int kMaxParams = 5;

struct FunctionRow {
  const char* name;
  int params;  // each an i32; the result is one i32, the error code
  bool needs_memory;
};

inline constexpr FunctionRow kFunctions[] = {
    {"load", 5, true},
    {"load_by_name", 3, true},
    {"load_by_name_with_config", 5, true},
    {"init_execution_context", 2, true},
    {"set_input", 3, true},
    {"compute", 1, false},
    {"get_output", 5, true},
    {"get_output_single", 5, true},
    {"compute_single", 1, false},
    {"fini_single", 1, false},
    {"unload", 1, false},
    {"finalize_execution_context", 1, false},
};
inline constexpr size_t kFunctionCount = sizeof(kFunctions) / sizeof(kFunctions[0]);

// The codes of the witx since 2023.
enum class Errno : uint16_t {
  kSuccess = 0,
  kInvalidArgument = 1,
  kInvalidEncoding = 2,
  kMissingMemory = 3,
  kBusy = 4,
  kRuntimeError = 5,
  kUnsupportedOperation = 6,
  kTooLarge = 7,
  kNotFound = 8,
};

const char* ErrnoName(Errno code);

// Which generation of codes the guest knows. Old bindings have undefined behaviour on others.
enum class ErrnoSet {
  k2020,  // 0 to 3: success, invalid_argument, missing_memory, busy
  k2022,  // 0 to 5: as now, without the last three
  k2023,  // 0 to 8
};

// "2020", "2022" or "2023".
std::optional<ErrnoSet> FindErrnoSet(const std::string& name);

// The number for a guest of that generation; a code it has not becomes the nearest that it has.
uint32_t EncodeErrno(Errno code, ErrnoSet set);

// What a failure of the engine is to a guest.
Errno ErrnoOf(StatusCode code);

struct EncodingRow {
  uint32_t number;
  const char* name;      // as hosts write it in their preload options
  const char* importer;  // Importer::name for this format; "" where the bytes must tell
  uint32_t builders;     // how many byte arrays make one model; 0: the format decides
};

// Null for a number that no generation of the ABI has.
const EncodingRow* FindEncoding(uint32_t number);
const EncodingRow* FindEncoding(const std::string& name);

enum class Target : uint32_t { kCpu = 0, kGpu = 1, kTpu = 2, kAuto = 3 };
inline constexpr uint32_t kTargetCount = 4;

// Sizes and offsets of records in guest memory; all fields little-endian, any alignment.
inline constexpr uint32_t kBuilderBytes = 8;  // u32 pointer, u32 length
inline constexpr uint32_t kTensorBytes = 20;
inline constexpr uint32_t kTensorDimsOffset = 0;
inline constexpr uint32_t kTensorRankOffset = 4;
inline constexpr uint32_t kTensorTypeOffset = 8;  // u8; the three bytes after it are garbage
inline constexpr uint32_t kTensorDataOffset = 12;
inline constexpr uint32_t kTensorLengthOffset = 16;

// The element type that a guest means. The numbers 2, 3 and 4 changed their meaning in 2023; the
// bytes of an element tell the generations apart. Nothing: no generation has such a pair.
std::optional<DType> DecodeTensorType(uint8_t number, uint64_t elements, uint64_t bytes);

// The type in which a guest holds elements of `dtype`: f16, f32, f64, u8, i32 or i64, of the same
// size. The ABI has no others, so i8 travels as u8, u32 as i32. Nothing for 16-bit integers.
std::optional<DType> CarrierOf(DType dtype);

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_ABI_H_
