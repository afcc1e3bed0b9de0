#include "nodes/drawn/phantom/phantom.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "nodes/drawn/phantom/centres.h"

namespace mito::phantom {
namespace {

Params small_pair() {
  Params params;
  params.width_px = 2600;
  params.height_px = 2400;
  params.mitoses = 14;
  params.lookalikes = 14;
  params.artefacts = 30;
  params.nonspecific = 8;
  params.shift_x_um = 60;
  params.shift_y_um = -40;
  return params;
}

Rect around(const PointL0& at, std::int64_t side) {
  return {std::lround(at.x) - side / 2, std::lround(at.y) - side / 2, side, side};
}

// Pixels of a PHH3 region with more DAB than method 4.3 asks for.
int brown_pixels(const Phantom& pair, const Rect& area) {
  const auto rgb = pair.render(Stain::Phh3, area);
  const image::StainTransform hdx(image::hdx_rows(), image::StainConvention::physical());
  std::vector<float> stain(rgb.size());
  hdx.to_stain(std::span(rgb), std::span(stain));
  int count = 0;
  for (std::size_t i = 1; i < stain.size(); i += 3) count += stain[i] > 0.30F ? 1 : 0;
  return count;
}

std::vector<double> greys(const std::vector<std::uint8_t>& rgb) {
  std::vector<double> out;
  for (std::size_t i = 0; i < rgb.size(); i += 3)
    out.push_back(static_cast<double>(rgb[i]));  // red: haematoxylin's light
  return out;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double ma = 0;
  double mb = 0;
  const auto n = static_cast<double>(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ma += a[i] / n;
    mb += b[i] / n;
  }
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

TEST(Phantom, AnyRegionFitsItsNeighboursOnBothSlides) {
  Params params = small_pair();
  params.rotation_deg = 17;
  const Phantom pair(params);
  for (const Stain stain : {Stain::He, Stain::Phh3}) {
    const PointL0 at = pair.position(pair.objects().front(), stain);
    const Rect area = around(at, 90);

    const auto whole = pair.render(stain, area);

    const auto part = pair.render(stain, {area.x + 37, area.y + 11, 40, 51});
    for (std::int64_t y = 0; y < 51; ++y)
      for (std::int64_t i = 0; i < 120; ++i)
        ASSERT_EQ(whole[static_cast<std::size_t>(((y + 11) * 90 + 37) * 3 + i)],
                  part[static_cast<std::size_t>(y * 120 + i)])
            << "row " << y;
  }
}

TEST(Phantom, SameSeedSamePairOtherSeedAnotherSection) {
  Params params = small_pair();
  const Phantom pair(params);
  const Phantom again(params);
  params.seed = 2;
  const Phantom other(params);

  EXPECT_EQ(truth_csv(pair), truth_csv(again));
  EXPECT_EQ(pair.render(Stain::Phh3, {900, 900, 60, 60}),
            again.render(Stain::Phh3, {900, 900, 60, 60}));
  EXPECT_NE(truth_csv(pair), truth_csv(other));
}

TEST(Phantom, TheStainSeedLeavesTheSectionAsItIs) {
  Params params = small_pair();
  const Phantom pair(params);
  params.stain_seed = 77;
  const Phantom restained(params);

  EXPECT_EQ(truth_csv(pair), truth_csv(restained));
  EXPECT_NE(pair.render(Stain::He, {900, 900, 60, 60}),
            restained.render(Stain::He, {900, 900, 60, 60}));
}

TEST(Phantom, MitosesAreDarkInHeAndBrownInPhh3WhereTheTruthSaysSo) {
  const Phantom pair(small_pair());
  int seen = 0;
  for (const Object& object : pair.objects()) {
    if (object.kind != Kind::Mitosis) continue;
    ++seen;
    const auto rgb = pair.render(Stain::He, around(pair.position(object, Stain::He), 72));
    int dark = 0;
    for (std::size_t i = 0; i < rgb.size(); i += 3)
      dark += rgb[i] + rgb[i + 1] + rgb[i + 2] < 0.35 * 765 ? 1 : 0;
    EXPECT_GT(dark, 90) << object.phase;
    const int brown = brown_pixels(pair, around(pair.position(object, Stain::Phh3), 72));
    // 7 um2, the smallest candidate, are 112 px.
    if (object.dab > 0)
      EXPECT_GT(brown, 112) << object.phase << ' ' << object.dab;
    else
      EXPECT_LT(brown, 40) << object.phase;
  }
  EXPECT_EQ(seen, 14);
}

TEST(Phantom, MostArtefactsAreLargeEnoughToBeCandidates) {
  const Phantom pair(small_pair());
  int brown = 0;
  int all = 0;
  for (const Object& object : pair.objects()) {
    if (object.kind != Kind::Artefact) continue;
    ++all;
    brown += brown_pixels(pair, around(pair.position(object, Stain::Phh3), 80)) >= 112 ? 1 : 0;
  }
  EXPECT_GE(brown, all * 3 / 4) << "of " << all;
}

TEST(Phantom, ThreeQuartersOfTheBrownSpotsAreArtefacts) {
  const Phantom pair(Params{});
  int brown = 0;
  int artefacts = 0;
  std::map<std::string, int> sorts;
  for (const Object& object : pair.objects()) {
    if (object.dab <= 0) continue;
    ++brown;
    if (object.kind != Kind::Artefact && object.kind != Kind::Pigment) continue;
    ++artefacts;
    if (object.kind == Kind::Artefact) ++sorts[object.phase];
  }
  EXPECT_GT(brown, 300);
  EXPECT_NEAR(static_cast<double>(artefacts) / brown, 0.75, 0.04);
  EXPECT_EQ(sorts.size(), 6U);
}

TEST(Phantom, EveryPhaseOccursAndLateOnesAreSometimesMissed) {
  Params params;
  params.width_px = params.height_px = 8192;
  params.mitoses = 200;
  const Phantom pair(params);
  std::map<std::string, int> phases;
  int missed = 0;
  for (const Object& object : pair.objects()) {
    if (object.kind != Kind::Mitosis) continue;
    ++phases[object.phase];
    if (object.dab > 0) continue;
    ++missed;
    EXPECT_TRUE(object.phase == "anaphase" || object.phase == "telophase") << object.phase;
  }
  EXPECT_EQ(phases.size(), 5U);
  EXPECT_GT(missed, 0);
  EXPECT_LT(missed, 40);
}

TEST(Phantom, TheDisplacementIsSmoothAndOfTheStatedSize) {
  Params params = small_pair();
  params.displacement_um = 4;
  const Phantom pair(params);
  double sum = 0;
  int count = 0;
  double steepest = 0;
  for (double y = 0; y < 20000; y += 130)
    for (double x = 0; x < 20000; x += 130) {
      const PointL0 at = pair.displacement_um(x, y);
      sum += at.x * at.x + at.y * at.y;
      ++count;
      const PointL0 next = pair.displacement_um(x + 10, y + 10);
      steepest = std::max(steepest, std::hypot(next.x - at.x, next.y - at.y));
    }
  EXPECT_NEAR(std::sqrt(sum / count), 4, 0.5);
  // 14 um farther on it is another by 1.5 um at most.
  EXPECT_LT(steepest, 1.5);
}

TEST(Phantom, TheWayBackLeadsBack) {
  Params params = small_pair();
  params.rotation_deg = 100;
  params.displacement_um = 5;
  const Phantom pair(params);
  for (const PointL0 phh3 : {PointL0{300, 400}, {1500, 900}, {2222.5, 1800.25}}) {
    const PointL0 back = pair.to_phh3(pair.to_he(phh3));
    EXPECT_NEAR(back.x, phh3.x, 1e-4);
    EXPECT_NEAR(back.y, phh3.y, 1e-4);
  }
}

TEST(Phantom, TheShiftIsPhh3MinusHe) {
  Params params = small_pair();
  params.displacement_um = 0;
  const Phantom pair(params);
  for (const Object& object : pair.objects()) {
    const PointL0 he = pair.position(object, Stain::He);
    const PointL0 phh3 = pair.position(object, Stain::Phh3);
    ASSERT_NEAR(phh3.x - he.x, 240, 1e-6);
    ASSERT_NEAR(phh3.y - he.y, -160, 1e-6);
  }
}

TEST(Phantom, TurningIsCounterClockwiseAsSeen) {
  Params params = small_pair();
  params.displacement_um = 0;
  params.shift_x_um = params.shift_y_um = 0;
  params.rotation_deg = 90;
  const Phantom pair(params);

  EXPECT_EQ(pair.width(Stain::Phh3), 2400);
  EXPECT_EQ(pair.height(Stain::Phh3), 2600);
  // What lies right of the middle goes up.
  const PointL0 up = pair.to_phh3({1299.5 + 300, 1199.5});
  EXPECT_NEAR(up.x, 1199.5, 1e-6);
  EXPECT_NEAR(up.y, 1299.5 - 300, 1e-6);
}

TEST(Phantom, EveryObjectLiesOnBothSlides) {
  Params params = small_pair();
  params.rotation_deg = 30;
  const Phantom pair(params);
  for (const Object& object : pair.objects())
    for (const Stain stain : {Stain::He, Stain::Phh3}) {
      const PointL0 at = pair.position(object, stain);
      EXPECT_GE(at.x, 0);
      EXPECT_GE(at.y, 0);
      EXPECT_LT(at.x, static_cast<double>(pair.width(stain)));
      EXPECT_LT(at.y, static_cast<double>(pair.height(stain)));
    }
}

TEST(Phantom, BothSlidesShowTheSameNucleiAtTheTruthsPositions) {
  const Phantom pair(small_pair());
  int better = 0;
  int all = 0;
  for (const Object& object : pair.objects()) {
    if (object.kind != Kind::Hyperchromatic && object.kind != Kind::Pyknotic) continue;
    const auto he = greys(pair.render(Stain::He, around(pair.position(object, Stain::He), 96)));
    const PointL0 at = pair.position(object, Stain::Phh3);
    const auto here = greys(pair.render(Stain::Phh3, around(at, 96)));
    const auto beside = greys(pair.render(Stain::Phh3, around({at.x + 12, at.y}, 96)));
    ++all;
    better += correlation(he, here) > 0.5 && correlation(he, here) > correlation(he, beside) + 0.1;
  }
  ASSERT_GT(all, 3);
  EXPECT_EQ(better, all);
}

TEST(Phantom, CentresDifferAndInHouseVariesLittle) {
  ASSERT_GE(centre_names().size(), 6U);
  std::map<std::string, double> variation;
  for (const auto centre : centre_names()) {
    double sum = 0;
    double square = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      const double gain = stains_of(centre, seed).haematoxylin_gain;
      sum += gain / 40;
      square += gain * gain / 40;
    }
    variation[std::string(centre)] = std::sqrt(square - sum * sum) / sum;
  }
  for (const auto& [centre, value] : variation)
    if (centre != "in_house") {
      EXPECT_GT(value, 2 * variation["in_house"]) << centre;
    }

  Params params = small_pair();
  std::map<std::vector<int>, std::string> looks;
  for (const auto centre : centre_names()) {
    params.centre = centre;
    const Phantom pair(params);
    const auto rgb = pair.render(Stain::He, around({1150, 1280}, 160));
    std::vector<int> mean(3);
    for (std::size_t i = 0; i < rgb.size(); ++i) mean[i % 3] += rgb[i];
    for (int& level : mean) level /= 160 * 160;
    for (const auto& [look, name] : looks)
      EXPECT_GT(
          std::abs(look[0] - mean[0]) + std::abs(look[1] - mean[1]) + std::abs(look[2] - mean[2]),
          8)
          << name << " and " << centre;
    looks[mean] = centre;
  }
}

TEST(Phantom, SaysWhatIsWrong) {
  EXPECT_THROW(stains_of("nowhere", 1), DataError);
  Params params = small_pair();
  params.mitoses = 20000;
  EXPECT_THROW(Phantom{params}, DataError);
  params = small_pair();
  params.shift_x_um = 5000;
  EXPECT_THROW(Phantom{params}, DataError);
}

}  // namespace
}  // namespace mito::phantom
