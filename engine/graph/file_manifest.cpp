#include "engine/graph/file_manifest.h"

#include <map>
#include <set>
#include <sstream>

#include <spdlog/fmt/fmt.h>

#include "engine/core/csv_table.h"
#include "engine/core/text_file.h"

namespace mito::graph {
namespace {

namespace fs = std::filesystem;

using Named = FileManifest::Named;

/// Of the files of a column each once, in the order in which they are named first.
std::vector<Named> named_once(const CsvTable& csv, std::size_t column) {
  std::vector<Named> files;
  std::set<std::string> known;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto& text = csv.text(row, column);
    if (!text.empty() && known.insert(text).second)
      files.push_back({text, csv.position(row, column)});
  }
  return files;
}

std::vector<Named> of_table(const fs::path& file, const std::string& input) {
  const auto csv = CsvTable::read(file);
  const auto column = csv.find_any({"slide", "image", "file"});
  const auto own = csv.find(input);
  if (own && own != column) return named_once(csv, *own);
  const auto named = column ? *column : csv.require("slide");
  std::vector<Named> files;
  for (std::size_t row = 0; row < csv.rows(); ++row)
    files.push_back({csv.text(row, named), csv.position(row, named)});
  return files;
}

std::vector<Named> of_list(const fs::path& file) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<Named> files;
  std::istringstream in(decoded_text(read_unpacked(file, "a list of files")));
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const auto first = line.find_first_not_of(kBlank);
    if (first == std::string::npos || line[first] == '#') continue;
    files.push_back({line.substr(first, line.find_last_not_of(kBlank) - first + 1),
                     {file.string(), number, static_cast<int>(first) + 1}});
  }
  return files;
}

[[noreturn]] void fail(const SourcePos& pos, const std::string& problem) {
  throw DataError(fmt::format("{}: {}", to_string(pos), problem));
}

}  // namespace

std::optional<std::string> manifest_name(const std::string& text) {
  if (text.size() < 2 || text.front() != '@') return std::nullopt;
  return text.substr(1);
}

FileManifest read_manifest(const fs::path& file, const std::string& input) {
  const auto extension = file.extension();
  FileManifest manifest;
  manifest.is_table = extension == ".csv" || extension == ".tsv";
  manifest.files = manifest.is_table ? of_table(file, input) : of_list(file);
  if (manifest.files.empty()) fail({file.string(), 1, 1}, "names no file");
  std::map<fs::path, int> lines;
  for (auto& [path, pos] : manifest.files) {
    if (path.empty()) fail(pos, "names no file");
    if (path.is_relative()) path = (file.parent_path() / path).lexically_normal();
    const auto [before, is_new] = lines.try_emplace(path, pos.line);
    if (!is_new)
      fail(pos, fmt::format("'{}' is named a second time, after line {}", path.string(),
                            before->second));
  }
  return manifest;
}

}  // namespace mito::graph
