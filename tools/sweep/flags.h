#pragma once
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mito::sweep {

/// What a file of results says of what it was measured on (method 10.5), by the names that
/// measuring nodes give them.
inline constexpr std::array<std::string_view, 9> kFlags{
    "data_set",  "cases",    "slides",    "objects",
    "rule",      "match_um", "threshold", "threshold_chosen_on",
    "optimistic"};

/// The texts of kFlags that hold for the number at `at` (keys and indices from the top) of a JSON
/// file: what the innermost object around it says, such as that a highest F1 is optimistic; of a
/// CSV file, the columns that are the same in all rows. Empty where the file does not say. Throws
/// DataError when it cannot be read.
std::vector<std::string> read_flags(const std::filesystem::path& file,
                                    const std::vector<std::string>& at);

}  // namespace mito::sweep
