// Can any bytes behind the magic number of JPEG make the decoder or the resizer crash, read out of
// bounds, hang or leak?
#include "fuzz_image.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size != 0 && data[0] == 0xff) minnow::fuzz::FuzzImage(data, size);
  return 0;
}
