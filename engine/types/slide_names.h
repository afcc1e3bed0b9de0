#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mito {

/// `name` without the extension of an image or slide file ("001.tiff" is "001"); other dots stay.
std::string without_image_extension(std::string_view name);

/// Which of the `names` in a table mean the slide at `slide_file`, as their indices; none when no
/// name fits, or several different ones fit equally ill. The one way in which slides are looked up.
///
/// A name is a file name with or without its extension (also `.ome.tif`), after any folders, with
/// `/` or `\`. Names that end as the slide's path does win, the longest first; else a name's
/// folders are only where its writer kept the slide, unless the table has that file name in several
/// folders or it is a mere number (`04/01` is no other `01.tif`). Letters are compared as Unicode
/// does (composed or not), and in upper or lower case, or with another image's extension, where
/// nothing fits as it is written and only one name does so.
std::vector<std::size_t> names_of_slide(std::span<const std::string> names,
                                        const std::filesystem::path& slide_file);

/// Does `named`, on its own, mean the slide at `slide_file`?
bool names_slide(std::string_view named, const std::filesystem::path& slide_file);

}  // namespace mito
