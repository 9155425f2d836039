// TorchScript archives for tests: a zip, its pickles and its source files, written by hand.
#ifndef MINNOW_TEST_IMPORTERS_TORCHSCRIPT_ARCHIVE_WRITER_H_
#define MINNOW_TEST_IMPORTERS_TORCHSCRIPT_ARCHIVE_WRITER_H_

#include <zlib.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "importers/model_builders.h"

namespace minnow::importers::torchscript {

inline std::string LittleEndian(uint64_t number, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i, number >>= 8) text += static_cast<char>(number & 0xff);
  return text;
}

inline std::string Deflated(const std::string& bytes) {
  std::string packed(bytes.size() + 1000, '\0');
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

class ZipWriter {
 public:
  ZipWriter& Stored(const std::string& name, const std::string& bytes) {
    return Entry(name, 0, bytes, bytes.size());
  }
  ZipWriter& Packed(const std::string& name, const std::string& bytes) {
    return Entry(name, 8, Deflated(bytes), bytes.size());
  }
  // `size` is what the directory says of the unpacked bytes.
  ZipWriter& Entry(const std::string& name, int method, const std::string& bytes, uint64_t size,
                   int flags = 0) {
    const std::string sizes = LittleEndian(0, 4) + LittleEndian(bytes.size(), 4) +
                              LittleEndian(size, 4) + LittleEndian(name.size(), 2);
    const std::string head = LittleEndian(static_cast<uint64_t>(flags), 2) +
                             LittleEndian(static_cast<uint64_t>(method), 2) + LittleEndian(0, 4);
    directory_ += "PK\x01\x02" + LittleEndian(0, 2) + LittleEndian(0, 2) + head + sizes +
                  LittleEndian(0, 12) + LittleEndian(bytes_.size(), 4) + name;
    bytes_ += "PK\x03\x04" + LittleEndian(0, 2) + head + sizes + LittleEndian(0, 2) + name + bytes;
    ++count_;
    return *this;
  }

  std::string Bytes() const {
    return bytes_ + directory_ + "PK\x05\x06" + LittleEndian(0, 4) + LittleEndian(count_, 2) +
           LittleEndian(count_, 2) + LittleEndian(directory_.size(), 4) +
           LittleEndian(bytes_.size(), 4) + LittleEndian(0, 2);
  }
  // The same with a zip64 end, which large files have.
  std::string Zip64Bytes() const {
    const std::string end = "PK\x06\x06" + LittleEndian(44, 8) + LittleEndian(0, 12) +
                            LittleEndian(count_, 8) + LittleEndian(count_, 8) +
                            LittleEndian(directory_.size(), 8) + LittleEndian(bytes_.size(), 8);
    const std::string locator = "PK\x06\x07" + LittleEndian(0, 4) +
                                LittleEndian(bytes_.size() + directory_.size(), 8) +
                                LittleEndian(1, 4);
    return bytes_ + directory_ + end + locator + "PK\x05\x06" + LittleEndian(0, 4) +
           LittleEndian(0xffff, 2) + LittleEndian(0xffff, 2) + LittleEndian(0xffffffff, 4) +
           LittleEndian(0xffffffff, 4) + LittleEndian(0, 2);
  }

 private:
  std::string bytes_;
  std::string directory_;
  uint64_t count_ = 0;
};

// Instructions of a pickle, as torch.jit.save writes them.
namespace pickle {

inline std::string Text(const std::string& text) {
  return "X" + LittleEndian(text.size(), 4) + text;
}
inline std::string Int(int64_t number) {
  return "J" + LittleEndian(static_cast<uint64_t>(number), 4);
}
inline std::string Bool(bool value) { return value ? "\x88" : "\x89"; }
inline std::string Global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string Tuple(const std::vector<std::string>& items) {
  std::string text = "(";
  for (const std::string& item : items) text += item;
  return text + "t";
}
inline std::string Ints(const std::vector<int64_t>& numbers) {
  std::vector<std::string> items;
  items.reserve(numbers.size());
  for (int64_t number : numbers) items.push_back(Int(number));
  return Tuple(items);
}
inline std::string Tensor(const std::string& key, const std::vector<int64_t>& dims,
                          std::vector<int64_t> strides = {}, int64_t offset = 0,
                          const std::string& storage = "FloatStorage") {
  if (strides.empty()) {
    int64_t stride = 1;
    strides.resize(dims.size());
    for (size_t i = dims.size(); i > 0; --i) {
      strides[i - 1] = stride;
      stride *= dims[i - 1];
    }
  }
  const std::string id =
      Tuple({Text("storage"), Global("torch", storage), Text(key), Text("cpu"), Int(0)}) + "Q";
  const std::string hooks = Global("collections", "OrderedDict") + ")R";
  return Global("torch._utils", "_rebuild_tensor_v2") +
         Tuple({id, Int(offset), Ints(dims), Ints(strides), Bool(false), hooks}) + "R";
}
using Attributes = std::vector<std::pair<std::string, std::string>>;
inline std::string Object(const std::string& module, const std::string& name,
                          const Attributes& attributes) {
  std::string text = Global(module, name) + ")\x81}(";
  for (const auto& [key, value] : attributes) text += Text(key) + value;
  return text + "ub";
}
inline std::string Whole(const std::string& value) { return "\x80\x02" + value + "."; }

}  // namespace pickle

// A whole archive around the class Net.
class ArchiveWriter {
 public:
  // An attribute of the root, a value of `pickle`.
  ArchiveWriter& Attribute(const std::string& name, const std::string& value) {
    attributes_.emplace_back(name, value);
    return *this;
  }
  // A tensor attribute of floats 0.5.
  ArchiveWriter& Weights(const std::string& name, const std::vector<int64_t>& dims) {
    int64_t count = 1;
    for (int64_t dim : dims) count *= dim;
    const std::string key = std::to_string(storages_++);
    zip_.Stored("net/data/" + key, Floats(count));
    return Attribute(name, pickle::Tensor(key, dims));
  }
  // CONSTANTS.c0, …: a number of rank 0 in its storage.
  ArchiveWriter& Constant(const std::string& storage, const std::string& bytes) {
    const std::string key = std::to_string(constants_.size());
    zip_.Stored("net/constants/" + key, bytes);
    constants_.push_back(pickle::Tensor(key, {}, {}, 0, storage));
    return *this;
  }
  ArchiveWriter& Storage(const std::string& key, const std::string& bytes) {
    zip_.Stored("net/data/" + key, bytes);
    return *this;
  }
  // A source file besides that of Net: "__torch__/layers.py".
  ArchiveWriter& Source(const std::string& path, const std::string& text) {
    zip_.Packed("net/code/" + path, text);
    return *this;
  }

  // `net` is the text of code/__torch__.py.
  std::string Bytes(const std::string& net) const {
    return BytesOf(net, pickle::Whole(pickle::Object("__torch__", "Net", attributes_)));
  }
  std::string BytesOf(const std::string& net, const std::string& data) const {
    ZipWriter zip = zip_;
    zip.Packed("net/code/__torch__.py", net);
    zip.Stored("net/data.pkl", data);
    zip.Stored("net/constants.pkl", pickle::Whole(pickle::Tuple(constants_)));
    zip.Stored("net/version", "3\n");
    return zip.Bytes();
  }
  // The lines of `body` make up forward(self, x).
  std::string Forward(const std::string& body) const { return Bytes(NetWith(body)); }
  std::string ForwardText(const std::string& body) const { return ImportText(Forward(body)); }

  static std::string NetWith(const std::string& body) {
    std::string text =
        "class Net(Module):\n"
        "  training : bool\n"
        "  def forward(self: __torch__.Net,\n"
        "    x: Tensor) -> Tensor:\n";
    for (size_t start = 0; start < body.size();) {
      const size_t end = std::min(body.find('\n', start), body.size());
      text += "    " + body.substr(start, end - start) + "\n";
      start = end + 1;
    }
    return text;
  }

  static std::string Floats(int64_t count) {
    std::string bytes;
    for (int64_t i = 0; i < count; ++i) bytes += LittleEndian(0x3f000000, 4);
    return bytes;
  }

 private:
  ZipWriter zip_;
  pickle::Attributes attributes_;
  std::vector<std::string> constants_;
  int storages_ = 0;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_TEST_IMPORTERS_TORCHSCRIPT_ARCHIVE_WRITER_H_
