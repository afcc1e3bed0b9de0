#include <cmath>
#include <numbers>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/image/hed.h"
#include "nodes/reference/registration/coarse_alignment.h"
#include "nodes/reference/registration/correlation.h"
#include "nodes/reference/registration/pair_correlation.h"
#include "nodes/reference/registration/transform_fit.h"

namespace mito::image {
namespace {

std::vector<double> noise(std::uint64_t seed, std::size_t pixels) {
  RandomStream random(seed, "noise", 0);
  std::vector<double> out(pixels);
  for (auto& v : out) v = random.normal();
  return out;
}

// The correlation as it is defined, pixel by pixel.
double slow_correlation(
    const std::vector<double>& f, const std::vector<double>& g, int n, int radius, int dx, int dy) {
  const int side = n + 2 * radius;
  const auto at = [&](int x, int y) {
    return g[static_cast<std::size_t>((y + dy + radius) * side + x + dx + radius)];
  };
  double mean_f = 0;
  double mean_g = 0;
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      mean_f += f[static_cast<std::size_t>(y * n + x)] / (n * n);
      mean_g += at(x, y) / (n * n);
    }
  double fg = 0;
  double ff = 0;
  double gg = 0;
  for (int y = 0; y < n; ++y)
    for (int x = 0; x < n; ++x) {
      const double a = f[static_cast<std::size_t>(y * n + x)] - mean_f;
      const double b = at(x, y) - mean_g;
      fg += a * b;
      ff += a * a;
      gg += b * b;
    }
  return fg / std::sqrt(ff * gg);
}

TEST(CrossCorrelation, EqualsItsDefinitionOnLargeOffsets) {
  auto fixed = noise(1, 7 * 7);
  auto moving = noise(2, 17 * 17);
  for (auto& v : fixed) v = 1000 + 0.01 * v;
  for (auto& v : moving) v = 5 * v - 300;

  const auto heatmap = cross_correlate(fixed, moving, 7, 5);

  for (int dy = -5; dy <= 5; ++dy)
    for (int dx = -5; dx <= 5; ++dx)
      EXPECT_NEAR(heatmap.at(dx, dy), slow_correlation(fixed, moving, 7, 5, dx, dy), 1e-9);
}

TEST(CrossCorrelation, IsOneWhereTheWindowHoldsTheTemplateRescaled) {
  const auto moving = noise(3, 40 * 40);
  std::vector<double> fixed;
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x)  // the part displaced by (3, -7)
      fixed.push_back(4 - 0.3 * -moving[static_cast<std::size_t>((y + 10 - 7) * 40 + x + 10 + 3)]);

  const auto peak = find_peak(cross_correlate(fixed, moving, 20, 10));

  EXPECT_EQ(peak.x, 3);
  EXPECT_EQ(peak.y, -7);
  EXPECT_NEAR(peak.value, 1, 1e-12);
  EXPECT_FALSE(peak.on_border);
}

TEST(CrossCorrelation, IsZeroWhereNothingVaries) {
  std::vector<double> half(20 * 20, 1.0);
  const auto grain = noise(4, 20 * 20);
  for (std::size_t i = 0; i < 200; ++i) half[i] = grain[i];

  const auto heatmap = cross_correlate(noise(5, 8 * 8), half, 8, 6);
  const auto blank = cross_correlate(std::vector<double>(64, 3.0), half, 8, 6);

  EXPECT_EQ(heatmap.at(0, 6), 0);  // rows 12 to 19 are constant
  EXPECT_NE(heatmap.at(0, 3), 0);
  EXPECT_THAT(blank.values, testing::Each(0.0));
  EXPECT_EQ(find_peak(blank).psr, 0);
}

TEST(CrossCorrelation, RefusesSizesThatDoNotFit) {
  EXPECT_THROW(cross_correlate(noise(1, 16), noise(1, 63), 4, 2), DataError);
  EXPECT_THROW(cross_correlate(noise(1, 15), noise(1, 64), 4, 2), DataError);
  EXPECT_THROW(average({}), DataError);
  const std::vector<Heatmap> two{{1, std::vector<double>(9)}, {2, std::vector<double>(25)}};
  EXPECT_THROW(average(two), DataError);
}

TEST(Peak, IsTheFirstOfEqualsAndKnowsTheBorder) {
  Heatmap heatmap{2, std::vector<double>(25, 0.0)};
  heatmap.values[7] = 1;   // (0, -1)
  heatmap.values[19] = 1;  // (2, 1)

  const auto first = find_peak(heatmap);
  heatmap.values[7] = 0;
  const auto border = find_peak(heatmap);

  EXPECT_EQ(first.x, 0);
  EXPECT_EQ(first.y, -1);
  EXPECT_FALSE(first.on_border);
  EXPECT_TRUE(border.on_border);
  EXPECT_EQ(border.sub_x, 2);
}

TEST(CrossCorrelation, TheAverageIsRightWhereSingleTrialsGoWrong) {
  // Method 15.14: signals that share a fifth of their variance.
  std::vector<Heatmap> trials;
  int wrong = 0;
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const auto common = noise(100 + trial, 52 * 52);
    auto moving = noise(200 + trial, 52 * 52);
    auto fixed = noise(300 + trial, 12 * 12);
    for (std::size_t i = 0; i < moving.size(); ++i) moving[i] = moving[i] + 0.5 * common[i];
    for (std::size_t y = 0; y < 12; ++y)
      for (std::size_t x = 0; x < 12; ++x)
        fixed[y * 12 + x] += 0.5 * common[(y + 20 + 6) * 52 + x + 20 - 9];
    trials.push_back(cross_correlate(fixed, moving, 12, 20));
    const auto own = find_peak(trials.back());
    wrong += own.x == -9 && own.y == 6 ? 0 : 1;
  }

  const auto peak = find_peak(average(trials));

  EXPECT_GE(wrong, 10);
  EXPECT_EQ(peak.x, -9);
  EXPECT_EQ(peak.y, 6);
}

std::vector<PointPair> pairs_under(const Affine& map, std::size_t count) {
  RandomStream random(9, "pairs", 0);
  std::vector<PointPair> out;
  for (std::size_t i = 0; i < count; ++i) {
    const PointL0 p{random.uniform(-500, 500), random.uniform(-300, 300)};
    out.push_back({p, map.apply(p)});
  }
  return out;
}

void expect_near(const Affine& a, const Affine& b, double tolerance) {
  EXPECT_NEAR(a.a, b.a, tolerance);
  EXPECT_NEAR(a.b, b.b, tolerance);
  EXPECT_NEAR(a.d, b.d, tolerance);
  EXPECT_NEAR(a.e, b.e, tolerance);
  EXPECT_NEAR(a.c, b.c, 1000 * tolerance);
  EXPECT_NEAR(a.f, b.f, 1000 * tolerance);
}

TEST(MapFit, FindsTurnedScaledAndMirroredMaps) {
  for (const bool mirrored : {false, true})
    for (const double degrees : {-170.0, -3.0, 0.0, 90.0, 135.0}) {
      Affine map = linear_map({degrees, mirrored, 1.02});
      map.c = 31;
      map.f = -17;

      const auto fit = fit_map(MapFamily::Similarity, pairs_under(map, 12), mirrored);

      expect_near(fit.map, map, 1e-9);
      EXPECT_NEAR(fit.rms, 0, 1e-9);
      EXPECT_EQ(rotation_of(map).mirrored, mirrored);
      EXPECT_NEAR(rotation_of(map).degrees, degrees, 1e-9);
      EXPECT_NEAR(rotation_of(map).scale, 1.02, 1e-9);
    }
}

TEST(MapFit, ARotationTurnsCounterClockwiseAsSeen) {
  const PointL0 right = linear_map({90, false, 1}).apply({10, 0});

  EXPECT_NEAR(right.x, 0, 1e-12);
  EXPECT_NEAR(right.y, -10, 1e-12);  // y points down
}

TEST(MapFit, RefusesPairsThatDetermineNothing) {
  const std::vector<PointPair> same(5, {{1, 2}, {3, 4}});
  std::vector<PointPair> line;
  for (int i = 0; i < 5; ++i) line.push_back({{1.0 * i, 2.0 * i}, {1.0 * i, 0}});
  RandomStream random(1, "r", 0);

  EXPECT_THROW(fit_map(MapFamily::Translation, {}), DataError);
  EXPECT_THROW(fit_map(MapFamily::Rigid, same), DataError);
  EXPECT_THROW(fit_map(MapFamily::Affine, line), DataError);
  EXPECT_THROW(fit_map_robustly(MapFamily::Affine, line, {}, random), DataError);
  EXPECT_NO_THROW(fit_map(MapFamily::Rigid, line));
}

TEST(MapFit, RansacLeavesOutWhatDoesNotFit) {
  const Affine map{0.99, 0.05, 20, -0.04, 1.01, -35};
  auto pairs = pairs_under(map, 40);
  RandomStream jitter(3, "jitter", 0);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool wrong = i % 3 == 0;
    pairs[i].to.x += wrong ? jitter.uniform(15, 60) : jitter.uniform(-1, 1);
    pairs[i].to.y += wrong ? jitter.uniform(-60, 60) : jitter.uniform(-1, 1);
  }
  RandomStream one(5, "ransac", 0);
  RandomStream two(5, "ransac", 0);

  const auto found = fit_map_robustly(MapFamily::Affine, pairs, {.inlier_distance = 4}, one);
  const auto again = fit_map_robustly(MapFamily::Affine, pairs, {.inlier_distance = 4}, two);

  expect_near(found.map, map, 0.002);
  EXPECT_EQ(found.inliers.size(), 26U);
  EXPECT_LT(found.rms, 1.5);
  EXPECT_EQ(found.map, again.map);
}

/// A picture of round dark spots as a function of place: red, green and blue alike.
struct Spots {
  Affine picture_from_place;
  std::vector<std::uint8_t> read(const Rect& area) const {
    const Affine place_from_picture = inverse(picture_from_place);
    std::vector<std::uint8_t> out;
    for (std::int64_t y = area.y; y < area.y + area.height; ++y)
      for (std::int64_t x = area.x; x < area.x + area.width; ++x) {
        const PointL0 p =
            place_from_picture.apply({static_cast<double>(x), static_cast<double>(y)});
        const double dark = std::sin(p.x / 4 + 2 * std::sin(p.y / 17)) +
                            std::cos(p.y / 4.3 + 2.5 * std::sin(p.x / 23));
        out.insert(out.end(), 3, static_cast<std::uint8_t>(150 + 45 * dark));
      }
    return out;
  }
};

TEST(StainSignal, DoesNotDependOnTheAreaAskedFor) {
  const Spots spots;
  const auto read = [&](const Rect& area) { return spots.read(area); };
  const Signal signal("haematoxylin", "HED", 4);

  const auto whole = signal_in(read, {0, 0, 40, 30}, signal);
  const auto part = signal_in(read, {10, 5, 20, 10}, signal);

  for (int y = 0; y < part.height; ++y)
    for (int x = 0; x < part.width; ++x)
      EXPECT_NEAR(part.values[static_cast<std::size_t>(y * 20 + x)],
                  whole.values[static_cast<std::size_t>((y + 5) * 40 + x + 10)], 1e-12);
}

TEST(StainSignal, SeparatesHaematoxylinFromBrown) {
  // The same spots in haematoxylin, once among eosin and once among brown.
  const auto picture = [](const Mat3& rows, double other) {
    const StainTransform stains(rows, StainConvention::physical());
    std::vector<std::uint8_t> rgb;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) {
        const double h = (x / 8 + y / 8) % 3 == 0 ? 0.9 : 0.1;
        const double o = (x / 16) % 2 == 0 ? other : 0.0;
        for (const double v : stains.to_rgb({h, o, 0.0}))
          rgb.push_back(static_cast<std::uint8_t>(std::lround(255 * std::min(v, 1.0))));
      }
    return rgb;
  };
  const auto he = picture(hed_rows(), 0.7);
  const auto phh3 = picture(hdx_rows(), 1.5);
  const auto correlation = [&](const std::string& name) {
    const Signal a(name, "HED", 8);
    const Signal b(name, "HDX", 8);
    const auto x = a.of(he, 64, 64);
    const auto y = b.of(phh3, 64, 64);
    return cross_correlate(x.values, y.values, 64, 0).at(0, 0);
  };

  EXPECT_GT(correlation("haematoxylin"), 0.99);
  EXPECT_LT(correlation("od_sum"), 0.95);
}

TEST(StainSignal, RefusesNamesItDoesNotKnow) {
  EXPECT_THROW(Signal("eosin", "HED", 8), DataError);
  EXPECT_THROW(Signal("haematoxylin", "DAB", 8), DataError);
  EXPECT_THROW(Signal("gradient", "HED", 8).of(std::vector<std::uint8_t>(5), 2, 2), DataError);
}

TEST(PairCorrelation, DisplacementsArePhh3MinusHe) {
  // The PHH3 slide shows everything 6.3 px further right and 2.6 px further up.
  const Spots he;
  const Spots phh3{{1, 0, 6.3, 0, 1, -2.6}};
  const Grid grid{1, 1, 0.5, 400, 400};
  const auto view = [&](const Spots& spots) {
    return SlideView{grid, [&spots](const Rect& area) { return spots.read(area); }};
  };
  for (const char* signal : {"haematoxylin", "od_sum", "grey_inverted", "gradient"}) {
    SignalParams params;
    params.signal = signal;
    params.phh3_matrix = "HED";
    // A parabola through three pixels is up to 0.2 px off; the gradient's peak is narrower.
    const double near = params.signal == "gradient" ? 0.2 : 0.1;
    const PairCorrelation plain(view(he), view(phh3), {}, params);
    // Known but for (1, -0.5) um, and not in whole pixels.
    const PairCorrelation known(view(he), view(phh3), {1, 0, 2.15, 0, 1, -0.8}, params);

    const auto d = plain.displacement_um(plain.at(60, 70, 64, 16).peak);
    const auto rest = known.displacement_um(known.at(60, 70, 64, 16).peak);

    EXPECT_NEAR(d.x, 3.15, near) << signal;
    EXPECT_NEAR(d.y, -1.3, near) << signal;
    EXPECT_NEAR(rest.x, 1, near) << signal;
    EXPECT_NEAR(rest.y, -0.5, near) << signal;
  }
}

TEST(PairCorrelation, LooksThroughARotation) {
  const Affine turned =
      compose({1, 0, 80, 0, 1, 90}, compose(linear_map({30, false, 1}), {1, 0, -60, 0, 1, -70}));
  const Spots he;
  const Spots phh3{turned};
  const Grid grid{1, 1, 1, 400, 400};
  SignalParams params;
  params.phh3_matrix = "HED";
  // The map in um of pixels whose centres lie half a um from the corner; wrong by (3, -4) um.
  const Affine half{1, 0, 0.5, 0, 1, 0.5};
  const Affine um = compose(half, compose(turned, inverse(half)));
  const PairCorrelation correlation({grid, [&](const Rect& area) { return he.read(area); }},
                                    {grid, [&](const Rect& area) { return phh3.read(area); }},
                                    compose(um, {1, 0, -3, 0, 1, 4}), params);

  const auto match = correlation.at(60, 70, 48, 10);

  const auto d = correlation.displacement_um(match.peak);
  EXPECT_GT(match.peak.value, 0.9);
  EXPECT_NEAR(d.x, 3, 0.1);
  EXPECT_NEAR(d.y, -4, 0.1);
}

TEST(CoarseAlignment, FindsEveryQuarterTurnAndMirroring) {
  const auto plane = [](const Spots& spots, int width, int height) {
    Plane out{width, height, {}};
    const auto rgb = spots.read({0, 0, width, height});
    for (std::size_t i = 0; i < rgb.size(); i += 3) out.values.push_back(rgb[i]);
    return out;
  };
  for (const bool mirrored : {false, true})
    for (const double degrees : {0.0, 88.0, 180.0, 273.0}) {
      const Affine map = compose({1, 0, 55, 0, 1, 62}, compose(linear_map({degrees, mirrored, 1}),
                                                               {1, 0, -60, 0, 1, -50}));

      const auto found =
          align_thumbnails(plane({}, 120, 100), plane({map}, 110, 130), quarter_turns(4, true));

      EXPECT_EQ(found.rotation.mirrored, mirrored);
      EXPECT_EQ(found.rotation.degrees, degrees);
      const PointL0 centre = found.moving_from_fixed.apply({60, 50});
      EXPECT_NEAR(centre.x, 55, 1);
      EXPECT_NEAR(centre.y, 62, 1);
    }
  EXPECT_EQ(quarter_turns(10, false).size(), 84U);
  EXPECT_EQ(quarter_turns(10, true).size(), 168U);
}

}  // namespace
}  // namespace mito::image
