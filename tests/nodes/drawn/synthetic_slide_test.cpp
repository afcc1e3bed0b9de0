#include "nodes/drawn/synthetic_slide/synthetic_slide.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/slide/slide.h"
#include "engine/types/points_csv.h"
#include "tests/support/drawn_slide.h"

namespace mito::synthetic_slide {
namespace {

Params with_figures() {
  Params params = test::small_slide();
  params.width_px = 1600;
  params.height_px = 1200;
  params.mitoses = 8;
  params.lookalikes = 4;
  return params;
}

TEST(SyntheticSlide, AnyRegionFitsItsNeighbours) {
  const SyntheticSlide slide(with_figures());
  const auto at = slide.mitoses().front();
  const Rect area{static_cast<std::int64_t>(at.x) - 40, static_cast<std::int64_t>(at.y) - 40, 80,
                  80};

  const auto whole = slide.render(area);

  const auto right = slide.render({area.x + 40, area.y, 40, 80});
  for (std::size_t y = 0; y < 80; ++y)
    for (std::size_t i = 0; i < 120; ++i)
      ASSERT_EQ(whole[(y * 80 + 40) * 3 + i], right[y * 120 + i]) << "row " << y;
}

TEST(SyntheticSlide, FiguresAreDarkerThanAnythingElse) {
  const SyntheticSlide slide(with_figures());
  for (const auto& at : slide.mitoses()) {
    const auto rgb = slide.render(
        {static_cast<std::int64_t>(at.x) - 24, static_cast<std::int64_t>(at.y) - 24, 48, 48});
    int dark = 0;
    for (std::size_t i = 0; i < rgb.size(); i += 3)
      if (rgb[i] + rgb[i + 1] + rgb[i + 2] < 765 * 0.25) ++dark;
    // A plate of 8 x 2.5 um has some 300 px.
    EXPECT_GT(dark, 120) << at.x << ", " << at.y;
  }
}

TEST(SyntheticSlide, FiguresKeepTheirDistance) {
  const auto at = SyntheticSlide(with_figures()).mitoses();

  ASSERT_EQ(at.size(), 8U);
  for (std::size_t i = 0; i < at.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_GT(std::hypot(at[i].x - at[j].x, at[i].y - at[j].y), 100);
}

TEST(SyntheticSlide, SaysWhenThereIsNoRoom) {
  Params params = with_figures();
  params.mitoses = 5000;

  EXPECT_THROW(SyntheticSlide{params}, DataError);
}

TEST(SyntheticSlide, SameSeedSameBytes) {
  const test::TempFolder first;
  const test::TempFolder second;
  auto params = test::small_slide();
  params.jpeg_quality = 80;

  const auto a = Slide::open(test::draw_slide(first.path(), params), {});
  const auto b = Slide::open(test::draw_slide(second.path(), params), {});

  EXPECT_EQ(a.info().identity, b.info().identity);
  EXPECT_EQ(a.read(a.analysis_grid(), {0, 0, 600, 500}),
            b.read(b.analysis_grid(), {0, 0, 600, 500}));
}

TEST(SyntheticSlide, TruthReadsBack) {
  const test::TempFolder folder;
  const SyntheticSlide slide(with_figures());
  write_file(folder / "truth.csv", truth_csv(slide));

  const auto read = read_points(folder / "truth.csv");

  const auto truth = slide.mitoses();
  ASSERT_EQ(read.points.size(), truth.size());
  EXPECT_NEAR(read.points[3].at.x, truth[3].x, 1e-3);
  EXPECT_EQ(read.points[3].label, "mitosis");
}

}  // namespace
}  // namespace mito::synthetic_slide
