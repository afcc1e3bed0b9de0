#pragma once
#include "engine/slide/slide.h"

namespace mito::slide {

/// Roughly which share of the slide's squares of 256 um has colour in it, in [0, 1]: how much of it
/// tissue may fill, without finding the tissue. Of a large slide some hundred squares are looked
/// at, evenly spread. Throws DataError as Slide::read().
double coloured_share(const Slide& slide);

}  // namespace mito::slide
