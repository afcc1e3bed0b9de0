#include "engine/image/components.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace mito::image {
namespace {

/// Union-find whose root is always the smallest label, so that roots keep raster order.
class Forest {
 public:
  Forest() : parent_{0} {}
  std::int32_t add() {
    parent_.push_back(static_cast<std::int32_t>(parent_.size()));
    return parent_.back();
  }
  std::int32_t root(std::int32_t label) {
    while (at(label) != label) {
      at(label) = at(at(label));
      label = at(label);
    }
    return label;
  }
  std::int32_t join(std::int32_t a, std::int32_t b) {
    const auto ra = root(a);
    const auto rb = root(b);
    at(std::max(ra, rb)) = std::min(ra, rb);
    return std::min(ra, rb);
  }
  std::size_t size() const { return parent_.size(); }

 private:
  std::int32_t& at(std::int32_t label) { return parent_[static_cast<std::size_t>(label)]; }
  std::vector<std::int32_t> parent_;
};

void include(Component& component, std::int64_t x, std::int64_t y) {
  if (component.area++ == 0) {
    component.bounds = {x, y, 1, 1};
    return;
  }
  Rect& box = component.bounds;
  const std::int64_t right = std::max(box.x + box.width, x + 1);
  box.x = std::min(box.x, x);
  box.width = right - box.x;
  box.height = y + 1 - box.y;  // raster order: y never falls
}

}  // namespace

Components label_components(std::span<const std::uint8_t> mask,
                            std::int64_t width,
                            std::int64_t height,
                            int connectivity) {
  if (connectivity != 4 && connectivity != 8)
    throw std::invalid_argument("connectivity must be 4 or 8");
  if (width < 0 || height < 0 || mask.size() != static_cast<std::size_t>(width * height))
    throw std::invalid_argument("the mask does not have width * height pixels");

  Components out;
  out.labels.assign(mask.size(), 0);
  Forest forest;
  const auto label_at = [&](std::int64_t x, std::int64_t y) {
    return x < 0 || y < 0 || x >= width ? 0 : out.labels[static_cast<std::size_t>(y * width + x)];
  };
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y * width + x);
      if (mask[i] == 0) continue;
      std::int32_t label = 0;
      const auto touch = [&](std::int32_t other) {
        if (other != 0) label = label == 0 ? other : forest.join(label, other);
      };
      touch(label_at(x - 1, y));
      touch(label_at(x, y - 1));
      if (connectivity == 8) {
        touch(label_at(x - 1, y - 1));
        touch(label_at(x + 1, y - 1));
      }
      out.labels[i] = label == 0 ? forest.add() : label;
    }
  }

  std::vector<std::int32_t> final_label(forest.size(), 0);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      auto& label = out.labels[static_cast<std::size_t>(y * width + x)];
      if (label == 0) continue;
      auto& number = final_label[static_cast<std::size_t>(forest.root(label))];
      if (number == 0) {
        out.items.emplace_back();
        number = static_cast<std::int32_t>(out.items.size());
      }
      label = number;
      include(out.items[static_cast<std::size_t>(number - 1)], x, y);
    }
  }
  return out;
}

double bounding_diagonal(const Component& component) {
  return std::hypot(static_cast<double>(component.bounds.width),
                    static_cast<double>(component.bounds.height));
}

}  // namespace mito::image
