#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/described.h"
#include "engine/types/geometry.h"

namespace mito {

/// A connected DAB-positive spot of a PHH3 slide: a candidate of method 4.3.
struct Spot {
  PointL0 center;           ///< Centroid of its pixels, holes filled.
  std::int64_t pixels = 0;  ///< Of the set's grid.
  double area_um2 = 0;
  Rect bounds;          ///< Pixels of the set's grid.
  double mean_dab = 0;  ///< Mean amount over its pixels above the threshold, natural-log OD.
  bool operator==(const Spot&) const = default;
};

/// Candidates of one PHH3 slide, in raster order of their first pixel.
struct SpotSet {
  Grid grid;                 ///< Where they were found: 0.5 um/px by default.
  double dab_threshold = 0;  ///< The threshold used, also when it was chosen automatically.
  std::vector<Spot> items;
};

/// What one network says of the spots of a slide.
struct SpotScores {
  std::vector<float> probability;  ///< Of class 1, one per spot of the set, in its order.
  double threshold = 0.5;          ///< From here on a spot counts as class 1.
  std::string model;               ///< Digest of the network.
};

/// One of the random tile pairs of the global registration (method 11.3).
struct RegistrationTrial {
  PointL0 he;        ///< Centre of the template on the H&E slide.
  double dx_um = 0;  ///< Peak of its own heatmap: the PHH3 slide lies this far off.
  double dy_um = 0;
  double peak = 0;  ///< Correlation at it.
  double psr = 0;   ///< Peak-to-sidelobe ratio (method 11.5).
  bool operator==(const RegistrationTrial&) const = default;
};

/// Where a PHH3 slide lies on its H&E slide (method 11.3, 11.5, 11.6). Only a registration that
/// can be trusted becomes a value of this type.
struct GlobalRegistration {
  std::string model;      ///< shift, rigid, similarity or affine.
  Affine he_from_phh3;    ///< Level-0 pixels of the PHH3 slide to those of the H&E slide.
  double shift_x_um = 0;  ///< Of the averaged heatmap, sub-pixel: PHH3 minus H&E.
  double shift_y_um = 0;
  double rotation_deg = 0;  ///< Of the PHH3 slide against the H&E slide, counter-clockwise as seen.
  bool mirrored = false;
  double peak = 0;
  double psr = 0;
  std::int64_t agreeing = 0;  ///< Trials whose own peak lies within 10 um of the averaged one.
  std::vector<RegistrationTrial> trials;
  std::int64_t landmarks = 0;  ///< Local shifts a model other than `shift` was fitted to.
  std::int64_t inliers = 0;
  double residual_um = 0;  ///< Root mean square of the inliers.
};

/// One object carried from the PHH3 slide to the H&E slide (method 11.4, 11.5).
struct RegisteredObject {
  enum class Status : std::uint8_t {
    Accepted,    ///< Moved by its own local shift.
    Border,      ///< Local peak on the border of the search range: global position kept.
    LowPsr,      ///< Local peak not clear enough: global position kept.
    Neighbours,  ///< Local shift unlike that of its neighbours: global position kept.
    OffSlide,    ///< Its global position lies off the H&E slide.
  };
  std::int64_t spot = 0;  ///< Index in the SpotSet.
  PointL0 phh3;
  PointL0 he;
  double dx_um = 0;  ///< Measured local shift on top of the global one, kept or not.
  double dy_um = 0;
  double peak = 0;
  double psr = 0;
  Status status = Status::Accepted;
  bool operator==(const RegisteredObject&) const = default;
};

/// "accepted", "border", "low_psr", "neighbours", "off_slide".
std::string_view name_of(RegisteredObject::Status status);

struct LocalRegistration {
  std::vector<RegisteredObject> items;  ///< In the order of the spots; only those asked for.
};

/// A spot that CNN2 calls mitotic, and what became of it.
struct ReferenceObject {
  enum class Verdict : std::uint8_t {
    Accepted,      ///< Part of the reference standard.
    Unregistered,  ///< Its local registration was refused, and flagged objects are not kept.
    OffSlide,      ///< Lies off the H&E slide.
    Duplicate,     ///< Too close to an accepted object with a higher probability.
  };
  std::int64_t spot = 0;  ///< Index in the SpotSet.
  PointL0 phh3;
  PointL0 he;
  double probability = 0;  ///< Of CNN2.
  RegisteredObject::Status registration = RegisteredObject::Status::Accepted;
  Verdict verdict = Verdict::Accepted;
  bool operator==(const ReferenceObject&) const = default;
};

/// "accepted", "unregistered", "off_slide", "duplicate".
std::string_view name_of(ReferenceObject::Verdict verdict);

/// The mitotic figures of an H&E slide as its PHH3 slide shows them (paper section III).
struct ReferenceStandard {
  Grid grid;                           ///< Analysis grid of the H&E slide.
  std::vector<ReferenceObject> items;  ///< In the order of the spots.
  std::int64_t candidates = 0;         ///< Spots there were.
  std::int64_t no_artefacts = -1;      ///< Of them, called no artefact by CNN1; -1 = not asked.

  std::int64_t accepted() const;
};

/// Patches with labels, cut at 0.25 um/px: what CNN1 and CNN2 are trained on (method 4.4).
struct LabelledPatches {
  std::int64_t size = 0;             ///< Side in pixels.
  std::vector<std::uint8_t> rgb;     ///< [n][size][size][3]
  std::vector<std::uint8_t> labels;  ///< 1 = mitotic (CNN2) or no artefact (CNN1).
  std::vector<std::string> samples;  ///< Names, for messages.
  std::vector<std::string> cases;    ///< Splits never separate patches of one case.
};

template <>
struct Payload<SpotSet> {
  static constexpr TypeDesc kDesc{"SpotSet", 1};
  static void describe(Description<SpotSet>& d);
};
template <>
struct Payload<SpotScores> {
  static constexpr TypeDesc kDesc{"SpotScores", 1};
  static void describe(Description<SpotScores>& d);
};
template <>
struct Payload<GlobalRegistration> {
  static constexpr TypeDesc kDesc{"GlobalRegistration", 1};
  static void describe(Description<GlobalRegistration>& d);
};
template <>
struct Payload<LocalRegistration> {
  static constexpr TypeDesc kDesc{"LocalRegistration", 1};
  static void describe(Description<LocalRegistration>& d);
};
template <>
struct Payload<ReferenceStandard> {
  static constexpr TypeDesc kDesc{"ReferenceStandard", 1};
  static void describe(Description<ReferenceStandard>& d);
};
template <>
struct Payload<LabelledPatches> {
  static constexpr TypeDesc kDesc{"LabelledPatches", 1};
};

}  // namespace mito
