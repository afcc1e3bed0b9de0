#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/geometry.h"
#include "nodes/drawn/phantom/centres.h"

namespace mito::phantom {

struct Params {
  std::string name = "phantom";
  int width_px = 6144;
  int height_px = 6144;
  double mpp = 0.25;
  int mitoses = 40;
  int lookalikes = 60;
  int artefacts = 260;
  int nonspecific = 45;
  std::string slides = "both";
  std::string centre = "in_house";
  double shift_x_um = 180;
  double shift_y_um = -120;
  double rotation_deg = 0;
  double displacement_um = 3;
  int jpeg_quality = 85;
  std::int64_t seed = 1;
  std::int64_t stain_seed = 0;

  static void describe(auto& p, auto&& field) {
    field("name", p.name,
          {.doc = "Name of the pair; the files are NAME_he.svs, NAME_phh3.svs, NAME_truth.csv, "
                  "NAME_truth.json and NAME_mitoses.csv."});
    field("width_px", p.width_px,
          {.unit = Unit::Pixel,
           .range = {512, 200000},
           .doc = "Width of level 0 of the H&E slide; of the PHH3 slide too unless it is turned."});
    field("height_px", p.height_px,
          {.unit = Unit::Pixel, .range = {512, 200000}, .doc = "Height, likewise."});
    field("mpp", p.mpp, {.range = {0.1, 1}, .doc = "um per pixel of level 0 of both slides."});
    field("mitoses", p.mitoses, {.range = {0, 1e6}, .doc = "Mitotic figures in the section."});
    field("lookalikes", p.lookalikes,
          {.range = {0, 1e6},
           .doc = "What resembles a mitosis in H&E: pyknotic, apoptotic and hyperchromatic nuclei "
                  "and pigment."});
    field("artefacts", p.artefacts,
          {.range = {0, 1e6},
           .doc = "Brown spots of the PHH3 slide that are no nuclei: specks, granules, smears, "
                  "stained edges, shards, stained cytoplasm."});
    field("nonspecific", p.nonspecific,
          {.range = {0, 1e6}, .doc = "Nuclei not in mitosis that took some DAB."});
    field("slides", p.slides,
          {.choices = {"both", "he"},
           .doc = "he leaves the PHH3 slide out, for cohorts to train and test detectors on."});
    field("centre", p.centre,
          {.choices = centre_names(),
           .doc = "Whose stains and scanner. in_house varies little from case to case."});
    field("shift_x_um", p.shift_x_um,
          {.unit = Unit::Micron,
           .range = {-50000, 50000},
           .doc = "Position on the PHH3 slide minus position on the H&E slide, to the right."});
    field("shift_y_um", p.shift_y_um,
          {.unit = Unit::Micron, .range = {-50000, 50000}, .doc = "The same, downwards."});
    field("rotation_deg", p.rotation_deg,
          {.range = {-180, 180},
           .doc = "The PHH3 slide lies turned by this against the H&E slide, counter-clockwise as "
                  "seen, about the middle of the slides."});
    field("displacement_um", p.displacement_um,
          {.unit = Unit::Micron,
           .range = {0, 12},
           .doc = "Root mean square length of the smooth local displacement between the slides."});
    field("jpeg_quality", p.jpeg_quality,
          {.range = {0, 100}, .doc = "JPEG quality; 0 keeps every bit (deflate)."});
    field("seed", p.seed,
          {.range = {0, 4294967295.0}, .doc = "Seed of the section: another seed, another case."});
    field("stain_seed", p.stain_seed,
          {.range = {0, 4294967295.0},
           .doc = "Seed of the case's stain variation and the scanner's noise; 0: as `seed`."});
  }
};

enum class Kind : std::uint8_t {
  Mitosis,
  Pyknotic,
  Apoptotic,
  Hyperchromatic,
  Pigment,
  Artefact,
  Nonspecific
};
std::string_view name_of(Kind kind);

/// A round lump of chromatin or stain, um from its object's centre.
struct Lump {
  double x = 0;
  double y = 0;
  double radius = 0;
  double amount = 1;
};

/// An interphase nucleus; lengths in um, from its centre.
struct Nucleus {
  double x = 0;
  double y = 0;
  double a = 5;  ///< Half axes.
  double b = 4;
  double cos = 1;
  double sin = 0;
  std::array<double, 6> outline{};  ///< cos and sin terms of orders 2, 3, 4.
  double rim = 1;                   ///< Haematoxylin of the membrane.
  double inside = 0.4;              ///< Of the nucleoplasm.
  double clumps = 0.5;              ///< Of the chromatin.
  double soft = 0.35;               ///< Width of the outline: more is out of focus.
  double dab = 0;                   ///< Nonspecific DAB on the PHH3 slide.
  std::array<Lump, 4> nucleoli{};
  int nucleolus_count = 0;
};

/// Anything the truth lists.
struct Object {
  Kind kind = Kind::Mitosis;
  std::string phase;  ///< Phase of a mitosis, sort of an artefact, else empty.
  double x_um = 0;    ///< On the section as the H&E slide shows it.
  double y_um = 0;
  double reach_um = 12;  ///< Nothing of it is farther from the centre than this.
  double body_um = 0;    ///< Ordinary nuclei keep this distance; 0: they need not.
  double amount = 0;     ///< Haematoxylin at its darkest.
  double dab = 0;        ///< DAB on the PHH3 slide; 0: none.
  double angle = 0;
  double clearing =
      0.4;  ///< How clear the cell of a mitosis is; how wide the hole of a dying one, um.
  double leak = 0.05;  ///< DAB in the cell of a mitosis, per DAB on its chromatin.
  double pink = 0.9;   ///< Eosin in a dying cell.
  bool has_nucleus = false;
  Nucleus nucleus;
  std::vector<Lump> lumps;
  std::vector<Lump> cells;  ///< Outline of a mitotic cell: one circle, two when it divides.
};

enum class Stain : std::uint8_t { He, Phh3 };

/// A section of tumour on two slides, stained with H&E and restained for PHH3: islands of tissue on
/// glass, nests of tumour cells in fibrous stroma, figures, look-alikes and brown artefacts at
/// known places. Stain amounts are mixed by Beer-Lambert. Every pixel of either slide is a pure
/// function of the parameters and its position, so any region can be drawn alone.
///
/// Positions in um are those of the section as the H&E slide shows it: its level-0 pixel times mpp.
/// A PHH3 pixel shows the point s + D(s) of the section, s = he_from_phh3() of it and D =
/// displacement_um().
class Phantom {
 public:
  /// Throws DataError when there is no room for all objects.
  explicit Phantom(const Params& params);
  ~Phantom();
  Phantom(const Phantom&) = delete;
  Phantom& operator=(const Phantom&) = delete;

  const Params& params() const;
  const std::vector<Object>& objects() const;  ///< Mitoses first.

  std::int64_t width(Stain stain) const;  ///< px of level 0
  std::int64_t height(Stain stain) const;

  /// Level-0 pixels of the PHH3 slide to those of the H&E slide, without the displacement.
  Affine he_from_phh3() const;
  /// What he_from_phh3() lacks, at a point he_from_phh3() gave, in um.
  PointL0 displacement_um(double x_um, double y_um) const;
  /// Both together.
  PointL0 to_he(const PointL0& phh3) const;
  /// The way back.
  PointL0 to_phh3(const PointL0& he) const;
  /// Where the centre of an object lies on a slide.
  PointL0 position(const Object& object, Stain stain) const;

  /// RGB [height][width][3] of a region of level 0.
  std::vector<std::uint8_t> render(Stain stain, const Rect& area) const;

 private:
  class Section;
  std::unique_ptr<const Section> section_;
};

/// Draws one slide of the pair into `file`, block by block. `progress` gets the fraction done and
/// may throw to stop. Throws DataError.
void write_slide(
    const Phantom& phantom,
    Stain stain,
    const std::filesystem::path& file,
    const std::function<void(double)>& progress = [](double) {});

/// `id,class,phase,x_he,y_he,x_phh3,y_phh3,dab`: every object; positions in level-0 pixels.
std::string truth_csv(const Phantom& phantom);
/// `slide,case,x,y,label`: the mitoses on the H&E slide; the case is the name of the pair.
std::string mitoses_csv(const Phantom& phantom);
/// Parameters, the affine and a table of the displacement.
std::string truth_json(const Phantom& phantom);

}  // namespace mito::phantom
