#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

#include "engine/tiff/pyramid_writer.h"
#include "engine/types/pathology.h"

namespace mito::export_probability {

/// A probability map as a pyramidal TIFF: 16 bit grey, round(p * 65535), 0 where nothing was
/// computed (method 1.3). Image pixel (column j, row i) is the output at analysis-grid pixel
/// (4j, 4i). Its description is OME-XML. Tiles come in raster order; memory holds a band of the
/// image, never all of it.
class ProbabilityImage {
 public:
  /// `mpp_x`, `mpp_y`: um per pixel of `analysis`. Throws DataError when the file cannot be made.
  ProbabilityImage(const std::filesystem::path& file,
                   const Grid& analysis,
                   double mpp_x,
                   double mpp_y);

  /// Throws DataError when the tile lies above what was already written.
  void add(const ProbabilityTile& tile);
  void finish();

 private:
  std::vector<std::uint16_t>& band(std::int64_t index);
  void set(std::int64_t column, std::int64_t row, float probability);
  void write_bands_before(std::int64_t row);

  std::int64_t width_;
  std::int64_t height_;
  tiff::PyramidWriter out_;
  std::int64_t written_ = 0;  ///< Bands of 256 rows.
  std::map<std::int64_t, std::vector<std::uint16_t>> bands_;
};

}  // namespace mito::export_probability
