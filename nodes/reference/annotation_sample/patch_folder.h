#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/types/annotation.h"
#include "nodes/reference/annotation_sample/annotation_sample.h"
#include "nodes/reference/annotation_sample/label_page.h"

namespace mito::annotation_sample {

/// Of the pictures on the page; the PNG files hold the pixels themselves.
inline constexpr int kPageJpegQuality = 90;

/// Where the patches lie, beside their sheet.
inline constexpr const char* kPatchesFolder = "patches";

/// A folder of patches that is filled under another name and takes its own at the end. It replaces
/// the patches of an earlier draw, and nothing else.
class PatchFolder {
 public:
  /// Throws DataError when it cannot be created.
  explicit PatchFolder(std::filesystem::path target);
  PatchFolder(const PatchFolder&) = delete;
  PatchFolder& operator=(const PatchFolder&) = delete;
  ~PatchFolder();

  /// Throws DataError.
  void write(const std::string& name, const std::string& bytes) const;
  /// Throws DataError when the target holds anything but patches.
  void commit() const;

 private:
  std::filesystem::path target_;
  std::filesystem::path part_;
};

/// Everything that is made from pixels, in drawn order.
struct Cut {
  std::vector<SheetSample> sheet;  ///< `patch` is the name of the PNG file in its folder.
  std::vector<PageSample> page;
};

/// Cuts the patches of `samples` slide by slide, so that neighbouring tiles of one file are decoded
/// once, and writes each into `folder` as PNG. `name_of`: of the i-th sample. Throws DataError,
/// Interrupted when asked to stop.
Cut cut_patches(const std::vector<Draw::Source>& sources,
                const std::vector<Draw::Sample>& samples,
                const PatchFolder& folder,
                const std::function<std::string(std::size_t)>& name_of,
                const Hooks& hooks);

}  // namespace mito::annotation_sample
