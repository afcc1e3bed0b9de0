#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace mito {

/// The bytes of a file; what gzip packed is unpacked. Throws DataError: "FILE: cannot be read:
/// expected `expected`", a packed file that is damaged, or one of more than 4 GiB or a quarter of
/// the memory; SystemFailure when the file is larger than half of it.
std::string read_unpacked(const std::filesystem::path& file, std::string_view expected);

/// The text of a file in UTF-8, without a byte order mark: from UTF-8, from UTF-16 (by its mark, or
/// as every other byte of its first characters is 0), else from Latin-1.
std::string decoded_text(std::string bytes);

}  // namespace mito
