#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/slide/slide.h"

namespace mito::slide {

/// The files that hold the slide `path`, itself first, the others by name: for MIRAX all of its
/// folder, for Hamamatsu VMS and VMU those that the file names, for DICOM the other DICOM files
/// beside it. What is not there is left out.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& path);

/// SHA-256 of all bytes that the slide is read from, 64 hex digits: of the file, or where there are
/// several, of the list of their digests with the names by which the slide finds them. It does not
/// depend on what the slide is called or where it lies. Throws DataError naming a file that cannot
/// be read.
std::string content_digest(const std::filesystem::path& path, FileDigests& digests);

/// The identity of a slide of this content (content_digest), of which read() gives `beyond` beyond
/// its edge: the content, with "|sub-images" behind it where these are its levels, and "|mirrored".
std::string identity(const std::filesystem::path& path, const std::string& content, Beyond beyond);

}  // namespace mito::slide
