#pragma once
#include <filesystem>
#include <vector>

#include "engine/core/payload.h"
#include "nodes/drawn/phantom/phantom.h"

namespace mito::phantom {

/// One case of a table of phantoms.
struct Case {
  Params params;
};

/// Hex digest of everything that decides what is drawn.
std::string content_digest(const Case& one);

/// Reads a table of phantoms: one case a row, its name in column `case`, and any parameters of
/// `phantom` in columns of their names; what has no column is as in `defaults`. The table of a
/// study may be the same file (`slide`, `scanner`, `grade`, `proliferation`, `purpose`, `reference`
/// say nothing of the drawing). Throws DataError "FILE:LINE:COLUMN: ...": no case, a case twice,
/// another column, a value out of its range.
std::vector<Case> read_phantom_table(const std::filesystem::path& file, const Params& defaults);

}  // namespace mito::phantom

namespace mito {

template <>
struct Payload<phantom::Case> {
  static constexpr TypeDesc kDesc{"PhantomCase", 1};
};

}  // namespace mito
