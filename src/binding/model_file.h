// Model files, read on minnow's threads.
#ifndef MINNOW_BINDING_MODEL_FILE_H_
#define MINNOW_BINDING_MODEL_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/status.h"
#include "importers/importer.h"

namespace minnow::binding {

// A regular file while it is imported. Not mapped: a file that another process cuts off would end
// this one. What the importer only copies (its payload) is read where it is copied to: it then
// takes memory once.
class ModelFile : public importers::Payload {
 public:
  // `format`: see importers::ImportModel. kNotFound where the file cannot be opened, is no regular
  // file, or is not read to its end; lib then reads it Node's way, whose errors say why.
  static StatusOr<std::unique_ptr<ModelFile>> Open(const std::string& path,
                                                   const std::string& format);
  ~ModelFile() override;
  ModelFile(const ModelFile&) = delete;
  ModelFile& operator=(const ModelFile&) = delete;

  // For as long as this lives.
  importers::Bytes bytes() const {
    return {memory_.as<uint8_t>(), memory_.size(), payload_.empty() ? nullptr : this};
  }
  bool Copy(const uint8_t* from, size_t size, void* to) const override;

 private:
  explicit ModelFile(int file) : file_(file) {}
  Status ReadAll(const std::string& path, const std::string& format);
  bool ReadAllBut(const std::vector<importers::FileRange>& left);

  const int file_;
  std::vector<importers::FileRange> payload_;  // rising
  AlignedBuffer memory_;
};

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_MODEL_FILE_H_
