#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "engine/core/payload.h"

namespace mito::graph {

/// Granularity of an edge: one value per run, per item (slide, ensemble member) or per part (tile).
enum class Layer : std::uint8_t { Run, Item, Part };

/// The layer around `layer`, which must not be Run.
constexpr Layer enclosing(Layer layer) { return static_cast<Layer>(static_cast<int>(layer) - 1); }

/// Position of a value in the run > item > part hierarchy.
struct Key {
  static constexpr std::uint32_t kWhole = 0xffff'ffff;
  std::uint32_t item = kWhole;
  std::uint32_t part = kWhole;

  Key at(Layer layer) const {
    if (layer == Layer::Run) return {};
    if (layer == Layer::Item) return {item, kWhole};
    return *this;
  }
  std::uint32_t index(Layer layer) const { return layer == Layer::Part ? part : item; }
  std::uint64_t hash() const { return (std::uint64_t{item} << 32U) | part; }
  bool operator==(const Key&) const = default;
};

/// What travels: shared, immutable, made once.
using Data = std::shared_ptr<const void>;

template <class T>
Data seal(T&& value) {
  return std::make_shared<const std::remove_cvref_t<T>>(std::forward<T>(value));
}

}  // namespace mito::graph
