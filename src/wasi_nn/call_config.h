// The configuration that load_by_name_with_config takes: a flat JSON object.
#ifndef MINNOW_WASI_NN_CALL_CONFIG_H_
#define MINNOW_WASI_NN_CALL_CONFIG_H_

#include <optional>
#include <string_view>

#include "base/status.h"
#include "wasi_nn/backend.h"

namespace minnow::wasi_nn {

struct CallConfig {
  std::optional<InputLayout> input_layout;  // "inputLayout": "auto", "nchw" or "nhwc"
  std::optional<int> threads;               // "threads": 1 to 256

  bool empty() const { return !input_layout.has_value() && !threads.has_value(); }
};

// Empty text is an empty object. kInvalidArgument for anything that is no flat object of these
// keys: what is not understood is not ignored.
StatusOr<CallConfig> ParseCallConfig(std::string_view text);

// "auto", "nchw" or "nhwc".
std::optional<InputLayout> FindInputLayout(std::string_view name);

}  // namespace minnow::wasi_nn

#endif  // MINNOW_WASI_NN_CALL_CONFIG_H_
