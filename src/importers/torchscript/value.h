// What a TorchScript program computes with at import: numbers, lists, modules, and tensors that are
// still to be computed. Shared by the pickle reader and the evaluator.
#ifndef MINNOW_IMPORTERS_TORCHSCRIPT_VALUE_H_
#define MINNOW_IMPORTERS_TORCHSCRIPT_VALUE_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "tensor/shape.h"

namespace minnow::importers::torchscript {

struct Sequence;
struct Object;
struct TensorCell;

struct Value {
  enum class Kind : uint8_t {
    kNone,
    kBool,    // number
    kInt,     // number
    kFloat,   // real
    kText,    // text
    kList,    // items
    kTuple,   // items
    kDict,    // items: key, value, key, value, …
    kObject,  // object
    kTensor,  // tensor
    kSymbol,  // an integer that the network computes: number is the value (i64, rank 0) in the
              // graph
    kName,    // text: a function, class or namespace by its full name
    kStorage  // items: what a pickle says about the bytes of tensors
  };
  Kind kind = Kind::kNone;
  // kSymbol: whether it is the batch, the size of the input's axis 0.
  bool is_batch = false;
  int64_t number = 0;
  double real = 0.0;
  std::string_view text;
  union {
    Sequence* items = nullptr;
    Object* object;
    TensorCell* tensor;
  };

  bool Is(Kind other) const { return kind == other; }
};

// "an integer", "a tensor", …: for messages.
const char* KindName(Value::Kind kind);

Value MakeBool(bool value);
Value MakeInt(int64_t value);
Value MakeFloat(double value);
Value MakeText(std::string_view text);
Value MakeName(std::string_view name);
Value MakeSymbol(graph::ValueId value, bool is_batch);

struct Sequence {
  std::vector<Value> items;
};

// An instance of a class of the program: a module.
struct Object {
  std::string_view class_name;
  std::vector<std::pair<std::string_view, Value>> attributes;
  // "features.0.1": the way from the root that first led here.
  std::string path;

  const Value* Find(std::string_view name) const;
  void Set(std::string_view name, const Value& value);
};

// A tensor that lies in the file.
struct StoredTensor {
  std::string_view storage_type;  // "torch.FloatStorage"
  std::string_view storage;       // its name in the archive's folder
  int64_t offset = 0;             // elements
  Shape shape;
  std::vector<int64_t> strides;  // elements
};

// A variable tensor: operators that work in place give it another value, which every name that
// means this cell then sees.
struct TensorCell {
  graph::ValueId value = graph::kNoValue;  // kNoValue: a stored tensor that no node reads yet
  const StoredTensor* stored = nullptr;
  // "features.0.weight", for the constant of the graph.
  std::string_view name;
  // Cells of one number show the same elements (one is a view of another); 0: alone.
  int views = 0;
  // Changed in place through another view: reading it is an error.
  bool is_stale = false;
};

// Owns all that values point to, so that circles neither leak nor recurse. Bounded: Charge fails
// beyond a number of elements.
class Heap {
 public:
  static constexpr int64_t kMaxElements = int64_t{1} << 20;

  // Counts `count` elements about to be made. kResourceExhausted when they are too many.
  Status Charge(int64_t count);

  Value MakeList(std::vector<Value> items) { return MakeItems(Value::Kind::kList, &items); }
  Value MakeTuple(std::vector<Value> items) { return MakeItems(Value::Kind::kTuple, &items); }
  Value MakeItems(Value::Kind kind, std::vector<Value>* items);
  Value MakeObject(std::string_view class_name);
  Value MakeTensor(graph::ValueId value);
  Value MakeTensor(StoredTensor stored);
  // Keeps a text that is part of no file.
  std::string_view Keep(std::string text);

 private:
  int64_t elements_ = 0;
  std::deque<Sequence> sequences_;
  std::deque<Object> objects_;
  std::deque<TensorCell> tensors_;
  std::deque<StoredTensor> stored_;
  std::deque<std::string> texts_;
};

}  // namespace minnow::importers::torchscript

#endif  // MINNOW_IMPORTERS_TORCHSCRIPT_VALUE_H_
