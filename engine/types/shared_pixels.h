#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace mito {

/// Pixels that lie in memory once, however many copies are made: every member of an ensemble may
/// have the same gigabytes of patches. Whoever changes a copy gets pixels of its own first.
class SharedPixels {
 public:
  SharedPixels() = default;
  explicit SharedPixels(std::vector<std::uint8_t> bytes)
      : bytes_(std::make_shared<std::vector<std::uint8_t>>(std::move(bytes))) {}

  bool empty() const { return size() == 0; }
  std::size_t size() const { return all().size(); }
  const std::uint8_t* data() const { return all().data(); }
  std::uint8_t operator[](std::size_t index) const { return (*bytes_)[index]; }
  std::span<const std::uint8_t> all() const {
    return bytes_ == nullptr ? std::span<const std::uint8_t>() : *bytes_;
  }
  bool operator==(const SharedPixels& other) const;

  /// To be changed, by one thread, before others know of this copy.
  std::vector<std::uint8_t>& edit();
  void assign(std::size_t count, std::uint8_t value) {
    *this = SharedPixels(std::vector<std::uint8_t>(count, value));
  }

 private:
  std::shared_ptr<std::vector<std::uint8_t>> bytes_;
};

}  // namespace mito
