#include "engine/types/restained.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/types/grid_attributes.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 5> kStatus{"accepted", "border", "low_psr", "neighbours",
                                                  "off_slide"};

constexpr std::array<std::string_view, 4> kVerdict{"accepted", "unregistered", "off_slide",
                                                   "duplicate"};

constexpr auto kPhh3 = [](auto& object) { return std::tie(object.phh3.x, object.phh3.y); };
constexpr auto kHe = [](auto& object) { return std::tie(object.he.x, object.he.y); };

double level0_mpp(const Grid& grid) { return grid.mpp / grid.scale_x; }

}  // namespace

std::string_view name_of(RegisteredObject::Status status) {
  return kStatus.at(static_cast<std::size_t>(status));
}

std::string_view name_of(ReferenceObject::Verdict verdict) {
  return kVerdict.at(static_cast<std::size_t>(verdict));
}

std::int64_t ReferenceStandard::accepted() const {
  return std::ranges::count(items, ReferenceObject::Verdict::Accepted, &ReferenceObject::verdict);
}

void Payload<SpotSet>::describe(Description<SpotSet>& d) {
  d.about("DAB-positive spots of one PHH3 slide, in raster order of their first pixel.");
  d.within(&SpotSet::grid, describe_grid);
  d.attribute("dab_threshold", &SpotSet::dab_threshold,
              {"Amount of DAB from which on a pixel counts, natural-log OD."});
  d.rows(&SpotSet::items, "N")
      .column("coords", [](auto& spot) { return std::tie(spot.center.x, spot.center.y); },
              {"x, y of the centroid on level 0, holes filled.", "px"})
      .column("pixels", &Spot::pixels, {"Pixels of the grid."})
      .column("area_um2", &Spot::area_um2, {"Area.", "um2"})
      .column("bounds",
              [](auto& spot) {
                auto& b = spot.bounds;
                return std::tie(b.x, b.y, b.width, b.height);
              },
              {"x, y, width, height in pixels of the grid.", "px"})
      .column("mean_dab", &Spot::mean_dab,
              {"Mean amount over the pixels above the threshold, natural-log OD."});
  describe_level(d);
  d.derived("mpp", [](const SpotSet& set) { return level0_mpp(set.grid); },
            {"Of a level-0 pixel, in x.", "um/px"});
}

void Payload<SpotScores>::describe(Description<SpotScores>& d) {
  d.about("What one network says of the spots of a slide, in their order.");
  d.column("probability", &SpotScores::probability, "N", {"Of class 1."});
  d.attribute("threshold", &SpotScores::threshold, {"From here on a spot counts as class 1."});
  d.attribute("model", &SpotScores::model, {"Digest of the network."});
}

void Payload<GlobalRegistration>::describe(Description<GlobalRegistration>& d) {
  using G = GlobalRegistration;
  const std::string wording = "he_from_phh3 needs six numbers and shift_um two";
  d.about("Where a PHH3 slide lies on its H&E slide.");
  d.attribute("model", &G::model, {"shift, rigid, similarity or affine."});
  d.numbers(
      "he_from_phh3",
      [](auto& g) {
        auto& m = g.he_from_phh3;
        return std::tie(m.a, m.b, m.c, m.d, m.e, m.f);
      },
      {"Level-0 pixels of the PHH3 slide to those of the H&E slide: x' = a x + b y + c, "
       "y' = d x + e y + f."},
      wording);
  d.numbers(
      "shift_um", [](auto& g) { return std::tie(g.shift_x_um, g.shift_y_um); },
      {"Of the averaged heatmap, sub-pixel: PHH3 minus H&E.", "um"}, wording);
  d.attribute("rotation_deg", &G::rotation_deg,
              {"Of the PHH3 slide against the H&E slide, counter-clockwise as seen.", "degrees"});
  d.attribute("mirrored", &G::mirrored, {"1 when one of the slides is mirrored."});
  d.attribute("peak", &G::peak, {"Correlation at the peak of the averaged heatmap."});
  d.attribute("psr", &G::psr, {"Its peak-to-sidelobe ratio."});
  d.attribute("agreeing", &G::agreeing,
              {"Trials whose own peak lies within 10 um of the averaged one."});
  d.attribute("landmarks", &G::landmarks,
              {"Local shifts that a model other than `shift` was fitted to."});
  d.attribute("inliers", &G::inliers, {"Of them, those that agree with it."});
  d.attribute("residual_um", &G::residual_um, {"Root mean square of the inliers.", "um"});
  d.rows(&G::trials, "N")
      .column("trials",
              [](auto& t) { return std::tie(t.he.x, t.he.y, t.dx_um, t.dy_um, t.peak, t.psr); },
              {"Random tile pairs: x, y on level 0 of the H&E slide, shift in x and y (um), "
               "correlation, "
               "peak-to-sidelobe ratio."});
}

void Payload<LocalRegistration>::describe(Description<LocalRegistration>& d) {
  using Object = RegisteredObject;
  d.about("Objects carried from the PHH3 slide to the H&E slide, in the order of the spots.");
  d.rows(&LocalRegistration::items, "N")
      .column("spot", &Object::spot, {"Index in the SpotSet."})
      .column("phh3", kPhh3, {"x, y on level 0 of the PHH3 slide.", "px"})
      .column("coords", kHe, {"x, y on level 0 of the H&E slide.", "px"})
      .column("shift_um", [](auto& o) { return std::tie(o.dx_um, o.dy_um); },
              {"Measured local shift on top of the global one, kept or not.", "um"})
      .column("peak_psr", [](auto& o) { return std::tie(o.peak, o.psr); },
              {"Correlation at the local peak, and its peak-to-sidelobe ratio."})
      .choice("status", &Object::status, kStatus, "unknown status of a registered object",
              {"What became of it."});
  describe_level(d);
}

void Payload<ReferenceStandard>::describe(Description<ReferenceStandard>& d) {
  using Object = ReferenceObject;
  const std::string unknown = "unknown status or verdict of a reference object";
  d.about(
      "The mitotic figures of an H&E slide as its PHH3 slide shows them, in the order of the "
      "spots.");
  d.within(&ReferenceStandard::grid, describe_grid);
  d.rows(&ReferenceStandard::items, "N")
      .column("spot", &Object::spot, {"Index in the SpotSet."})
      .column("phh3", kPhh3, {"x, y on level 0 of the PHH3 slide.", "px"})
      .column("coords", kHe, {"x, y on level 0 of the H&E slide.", "px"})
      .column("probability", &Object::probability, {"Of CNN2: mitotic."})
      .choice("registration", &Object::registration, kStatus, unknown,
              {"What became of it in the registration."})
      .choice("verdict", &Object::verdict, kVerdict, unknown,
              {"What became of it in the reference standard."});
  describe_level(d);
  d.derived("mpp", [](const ReferenceStandard& reference) { return level0_mpp(reference.grid); },
            {"Of a level-0 pixel of the H&E slide, in x.", "um/px"});
  d.attribute("candidates", &ReferenceStandard::candidates, {"Spots there were."});
  d.attribute("no_artefacts", &ReferenceStandard::no_artefacts,
              {"Of them, called no artefact by CNN1; -1 = not asked."});
}

template struct DescribedCodec<SpotSet>;
template struct DescribedCodec<SpotScores>;
template struct DescribedCodec<GlobalRegistration>;
template struct DescribedCodec<LocalRegistration>;
template struct DescribedCodec<ReferenceStandard>;

}  // namespace mito
