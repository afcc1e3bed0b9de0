#include "engine/types/grid_attributes.h"

namespace mito {

void describe_grid(Description<Grid>& d) {
  const std::string wording = "grid attributes need two numbers";
  d.numbers(
      "grid_scale", [](auto& g) { return std::tie(g.scale_x, g.scale_y); },
      {"Level-0 pixels per pixel of the grid, in x and y.", "px"}, wording);
  d.numbers(
      "grid_size", [](auto& g) { return std::tie(g.width, g.height); },
      {"Pixels of the grid that cover the slide: width, height.", "px"}, wording);
  d.attribute("grid_mpp", &Grid::mpp, {"Of a pixel of the grid.", "um/px"});
}

}  // namespace mito
