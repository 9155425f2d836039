// Can any bytes as a TorchScript archive (its zip above all) crash the importer, the passes or a
// run, hang, leak or exhaust memory?
#include "fuzz_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  minnow::fuzz::FuzzModel({{data, size}}, "pytorch");
  return 0;
}
