#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/core/payload.h"
#include "engine/slide/recolouring.h"
#include "engine/types/geometry.h"

namespace mito {

class LocalCopies;

/// What read() gives beyond the edge of a slide.
enum class Beyond : std::uint8_t {
  White,
  Mirrored,  ///< The slide, continued by reflection (d c b a | a b c d | d c b a).
};

/// How to deal with slides whose resolution is missing or unusual (method 0.2).
struct SlideOptions {
  /// um per level-0 pixel; takes the place of what the file says.
  std::optional<double> assume_mpp = {};
  std::optional<double> assume_mpp_y = {};   ///< Along y, where it differs.
  std::string assume_source = "assume_mpp";  ///< Who gave it, for mpp_source.
  bool allow_objective_power = false;  ///< Take 10 / objective power when nothing better is there.
  bool allow_anisotropic = false;      ///< Accept mpp_x and mpp_y that differ by more than 1 %.
  bool allow_upsampling = false;       ///< Accept slides coarser than 0.35 um/px.
  FileDigests* digests = nullptr;      ///< What is known of the files' content; null: nothing.
  LocalCopies* copies = nullptr;       ///< Read from one of these, where there is room; or null.
  Beyond beyond = Beyond::White;       ///< For images cut from slides, which go on beyond theirs.
  std::filesystem::path tissue = {};   ///< A mask of its tissue that was made elsewhere; or none.
};

/// What is known from a slide's header.
struct SlideInfo {
  std::filesystem::path path;
  std::string name;  ///< File name without its extension.
  /// OpenSlide's vendor, "tiff-pyramid" for a TIFF with sub-images, "image" for plain
  /// PNG/JPEG/TIFF.
  std::string vendor;
  std::int64_t width = 0;  ///< Level 0.
  std::int64_t height = 0;
  int levels = 1;
  double mpp_x = 0;
  double mpp_y = 0;
  /// "openslide.mpp-x", "OME-XML", "tiff resolution", "objective power" or "assume_mpp"; of the
  /// last followed by what the file says, where it says something else: "assume_mpp
  /// (openslide.mpp-x: 0.00025)".
  std::string mpp_source;
  /// The part of level 0 that was scanned, by openslide.bounds-*; all of it where the file does not
  /// say. QuPath shows this part only and counts from its corner.
  Rect bounds;
  PointL0 bounds_corner() const {
    return {static_cast<double>(bounds.x), static_cast<double>(bounds.y)};
  }
  std::filesystem::path tissue;  ///< See SlideOptions.
  /// Of the content and how it is read: see slide::identity; followed by that of the recolouring,
  /// if there is one.
  std::string identity;
};

/// A whole-slide image, or a plain region image (TIFF, PNG, JPEG). A cheap handle: copies share the
/// open file. All members may be called from several threads at once.
class Slide {
 public:
  /// Reads the header only; an image that has no tiles as a whole. Throws DataError naming the
  /// file: missing, truncated, damaged, not an image, without files that belong to it, turned, with
  /// samples that cannot be read rightly, no resolution (says how to give one), one that no
  /// microscope has, too coarse, anisotropic.
  static Slide open(const std::filesystem::path& path, const SlideOptions& options);

  const SlideInfo& info() const;

  /// Analysis grid: the slide's own pixels when its mpp is within 5 % of 0.25, else 0.25 um/px.
  const Grid& analysis_grid() const;

  /// Grid of `mpp` um per pixel that covers the whole slide (the last pixels may be partly off it).
  Grid grid(double mpp) const;

  /// RGB pixels [height][width][3] of `area` of `grid`; white where nothing was scanned: off the
  /// slide (but see SlideOptions::beyond), where it is transparent or lacks tiles, in opaque black
  /// areas. Area-averaged from the
  /// nearest finer level, bilinear where the grid is finer than level 0; the slide's own pixels
  /// when the scale is 1. A pixel's value never depends on `area`. Memory beyond the result is
  /// bounded. Throws DataError naming slide and region when a tile cannot be decoded.
  std::vector<std::uint8_t> read(const Grid& grid, const Rect& area) const;

  /// Which pixels of `area` of `grid` were scanned, [height][width]: 1 where at least half of the
  /// pixel was, else 0. Transparent means not at all opaque; what lies outside SlideInfo::bounds
  /// was not scanned. Throws DataError as read().
  std::vector<std::uint8_t> scanned(const Grid& grid, const Rect& area) const;

  /// The same slide in other colours: read() applies `recolouring` to each pixel whose centre lies
  /// on the slide, after resampling (and after an earlier recolouring); off the slide stays white.
  Slide recoloured(std::shared_ptr<const slide::Recolouring> recolouring) const;

 private:
  class Impl;
  explicit Slide(std::shared_ptr<const Impl> impl);
  std::shared_ptr<const Impl> impl_;
};

/// "3.4.1": the OpenSlide library in use.
std::string openslide_version();

template <>
struct Payload<Slide> {
  static constexpr TypeDesc kDesc{"Slide", 1};
};

}  // namespace mito
