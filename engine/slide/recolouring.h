#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace mito::slide {

/// A change of colour that a slide's pixels go through as they are read: a function of the colour
/// alone. apply() may be called from several threads at once.
class Recolouring {
 public:
  Recolouring() = default;
  Recolouring(const Recolouring&) = delete;
  Recolouring& operator=(const Recolouring&) = delete;
  virtual ~Recolouring() = default;

  /// Changes `rgb` ([pixel][3]) in place.
  virtual void apply(std::span<std::uint8_t> rgb) const = 0;
  /// Equal identities, equal changes. Becomes part of the slide's identity.
  virtual std::string identity() const = 0;
};

}  // namespace mito::slide
