#include "tests/support/onnx_file.h"

#include <cstring>

namespace mito::test {
namespace {

// https://protobuf.dev/programming-guides/encoding,
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string number(std::uint64_t field, std::int64_t value) {
  return varint(field << 3) + varint(static_cast<std::uint64_t>(value));
}

std::string bytes_of(std::uint64_t field, std::string_view text) {
  return varint(field << 3 | 2) + varint(text.size()) + std::string(text);
}

template <class T>
std::string tensor(std::string_view name,
                   std::int64_t type,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<T>& values) {
  std::string out;
  for (const auto side : shape) out += number(1, side);
  std::string raw(values.size() * sizeof(T), '\0');
  std::memcpy(raw.data(), values.data(), raw.size());
  return out + number(2, type) + bytes_of(8, name) + bytes_of(9, raw);
}

std::string value_info(std::string_view name, const std::vector<std::int64_t>& shape) {
  std::string sides;
  for (const auto side : shape)
    sides += bytes_of(1, side > 0 ? number(1, side) : bytes_of(2, "batch"));
  return bytes_of(1, name) + bytes_of(2, bytes_of(1, number(1, 1) + bytes_of(2, sides)));
}

}  // namespace

void OnnxFile::constant(std::string_view name,
                        const std::vector<std::int64_t>& shape,
                        const std::vector<float>& values) {
  constants_ += bytes_of(5, tensor(name, 1, shape, values));
}

void OnnxFile::constant(std::string_view name, const std::vector<std::int64_t>& values) {
  constants_ += bytes_of(5, tensor(name, 7, {static_cast<std::int64_t>(values.size())}, values));
}

void OnnxFile::node(std::string_view operation,
                    const std::vector<std::string>& inputs,
                    const std::string& output,
                    const std::vector<Ints>& ints,
                    const std::vector<Integer>& integers) {
  std::string out;
  for (const auto& input : inputs) out += bytes_of(1, input);
  out += bytes_of(2, output) + bytes_of(3, output) + bytes_of(4, operation);
  for (const auto& [name, values] : ints) {
    std::string attribute = bytes_of(1, name) + number(20, 7);
    for (const auto value : values) attribute += number(8, value);
    out += bytes_of(5, attribute);
  }
  for (const auto& [name, value] : integers)
    out += bytes_of(5, bytes_of(1, name) + number(20, 2) + number(3, value));
  nodes_ += bytes_of(1, out);
}

std::string OnnxFile::bytes(std::int64_t batch,
                            std::int64_t side,
                            const std::vector<std::string>& outputs) const {
  auto graph = nodes_ + bytes_of(2, "network") + constants_ +
               bytes_of(11, value_info("x", {batch, 3, side, side}));
  for (const auto& output : outputs) graph += bytes_of(12, value_info(output, {}));
  return number(1, 7) + bytes_of(2, "mitoloom tests") + bytes_of(7, graph) +
         bytes_of(8, bytes_of(1, "") + number(2, 13));
}

}  // namespace mito::test
