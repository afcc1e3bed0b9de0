#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/image/noise.h"
#include "engine/types/geometry.h"

namespace mito::synthetic_slide {

struct Params {
  std::string name = "synthetic";
  int width_px = 4096;
  int height_px = 3072;
  int mitoses = 30;
  int lookalikes = 30;
  double mpp = 0.25;
  std::string format = "aperio";
  int jpeg_quality = 85;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("name", p.name, {.doc = "Name of the slide; the files are NAME.svs or NAME.tif."});
    field("width_px", p.width_px,
          {.unit = Unit::Pixel, .range = {256, 200000}, .doc = "Width of level 0."});
    field("height_px", p.height_px,
          {.unit = Unit::Pixel, .range = {256, 200000}, .doc = "Height of level 0."});
    field("mitoses", p.mitoses, {.range = {0, 100000}, .doc = "Mitotic figures to draw."});
    field("lookalikes", p.lookalikes,
          {.range = {0, 100000}, .doc = "Shrunken dark (pyknotic) nuclei to draw: no mitoses."});
    field("mpp", p.mpp, {.unit = Unit::None, .range = {0.1, 2}, .doc = "um per pixel of level 0."});
    field(
        "format", p.format,
        {.choices = {"aperio", "generic"},
         .doc = "aperio: an SVS that states its resolution. generic: a tiled TIFF with resolution "
                "tags."});
    field("jpeg_quality", p.jpeg_quality,
          {.range = {0, 100}, .doc = "JPEG quality; 0 keeps every bit (deflate)."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Seed of all that is random."});
  }
};

/// A mitotic figure or a look-alike of one.
struct Figure {
  enum class Kind : std::uint8_t { Metaphase, Anaphase, Prometaphase, Ring, Pyknotic };
  /// A round lump of chromatin, um from the centre of the figure.
  struct Lump {
    double x = 0;
    double y = 0;
    double radius = 0;
  };
  Kind kind = Kind::Metaphase;
  double x_um = 0;
  double y_um = 0;
  double cell_radius_um = 0;
  double amount = 0;  ///< Haematoxylin at its darkest.
  std::vector<Lump> lumps;

  bool mitotic() const { return kind != Kind::Pyknotic; }
};

/// A drawn H&E slide: islands of tissue on glass, nests of tumour cells in fibrous stroma, mitotic
/// figures at known places. Two stains mixed by Beer-Lambert. Every pixel is a pure function of the
/// parameters and its position, so any region can be drawn alone.
class SyntheticSlide {
 public:
  /// Throws DataError when there is no room for all figures.
  explicit SyntheticSlide(const Params& params);

  const Params& params() const { return params_; }
  /// Mitotic figures first.
  const std::vector<Figure>& figures() const { return figures_; }
  /// Level-0 positions of the mitotic figures.
  std::vector<PointL0> mitoses() const;
  /// RGB [height][width][3] of a region of level 0.
  std::vector<std::uint8_t> render(const Rect& area) const;

 private:
  struct Stains;
  struct Cell;
  double tissue_at(double x_um, double y_um) const;
  double nest_at(double x_um, double y_um) const;
  void place_figures(int count, bool mitotic);
  bool near_figure(double x_um, double y_um, double distance_um) const;
  std::vector<const Figure*> figures_within(const Rect& area, double margin_um) const;
  std::vector<Cell> nest_cells(const Rect& area) const;
  void draw_ground(const Rect& area, Stains& stains) const;
  void draw_membranes(const Rect& area, const std::vector<Cell>& cells, Stains& stains) const;
  void draw_nucleus(const Rect& area, const Cell& cell, Stains& stains) const;
  void draw_stroma_nuclei(const Rect& area, Stains& stains) const;
  void draw_figure(const Rect& area, const Figure& figure, Stains& stains) const;

  Params params_;
  double width_um_;
  double height_um_;
  image::Noise island_;
  image::Noise island_detail_;
  image::Noise nest_;
  image::Noise nest_detail_;
  std::vector<Figure> figures_;
};

/// Draws the slide into `file`, tile by tile, and returns nothing but the file: a pyramidal TIFF.
/// `progress` gets the fraction done and may throw to stop. Throws DataError.
void write_slide(
    const SyntheticSlide& slide,
    const std::filesystem::path& file,
    const std::function<void(double)>& progress = [](double) {});

/// The mitotic figures as CSV (method 1.3): `slide,x,y,score,label,id`, level-0 pixels.
std::string truth_csv(const SyntheticSlide& slide);

}  // namespace mito::synthetic_slide
