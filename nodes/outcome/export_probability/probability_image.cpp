#include "nodes/outcome/export_probability/probability_image.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"

namespace mito::export_probability {
namespace {

constexpr std::int64_t kStride = ProbabilityTile::kStride;
constexpr std::int64_t kBand = tiff::PyramidWriter::kTile;

std::int64_t outputs(std::int64_t pixels) { return (pixels + kStride - 1) / kStride; }

/// What the numbers are and how large a pixel is, as readers of OME-TIFF want it. The tag is ASCII:
/// the sign for micro is written by its number.
std::string ome_xml(std::int64_t width, std::int64_t height, double um_x, double um_y) {
  constexpr const char* kText =
      R"(<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
     xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd"
     Creator="mitoloom">
  <Image ID="Image:0" Name="probability of mitosis">
    <Description>Probability of mitosis by mitoloom: value / 65535. 0 where nothing was computed. The middle of pixel (0, 0) is that of the first pixel of the slide at 0.25 &#181;m/px.</Description>
    <Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SignificantBits="16"
            SizeX="{}" SizeY="{}" SizeZ="1" SizeC="1" SizeT="1"
            PhysicalSizeX="{}" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="{}" PhysicalSizeYUnit="&#181;m">
      <Channel ID="Channel:0:0" Name="probability of mitosis" SamplesPerPixel="1"/>
      <TiffData IFD="0" PlaneCount="1"/>
    </Pixels>
  </Image>
</OME>)";
  return fmt::format(kText, width, height, number_text(um_x), number_text(um_y));
}

}  // namespace

ProbabilityImage::ProbabilityImage(const std::filesystem::path& file,
                                   const Grid& analysis,
                                   double mpp_x,
                                   double mpp_y)
    : width_(outputs(analysis.width)),
      height_(outputs(analysis.height)),
      out_(file,
           {.width = width_,
            .height = height_,
            .pixel = tiff::PyramidSpec::Pixel::Grey16,
            .mpp_x = mpp_x * kStride,
            .mpp_y = mpp_y * kStride,
            .description = ome_xml(width_, height_, mpp_x * kStride, mpp_y * kStride)}) {}

std::vector<std::uint16_t>& ProbabilityImage::band(std::int64_t index) {
  auto& pixels = bands_[index];
  if (pixels.empty()) pixels.resize(static_cast<std::size_t>(out_.columns() * kBand * kBand));
  return pixels;
}

// Bands are kept tile by tile, as the file wants them.
void ProbabilityImage::set(std::int64_t column, std::int64_t row, float probability) {
  if (column < 0 || row < 0 || column >= width_ || row >= height_) return;
  const double p = std::clamp(static_cast<double>(probability), 0.0, 1.0);
  const auto value = static_cast<std::uint16_t>(std::floor(65535 * p + 0.5));
  if (value == 0) return;
  auto& pixel = band(row / kBand)[static_cast<std::size_t>(
      (column / kBand * kBand + row % kBand) * kBand + column % kBand)];
  pixel = std::max(pixel, value);
}

void ProbabilityImage::add(const ProbabilityTile& tile) {
  const std::int64_t top = tile.core.y / kStride;
  const std::int64_t left = tile.core.x / kStride;
  if (top < written_ * kBand)
    throw DataError(fmt::format("probability tile at y = {} comes after lower ones", tile.core.y));
  write_bands_before(top);
  for (std::size_t i = 0; i < tile.probability.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    set(left + at % tile.columns(), top + at / tile.columns(), tile.probability[i]);
  }
  const auto cell = [](std::int64_t pixel) { return (pixel + kStride / 2) / kStride; };
  for (const auto& point : tile.points)
    set(cell(point.grid_x), cell(point.grid_y), point.probability);
}

void ProbabilityImage::write_bands_before(std::int64_t row) {
  for (; (written_ + 1) * kBand <= row && written_ < out_.rows(); ++written_) {
    const std::span<const std::uint16_t> pixels = band(written_);
    for (std::int64_t column = 0; column < out_.columns(); ++column)
      out_.write_tile(column, written_,
                      std::as_bytes(pixels.subspan(static_cast<std::size_t>(column * kBand * kBand),
                                                   static_cast<std::size_t>(kBand * kBand))));
    bands_.erase(written_);
  }
}

void ProbabilityImage::finish() {
  write_bands_before(out_.rows() * kBand);
  out_.finish();
}

}  // namespace mito::export_probability
