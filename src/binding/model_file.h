// Model files, read on minnow's threads.
#ifndef MINNOW_BINDING_MODEL_FILE_H_
#define MINNOW_BINDING_MODEL_FILE_H_

#include <string>

#include "base/aligned_buffer.h"
#include "base/status.h"

namespace minnow::binding {

// The bytes of a regular file. Not mapped: a file that another process cuts off would end this one.
// kNotFound where it cannot be opened, is no regular file, or is not read to its end; lib then
// reads it Node's way, whose errors say why.
StatusOr<AlignedBuffer> ReadModelFile(const std::string& path);

}  // namespace minnow::binding

#endif  // MINNOW_BINDING_MODEL_FILE_H_
