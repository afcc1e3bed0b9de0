#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mito::test {

/// Writes small networks in the ONNX format (opset 13), field by field as its protobuf says.
class OnnxFile {
 public:
  /// A constant of float32.
  void constant(std::string_view name,
                const std::vector<std::int64_t>& shape,
                const std::vector<float>& values);
  /// A constant of int64, such as a shape.
  void constant(std::string_view name, const std::vector<std::int64_t>& values);
  /// One operation. `ints` are its attributes that are lists of numbers, `integers` single ones.
  struct Ints {
    std::string_view name;
    std::vector<std::int64_t> values;
  };
  struct Integer {
    std::string_view name;
    std::int64_t value;
  };
  void node(std::string_view operation,
            const std::vector<std::string>& inputs,
            const std::string& output,
            const std::vector<Ints>& ints = {},
            const std::vector<Integer>& integers = {});
  /// The file: input "x" of [batch][3][side][side], where 0 leaves the batch open.
  std::string bytes(std::int64_t batch,
                    std::int64_t side,
                    const std::vector<std::string>& outputs = {"y"}) const;

 private:
  std::string nodes_;
  std::string constants_;
};

}  // namespace mito::test
