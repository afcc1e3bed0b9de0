#include "nodes/reference/registration_global/registration_global.h"

#include <cmath>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "nodes/reference/registration/transform_fit.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/restained_pair.h"

namespace mito::registration_global {
namespace {

using test::draw_scan;
using test::DrawnScan;
using test::DrawnSection;

constexpr double kMpp = 0.5;

const auto kGoOn = [] { return false; };

TissueMask full_mask(const Slide& slide) {
  TissueMask mask;
  mask.grid = slide.grid(8);
  mask.tissue.assign(static_cast<std::size_t>(mask.grid.width * mask.grid.height), 1);
  mask.area_mm2 = static_cast<double>(mask.tissue.size()) * 64e-6;
  return mask;
}

/// Two slides of 0.7 x 0.7 mm and their masks.
struct Drawn {
  Slide he;
  Slide phh3;
  TissueMask he_mask = full_mask(he);
  TissueMask phh3_mask = full_mask(phh3);

  Pair pair() const { return {he, phh3, he_mask, phh3_mask}; }
  Pair swapped() const { return {phh3, he, phh3_mask, he_mask}; }
};

/// A small tile and search range: the slides are small.
Params small() {
  Params params;
  params.mpp = 1;
  params.template_px = 128;
  params.search_um = 128;
  params.coarse_px = 160;
  params.landmark_mpp = 0.5;
  return params;
}

class RegistrationGlobal : public ::testing::Test {
 protected:
  Slide scan(const std::string& name, const DrawnSection& section, const DrawnScan& drawn) {
    return Slide::open(draw_scan(folder_ / (name + ".tif"), section, drawn),
                       {.allow_upsampling = true});
  }

  DrawnScan he_scan() const { return {.width = 1400, .height = 1300, .mpp = kMpp}; }

  /// Other stains in other amounts; `section_from_um` says which place shows.
  DrawnScan phh3_scan(std::function<PointL0(const PointL0&)> section_from_um) const {
    return {.width = 1360,
            .height = 1420,
            .mpp = kMpp,
            .phh3 = true,
            .haematoxylin = 0.45,
            .other = 0.9,
            .background = 0.08,
            .noise_seed = 5,
            .section_from_um = std::move(section_from_um)};
  }

  /// The PHH3 slide shows the section (dx, dy) um further right and down.
  Drawn shifted(double dx, double dy) {
    return {scan("he", {}, he_scan()), scan("phh3", {}, phh3_scan([=](const PointL0& p) {
                                              return PointL0{p.x - dx, p.y - dy};
                                            }))};
  }

  Drawn mapped(const Affine& phh3_from_he) {
    const Affine he_from_phh3 = inverse(phh3_from_he);
    return {scan("he", {}, he_scan()),
            scan("phh3", {}, phh3_scan([=](const PointL0& p) { return he_from_phh3.apply(p); }))};
  }

  Drawn unrelated() {
    return {scan("he", {.seed = 1}, he_scan()),
            scan("phh3", {.seed = 2}, phh3_scan([](const PointL0& p) { return p; }))};
  }

  static std::string refusal(const Pair& pair, const Params& params) {
    try {
      align(pair, params, kGoOn);
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  }

  test::TempFolder folder_;
};

double error_um(const GlobalRegistration& found, const Affine& phh3_from_he, const PointL0& he_um) {
  const PointL0 phh3_um = phh3_from_he.apply(he_um);
  const PointL0 he = found.he_from_phh3.apply({phh3_um.x / kMpp - 0.5, phh3_um.y / kMpp - 0.5});
  return std::hypot((he.x + 0.5) * kMpp - he_um.x, (he.y + 0.5) * kMpp - he_um.y);
}

TEST_F(RegistrationGlobal, FindsAnAsymmetricShiftOfARestainedSlide) {
  const auto drawn = shifted(43.3, -71.7);

  const auto found = align(drawn.pair(), small(), kGoOn);

  EXPECT_NEAR(found.shift_x_um, 43.3, 0.5);  // half a pixel of the correlation
  EXPECT_NEAR(found.shift_y_um, -71.7, 0.5);
  EXPECT_LT(error_um(found, {1, 0, 43.3, 0, 1, -71.7}, {300, 250}), 0.7);
  EXPECT_EQ(found.model, "shift");
  EXPECT_EQ(found.trials.size(), 10U);
  EXPECT_EQ(found.agreeing, 10);
  EXPECT_GT(found.psr, 20);
  EXPECT_FALSE(found.mirrored);
  EXPECT_EQ(found.rotation_deg, 0);
}

TEST_F(RegistrationGlobal, TheAverageIsRightWhereTheFirstTrialIsNot) {
  // A part of the restained section was torn and lies elsewhere; most tiles are of the rest.
  const PointL0 shift{20, 10};
  const Drawn drawn{
      scan("he", {}, he_scan()),
      scan("phh3", {}, phh3_scan([&](const PointL0& p) {
             return p.x < 230 ? PointL0{p.x + 60, p.y - 45} : PointL0{p.x - shift.x, p.y - shift.y};
           }))};
  auto params = small();
  int misled = 0;
  for (params.seed = 1; params.seed <= 8; ++params.seed) {
    const auto found = align(drawn.pair(), params, kGoOn);
    EXPECT_NEAR(found.shift_x_um, shift.x, 0.5) << "seed " << params.seed;
    EXPECT_NEAR(found.shift_y_um, shift.y, 0.5) << "seed " << params.seed;
    const auto& first = found.trials.front();
    misled += std::hypot(first.dx_um - shift.x, first.dy_um - shift.y) > 10 ? 1 : 0;
  }
  EXPECT_GT(misled, 0);
}

TEST_F(RegistrationGlobal, SwappingTheSlidesNegatesTheShift) {
  const auto drawn = shifted(-35.2, 58.9);
  auto params = small();
  const auto forth = align(drawn.pair(), params, kGoOn);
  std::swap(params.stain.he_matrix, params.stain.phh3_matrix);

  const auto back = align(drawn.swapped(), params, kGoOn);

  EXPECT_NEAR(forth.shift_x_um, -back.shift_x_um, 0.2);
  EXPECT_NEAR(forth.shift_y_um, -back.shift_y_um, 0.2);
}

TEST_F(RegistrationGlobal, AnswersTheSameEveryTimeAndFollowsTheSeed) {
  const auto drawn = shifted(20, 10);
  auto params = small();
  const auto first = align(drawn.pair(), params, kGoOn);

  const auto again = align(drawn.pair(), params, kGoOn);
  params.seed = 2;
  const auto other = align(drawn.pair(), params, kGoOn);

  EXPECT_EQ(first.trials, again.trials);
  EXPECT_EQ(first.he_from_phh3, again.he_from_phh3);
  EXPECT_NE(first.trials, other.trials);
  EXPECT_NEAR(first.shift_x_um, other.shift_x_um, 0.3);
}

TEST_F(RegistrationGlobal, RefusesUnrelatedSlidesWithTheNumbers) {
  const auto drawn = unrelated();
  auto params = small();

  EXPECT_THAT(
      refusal(drawn.pair(), params),
      ::testing::AllOf(::testing::HasSubstr("registration failed: slides he and phh3: PSR "),
                       ::testing::HasSubstr("(at least 7)"),
                       ::testing::HasSubstr("of 10 trials agree within 10 um (at least 5)"),
                       ::testing::HasSubstr("do not show the same section")));
  for (const char* model : {"rigid", "similarity", "affine"}) {
    params.model = model;
    EXPECT_THAT(refusal(drawn.pair(), params),
                ::testing::AllOf(::testing::HasSubstr("registration failed: slides he and phh3"),
                                 ::testing::HasSubstr("do not show the same section")));
  }
}

TEST_F(RegistrationGlobal, RefusesAShiftBeyondTheSearchRange) {
  const auto drawn = shifted(200, 0);

  EXPECT_THAT(refusal(drawn.pair(), small()), ::testing::HasSubstr("more than 128 um off"));
}

TEST_F(RegistrationGlobal, SaysWhatToLowerWhenTheTissueIsTooSmallForTheTiles) {
  auto drawn = shifted(10, 10);
  for (std::int64_t y = 0; y < drawn.he_mask.grid.height; ++y)
    for (std::int64_t x = 0; x < drawn.he_mask.grid.width; ++x)
      drawn.he_mask.tissue[static_cast<std::size_t>(y * drawn.he_mask.grid.width + x)] =
          x < 8 && y < 8 ? 1 : 0;
  auto empty = shifted(10, 10);
  empty.phh3_mask.tissue.assign(empty.phh3_mask.tissue.size(), 0);

  EXPECT_THAT(refusal(drawn.pair(), small()),
              ::testing::HasSubstr("only 0 of 10 tiles of 128 um found in 100 draws that are at "
                                   "least 50 % tissue and not blank; lower template_px (now 128)"));
  EXPECT_THAT(refusal(empty.pair(), small()),
              ::testing::HasSubstr("no tissue in common at equal positions"));
  auto params = small();
  params.template_px = 64;
  params.trials = 5;
  params.min_agreeing = 3;
  EXPECT_NEAR(align(drawn.pair(), params, kGoOn).shift_x_um, 10, 0.5);
}

TEST_F(RegistrationGlobal, StopsWhenAsked) {
  const auto drawn = shifted(10, 10);

  EXPECT_THROW(align(drawn.pair(), small(), [] { return true; }), Interrupted);
}

TEST_F(RegistrationGlobal, FindsRotatedAndMirroredSlides) {
  const Affine to_centre{1, 0, -350, 0, 1, -325};
  const Affine from_centre{1, 0, 352, 0, 1, 341};
  for (const auto& [model, rotation] : {std::pair{"rigid", image::Rotation{183.4, false, 1}},
                                        {"similarity", image::Rotation{-6.3, true, 1.015}},
                                        {"affine", image::Rotation{92.7, false, 0.99}}}) {
    const Affine truth = compose(from_centre, compose(image::linear_map(rotation), to_centre));
    const auto drawn = mapped(truth);
    auto params = small();
    params.model = model;

    const auto found = align(drawn.pair(), params, kGoOn);

    for (const PointL0& p : {PointL0{200, 200}, {500, 200}, {200, 480}, {350, 325}})
      EXPECT_LT(error_um(found, truth, p), 0.5) << model;
    EXPECT_EQ(found.model, model);
    EXPECT_EQ(found.mirrored, rotation.mirrored);
    EXPECT_NEAR(std::remainder(found.rotation_deg - rotation.degrees, 360), 0, 0.1);
    EXPECT_GE(found.landmarks, 20);
    EXPECT_GE(found.inliers, 20);
    EXPECT_LT(found.residual_um, 0.5);
    EXPECT_NEAR(found.shift_x_um, 0, 0.5);  // what the average finds beyond the map
  }
}

TEST_F(RegistrationGlobal, DoesNotMirrorWhenThatIsNotAllowed) {
  const auto drawn = mapped({-1, 0, 690, 0, 1, 10});
  auto params = small();
  params.model = "rigid";
  params.allow_mirror = false;

  EXPECT_THAT(refusal(drawn.pair(), params), ::testing::HasSubstr("registration failed"));
}

TEST(RegistrationGlobalParams, AreCheckedTogether) {
  EXPECT_EQ(check({}), "");
  EXPECT_EQ(check({.trials = 4}), "min_agreeing (5) cannot be more than trials (4)");
  EXPECT_EQ(check({.mpp = 4, .search_um = 2}), "search_um (2) must be at least mpp (4)");
}

}  // namespace
}  // namespace mito::registration_global
