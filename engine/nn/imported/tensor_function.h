#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace mito::nn {

/// Numbers and their shape, row major.
struct Blob {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A network file opened by a library that can run it. Shared by threads: every call is independent
/// and computes on the calling thread only.
class TensorFunction {
 public:
  virtual ~TensorFunction() = default;
  /// Takes [count][3][side][side]; gives its first output. Throws DataError when the network cannot
  /// be run on that.
  virtual Blob run(std::span<const float> input, std::int64_t count, std::int64_t side) const = 0;
};

}  // namespace mito::nn
