#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/slide/slide.h"
#include "engine/types/points_csv.h"
#include "nodes/drawn/phantom/phantom.h"
#include "tests/support/drawn_slide.h"

namespace mito::phantom {
namespace {

Params tiny_pair() {
  Params params;
  params.width_px = 1100;
  params.height_px = 900;
  params.mitoses = 4;
  params.lookalikes = 3;
  params.artefacts = 6;
  params.nonspecific = 2;
  params.shift_x_um = 30;
  params.shift_y_um = -20;
  params.jpeg_quality = 0;
  return params;
}

TEST(PhantomFiles, BothSlidesOpenAndHoldWhatIsDrawn) {
  const test::TempFolder folder;
  const Phantom pair(tiny_pair());
  for (const Stain stain : {Stain::He, Stain::Phh3}) {
    const auto file = folder / (stain == Stain::He ? "pair_he.svs" : "pair_phh3.svs");
    double last = 0;
    write_slide(pair, stain, file, [&](double done) {
      EXPECT_GE(done, last);
      last = done;
    });

    const auto slide = Slide::open(file, {});

    EXPECT_EQ(slide.info().vendor, "aperio");
    EXPECT_EQ(slide.info().width, pair.width(stain));
    EXPECT_EQ(slide.info().height, pair.height(stain));
    EXPECT_DOUBLE_EQ(slide.info().mpp_x, 0.25);
    // Over the seam of two blocks.
    const Rect area{480, 500, 70, 40};
    EXPECT_EQ(slide.read(slide.analysis_grid(), area), pair.render(stain, area));
  }
}

TEST(PhantomFiles, TheTruthReadsBack) {
  const test::TempFolder folder;
  const Phantom pair(tiny_pair());
  write_file(folder / "truth.csv", truth_csv(pair));
  write_file(folder / "mitoses.csv", mitoses_csv(pair));

  const auto table = CsvTable::read(folder / "truth.csv");
  const auto points = read_points(folder / "mitoses.csv");

  EXPECT_EQ(table.header(), (std::vector<std::string>{"id", "class", "phase", "x_he", "y_he",
                                                      "x_phh3", "y_phh3", "dab"}));
  ASSERT_EQ(table.rows(), 15U);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    EXPECT_EQ(table.integer(row, 0), static_cast<std::int64_t>(row) + 1);
    EXPECT_EQ(table.text(row, 1), name_of(pair.objects()[row].kind));
    const PointL0 he = pair.to_he({table.number(row, 5), table.number(row, 6)});
    EXPECT_NEAR(he.x, table.number(row, 3), 0.01);
    EXPECT_NEAR(he.y, table.number(row, 4), 0.01);
  }
  ASSERT_EQ(points.points.size(), 4U);
  EXPECT_EQ(points.points[0].slide, pair.params().name + "_he");
  EXPECT_EQ(points.points[0].label, "mitosis");
  EXPECT_NEAR(points.points[2].at.x, table.number(2, 3), 1e-6);
}

TEST(PhantomFiles, TheAffineAndTheTableMakeTheMap) {
  const Phantom pair(tiny_pair());
  const auto truth = nlohmann::json::parse(truth_json(pair));
  const auto& map = truth.at("he_from_phh3");
  const auto& field = truth.at("displacement");
  const double spacing = field.at("spacing_px");

  const PointL0 he = pair.to_he({2 * spacing, 3 * spacing});

  const auto mapped = [&](const char* a, const char* b, const char* c) {
    return map.at(a).get<double>() * 2 * spacing + map.at(b).get<double>() * 3 * spacing +
           map.at(c).get<double>();
  };
  EXPECT_NEAR(he.x, mapped("a", "b", "c") + field.at("dx_um")[3][2].get<double>() / 0.25, 1e-3);
  EXPECT_NEAR(he.y, mapped("d", "e", "f") + field.at("dy_um")[3][2].get<double>() / 0.25, 1e-3);
  EXPECT_EQ(truth.at("parameters").at("mitoses"), 4);
}

}  // namespace
}  // namespace mito::phantom
