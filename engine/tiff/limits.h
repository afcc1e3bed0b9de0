#pragma once
#include <cstdint>
#include <filesystem>

// What is read of a file before memory is taken for it: a few bytes can declare any size.
namespace mito::tiff {

/// The most pixels of a tile, 8192 x 8192 of them: every thread that reads holds some as 4 bytes
/// each.
inline constexpr std::int64_t kMaxTilePixels = std::int64_t{1} << 26;

/// The most pixels of a picture, or a strip of it, that is decoded as a whole.
inline constexpr std::int64_t kMaxImagePixels = std::int64_t{1} << 30;

/// The same for a file of so many bytes: no compression holds ten thousand pixels in one byte.
std::int64_t most_pixels(std::uint64_t file_bytes);
/// The same by the size of `file`; one that cannot be asked counts as empty.
std::int64_t most_pixels(const std::filesystem::path& file);

/// Throws DataError naming the file where its tiles, or its strips, are larger than that.
void check_chunk(const std::filesystem::path& file,
                 bool tiled,
                 std::int64_t width,
                 std::int64_t height);

/// Throws DataError naming the file where it says that it is a larger picture than most_pixels() of
/// its size.
void check_image(const std::filesystem::path& file, std::int64_t width, std::int64_t height);

}  // namespace mito::tiff
