#pragma once
#include <string>

#include "engine/image/encode.h"
#include "engine/slide/slide.h"

// Pictures of places on a slide, as text of a page.
namespace mito::close_ups {

/// A picture of a place: an edge in um, and the bytes as a data URI.
struct CloseUp {
  double um = 0;
  std::string uri;
};

/// A picture as the address of itself: a JPEG of `quality` 1 to 100. Throws DataError.
std::string jpeg_uri(const image::RgbView& picture, int quality);

/// The square of about `um` around a place, at the resolution of the analysis grid. Throws
/// DataError.
CloseUp close_up(const Slide& slide, const PointL0& at, double um);

}  // namespace mito::close_ups
