// From the text of a TorchScript source file to its syntax tree.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_PARSER_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_PARSER_H_

#include <string_view>

#include "base/status.h"
#include "importers/torchscript/syntax.h"
#include "importers/torchscript/value.h"

namespace minnow::importers::torchscript {

// Fills `file`, whose name is set. The tree points into `text`, which must outlive it; every node
// is charged to `heap`. kInvalidModel for what is no Python, kUnsupported for what TorchScript does
// not write; both with file and line.
Status ParseSource(std::string_view text, Heap* heap, SourceFile* file);

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_PARSER_H_
