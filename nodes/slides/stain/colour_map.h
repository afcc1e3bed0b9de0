#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/types/standardisation.h"
#include "nodes/slides/stain/hsd.h"

namespace mito::stain {

/// From a colour of the slide to one of the template. Immutable; may be shared between threads.
class ColourMap {
 public:
  /// Throws DataError when the method is unknown or the statistics do not fit it.
  explicit ColourMap(const Standardisation& standardisation);

  /// 0 to 255, not rounded.
  Triple operator()(const Rgb8& rgb) const;
  /// The same as 8-bit values (method 0.3).
  Rgb8 map(const Rgb8& rgb) const { return rounded((*this)(rgb)); }

  /// Parts of the colour space that stay as they are, and why.
  const std::vector<std::string>& warnings() const { return warnings_; }

  class Method;

 private:
  std::shared_ptr<const Method> method_;
  std::vector<std::string> warnings_;
};

}  // namespace mito::stain
