#pragma once
// From the text of a pipeline input to a value with a digest.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/file_digests.h"
#include "engine/graph/packet.h"
#include "engine/graph/pipeline.h"

namespace mito::graph {

/// File or FileList for `file` and `files`; null for scalars and for payload names.
const TypeDesc* input_type(std::string_view type);

/// Reports an input without a value, a file that does not exist, a pattern that matches nothing.
void check_input(const InputDecl& input, bool required, Diagnostics& out);

/// The value of a `file` or `files` input; null when it has none.
Data input_value(const InputDecl& input);

/// The files of a `file` or `files` input; none when it has no value or is of another type.
std::vector<std::filesystem::path> input_paths(const InputDecl& input);

/// Content identity: digests of the files' bytes; of `files` also their names, with the folders
/// that tell them apart. Files that `digests` does not know are read, so it is asked for only when
/// a node without identities of its own consumes the input.
std::string input_digest(const InputDecl& input, FileDigests& digests);

}  // namespace mito::graph
