#pragma once
#include <filesystem>
#include <string>

#include "nodes/drawn/synthetic_slide/synthetic_slide.h"
#include "tests/support/temp_folder.h"

namespace mito::test {

/// A small slide: 600 x 500 px at 0.25 um/px, without figures, every bit kept.
synthetic_slide::Params small_slide();

/// Draws NAME.svs or NAME.tif into `folder` and returns its path.
std::filesystem::path draw_slide(const std::filesystem::path& folder,
                                 const synthetic_slide::Params& params = small_slide());

}  // namespace mito::test
