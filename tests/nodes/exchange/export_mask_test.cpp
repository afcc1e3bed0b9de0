#include "nodes/exchange/export_mask/export_mask.h"

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/image/morphology.h"
#include "nodes/slides/tissue_mask/tissue_mask.h"
#include "tests/support/temp_folder.h"

namespace mito::export_mask {
namespace {

TEST(ExportMask, ReadsBackAsTheSameMask) {
  TissueMask mask;
  mask.grid = {.scale_x = 32, .scale_y = 32, .mpp = 8, .width = 3, .height = 2};
  mask.tissue = {1, 0, 1, 0, 0, 1};
  const test::TempFolder folder;
  write_file(folder / "mask.png", to_png(mask));

  const auto read =
      tissue_mask::from_file(image::read_mask(folder / "mask.png"), 3 * 32, 2 * 32, mask.grid);

  EXPECT_EQ(read.tissue, mask.tissue);
}

}  // namespace
}  // namespace mito::export_mask
