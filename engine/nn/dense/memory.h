#pragma once
#include <cstddef>
#include <memory>
#include <span>

namespace mito::nn::dense {

/// Zeroed numbers at a multiple of 64 bytes; large ones on huge pages, which spares the address
/// translation half a million entries. Throws std::bad_alloc.
class Floats {
 public:
  Floats() = default;
  explicit Floats(std::size_t size);

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  /// At least so many; what was there is gone if they were fewer.
  void grow(std::size_t size) {
    if (size_ < size) *this = Floats(size);
  }
  std::span<float> span() { return {data(), size_}; }

 private:
  struct Release {
    void operator()(float* data) const;
  };
  std::unique_ptr<float, Release> data_;
  std::size_t size_ = 0;
};

}  // namespace mito::nn::dense
