#include "tools/cli/ahead.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <spdlog/fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "engine/core/csv_table.h"
#include "engine/core/file_digests.h"
#include "engine/core/text.h"
#include "engine/slide/content.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;

/// Of what a node measures, the files that may be among those `seen`: read only where the size
/// agrees, so that a study of large slides is looked through in no time.
void refuse_seen_files(const Measured::Seen& seen, const Measured& measured, FileDigests& digests) {
  for (std::size_t i = 0; i < measured.files.size(); ++i) {
    const auto& file = measured.files[i];
    const auto bytes = file_bytes(file);
    if (bytes == 0 || std::ranges::count(seen.files.files, bytes, &SeenFile::bytes) == 0) continue;
    refuse_seen_image(seen, {utf8_text(file.stem().string()), measured.cases.at(i),
                             slide::content_digest(file, digests)});
  }
}

/// A table that names files of inputs (`@table.csv`).
struct NamingTable {
  std::set<std::string, std::less<>> taken;  ///< Columns that name files, or say more of a slide.
  bool is_read_whole = false;                ///< An input of type `file` names it, too.
};

std::map<fs::path, NamingTable> naming_tables(const mito::graph::Pipeline& pipeline) {
  std::map<fs::path, NamingTable> tables;
  std::set<fs::path> read_whole;
  for (const auto& input : pipeline.inputs) {
    if (!input.value) continue;
    const auto look = [&](const config::Value& value) {
      const bool is_named = input.type == "files" && value.scalar.starts_with('@');
      const auto file = (input.base / value.scalar.substr(is_named ? 1 : 0)).lexically_normal();
      if (input.type == "file") read_whole.insert(file);
      if (is_named && fs::exists(file) &&
          (file.extension() == ".csv" || file.extension() == ".tsv"))
        tables[file].taken.insert(input.name);
    };
    if (input.value->is_scalar()) look(*input.value);
    for (const auto& value : input.value->items) look(value);
  }
  for (auto& [file, table] : tables) table.is_read_whole = read_whole.contains(file);
  return tables;
}

/// Columns of tables that nothing takes, one line for each table.
std::vector<std::string> idle_columns(const mito::graph::Pipeline& pipeline) {
  static const std::set<std::string, std::less<>> kOfSlide{"slide",  "image",  "file",   "mpp",
                                                           "mpp_x",  "mpp_y",  "mask",   "case",
                                                           "centre", "center", "scanner"};
  static const std::set<std::string, std::less<>> kOfCohort{"grade", "proliferation", "purpose",
                                                            "reference"};
  std::vector<std::string> lines;
  for (const auto& [file, table] : naming_tables(pipeline)) {
    std::vector<std::string> idle;
    const auto csv = CsvTable::read(file);
    for (const auto& column : csv.header())
      if (!kOfSlide.contains(column) && !table.taken.contains(column) &&
          !(table.is_read_whole && kOfCohort.contains(column)))
        idle.push_back("'" + column + "'");
    if (!idle.empty())
      lines.push_back(fmt::format("{}: nothing takes the column{} {}", file.string(),
                                  idle.size() == 1 ? "" : "s", fmt::join(idle, ", ")));
  }
  return lines;
}

}  // namespace

void refuse_seen_cases(const mito::graph::Graph& graph) {
  FileDigests digests;
  graph.look_at_measured([&digests](const Measured& measured) {
    for (const auto& seen : measured.seen) {
      refuse_shared_cases({seen.role, seen.cases}, {"evaluation", measured.cases});
      refuse_seen_files(seen, measured, digests);
    }
  });
}

void warn_ahead(const mito::graph::Graph& graph) {
  for (const auto& line : graph.warnings()) spdlog::warn("{}", line);
  for (const auto& line : idle_columns(graph.pipeline())) spdlog::warn("{}", line);
}

}  // namespace mito::cli
