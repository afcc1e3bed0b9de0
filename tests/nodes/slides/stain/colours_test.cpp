// The colour maths of stain standardisation: method 3.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/random.h"
#include "engine/image/hed.h"
#include "nodes/slides/stain/colour_map.h"
#include "nodes/slides/stain/hsd.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/naive_bayes.h"
#include "nodes/slides/stain/nearest.h"
#include "nodes/slides/stain/nuclei.h"
#include "nodes/slides/stain/wsics.h"
#include "tests/nodes/slides/stain/stain_support.h"

namespace mito::stain {
namespace {

using test::data_error;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Colours all over the cube.
std::vector<Rgb8> all_over(int step) {
  std::vector<Rgb8> out;
  for (int r = 0; r < 256; r += step) {
    for (int g = 0; g < 256; g += step) {
      for (int b = 0; b < 256; b += step)
        out.push_back({static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                       static_cast<std::uint8_t>(b)});
    }
  }
  return out;
}

Rgb8 mixed(const Triple& h, const Triple& e, double amount_h, double amount_e) {
  Triple rgb{};
  for (std::size_t i = 0; i < 3; ++i) rgb[i] = 255 * std::exp(-(amount_h * h[i] + amount_e * e[i]));
  return rounded(rgb);
}

double angle_deg(const Triple& a, const Triple& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return std::acos(std::min(1.0, ab / std::sqrt(aa * bb))) * 180 / std::numbers::pi;
}

const Triple kHaematoxylin = image::unit_rows({{{0.72, 0.62, 0.31}, {1, 0, 0}, {0, 1, 0}}})[0];
const Triple kEosin = image::unit_rows({{{0.12, 0.93, 0.35}, {1, 0, 0}, {0, 1, 0}}})[0];

/// A section: nuclei, pure eosin, mixtures and glass.
std::vector<Rgb8> section(int count = 6000) {
  RandomStream random(7, "section", 0);
  std::vector<Rgb8> out;
  for (int i = 0; i < count; ++i) {
    const double h = random.uniform(0.3, 1.6);
    const double e = random.uniform(0.2, 0.9);
    switch (i % 5) {
      case 0:
        out.push_back(mixed(kHaematoxylin, kEosin, h, 0));
        break;
      case 1:
        out.push_back(mixed(kHaematoxylin, kEosin, 0, e));
        break;
      case 2:
        out.push_back({250, 249, 251});
        break;
      default:
        out.push_back(mixed(kHaematoxylin, kEosin, h, e));
    }
  }
  return out;
}

TEST(Hsd, ComesBackWithinTheTolerance) {
  for (const Rgb8& rgb : all_over(15)) {
    const Triple back = to_rgb(to_hsd(rgb));
    for (std::size_t i = 0; i < 3; ++i)
      ASSERT_NEAR(back[i] / 255, std::clamp(int{rgb[i]}, 1, 254) / 255.0, 1e-5);
  }
}

TEST(Hsd, KeepsTheChromaticityWhenTheAmountOfStainChanges) {
  const Triple once{0.6, 0.8, 0.2};
  const Triple thrice{1.8, 2.4, 0.6};

  const Hsd a = hsd_from_density(once);
  const Hsd b = hsd_from_density(thrice);

  EXPECT_NEAR(a.cx, b.cx, 1e-12);
  EXPECT_NEAR(a.cy, b.cy, 1e-12);
  EXPECT_NEAR(3 * a.density, b.density, 1e-12);
}

TEST(Lab, KnowsWhiteBlackAndTheWayBack) {
  const Triple white = to_lab({255, 255, 255});
  const Triple black = to_lab({0, 0, 0});

  EXPECT_NEAR(white[0], 100, 1e-3);
  EXPECT_NEAR(white[1], 0, 0.01);
  EXPECT_NEAR(black[0], 0, 1e-9);
  for (const Rgb8& rgb : all_over(17)) {
    const Triple back = rgb_from_lab(to_lab(rgb));
    for (std::size_t i = 0; i < 3; ++i) ASSERT_NEAR(back[i] * 255, rgb[i], 0.02);
  }
}

TEST(Reinhard, GivesTheMeanAndSdOfTheTarget) {
  const auto pixels = section();
  const auto source = lab_statistics(pixels);
  const LabStatistics target{{62, 14, -9}, {source.sd[0] * 0.8, source.sd[1] * 0.7, source.sd[2]}};

  std::vector<Rgb8> out;
  for (const Rgb8& pixel : pixels) {
    Triple rgb = transfer_lab(to_lab(pixel), source, target);
    for (double& v : rgb) v *= 255;
    out.push_back(rounded(rgb));
  }
  const auto got = lab_statistics(out);

  for (std::size_t i = 0; i < 3; ++i) {  // some colours are clipped to the cube
    EXPECT_NEAR(got.mean[i], target.mean[i], 0.6);
    EXPECT_NEAR(got.sd[i], target.sd[i], 0.6);
  }
}

TEST(Reinhard, OnlyShiftsAChannelThatDoesNotVary) {
  const LabStatistics source{{50, 10, 10}, {0, 5, 5}};
  const LabStatistics target{{60, 10, 10}, {9, 5, 5}};

  const Triple got = lab_from_rgb(transfer_lab({52, 10, 10}, source, target));

  EXPECT_NEAR(got[0], 62, 1e-3);
}

WsicsStatistics wsics_of(const std::vector<Rgb8>& h,
                         const std::vector<Rgb8>& e,
                         const std::vector<Rgb8>& b) {
  return {{class_statistics(h), class_statistics(e), class_statistics(b)}};
}

/// The statistics of three clouds of colours.
WsicsStatistics clouds(double strength, double tint) {
  RandomStream random(3, "clouds", 0);
  std::array<std::vector<Rgb8>, 3> pixels;
  for (int i = 0; i < 3000; ++i) {
    const double t = random.uniform(-tint, tint);
    Triple h = kHaematoxylin;
    Triple e = kEosin;
    h[2] += t;
    e[0] += t;
    pixels[0].push_back(mixed(h, e, strength * random.uniform(0.8, 1.6), 0.2));
    pixels[1].push_back(mixed(h, e, 0.05, strength * random.uniform(0.3, 0.8)));
    const auto grey = static_cast<std::uint8_t>(235 + random.below(20));
    pixels[2].push_back({grey, static_cast<std::uint8_t>(grey - random.below(6)), grey});
  }
  return wsics_of(pixels[0], pixels[1], pixels[2]);
}

TEST(Wsics, LeavesColoursAloneWhenTheTemplateIsTheSlide) {
  const auto statistics = clouds(1, 0.1);
  const WsicsMap map(statistics, statistics);

  EXPECT_THAT(map.warnings(), IsEmpty());
  for (const Rgb8& rgb : all_over(51)) {
    const Hsd hsd = to_hsd(rgb);
    const auto mapped = map(hsd, std::array{0.2, 0.5, 0.3});
    EXPECT_NEAR(mapped.hsd.cx, hsd.cx, 1e-9);
    EXPECT_NEAR(mapped.hsd.cy, hsd.cy, 1e-9);
    EXPECT_NEAR(mapped.hsd.density, hsd.density, 1e-9);
  }
}

TEST(Wsics, BringsTheKnotsOfTheSlideToThoseOfTheTemplate) {
  const auto source = clouds(1, 0.1);
  auto target = clouds(1.3, 0.15);
  const WsicsMap map(source, target);
  target = aligned(target, source);
  for (std::size_t c = 0; c < 2; ++c) {
    const auto& s = source.classes[c];
    const auto& t = target.classes[c];
    std::array<double, 3> weights{};
    weights[c] = 1;
    for (std::size_t k = 0; k < s.knots_u.size(); ++k) {
      const auto at = [&](const ClassStatistics& x) {
        const double u = x.knots_u[k];
        const double v = x.knots_v[k];
        return Point{x.median[0] + std::cos(x.angle) * u - std::sin(x.angle) * v,
                     x.median[1] + std::sin(x.angle) * u + std::cos(x.angle) * v};
      };
      // One sd above the mean density of the slide is one sd above that of the template.
      const auto [x, y] = at(s);
      const auto mapped = map({x, y, s.density_mean + s.density_sd}, weights);
      EXPECT_NEAR(mapped.hsd.cx, at(t)[0], 1e-9);
      EXPECT_NEAR(mapped.hsd.cy, at(t)[1], 1e-9);
      EXPECT_NEAR(mapped.hsd.density, t.density_mean + t.density_sd, 1e-9);
    }
  }
}

TEST(Wsics, DoesNotMindWhichWayAnAxisPoints) {
  const auto source = clouds(1, 0.1);
  const auto target = clouds(1.3, 0.15);
  auto other_way = target;
  other_way.classes[0] = turned(target.classes[0]);
  const WsicsMap one(source, target);
  const WsicsMap two(source, other_way);

  for (const Rgb8& rgb : all_over(85)) {
    const auto a = one(to_hsd(rgb), std::array{1.0, 0.0, 0.0}).hsd;
    const auto b = two(to_hsd(rgb), std::array{1.0, 0.0, 0.0}).hsd;
    EXPECT_NEAR(a.cx, b.cx, 1e-9);
    EXPECT_NEAR(a.cy, b.cy, 1e-9);
  }
}

TEST(Wsics, KeepsAnAxisWithoutSpreadAndSaysSo) {
  auto source = clouds(1, 0.1);
  source.classes[0].knots_v[3] = source.classes[0].knots_v[2];
  source.classes[1].density_sd = 0;
  const WsicsMap map(source, clouds(1.3, 0.15));

  EXPECT_THAT(map.warnings(),
              ::testing::ElementsAre(HasSubstr("haematoxylin: two percentiles"),
                                     HasSubstr("eosin: the density does not vary")));
  const auto mapped = map({0.1, 0.2, 0.5}, std::array{0.0, 1.0, 0.0});
  EXPECT_EQ(mapped.hsd.density, 0.5);
}

TEST(Wsics, RefusesAClassOfOnePixel) {
  EXPECT_THAT(data_error([] {
                class_statistics(std::vector<Rgb8>{{1, 2, 3}});
              }),
              HasSubstr("1 pixels are too few"));
}

TEST(NaiveBayes, CountsAWeightAsSoManySamples) {
  const std::vector<double> once{0.0, 1.0, 2.0, 5.0};
  const std::vector<double> written{0.0, 0.0, 0.0, 1.0, 2.0, 5.0, 5.0};
  const auto weighted = fit_classifier(once, 1, std::vector<std::uint8_t>{0, 1, 0, 1}, 2,
                                       std::vector<double>{3, 1, 1, 2}, 20);
  const auto repeated =
      fit_classifier(written, 1, std::vector<std::uint8_t>{0, 0, 0, 1, 0, 1, 1}, 2, {}, 20);

  std::array<double, 2> a{};
  std::array<double, 2> b{};
  for (const double x : {-1.0, 0.3, 1.5, 4.0, 9.0}) {
    classify(weighted, std::array{x}, a);
    classify(repeated, std::array{x}, b);
    EXPECT_NEAR(a[0], b[0], 1e-12);
    EXPECT_NEAR(a[0] + a[1], 1, 1e-12);
  }
}

TEST(NaiveBayes, RefusesAFeatureThatNeverVaries) {
  EXPECT_THAT(data_error([] {
                fit_classifier(std::vector<double>{1, 1}, 1, std::vector<std::uint8_t>{0, 1}, 2);
              }),
              HasSubstr("feature 1 of the colour classifier never varies"));
}

TEST(Macenko, FindsTheStainsOfAMixture) {
  const auto pixels = section(20000);

  const auto found = macenko(
      pixels, {.density = {.white = 255, .add = 0}, .min_density = 0.02, .unit_length = true});

  // The extremes are percentiles: a little inside of the pure stains.
  EXPECT_LT(angle_deg(found.stains[0], kHaematoxylin), 2);
  EXPECT_LT(angle_deg(found.stains[1], kEosin), 2);
  EXPECT_NEAR(found.max_concentration[0], 1.58, 0.05);
  EXPECT_NEAR(found.max_concentration[1], 0.88, 0.05);
}

TEST(Macenko, SaysWhyItCannotEstimateTwoStains) {
  std::vector<Rgb8> one_stain;
  RandomStream random(1, "one stain", 0);
  for (int i = 0; i < 5000; ++i)
    one_stain.push_back(mixed(kHaematoxylin, kEosin, random.uniform(0.5, 2), 0));
  const std::vector<Rgb8> glass(5000, Rgb8{250, 250, 250});

  EXPECT_THAT(data_error([&] { macenko(glass); }), HasSubstr("only 0 of 5000 pixels look like"));
  EXPECT_THAT(data_error([&] { macenko(one_stain); }), HasSubstr("degrees apart"));
}

TEST(Vahadane, FindsTheStainsAndNeverRaisesTheObjective) {
  const auto pixels = section(20000);
  std::map<double, std::vector<double>> objective;

  const auto found = vahadane(
      pixels, {.sweep = [&](double lambda, double value) { objective[lambda].push_back(value); }});

  EXPECT_LT(angle_deg(found.stains[0], kHaematoxylin), 2);
  EXPECT_LT(angle_deg(found.stains[1], kEosin), 2);
  ASSERT_EQ(objective.size(), 2U);
  for (const auto& [lambda, values] : objective) {
    ASSERT_GT(values.size(), 3U);
    for (std::size_t i = 1; i < values.size(); ++i)
      EXPECT_LE(values[i], values[i - 1] * (1 + 1e-12)) << "lambda " << lambda;
  }
}

TEST(Vahadane, SaysWhyItCannotEstimateTwoStains) {
  EXPECT_THAT(data_error([] {
                vahadane(std::vector<Rgb8>(5000, Rgb8{250, 250, 250}));
              }),
              HasSubstr("only 0 of 5000 pixels look like"));
}

TEST(MixtureMap, OntoItselfLeavesMixturesAlone) {
  const auto pixels = section(2000);
  const auto statistics = vahadane(pixels);
  const MixtureMap map(statistics, statistics, {.white = 255, .add = 0}, true);

  double worst = 0;
  for (const Rgb8& pixel : pixels) {
    const Triple out = map(pixel);
    for (std::size_t i = 0; i < 3; ++i) worst = std::max(worst, std::abs(out[i] - pixel[i]));
  }
  EXPECT_LT(worst, 4);  // the stains are found to within two degrees
}

TEST(NearestCounts, VotesAsCountingAllDistancesDoes) {
  RandomStream random(5, "nearest", 0);
  std::vector<CountedPoint> points;
  for (int i = 0; i < 700; ++i)
    points.push_back({{random.uniform(), random.uniform(), random.below(4) / 4.0},
                      {random.below(3), random.below(3)}});
  const NearestCounts nearest(points, 7);
  for (int q = 0; q < 200; ++q) {
    const std::array<double, 3> at{random.uniform(), random.uniform(), random.uniform()};
    std::vector<std::pair<double, std::size_t>> order;
    for (std::size_t i = 0; i < points.size(); ++i) {
      double distance = 0;
      for (std::size_t k = 0; k < 3; ++k)
        distance += (points[i].at[k] - at[k]) * (points[i].at[k] - at[k]);
      order.emplace_back(distance, i);
    }
    std::sort(order.begin(), order.end());
    std::array<std::int64_t, 2> votes{};
    for (const auto& [distance, i] : order) {
      if (votes[0] + votes[1] >= 7) break;
      votes[0] += points[i].counts[0];
      votes[1] += points[i].counts[1];
    }
    ASSERT_EQ(nearest.vote(at), votes[1] > votes[0] ? 1 : 0);
  }
}

/// A density image with ellipses, one level inside and one outside.
struct Drawing {
  std::int64_t width = 400;
  std::int64_t height = 300;
  std::vector<float> density = std::vector<float>(400 * 300, 0.3F);

  void ellipse(double cx, double cy, double a, double b, double angle) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const double dx = static_cast<double>(x) - cx;
        const double dy = static_cast<double>(y) - cy;
        const double u = (std::cos(angle) * dx + std::sin(angle) * dy) / a;
        const double v = (std::cos(angle) * dy - std::sin(angle) * dx) / b;
        if (u * u + v * v <= 1) density[static_cast<std::size_t>(y * width + x)] = 0.9F;
      }
    }
  }
};

TEST(Nuclei, AreFoundWhereTheyAreAndAsLargeAsTheyAre) {
  Drawing drawing;
  drawing.ellipse(80, 90, 17, 10, 0.6);
  drawing.ellipse(250, 120, 12, 12, 0);
  drawing.ellipse(320, 220, 15, 11, -0.9);

  auto found = find_nuclei(drawing.density, drawing.width, drawing.height, 0.25);

  ASSERT_THAT(found, SizeIs(3));
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  EXPECT_NEAR(found[0].x, 80, 1);
  EXPECT_NEAR(found[0].y, 90, 1);
  EXPECT_NEAR(found[0].semi_major, 17, 1.7);
  EXPECT_NEAR(found[0].semi_minor, 10, 1.5);
  EXPECT_NEAR(found[0].angle, 0.6, 0.1);
  EXPECT_NEAR(found[1].semi_major, 12, 1.5);
  EXPECT_NEAR(found[2].angle, -0.9, 0.15);
}

TEST(Nuclei, OfTheWrongSizeDoNotCount) {
  Drawing drawing;
  drawing.ellipse(80, 90, 40, 30, 0);   // 10 um
  drawing.ellipse(250, 120, 4, 4, 0);   // 1 um
  drawing.ellipse(300, 220, 60, 6, 0);  // a fibre

  EXPECT_THAT(find_nuclei(drawing.density, drawing.width, drawing.height, 0.25), IsEmpty());
}

TEST(ColourMap, NamesTheMethodItDoesNotKnow) {
  Standardisation s;
  s.method = "macenco";
  EXPECT_THAT(data_error([&] { const ColourMap map(s); }), HasSubstr("did you mean 'macenko'?"));
  s.method = "reinhard";  // with the statistics of wsics
  EXPECT_THAT(data_error([&] { const ColourMap map(s); }),
              HasSubstr("are not those of method 'reinhard'"));
}

}  // namespace
}  // namespace mito::stain
