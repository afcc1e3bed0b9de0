#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/tiff/picture.h"

namespace mito::test {

/// How write_tiff() lays out the images of a file.
struct TiffLayout {
  enum class Compression { None, Lzw, Deflate, Jpeg };
  Compression compression = Compression::None;
  bool planar = false;  ///< A tile for each colour; else RGB pixels.
  bool big = false;     ///< BigTIFF.
  bool tiled = true;    ///< Else strips of as many rows.
  int tile = 64;
};

/// An image, with the smaller ones that are its SubIFDs.
struct TiffImage {
  tiff::Picture picture;
  std::string description = {};  ///< Tag 270.
  std::vector<tiff::Picture> below = {};
};

/// Writes RGB images by libtiff; no resolution is stated.
void write_tiff(const std::filesystem::path& file,
                const std::vector<TiffImage>& images,
                const TiffLayout& layout);

}  // namespace mito::test
