#include "engine/types/shared_pixels.h"

#include <algorithm>

namespace mito {

bool SharedPixels::operator==(const SharedPixels& other) const {
  return bytes_ == other.bytes_ || std::ranges::equal(all(), other.all());
}

std::vector<std::uint8_t>& SharedPixels::edit() {
  if (bytes_ == nullptr || bytes_.use_count() > 1)
    bytes_ = std::make_shared<std::vector<std::uint8_t>>(all().begin(), all().end());
  return *bytes_;
}

}  // namespace mito
