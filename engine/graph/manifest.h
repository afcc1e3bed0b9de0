#pragma once
#include <filesystem>
#include <string>

namespace mito::graph {

/// `manifest.json` in an output folder says which content key each file there was made from, so
/// that a rerun leaves files alone that are up to date.
bool is_up_to_date(const std::filesystem::path& folder,
                   const std::string& node,
                   const std::string& key);

/// Records that `node` wrote `file` (relative to `folder`) from `key`. Written atomically.
void record_file(const std::filesystem::path& folder,
                 const std::string& node,
                 const std::string& key,
                 const std::string& file);

}  // namespace mito::graph
