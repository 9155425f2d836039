// Small OpenVINO IR models, written layer by layer.
#ifndef MINNOW_TEST_IMPORTERS_OPENVINO_IR_WRITER_H_
#define MINNOW_TEST_IMPORTERS_OPENVINO_IR_WRITER_H_

#include <cstring>
#include <string>
#include <vector>

#include "importers/model_builders.h"

namespace minnow::importers::openvino_test {

// An output of a layer.
struct From {
  int layer = 0;
  int output = 0;
};

class Ir {
 public:
  explicit Ir(int version = 11) : version_(version) {}

  From Parameter(const std::string& name, const std::string& shape, const char* type = "f32") {
    return Add("Parameter", name, "opset1",
               "element_type=\"" + std::string(type) + "\" shape=\"" + shape + "\"", {}, 1);
  }
  template <typename T>
  From Const(const std::string& shape, const char* type, const std::vector<T>& values) {
    const size_t offset = bin_.size(), size = values.size() * sizeof(T);
    bin_.append(reinterpret_cast<const char*>(values.data()), size);
    return Range(shape, type, offset, size);
  }
  From Ints(const std::vector<int64_t>& values) {
    return Const(std::to_string(values.size()), "i64", values);
  }
  From Int(int64_t value) { return Const<int64_t>("", "i64", {value}); }
  From Float(float value) { return Const<float>("", "f32", {value}); }
  From Floats(const std::string& shape, const std::vector<float>& values) {
    return Const(shape, "f32", values);
  }
  // A constant wherever the caller says that it lies.
  From Range(const std::string& shape, const char* type, size_t offset, size_t size) {
    return Add("Const", "const" + std::to_string(next_id_), "opset1",
               "element_type=\"" + std::string(type) + "\" shape=\"" + shape + "\" offset=\"" +
                   std::to_string(offset) + "\" size=\"" + std::to_string(size) + "\"",
               {}, 1);
  }
  // The layer that tests look at: its name is "n".
  From Node(const char* type, const std::vector<From>& inputs, const std::string& data = "",
            int outputs = 1, const char* version = "opset1") {
    return Add(type, "n", version, data, inputs, outputs);
  }
  From Add(const std::string& type, const std::string& name, const std::string& version,
           const std::string& data, const std::vector<From>& inputs, int outputs,
           const std::string& tensor_names = "") {
    const int id = next_id_++;
    layers_ += "<layer id=\"" + std::to_string(id) + "\" name=\"" + name + "\" type=\"" + type +
               "\" version=\"" + version + "\">";
    if (!data.empty()) layers_ += "<data " + data + "/>";
    layers_ += "<input>";
    for (size_t i = 0; i < inputs.size(); ++i) {
      layers_ += "<port id=\"" + std::to_string(i) + "\"><dim>1</dim></port>";
      Edge({inputs[i].layer, inputs[i].output}, id, static_cast<int>(i));
    }
    layers_ += "</input><output>";
    ports_.push_back(static_cast<int>(inputs.size()));
    for (int i = 0; i < outputs; ++i) {
      layers_ += "<port id=\"" + std::to_string(static_cast<int>(inputs.size()) + i) + "\"" +
                 (tensor_names.empty() ? "" : " names=\"" + tensor_names + "\"") + "/>";
    }
    layers_ += "</output></layer>\n";
    return {id, 0};
  }
  Ir& Edge(From from, int layer, int port) {
    const bool known = from.layer < static_cast<int>(ports_.size());
    const int from_port = (known ? ports_[static_cast<size_t>(from.layer)] : 0) + from.output;
    edges_ += "<edge from-layer=\"" + std::to_string(from.layer) + "\" from-port=\"" +
              std::to_string(from_port) + "\" to-layer=\"" + std::to_string(layer) +
              "\" to-port=\"" + std::to_string(port) + "\"/>\n";
    return *this;
  }
  Ir& Result(From from, const std::string& name = "r") {
    Add("Result", name, "opset1", "", {from}, 0);
    return *this;
  }

  std::string Xml() const {
    return "<?xml version=\"1.0\"?>\n<net name=\"test\" version=\"" + std::to_string(version_) +
           "\">\n<layers>\n" + layers_ + "</layers>\n<edges>\n" + edges_ +
           "</edges>\n<rt_info><MO_version value=\"x\"/></rt_info>\n</net>\n";
  }
  const std::string& Bin() const { return bin_; }

  std::string Text() const { return ImportText({AsBytes(Xml()), AsBytes(bin_)}); }
  // What the layer called "n" becomes.
  std::string NodeText() const { return LinesOfNode(Text(), "n"); }

 private:
  int version_;
  int next_id_ = 0;
  std::string layers_, edges_, bin_;
  std::vector<int> ports_;  // by layer: the id of the first output port
};

}  // namespace minnow::importers::openvino_test

#endif  // MINNOW_TEST_IMPORTERS_OPENVINO_IR_WRITER_H_
