#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "engine/tiff/directory.h"

namespace mito::slide {

/// Throws DataError when pages of a TIFF are lost (the file was cut behind the one that is read),
/// or when they hold what would be read wrongly: samples other than 8 or 16 bits of unsigned
/// integers, an orientation other than 1, samples of 16 bits that use only a small part of them,
/// channels, focal planes or points in time as images of their own (by OME-XML), or a first page
/// that is an overview of another one (of `width` columns are the pixels that would be read). The
/// message names file, page, what was found, what to do.
void check_tiff(const std::filesystem::path& file,
                const std::vector<tiff::Directory>& pages,
                std::int64_t width);

/// Throws DataError naming the file when `brightest` of samples of 16 bits says that fewer are
/// used: such pixels would be read far too dark.
void check_brightest(const std::filesystem::path& file, int brightest);

/// Throws DataError when the file belongs to files that are not there, and what it holds itself is
/// only a preview or a label: a .mrxs without its folder, a .vsi. `file` is one that OpenSlide does
/// not know, or knows as a plain TIFF.
void check_companions(const std::filesystem::path& file);

/// Throws DataError when the name is that of a format of whole slides. `file` is one that OpenSlide
/// does not know: damaged, or of a kind whose first image is a preview.
void check_format(const std::filesystem::path& file);

}  // namespace mito::slide
