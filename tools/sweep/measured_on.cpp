#include "tools/sweep/measured_on.h"

#include <algorithm>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tools/sweep/flags.h"

namespace mito::sweep {
namespace {

using Kind = report::Table::Column::Kind;

/// What runs of a variant say of what the numbers of a file were measured on.
struct Said {
  std::string file;
  std::vector<std::string> flags;
  std::vector<std::string> names = {};     ///< Of the metrics and figures it is said of.
  std::vector<std::string> variants = {};  ///< That say so.
};

/// Of a variant, what is the same together.
std::vector<Said> said_of(const Table& table, const std::string& variant) {
  std::vector<Said> out;
  for (std::size_t s = 0; s < table.sources.size(); ++s) {
    const auto& source = table.sources[s];
    for (const auto& row : table.rows) {
      if (row.variant != variant || row.flags.size() <= s || row.flags[s].empty()) continue;
      auto same = std::ranges::find_if(out, [&](const Said& said) {
        return said.file == source.file && said.flags == row.flags[s];
      });
      if (same == out.end()) same = out.insert(same, {source.file, row.flags[s]});
      if (std::ranges::find(same->names, source.name) == same->names.end())
        same->names.push_back(source.name);
    }
  }
  return out;
}

/// Of all variants, what they agree on once.
std::vector<Said> said_of(const Table& table, const std::vector<Summary>& summaries) {
  std::vector<Said> out;
  for (const auto& summary : summaries) {
    for (auto& said : said_of(table, summary.variant)) {
      auto same = std::ranges::find_if(out, [&](const Said& other) {
        return other.file == said.file && other.flags == said.flags && other.names == said.names;
      });
      if (same == out.end()) same = out.insert(same, std::move(said));
      same->variants.push_back(summary.variant);
    }
  }
  return out;
}

bool says_nothing(const std::vector<std::string>& flags) {
  return std::ranges::all_of(flags, [](const std::string& text) { return text.empty(); });
}

}  // namespace

report::Section measured_on(const Table& table) {
  report::Table out{{{"variant", Kind::Text}, {"numbers", Kind::Text}, {"file", Kind::Text}}, {}};
  for (const auto flag : kFlags) out.columns.push_back({std::string(flag), Kind::Text});
  std::vector<std::string> silent;
  const auto all = said_of(table, summarise(table));
  std::set<std::string> speaking;  // variants that have run
  for (const auto& said : all) speaking.insert(said.variants.begin(), said.variants.end());
  for (const auto& said : all) {
    if (says_nothing(said.flags)) {
      if (std::ranges::find(silent, said.file) == silent.end()) silent.push_back(said.file);
      continue;
    }
    out.rows.push_back({said.variants.size() == speaking.size() && speaking.size() > 1
                            ? "all"
                            : fmt::format("{}", fmt::join(said.variants, ", ")),
                        fmt::format("{}", fmt::join(said.names, ", ")), said.file});
    out.rows.back().insert(out.rows.back().end(), said.flags.begin(), said.flags.end());
  }
  report::Section section{"What the numbers were measured on", {}, std::nullopt, {}, true};
  for (const auto& file : silent)
    section.paragraphs.push_back(file + " does not say what it was measured on.");
  if (out.rows.empty() && silent.empty())
    section.paragraphs.emplace_back("No run is done, or none has a metric.");
  if (!out.rows.empty()) {
    section.paragraphs.emplace_back(
        "A result is optimistic where its threshold was chosen on data that it was measured on.");
    section.table = std::move(out);
  }
  return section;
}

}  // namespace mito::sweep
