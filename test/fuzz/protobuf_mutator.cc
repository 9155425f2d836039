// Mutates a protobuf file field by field, so that the lengths around a change stay true: libFuzzer
// alone breaks them with every byte that it inserts.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

constexpr int kMaxDepth = 8;
constexpr uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

struct Field {
  uint32_t number = 0;
  uint32_t wire = 0;
  uint64_t varint = 0;
  std::string bytes;            // where it is no message
  std::vector<Field> children;  // where it is one
  bool is_message = false;
};

bool ReadVarint(const std::string& in, size_t* at, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64 && *at < in.size(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in[(*at)++]);
    *value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

void WriteVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>(value | 0x80);
  *out += static_cast<char>(value);
}

// False where the bytes are no message.
bool Parse(const std::string& in, int depth, std::vector<Field>* fields) {
  for (size_t at = 0; at < in.size();) {
    Field field;
    uint64_t tag = 0, length = 0;
    if (!ReadVarint(in, &at, &tag)) return false;
    field.number = static_cast<uint32_t>(tag >> 3);
    field.wire = tag & 7;
    if (field.number == 0 || field.number > 1000) return false;
    switch (field.wire) {
      case kVarint:
        if (!ReadVarint(in, &at, &field.varint)) return false;
        break;
      case kFixed32:
        length = 4;
        break;
      case kFixed64:
        length = 8;
        break;
      case kBytes:
        if (!ReadVarint(in, &at, &length)) return false;
        break;
      default:
        return false;
    }
    if (length > in.size() - at) return false;
    field.bytes = in.substr(at, length);
    at += length;
    field.is_message = field.wire == kBytes && length >= 2 && depth < kMaxDepth &&
                       Parse(field.bytes, depth + 1, &field.children);
    if (!field.is_message) field.children.clear();
    fields->push_back(std::move(field));
  }
  return true;
}

std::string Serialize(const std::vector<Field>& fields) {
  std::string out;
  for (const Field& field : fields) {
    WriteVarint(uint64_t{field.number} << 3 | field.wire, &out);
    const std::string bytes = field.is_message ? Serialize(field.children) : field.bytes;
    if (field.wire == kVarint) WriteVarint(field.varint, &out);
    if (field.wire == kBytes) WriteVarint(bytes.size(), &out);
    out += bytes;
  }
  return out;
}

void Collect(std::vector<Field>* fields, std::vector<std::vector<Field>*>* messages) {
  if (!fields->empty()) messages->push_back(fields);
  for (Field& field : *fields) Collect(&field.children, messages);
}

class Mutator {
 public:
  Mutator(std::vector<Field>* root, unsigned seed) : random_(seed) { Collect(root, &messages_); }

  void Run() {
    if (messages_.empty()) return;
    std::vector<Field>& message = *messages_[Pick(messages_.size())];
    const size_t at = Pick(message.size());
    const std::vector<Field>& other = *messages_[Pick(messages_.size())];
    const Field copy = other[Pick(other.size())];
    switch (Pick(8)) {
      case 0:
        message.erase(message.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 1:
        message.insert(message.begin() + static_cast<std::ptrdiff_t>(at), copy);
        break;
      case 2:
        message[at] = copy;
        break;
      case 3:
        std::swap(message[at], message[Pick(message.size())]);
        break;
      case 4:
        message[at].number = 1 + static_cast<uint32_t>(Pick(16));
        break;
      default:
        Change(&message[at]);
    }
  }

 private:
  size_t Pick(size_t count) { return random_() % std::max<size_t>(count, 1); }

  void Change(Field* field) {
    if (field->wire == kVarint) {
      const uint64_t edges[] = {0, 1, 2, 7, 8, 0x7fffffff, 0x80000000, 0xffffffff, ~uint64_t{0}};
      field->varint = Pick(2) == 0 ? edges[Pick(std::size(edges))] : field->varint + Pick(5) - 2;
      return;
    }
    if (field->is_message) field->bytes = Serialize(field->children);
    field->is_message = false;
    const size_t size = field->bytes.size();
    std::string room = field->bytes + std::string(size / 4 + 16, '\0');
    const size_t most = field->wire == kBytes ? room.size() : size;
    const size_t now = LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(room.data()), size, most);
    room.resize(field->wire == kBytes ? now : size);
    field->bytes = room;
  }

  std::mt19937 random_;
  std::vector<std::vector<Field>*> messages_;
};

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  std::vector<Field> root;
  const std::string in(reinterpret_cast<const char*>(data), size);
  if (seed % 8 == 0 || !Parse(in, 0, &root)) return LLVMFuzzerMutate(data, size, max_size);
  Mutator(&root, seed).Run();
  const std::string out = Serialize(root);
  if (out.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, out.data(), out.size());
  return out.size();
}
