#pragma once
#include <map>
#include <string>

namespace mito::cli {

/// Pages on what is stored of each payload that describes itself, by their file names in
/// schemas/store: one each, and payloads.md, which lists them.
std::map<std::string, std::string> layout_pages();

}  // namespace mito::cli
