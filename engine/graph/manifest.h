#pragma once
#include <filesystem>
#include <optional>
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

/// `outputs.json` beside it says in short what was made for the outputs of the pipeline: the text
/// for `node` as it was made from `key`; none when that is not known.
std::optional<std::string> told_of(const std::filesystem::path& folder,
                                   const std::string& node,
                                   const std::string& key);

/// Remembers it. Written atomically.
void record_told(const std::filesystem::path& folder,
                 const std::string& node,
                 const std::string& key,
                 const std::string& text);

}  // namespace mito::graph
