// Attributes of an IR layer, which are all text, read as what they stand for.
//
// What is wrong is recorded in the view, and a harmless value given, as NodeView's own getters do.
#ifndef MINNOW_IMPORTERS_OPENVINO_ATTRIBUTES_H_
#define MINNOW_IMPORTERS_OPENVINO_ATTRIBUTES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "importers/node_view.h"

namespace minnow::importers::openvino {

int64_t ReadInt(const NodeView& node, std::string_view name, int64_t otherwise);
int64_t ReadRequiredInt(const NodeView& node, std::string_view name);
// "true", "false", "1", "0", in any case.
bool ReadBool(const NodeView& node, std::string_view name, bool otherwise);
float ReadFloat(const NodeView& node, std::string_view name, float otherwise);
// Empty where the attribute is absent.
std::vector<int64_t> ReadInts(const NodeView& node, std::string_view name);
// The element type that attribute `name` tells; `otherwise` where it is absent.
DType ReadType(const NodeView& node, std::string_view name, DType otherwise);

// The number of the layer's operator set: 8 of "opset8".
int64_t OpsetOf(const NodeRecord& record);

}  // namespace minnow::importers::openvino

#endif  // MINNOW_IMPORTERS_OPENVINO_ATTRIBUTES_H_
