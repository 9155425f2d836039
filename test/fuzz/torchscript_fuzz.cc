// Can any program or pickle in a whole TorchScript archive crash the importer, the passes or a
// run, hang, leak or exhaust memory? The zip around them would keep mutations from getting this
// far; minnow_fuzz_torchscript_archive has that.
#include "fuzz_model.h"
#include "importers/torchscript/archive_writer.h"

namespace {

using minnow::importers::torchscript::ArchiveWriter;

// A module with weights of several shapes and a constant; Net is its source file's only class.
ArchiveWriter Archive() {
  ArchiveWriter archive;
  archive.Weights("w", {4, 3, 3, 3}).Weights("b", {4}).Weights("m", {5, 3}).Weights("c", {3});
  archive.Constant("DoubleStorage", std::string("\0\0\0\0\0\0\x04\x40", 8));
  return archive;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ArchiveWriter* const archive = new ArchiveWriter(Archive());
  static const std::string* const net = new std::string(ArchiveWriter::NetWith(
      "y = torch.conv2d(x, self.w, self.b)\nreturn (self.inner).forward(y, )\n"));
  const std::string input(reinterpret_cast<const char*>(data), size);
  const bool is_pickle = size != 0 && data[0] == 0x80;
  const std::string file = is_pickle ? archive->BytesOf(*net, input) : archive->Bytes(input);
  minnow::fuzz::FuzzModel({minnow::importers::AsBytes(file)}, "pytorch");
  return 0;
}
