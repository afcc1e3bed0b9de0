// Real pairs of ../shared/data. What is asserted is modest; the numbers are printed.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/grid_maps.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/registration/transform_fit.h"
#include "nodes/reference/registration_global/registration_global.h"
#include "tests/support/drawn_slide.h"

namespace mito::registration_global {
namespace {

const std::filesystem::path kData = MITO_SOURCE_DIR "/../shared/data";

struct Landmark {
  PointL0 fixed;
  PointL0 moving;
};

TissueMask full_mask(const Slide& slide) {
  TissueMask mask;
  mask.grid = slide.grid(8);
  mask.tissue.assign(static_cast<std::size_t>(mask.grid.width * mask.grid.height), 1);
  return mask;
}

/// Median and largest distance in um of landmarks after registration.
struct Errors {
  std::vector<double> um;
  double median() const { return um[um.size() / 2]; }
  double largest() const { return um.back(); }
};

Errors errors_of(const std::vector<Landmark>& landmarks, const Affine& map, const Grid& grid) {
  Errors out;
  for (const auto& mark : landmarks)
    out.um.push_back(distance_um(grid, map.apply(mark.moving), mark.fixed));
  std::ranges::sort(out.um);
  return out;
}

/// Fields of one section on two scanners: H&E both, about 0.5 x 0.5 mm.
class TwoScanners : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_)) GTEST_SKIP() << "no images in " << folder_;
  }

  std::filesystem::path fixed_file() const {
    return kData / "icpr12-aperio-hpf" / "images" / ("A" + GetParam() + ".jpg");
  }
  std::filesystem::path moving_file() const { return folder_ / ("H" + GetParam() + ".jpg"); }

  std::vector<Landmark> landmarks() const {
    const auto table = CsvTable::read(folder_ / (GetParam() + "_landmarks.csv"));
    std::vector<Landmark> out;
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto number = [&](const char* column) {
        return table.number(row, table.require(column));
      };
      out.push_back({{number("aperio_x"), number("aperio_y")},
                     {number("hamamatsu_x"), number("hamamatsu_y")}});
    }
    return out;
  }

  /// The Hamamatsu image turned about its middle on white; `map` takes its pixels to the new ones.
  std::filesystem::path turned(double degrees, Affine& map) const {
    const cv::Mat image = cv::imread(moving_file().string(), cv::IMREAD_COLOR);
    const double radians = degrees * CV_PI / 180;
    const int width =
        cvCeil(std::abs(image.cols * std::cos(radians)) + std::abs(image.rows * std::sin(radians)));
    const int height =
        cvCeil(std::abs(image.cols * std::sin(radians)) + std::abs(image.rows * std::cos(radians)));
    map = image::linear_map({degrees, false, 1});
    const PointL0 centre = map.apply({0.5 * (image.cols - 1), 0.5 * (image.rows - 1)});
    map.c = 0.5 * (width - 1) - centre.x;
    map.f = 0.5 * (height - 1) - centre.y;
    cv::Mat out;
    cv::warpAffine(image, out, cv::Matx23d(map.a, map.b, map.c, map.d, map.e, map.f),
                   cv::Size(width, height), cv::INTER_CUBIC, cv::BORDER_CONSTANT,
                   cv::Scalar::all(255));
    const auto file = temporary_ / fmt::format("turned_{:g}.png", degrees);
    cv::imwrite(file.string(), out);
    return file;
  }

  /// The slides are 0.5 mm wide: half the tile, half the search range; all of it is tissue.
  static Params small(const std::string& model) {
    Params params;
    params.model = model;
    params.mpp = 1;
    params.template_px = 128;
    params.search_um = 96;
    params.stain.phh3_matrix = "HED";
    return params;
  }

  std::optional<Errors> registered(const std::filesystem::path& moving,
                                   const Affine& added,
                                   const std::string& model,
                                   bool defaults = false) {
    const Slide he = Slide::open(fixed_file(), {.assume_mpp = 0.2456});
    const Slide other = Slide::open(moving, {.assume_mpp = 0.2273});
    auto marks = landmarks();
    for (auto& mark : marks) mark.moving = added.apply(mark.moving);
    const auto he_mask = full_mask(he);
    const auto other_mask = full_mask(other);
    Params params = small(model);
    if (defaults) {
      params = {};
      params.stain.phh3_matrix = "HED";
    }
    try {
      const auto found = align({he, other, he_mask, other_mask}, params, [] { return false; });
      const auto errors = errors_of(marks, found.he_from_phh3, he.grid(1));
      fmt::print(
          "{} {}{} {}: {} landmarks, error median {:.2f} um, largest {:.2f} um; PSR {:.1f}, {} "
          "agree, peak {:.3f}, rotation {:.2f}, mirrored {}, {} inliers of {}, rms {:.2f} um\n",
          GetParam(), model, defaults ? " (defaults)" : "", moving.filename().string(),
          marks.size(), errors.median(), errors.largest(), found.psr, found.agreeing, found.peak,
          found.rotation_deg, found.mirrored, found.inliers, found.landmarks, found.residual_um);
      return errors;
    } catch (const DataError& error) {
      fmt::print("{} {}{} {}: {}\n", GetParam(), model, defaults ? " (defaults)" : "",
                 moving.filename().string(), error.what());
      return std::nullopt;
    }
  }

  const std::filesystem::path folder_ = kData / "registration-same-section-two-scanners";
  test::TempFolder temporary_;
};

TEST_P(TwoScanners, ShiftAndSimilarityFindTheLandmarks) {
  const auto defaults = registered(moving_file(), {}, "shift", true);
  const auto shift = registered(moving_file(), {}, "shift");
  const auto similarity = registered(moving_file(), {}, "similarity");

  ASSERT_TRUE(defaults && shift && similarity);
  EXPECT_LT(defaults->median(), 3);
  EXPECT_LT(shift->median(), 3);
  EXPECT_LT(similarity->median(), 2);
  EXPECT_LT(similarity->largest(), 4);
}

TEST_P(TwoScanners, SimilarityFindsAddedRotations) {
  for (const double degrees : {3.0, 90.0}) {
    Affine added;
    const auto file = turned(degrees, added);

    registered(file, added, "shift");
    const auto similarity = registered(file, added, "similarity");

    ASSERT_TRUE(similarity);
    EXPECT_LT(similarity->median(), 2);
    EXPECT_LT(similarity->largest(), 4);
  }
}

INSTANTIATE_TEST_SUITE_P(Fields,
                         TwoScanners,
                         ::testing::Values("00_01", "01_02", "01_07", "02_08"));

TEST(TwoScannersMixed, AreRefused) {
  const auto folder = kData / "registration-same-section-two-scanners";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no images in " << folder;
  const Slide he =
      Slide::open(kData / "icpr12-aperio-hpf" / "images" / "A00_01.jpg", {.assume_mpp = 0.2456});
  const Slide other = Slide::open(folder / "H01_02.jpg", {.assume_mpp = 0.2273});
  const auto he_mask = full_mask(he);
  const auto other_mask = full_mask(other);
  for (const char* model : {"shift", "similarity"}) {
    Params params;
    params.model = model;
    params.stain.phh3_matrix = "HED";
    try {
      align({he, other, he_mask, other_mask}, params, [] { return false; });
      ADD_FAILURE() << model << ": accepted";
    } catch (const DataError& error) {
      fmt::print("{}: {}\n", model, error.what());
      EXPECT_THAT(error.what(), ::testing::HasSubstr("registration failed"));
    }
  }
}

/// Consecutive sections, so only tissue corresponds: the coarse start, not the trust.
TEST(ConsecutiveSections, CoarseStartComesNearTheBestAffineMap) {
  const auto folder = kData / "registration-he-ihc-consecutive";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no images in " << folder;
  constexpr double kMpp = 4.6;  // 5 % of a scan at 0.23 um/px
  const SlideOptions options{.assume_mpp = kMpp, .allow_upsampling = true};
  const Slide he = Slide::open(folder / "Izd2-29-041-w35_HE.jpg", options);
  const Slide ihc = Slide::open(folder / "Izd2-29-041-w35_proSPC.jpg", options);
  const auto points = [&](const char* name) {
    const auto table = CsvTable::read(folder / name);
    std::vector<PointL0> out;
    for (std::size_t row = 0; row < table.rows(); ++row)
      out.push_back({table.number(row, table.require("X")), table.number(row, table.require("Y"))});
    return out;
  };
  const auto fixed = points("Izd2-29-041-w35_HE.csv");
  const auto moving = points("Izd2-29-041-w35_proSPC.csv");
  ASSERT_EQ(fixed.size(), moving.size());
  std::vector<Landmark> marks;
  std::vector<image::PointPair> pairs;
  for (std::size_t i = 0; i < fixed.size(); ++i) {
    marks.push_back({fixed[i], moving[i]});
    pairs.push_back({moving[i], fixed[i]});
  }
  const auto report = [&](const std::string& what, const Affine& map) {
    const auto errors = errors_of(marks, map, he.grid(kMpp));
    const auto rotation = image::rotation_of(inverse(map));
    fmt::print(
        "{}: error median {:.1f} px = {:.1f} um, largest {:.1f} px; rotation {:.2f} degrees, scale "
        "{:.3f}, mirrored {}\n",
        what, errors.median() / kMpp, errors.median(), errors.largest() / kMpp, rotation.degrees,
        rotation.scale, rotation.mirrored);
    return errors;
  };
  report("no registration", {});
  report("best affine map", image::fit_map(image::MapFamily::Affine, pairs).map);
  report("best rigid map", image::fit_map(image::MapFamily::Rigid, pairs).map);
  std::optional<Errors> first;
  for (const char* signal : {"haematoxylin", "od_sum", "grey_inverted", "gradient"}) {
    Params params;
    params.stain.signal = signal;
    params.rotation_range_deg = 20;
    const Affine um = coarse_start(he, ihc, params);
    const Affine level0 = compose(inverse(um_from_level0(he.grid(1))),
                                  compose(inverse(um), um_from_level0(ihc.grid(1))));
    const auto errors = report(signal, level0);
    if (!first) first = errors;
  }
  const double diagonal = std::hypot(890, 733) * kMpp;
  EXPECT_LT(first->median() / diagonal, 0.05);
}

}  // namespace
}  // namespace mito::registration_global
