// Can any OpenVINO IR crash the importer, the passes or a run, hang, leak or exhaust memory? The
// .bin is what stands behind a zero byte, which XML has none of, or zeros.
#include <cstring>

#include "fuzz_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using minnow::importers::Bytes;
  static const std::vector<uint8_t> zeros(size_t{1} << 16);
  const auto* end = size == 0 ? nullptr : static_cast<const uint8_t*>(std::memchr(data, 0, size));
  const size_t xml_size = end == nullptr ? size : static_cast<size_t>(end - data);
  const Bytes bin =
      end == nullptr ? Bytes{zeros.data(), zeros.size()} : Bytes{end + 1, size - xml_size - 1};
  minnow::fuzz::FuzzModel({{data, xml_size}, bin}, "openvino");
  return 0;
}
