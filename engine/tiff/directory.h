#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/tiff/resolution.h"

namespace mito::tiff {

/// What a TIFF file says of one of its images (pages), without its pixels.
struct Directory {
  enum class Samples : std::uint8_t { Unsigned, Signed, Float, Complex };

  int page = 0;              ///< 1 is the first.
  bool below = false;        ///< One of the page's sub-images (SubIFDs), not the page itself.
  std::uint64_t offset = 0;  ///< Where in the file it begins.
  bool lost_next = false;    ///< Another page follows, the file says, and cannot be read.
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool tiled = false;    ///< Else in strips.
  bool reduced = false;  ///< Marked as a smaller version of another page.
  int bits = 0;          ///< Of a sample.
  Samples samples = Samples::Unsigned;
  int compression = 1;      ///< Tag 259.
  bool decodable = true;    ///< Is it a compression that libtiff can undo?
  int channels = 0;         ///< Samples of a pixel, transparency included.
  int orientation = 1;      ///< Tag 274; 1: the first row is the top, the first column the left.
  std::string description;  ///< Tag 270; may be empty.
  std::optional<Resolution> resolution;  ///< Of tags 282, 283, 296.
};

/// The pages of a file in their order, each followed by its sub-images; none when it is no TIFF.
std::vector<Directory> directories(const std::filesystem::path& file);

/// The brightest colour sample of the first page (see Brightness), where it has 16 bits a sample
/// and more light is a larger number. Looks no further once that reaches `enough`. Nothing for
/// other pages. Throws DataError when pixels cannot be decoded.
std::optional<int> brightest_sample(const std::filesystem::path& file, int enough);

}  // namespace mito::tiff
