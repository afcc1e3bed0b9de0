#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mito::tiff {

/// The brightest of many samples of 16 bits, but for stray ones: one in 10 000 may be a fault of
/// the camera.
class Brightness {
 public:
  /// `samples`: how many there are in all.
  explicit Brightness(std::int64_t samples) : stray_(samples / 10'000), counts_(65536) {}

  void add(std::uint16_t sample) { ++counts_[sample]; }

  /// 0 before there are more samples than stray ones.
  int brightest() const {
    std::int64_t above = 0;
    int value = 65535;
    while (value > 0 && (above += counts_[static_cast<std::size_t>(value)]) <= stray_) --value;
    return value;
  }

 private:
  std::int64_t stray_;
  std::vector<std::int64_t> counts_;
};

}  // namespace mito::tiff
