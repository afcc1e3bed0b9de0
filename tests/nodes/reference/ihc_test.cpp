// Brown spots of real immunohistochemistry (Ki-67, FHL2): skipped where the images are not there.
// The figures are recorded as test properties and printed; docs/real_ihc.md discusses them.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/slide/slide.h"
#include "engine/stats/matching.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/colour_deconvolution/colour_deconvolution.h"
#include "nodes/reference/phh3_candidates/phh3_candidates.h"

namespace mito {
namespace {

namespace fs = std::filesystem;
const fs::path kData = MITO_SOURCE_DIR "/../shared/data";

#define SKIP_WITHOUT(where) \
  if (!fs::exists(where)) GTEST_SKIP() << "no real images at " << (where).string()

void report(const std::string& line) { std::cout << "  " << line << '\n'; }

/// The candidates of a slide at 0.5 um/px. These are small fields without
/// glass, on which a tissue threshold has nothing to find: everything counts as tissue.
SpotSet spots_of(const Slide& slide,
                 std::int64_t tile_px,
                 const phh3_candidates::Params& params = {}) {
  const Grid grid = slide.grid(0.5);
  TissueMask everywhere{slide.grid(8), {}};
  everywhere.tissue.assign(static_cast<std::size_t>(everywhere.grid.width * everywhere.grid.height),
                           1);
  phh3_candidates::Collector collector(params, slide.info().name);
  for (std::int64_t y = 0; y < grid.height; y += tile_px) {
    for (std::int64_t x = 0; x < grid.width; x += tile_px) {
      const Rect core{x, y, tile_px, tile_px};
      collector.add(phh3_candidates::find({grid, core, 0, slide.read(grid, core)}, everywhere, {}));
    }
  }
  return collector.finish(grid);
}

/// A spot in um from the slide's corner.
struct Place {
  double x = 0;
  double y = 0;
  double area_um2 = 0;
  double mean_dab = 0;
};

std::vector<Place> places(const SpotSet& set) {
  const double mpp = set.grid.mpp / set.grid.scale_x;
  std::vector<Place> out;
  for (const auto& spot : set.items)
    out.push_back(
        {(spot.center.x + 0.5) * mpp, (spot.center.y + 0.5) * mpp, spot.area_um2, spot.mean_dab});
  return out;
}

TEST(RealIhc, BrownSpotsAreTheNucleiOutlinedAsPositive) {
  const fs::path folder = kData / "ihc-ki67-deepliif";
  SKIP_WITHOUT(folder / "nuclei.csv");
  constexpr double kMpp = 0.25;  // "about 40x": the files do not say
  const auto table = CsvTable::read(folder / "nuclei.csv");
  const auto image_column = table.require("image");
  const auto positive_column = table.require("positive");
  const auto x = table.require("x");
  const auto y = table.require("y");

  const auto measure = [&](const std::string& threshold, double radius_um) {
    stats::Counts all;
    for (const std::string image : {"22_2_ihc.png", "34_3_ihc.png", "Lung1_ihc.png"}) {
      std::vector<stats::Truth> truths;
      for (std::size_t row = 0; row < table.rows(); ++row) {
        if (table.text(row, image_column) == image && table.integer(row, positive_column) == 1)
          truths.push_back(
              {(table.number(row, x) + 0.5) * kMpp, (table.number(row, y) + 0.5) * kMpp});
      }
      const auto slide = Slide::open(folder / image, {.assume_mpp = kMpp});
      const auto spots = spots_of(slide, 256, {.dab_threshold = threshold});
      std::vector<stats::Claim> claims;
      for (const auto& place : places(spots)) claims.push_back({place.x, place.y, place.mean_dab});
      const auto counts = stats::match(truths, claims, radius_um, stats::MatchRule::Optimal);
      all += counts;
      report(fmt::format("{} threshold {:.3f} within {} um: tp {} fp {} fn {}", image,
                         spots.dab_threshold, radius_um, counts.tp, counts.fp, counts.fn));
    }
    report(fmt::format("all, threshold {} within {} um: precision {:.3f} recall {:.3f}", threshold,
                       radius_um, all.precision().value(), all.recall().value()));
    return all;
  };
  const auto plain = measure("0.3", 7.5);
  measure("0.3", 4);
  const auto automatic = measure("auto", 7.5);
  measure("auto", 4);

  // Below what was measured: guards against a loss, not a claim of quality.
  EXPECT_GE(plain.precision().value(), 0.45);
  EXPECT_GE(plain.recall().value(), 0.5);
  EXPECT_GE(automatic.recall().value(), plain.recall().value());
}

/// The shift that brings most of `a` within 2 um of some of `b`, at most 50 um, refined by the mean
/// of those that it brings there.
std::array<double, 2> shift_between(const std::vector<Place>& a, const std::vector<Place>& b) {
  std::vector<std::array<double, 2>> moves;
  for (const auto& p : a) {
    for (const auto& q : b) {
      if (std::hypot(q.x - p.x, q.y - p.y) < 50) moves.push_back({q.x - p.x, q.y - p.y});
    }
  }
  const auto near = [&](const std::array<double, 2>& move, double reach) {
    std::array<double, 3> sum{};
    for (const auto& other : moves) {
      if (std::hypot(other[0] - move[0], other[1] - move[1]) > reach) continue;
      sum[0] += other[0];
      sum[1] += other[1];
      sum[2] += 1;
    }
    return sum;
  };
  std::array<double, 3> best{};
  for (const auto& move : moves) {
    const auto sum = near(move, 2);
    if (sum[2] > best[2]) best = sum;
  }
  if (best[2] < 1) return {0, 0};
  return {best[0] / best[2], best[1] / best[2]};
}

TEST(RealIhc, TwoScannersGiveTheSameSpots) {
  const fs::path folder = kData / "ihc-ki67-two-scanners";
  SKIP_WITHOUT(folder / "OS-2-ndpi.tif");
  const auto first = Slide::open(folder / "OS-2-ndpi.tif", {});
  const auto second = Slide::open(folder / "OS-2-vsi.tif", {.allow_upsampling = true});
  const auto a = places(spots_of(first, 256));
  const auto b = places(spots_of(second, 256));

  const auto shift = shift_between(a, b);
  const auto compared = [&](double radius_um, bool large) {
    const auto counts_for = [&](const Place& p) { return !large || p.area_um2 >= 20; };
    std::vector<stats::Truth> truths;
    std::vector<stats::Claim> claims;
    for (const auto& p : a)
      if (counts_for(p)) truths.push_back({p.x + shift[0], p.y + shift[1]});
    for (const auto& p : b)
      if (counts_for(p)) claims.push_back({p.x, p.y, p.mean_dab});
    const auto counts = stats::match(truths, claims, radius_um, stats::MatchRule::Optimal);
    report(fmt::format("{} within {} um: {} of {} (Hamamatsu), {} of {} (Olympus) have a partner",
                       large ? "20 um2 and more" : "all", radius_um, counts.tp, truths.size(),
                       counts.tp, claims.size()));
    return counts;
  };
  report(fmt::format("shift between the crops {:.2f}, {:.2f} um", shift[0], shift[1]));
  const auto counts = compared(7.5, false);
  const auto large = compared(7.5, true);
  compared(3, true);

  // Pairs that are each other's nearest.
  const auto nearest = [](const std::vector<Place>& in, double px, double py) {
    return static_cast<std::size_t>(std::min_element(in.begin(), in.end(),
                                                     [&](const Place& p, const Place& q) {
                                                       return std::hypot(p.x - px, p.y - py) <
                                                              std::hypot(q.x - px, q.y - py);
                                                     }) -
                                    in.begin());
  };
  std::vector<double> apart;
  std::vector<double> ratio;
  std::vector<double> dab;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto j = nearest(b, a[i].x + shift[0], a[i].y + shift[1]);
    const double d = std::hypot(a[i].x + shift[0] - b[j].x, a[i].y + shift[1] - b[j].y);
    if (d > 7.5 || nearest(a, b[j].x - shift[0], b[j].y - shift[1]) != i) continue;
    apart.push_back(d);
    ratio.push_back(b[j].area_um2 / a[i].area_um2);
    dab.push_back(b[j].mean_dab - a[i].mean_dab);
  }
  ASSERT_FALSE(apart.empty());
  const auto median = [](std::vector<double> v) {
    std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
    return v[v.size() / 2];
  };
  const auto mean = [](const std::vector<double>& v) {
    return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  };
  report(
      fmt::format("{} pairs: distance mean {:.2f} median {:.2f} um; area Olympus / Hamamatsu "
                  "median {:.2f}; mean DAB Olympus - Hamamatsu mean {:.3f} median {:.3f}",
                  apart.size(), mean(apart), median(apart), median(ratio), mean(dab), median(dab)));
  EXPECT_GE(counts.f1().value(), 0.5);
  EXPECT_GE(large.f1().value(), 0.6);
  EXPECT_LT(median(apart), 2);
}

TEST(RealIhc, SpotsOfARealSlideDoNotDependOnTheTiling) {
  const fs::path file = kData / "ihc-ki67-two-scanners" / "OS-2-ndpi.tif";
  SKIP_WITHOUT(file);
  const auto slide = Slide::open(file, {});

  const auto whole = spots_of(slide, 2048);

  ASSERT_GT(whole.items.size(), 100U);
  EXPECT_EQ(spots_of(slide, 256).items, whole.items);
  EXPECT_EQ(spots_of(slide, 333).items, whole.items);
}

// scikit-image from 0.18 on, written out: rgb2hed of method 4.2.
std::array<double, 3> skimage_hed(const std::uint8_t* rgb) {
  const double m[3][3] = {{0.65, 0.70, 0.29}, {0.07, 0.99, 0.11}, {0.27, 0.57, 0.78}};
  std::array<double, 3> q{};
  for (std::size_t c = 0; c < 3; ++c)
    q[c] = std::log(std::max(rgb[c] / 255.0, 1e-6)) / std::log(1e-6);
  // S M = q by Cramer's rule.
  const auto det = [](const double(&a)[3][3]) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
           a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  std::array<double, 3> out{};
  for (std::size_t s = 0; s < 3; ++s) {
    double replaced[3][3];
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) replaced[i][j] = i == s ? q[j] : m[i][j];
    out[s] = std::max(0.0, det(replaced) / det(m));
  }
  return out;
}

TEST(RealIhc, AmountsAreThoseOfSkimage) {
  const fs::path file = kData / "ihc-colon" / "ihc.png";
  SKIP_WITHOUT(file);
  const auto slide = Slide::open(file, {.assume_mpp = 0.25});
  const Grid grid = slide.analysis_grid();
  const Tile tile{grid, grid.bounds(), 0, slide.read(grid, grid.bounds())};

  const auto stains = colour_deconvolution::deconvolve(
      tile, {.matrix = "HED", .unit_rows = false, .convention = "skimage"});

  std::array<double, 3> worst{};
  std::array<double, 3> mean{};
  const auto pixels = tile.rgb.size() / 3;
  for (std::size_t i = 0; i < pixels; ++i) {
    const auto expected = skimage_hed(&tile.rgb[3 * i]);
    for (std::size_t s = 0; s < 3; ++s) {
      const auto amount = static_cast<double>(stains.amounts[3 * i + s]);
      worst[s] = std::max(worst[s], std::abs(amount - expected[s]));
      mean[s] += amount / static_cast<double>(pixels);
    }
  }
  report(
      fmt::format("mean amounts H {:.7f} E {:.7f} DAB {:.7f}; largest difference H {:.1e} E "
                  "{:.1e} DAB {:.1e}",
                  mean[0], mean[1], mean[2], worst[0], worst[1], worst[2]));
  for (const double w : worst) EXPECT_LT(w, 1e-7);  // amounts up to 1 as float
  EXPECT_GT(mean[2], 0.001);                        // there is DAB
}

TEST(RealIhc, TheImageComesBackFromItsStains) {
  const fs::path file = kData / "ihc-colon" / "ihc.png";
  SKIP_WITHOUT(file);
  const auto slide = Slide::open(file, {.assume_mpp = 0.25});
  const Grid grid = slide.analysis_grid();
  const Tile tile{grid, grid.bounds(), 0, slide.read(grid, grid.bounds())};

  for (const char* convention : {"paper", "physical"}) {
    const auto stains = colour_deconvolution::deconvolve(tile, {.convention = convention});
    EXPECT_EQ(colour_deconvolution::compose(stains).rgb, tile.rgb) << convention;
  }
}

}  // namespace
}  // namespace mito
