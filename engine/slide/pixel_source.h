#pragma once
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/tiff/directory.h"
#include "engine/types/geometry.h"

namespace mito::slide {

/// One resolution of a slide: pixel j of an axis covers level-0 pixels [j r, (j + 1) r).
struct Level {
  std::int64_t width = 0;
  std::int64_t height = 0;
  double ratio_x = 1;
  double ratio_y = 1;
};

/// Level-0 pixels per pixel of a level, of `level0` and `here` pixels. Sizes of levels are rounded;
/// the step between levels is a whole number in every format we know of, unless the sizes say
/// otherwise.
inline double true_ratio(std::int64_t level0, std::int64_t here) {
  const double ratio = static_cast<double>(level0) / static_cast<double>(here);
  const double whole = std::round(ratio);
  const double exact = static_cast<double>(level0) / whole;
  return std::abs(exact - static_cast<double>(here)) < 1 ? whole : ratio;
}

/// Where a slide's pixels come from. read() may be called from several threads at once.
class PixelSource {
 public:
  PixelSource() = default;
  PixelSource(const PixelSource&) = delete;
  PixelSource& operator=(const PixelSource&) = delete;
  virtual ~PixelSource() = default;

  virtual const std::vector<Level>& levels() const = 0;
  /// OpenSlide's name of the format, "tiff-pyramid" or "image".
  virtual std::string vendor() const = 0;
  /// What the header says, under OpenSlide's names; empty for plain images.
  virtual std::map<std::string, std::string> properties() const = 0;
  /// RGB of `area`, which must lie inside the level, into `rgb` ([height][width][3]), over white
  /// where it is transparent; and into `scanned` ([height][width]), unless it is null, 1 where
  /// something was scanned, else 0. Throws DataError naming file, level and region.
  virtual void read(int level,
                    const Rect& area,
                    std::uint8_t* rgb,
                    std::uint8_t* scanned) const = 0;
};

/// Null when OpenSlide does not know the format. Throws DataError when it does but cannot open it.
std::unique_ptr<PixelSource> open_with_openslide(const std::filesystem::path& file);

/// The same pixels as `source` gives, which reads `file`, several times faster where the file is a
/// TIFF or SVS with JPEG tiles: those are decoded without OpenSlide (ADR 0017). `source` reads the
/// other levels, and every region with a tile that is not flawless. Levels of a generic TIFF that
/// OpenSlide cannot read are decoded here as well: tiles that are missing from the file were not
/// scanned, and grey pixels keep their transparency.
std::unique_ptr<PixelSource> with_tiff_tiles(const std::filesystem::path& file,
                                             std::unique_ptr<PixelSource> source);

/// The images of a TIFF that are a slide by themselves, the base first, then its sub-images
/// (SubIFDs) that are smaller versions of it, the larger first, for open_tiff_pyramid(). The base
/// is the first page; of an OME-TIFF, which may hold an overview and a label, too, it is the
/// largest page (of the colour pages, if there are some), the first of several, and gets the
/// OME-XML as its description. None when the file is no TIFF, or when the first page without
/// sub-images is all there is to the slide.
std::vector<tiff::Directory> pyramid_images(const std::filesystem::path& file);

/// A TIFF with sub-images as its levels, read by libtiff and libjpeg; null when it has none, which
/// is what OpenSlide, or open_as_image(), reads. Throws DataError naming the file: tiles or strips
/// too large, a compression that libtiff does not know.
std::unique_ptr<PixelSource> open_tiff_pyramid(const std::filesystem::path& file);

/// Decodes a PNG, JPEG or TIFF image as a whole, as it lies in the file: an Exif orientation is not
/// looked at. Null when it is none of these. Throws DataError naming the file: cut short, damaged,
/// too large, or of another kind of samples.
std::unique_ptr<PixelSource> open_as_image(const std::filesystem::path& file);

/// Throws DataError naming the file when a PNG, JPEG or TIFF is cut short or damaged: other
/// decoders give white or black for what is lost. Other formats, and samples that a picture does
/// not have (floating point), are not looked at.
void check_complete(const std::filesystem::path& file);

}  // namespace mito::slide
