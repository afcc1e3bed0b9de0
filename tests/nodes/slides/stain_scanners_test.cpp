// One section on two scanners: how far apart its colours are before and after standardisation.
// Skipped where the images are not there. The figures are printed; docs/standardisation.md
// discusses them.
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/slide/slide.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain_standardise/stain_standardise.h"
#include "nodes/slides/standardised_slide/standardised_slide.h"

namespace mito {
namespace {

namespace fs = std::filesystem;
const fs::path kData = MITO_SOURCE_DIR "/../shared/data";
constexpr double kAperioMpp = 0.2456;
constexpr double kHamamatsuMpp = 0.2274;
constexpr std::int64_t kBlock = 32;  // px of 0.25 um: 8 um

struct Pair {
  Slide aperio;
  Slide hamamatsu;
  double shift_x_um = 0;  ///< From a place on the Aperio image to that on the Hamamatsu image.
  double shift_y_um = 0;
};

Pair open_pair(const std::string& field) {
  const fs::path folder = kData / "registration-same-section-two-scanners";
  const auto open = [](const fs::path& file, double mpp) {
    return Slide::open(file, {.assume_mpp = mpp, .allow_anisotropic = true});
  };
  Pair pair{open(kData / "icpr12-aperio-hpf" / "images" / ("A" + field + ".jpg"), kAperioMpp),
            open(folder / ("H" + field + ".jpg"), kHamamatsuMpp)};
  std::ifstream in(folder / (field + "_landmarks.csv"));
  std::string line;
  std::getline(in, line);
  std::vector<std::array<double, 4>> points;
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::string cell;
    std::getline(cells, cell, ',');
    std::array<double, 4> point{};
    for (double& v : point) {
      std::getline(cells, cell, ',');
      v = std::stod(cell);
    }
    points.push_back(point);
  }
  for (const auto& p : points) {
    const auto n = static_cast<double>(points.size());
    pair.shift_x_um += (p[2] * kHamamatsuMpp - p[0] * kAperioMpp) / n;
    pair.shift_y_um += (p[3] * kHamamatsuMpp - p[1] * kAperioMpp) / n;
  }
  return pair;
}

/// Small fields of a section without glass around it: all of it counts as tissue.
TissueMask everywhere(const Slide& slide) {
  const Grid grid = slide.grid(8);
  return {grid, std::vector<std::uint8_t>(static_cast<std::size_t>(grid.width * grid.height), 1)};
}

std::vector<stain::Rgb8> pixels_of(const Slide& slide,
                                   double x_um,
                                   double y_um,
                                   std::int64_t side) {
  const Grid grid = slide.grid(0.25);
  const auto rgb =
      slide.read(grid, {std::llround(x_um / 0.25), std::llround(y_um / 0.25), side, side});
  std::vector<stain::Rgb8> out(rgb.size() / 3);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = {rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]};
  return out;
}

/// Mean LAB of blocks of 8 um, of every second pixel of every second row.
std::vector<stain::Triple> blocks(const std::vector<stain::Rgb8>& pixels, std::int64_t side) {
  const std::int64_t across = side / kBlock;
  std::vector<stain::Triple> out(static_cast<std::size_t>(across * across));
  for (std::int64_t y = 0; y < across * kBlock; y += 2) {
    for (std::int64_t x = 0; x < across * kBlock; x += 2) {
      const auto lab = stain::to_lab(pixels[static_cast<std::size_t>(y * side + x)]);
      auto& block = out[static_cast<std::size_t>(y / kBlock * across + x / kBlock)];
      for (std::size_t i = 0; i < 3; ++i) block[i] += 4 * lab[i] / (kBlock * kBlock);
    }
  }
  return out;
}

struct Difference {
  double mean = 0;   ///< Of the mean colours, CIE 1976.
  double sd = 0;     ///< Root mean square difference of the three sds.
  double block = 0;  ///< Mean over blocks of 8 um of the same tissue.
};

Difference compare(const std::vector<stain::Rgb8>& one,
                   const std::vector<stain::Rgb8>& two,
                   std::int64_t side) {
  const auto distance = [](const auto& a, const auto& b) {
    return std::sqrt(std::pow(a[0] - b[0], 2) + std::pow(a[1] - b[1], 2) +
                     std::pow(a[2] - b[2], 2));
  };
  const auto a = stain::lab_statistics(one);
  const auto b = stain::lab_statistics(two);
  Difference out{distance(a.mean, b.mean), distance(a.sd, b.sd) / std::sqrt(3.0), 0};
  const auto x = blocks(one, side);
  const auto y = blocks(two, side);
  for (std::size_t i = 0; i < x.size(); ++i)
    out.block += distance(x[i], y[i]) / static_cast<double>(x.size());
  return out;
}

std::string text(const LabStatistics& s) {
  return fmt::format("L {:.1f} +- {:.1f}, a {:.1f} +- {:.1f}, b {:.1f} +- {:.1f}", s.mean[0],
                     s.sd[0], s.mean[1], s.sd[1], s.mean[2], s.sd[2]);
}

/// Standardises `fields` by every method, prints how far apart their colours are, and expects them
/// to come closer.
void expect_closer(const std::vector<std::string>& fields) {
  constexpr double kMarginUm = 20;
  constexpr std::int64_t kSide = 1856;  // px: 464 um of the 512 um fields
  const std::array<std::string, 4> methods{"wsics", "macenko", "vahadane", "reinhard"};
  Difference before_all;
  std::array<Difference, 4> after_all;
  const auto add = [&](Difference& sum, const Difference& one) {
    const auto n = static_cast<double>(fields.size());
    sum.mean += one.mean / n;
    sum.sd += one.sd / n;
    sum.block += one.block / n;
  };
  for (const auto& field : fields) {
    const Pair pair = open_pair(field);
    const auto wanted = pixels_of(pair.aperio, kMarginUm, kMarginUm, kSide);
    const auto shown = [&](const Slide& slide) {
      return pixels_of(slide, kMarginUm + pair.shift_x_um, kMarginUm + pair.shift_y_um, kSide);
    };
    const auto raw = shown(pair.hamamatsu);
    add(before_all, compare(wanted, raw, kSide));
    std::cout << field << "\n  aperio    " << text(stain::lab_statistics(wanted))
              << "\n  hamamatsu " << text(stain::lab_statistics(raw)) << '\n';
    for (std::size_t m = 0; m < methods.size(); ++m) {
      stain_standardise::Params params;
      params.method = methods[m];
      params.tile_px = 1200;
      params.min_tiles = 1;
      params.min_training = 40000;
      params.samples.min_nuclei_per_mm2 = 200;
      const auto fit = [&](const Slide& slide, const stain::StainTemplate& target) {
        return stain_standardise::fit(slide, everywhere(slide), target, params);
      };
      const stain::StainTemplate target{
          field, {{methods[m], fit(pair.aperio, stain::default_template()).source}}, ""};
      const auto fitted = fit(pair.hamamatsu, target);
      const auto after = shown(standardised_slide::standardised(
          pair.hamamatsu, fitted, standardised_slide::make_tables({})));
      add(after_all[m], compare(wanted, after, kSide));
      std::cout << fmt::format("  {:9} ", methods[m]) << text(stain::lab_statistics(after)) << '\n';
    }
  }
  const auto line = [](const std::string& name, const Difference& d) {
    std::cout << fmt::format(
        "{:9} difference of means {:5.2f}, of sds {:5.2f}, of blocks {:5.2f}\n", name, d.mean, d.sd,
        d.block);
  };
  line("before", before_all);
  for (std::size_t m = 0; m < methods.size(); ++m) line(methods[m], after_all[m]);

  for (std::size_t m = 0; m < methods.size(); ++m) {
    EXPECT_LT(after_all[m].mean, 0.5 * before_all.mean) << methods[m];
    EXPECT_LT(after_all[m].block, 0.8 * before_all.block) << methods[m];
  }
}

class Scanners : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path folder = kData / "registration-same-section-two-scanners";
    if (!fs::exists(folder)) GTEST_SKIP() << "no real images at " << folder.string();
  }
};

TEST_F(Scanners, GiveOneSectionTheSameColoursAfterStandardisation) { expect_closer({"01_02"}); }

TEST_F(Scanners, GiveFourSectionsTheSameColoursAfterStandardisation) {
  expect_closer({"00_01", "01_02", "01_07", "02_08"});
}

}  // namespace
}  // namespace mito
