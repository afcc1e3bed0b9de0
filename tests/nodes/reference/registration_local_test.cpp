#include "nodes/reference/registration_local/registration_local.h"

#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/restained_pair.h"

namespace mito::registration_local {
namespace {

using test::draw_scan;
using test::DrawnScan;
using test::DrawnSection;
using Status = RegisteredObject::Status;

constexpr double kMpp = 0.5;

const auto kIgnored = [](std::size_t, std::size_t) {};

PointL0 level0(const PointL0& um) { return {um.x / kMpp - 0.5, um.y / kMpp - 0.5}; }
PointL0 um(const PointL0& p) { return {(p.x + 0.5) * kMpp, (p.y + 0.5) * kMpp}; }

Spot spot_at(const PointL0& place_um) {
  Spot spot;
  spot.center = level0(place_um);
  return spot;
}

/// The PHH3 slide shows the section (40, -25) um off, and each place (4 + x / 100, -3) um further.
PointL0 section_at(const PointL0& phh3_um) {
  const double x = (phh3_um.x - 40 - 4) / 1.01;
  return {x, phh3_um.y + 25 + 3};
}

class RegistrationLocal : public ::testing::Test {
 protected:
  RegistrationLocal() {
    global_.model = "shift";
    global_.he_from_phh3 = {1, 0, -40 / kMpp, 0, 1, 25 / kMpp};
    for (double y = 80; y <= 480; y += 50)
      for (double x = 100; x <= 500; x += 80) spots_.items.push_back(spot_at({x, y}));
  }

  Slide scan(const std::string& name, const DrawnSection& section, const DrawnScan& drawn) {
    return Slide::open(draw_scan(folder_ / (name + ".tif"), section, drawn),
                       {.allow_upsampling = true});
  }
  DrawnScan phh3_scan() const {
    return {.width = 1200,
            .height = 1200,
            .mpp = kMpp,
            .phh3 = true,
            .haematoxylin = 0.5,
            .other = 0.9,
            .noise_seed = 3,
            .section_from_um = section_at};
  }

  test::TempFolder folder_;
  Slide he_ = scan("he", {}, {.width = 1200, .height = 1200, .mpp = kMpp});
  GlobalRegistration global_;
  SpotSet spots_;
};

TEST_F(RegistrationLocal, CarriesEverySpotToWhereItsSurroundingsAre) {
  const Slide phh3 = scan("phh3", {}, phh3_scan());

  const auto found = refine(he_, phh3, global_, spots_, nullptr, {}, kIgnored);

  ASSERT_EQ(found.items.size(), spots_.items.size());
  double worst_global = 0;
  for (const auto& object : found.items) {
    const PointL0 truth = section_at(um(object.phh3));
    const PointL0 at = um(object.he);
    EXPECT_EQ(object.status, Status::Accepted);
    EXPECT_LT(std::hypot(at.x - truth.x, at.y - truth.y), 0.4);
    EXPECT_GT(object.dx_um, 3);  // the PHH3 slide lies further right
    EXPECT_NEAR(object.dy_um, -3, 0.4);
    const PointL0 global = um(global_.he_from_phh3.apply(object.phh3));
    worst_global = std::max(worst_global, std::hypot(global.x - truth.x, global.y - truth.y));
  }
  EXPECT_GT(worst_global, 5);  // what the global shift alone would leave
}

TEST_F(RegistrationLocal, KeepsTheGlobalPlaceOfObjectsItCannotTrust) {
  const Slide other = scan("other", {.seed = 9}, phh3_scan());

  const auto found = refine(he_, other, global_, spots_, nullptr, {}, kIgnored);

  std::size_t accepted = 0;
  for (const auto& object : found.items) {
    if (object.status == Status::Accepted) {
      ++accepted;
      continue;
    }
    EXPECT_THAT(object.status, ::testing::AnyOf(Status::LowPsr, Status::Border));
    EXPECT_EQ(object.he, global_.he_from_phh3.apply(object.phh3));
  }
  EXPECT_EQ(accepted, 0U);
}

TEST_F(RegistrationLocal, MarksAPeakOnTheBorderOfTheSearchRange) {
  const Slide phh3 = scan("phh3", {}, phh3_scan());
  const Params narrow{.search_um = 5};  // the shift along x grows from 5 um up

  const auto found = refine(he_, phh3, global_, spots_, nullptr, narrow, kIgnored);

  std::size_t border = 0;
  for (const auto& object : found.items) border += object.status == Status::Border ? 1 : 0;
  EXPECT_GT(border, found.items.size() / 3);
}

TEST_F(RegistrationLocal, TakesOnlySpotsOfClassOne) {
  const Slide phh3 = scan("phh3", {}, phh3_scan());
  SpotScores scores;
  scores.threshold = 0.7;
  scores.probability.assign(spots_.items.size(), 0.2F);
  scores.probability[3] = 0.9F;
  scores.probability[7] = 0.75F;

  const auto found = refine(he_, phh3, global_, spots_, &scores, {}, kIgnored);
  scores.probability.pop_back();

  ASSERT_EQ(found.items.size(), 2U);
  EXPECT_EQ(found.items[0].spot, 3);
  EXPECT_EQ(found.items[1].spot, 7);
  EXPECT_THROW(refine(he_, phh3, global_, spots_, &scores, {}, kIgnored), DataError);
}

TEST_F(RegistrationLocal, MarksSpotsThatFallOffTheHeSlide) {
  const Slide phh3 = scan("phh3", {}, phh3_scan());
  SpotSet edge;
  edge.items.push_back(spot_at({30, 300}));  // 40 um left of it

  const auto found = refine(he_, phh3, global_, edge, nullptr, {}, kIgnored);

  EXPECT_EQ(found.items[0].status, Status::OffSlide);
  EXPECT_EQ(found.items[0].psr, 0);
}

TEST_F(RegistrationLocal, GoesOnFromAMapThatTurns) {
  // Both slides show the same; the "global" map is a turn by one degree about (300, 300) um.
  const Slide same = scan("same", {}, {.width = 1200, .height = 1200, .mpp = kMpp, .phh3 = true});
  const double c = std::cos(0.01745);
  const double s = std::sin(0.01745);
  const double m = level0({300, 300}).x;
  global_.he_from_phh3 = {c, s, m - c * m - s * m, -s, c, m + s * m - c * m};

  const auto found = refine(he_, same, global_, spots_, nullptr, {}, kIgnored);

  for (const auto& object : found.items) {
    EXPECT_EQ(object.status, Status::Accepted);
    EXPECT_LT(std::hypot(object.he.x - object.phh3.x, object.he.y - object.phh3.y) * kMpp, 0.5);
  }
}

TEST_F(RegistrationLocal, StopsBetweenObjects) {
  const Slide phh3 = scan("phh3", {}, phh3_scan());
  std::vector<std::size_t> seen;
  const auto stop = [&](std::size_t done, std::size_t all) {
    EXPECT_EQ(all, spots_.items.size());
    seen.push_back(done);
    if (done == 2) throw Interrupted("enough");
  };

  EXPECT_THROW(refine(he_, phh3, global_, spots_, nullptr, {}, stop), Interrupted);
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2}));
}

LocalRegistration neighbours(std::size_t count) {
  LocalRegistration out;
  for (std::size_t i = 0; i < count; ++i) {
    RegisteredObject object;
    object.phh3 = {static_cast<double>(100 * i), 50};
    object.dx_um = 2 + 0.1 * static_cast<double>(i % 3);
    object.dy_um = -1;
    out.items.push_back(object);
  }
  return out;
}

TEST(NeighbourTest, FlagsAShiftUnlikeItsNeighbours) {
  auto registration = neighbours(12);
  registration.items[5].dx_um = 8;
  registration.items[8].dy_um = 3.5;  // 4.5 um off: still near

  flag_outliers(registration, 0.25, 0.25, {});

  for (std::size_t i = 0; i < registration.items.size(); ++i)
    EXPECT_EQ(registration.items[i].status, i == 5 ? Status::Neighbours : Status::Accepted) << i;
}

TEST(NeighbourTest, LooksAtTheNearestAcceptedOnesOnly) {
  auto registration = neighbours(20);
  for (std::size_t i = 10; i < 20; ++i) {  // another piece of tissue, far away and shifted
    registration.items[i].phh3.x += 1e5;
    registration.items[i].dx_um += 9;
  }
  registration.items[3].dx_um = 9;
  registration.items[3].status = Status::LowPsr;

  flag_outliers(registration, 0.25, 0.25, {});

  for (std::size_t i = 0; i < registration.items.size(); ++i)
    EXPECT_EQ(registration.items[i].status, i == 3 ? Status::LowPsr : Status::Accepted) << i;
}

TEST(NeighbourTest, NeedsThreeNeighbours) {
  auto few = neighbours(3);
  few.items[0].dx_um = 9;
  auto enough = neighbours(4);
  enough.items[0].dx_um = 9;

  flag_outliers(few, 0.25, 0.25, {});
  flag_outliers(enough, 0.25, 0.25, {});

  EXPECT_EQ(few.items[0].status, Status::Accepted);
  EXPECT_EQ(enough.items[0].status, Status::Neighbours);
}

}  // namespace
}  // namespace mito::registration_local
