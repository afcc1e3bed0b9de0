#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/slide/slide.h"
#include "engine/types/geometry.h"

namespace mito::slide {

/// RGB pixels [height][width][3] of `area` of an image of `extent`, which starts at (0, 0),
/// continued by reflection at its edges (d c b a | a b c d | d c b a). `read` gives the pixels of a
/// rectangle inside `extent`; it is asked once, for no more than the area needs.
std::vector<std::uint8_t> read_mirrored(
    const Rect& extent,
    const Rect& area,
    const std::function<std::vector<std::uint8_t>(const Rect&)>& read);

}  // namespace mito::slide
