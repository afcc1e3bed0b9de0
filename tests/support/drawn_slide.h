#pragma once
#include <filesystem>
#include <string>

#include "nodes/synthetic_slide/synthetic_slide.h"

namespace mito::testing {

/// A folder of its own under the temporary folder, removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A small slide: 600 x 500 px at 0.25 um/px, without figures, every bit kept.
synthetic_slide::Params small_slide();

/// Draws NAME.svs or NAME.tif into `folder` and returns its path.
std::filesystem::path draw_slide(const std::filesystem::path& folder,
                                 const synthetic_slide::Params& params = small_slide());

}  // namespace mito::testing
