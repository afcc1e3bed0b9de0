#include "tools/sweep/case_counts.h"

#include <cmath>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::sweep {
namespace {

constexpr double kSameValue = 1e-3;  // files may round

std::vector<std::size_t> columns_of(const CsvTable& table, const std::vector<std::string>& names) {
  std::vector<std::size_t> out;
  out.reserve(names.size());
  for (const auto& name : names) out.push_back(table.require(name));
  return out;
}

double sum_of(const CsvTable& table, std::size_t row, const std::vector<std::size_t>& columns) {
  double sum = 0;
  for (const auto column : columns) sum += table.number(row, column);
  return sum;
}

std::string text_of(const std::optional<double>& value) {
  return value ? number_text(*value) : "nothing";
}

}  // namespace

CaseParts case_parts(const Metric& metric,
                     const std::optional<double>& value,
                     const std::filesystem::path& folder) {
  const auto table = CsvTable::read(folder / metric.cases.file);
  const auto by = table.require(metric.cases.by);
  const auto top = columns_of(table, metric.cases.top);
  const auto bottom = columns_of(table, metric.cases.bottom);
  CaseParts out;
  stats::Part all;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const stats::Part part{sum_of(table, row, top), sum_of(table, row, bottom)};
    auto& one = out[table.text(row, by)];
    one = {one.part + part.part, one.whole + part.whole};
    all = {all.part + part.part, all.whole + part.whole};
  }
  if (out.empty()) throw DataError(fmt::format("{}: has no case", table.file().string()));
  const auto together = all.whole > 0 ? std::optional(all.part / all.whole) : std::nullopt;
  const bool same = together.has_value() == value.has_value() &&
                    (!value || std::abs(*together - *value) <= kSameValue);
  if (!same)
    throw DataError(
        fmt::format("{}: its cases together give {}, but the metric is {}; 'cases' must count what "
                    "the metric does",
                    table.file().string(), text_of(together), text_of(value)));
  return out;
}

}  // namespace mito::sweep
