#include "nodes/drawn/phantom/phantom_table.h"

#include <algorithm>
#include <array>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::phantom {
namespace {

// Columns of the table of a study, which may be the same file.
constexpr std::array<std::string_view, 7> kOfTheStudy{
    "case", "slide", "scanner", "grade", "proliferation", "purpose", "reference"};

[[noreturn]] void fail(const CsvTable& table,
                       std::size_t row,
                       std::size_t column,
                       const std::string& problem) {
  const auto at = table.position(row, column);
  throw DataError(fmt::format("{}:{}:{}: {}", table.file().string(), at.line, at.column, problem));
}

/// Sets each parameter that the table has a column for, from one row.
class FromRow {
 public:
  FromRow(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  void operator()(std::string_view name, auto& member, const Field& field) const {
    const auto column = table_.find(name);
    if (!column || name == "name" || table_.text(row_, *column).empty()) return;
    set(*column, member, field);
  }

 private:
  void set(std::size_t column, std::string& member, const Field& field) const {
    member = table_.text(row_, column);
    refuse(column, value_problem(field, member));
  }
  void set(std::size_t column, auto& member, const Field& field) const {
    using Number = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_integral_v<Number>) {
      const auto value = table_.integer(row_, column);
      refuse(column, value_problem(field, static_cast<double>(value)));
      member = static_cast<Number>(value);
    } else {
      member = table_.number(row_, column);
      refuse(column, value_problem(field, member));
    }
  }
  void refuse(std::size_t column, const std::string& problem) const {
    if (!problem.empty())
      fail(table_, row_, column, fmt::format("{} {}", table_.header().at(column), problem));
  }

  const CsvTable& table_;
  std::size_t row_;
};

void check_columns(const CsvTable& table) {
  std::vector<std::string> known(kOfTheStudy.begin(), kOfTheStudy.end());
  Params none;
  Params::describe(none, [&](std::string_view name, auto&, const Field&) {
    if (name != "name") known.emplace_back(name);
  });
  for (const auto& column : table.header()) {
    if (std::ranges::find(known, column) == known.end())
      throw DataError(fmt::format("{}:1: a phantom has no parameter '{}'{}", table.file().string(),
                                  column, did_you_mean(column, known)));
  }
}

}  // namespace

std::string content_digest(const Case& one) {
  std::string text;
  Params::describe(one.params, [&](std::string_view name, const auto& value, const Field&) {
    text += fmt::format("{} {}\n", name, value);
  });
  return sha256(text);
}

std::vector<Case> read_phantom_table(const std::filesystem::path& file, const Params& defaults) {
  const auto table = CsvTable::read(file);
  const auto name = table.require("case");
  check_columns(table);
  std::vector<Case> cases;
  std::set<std::string> names;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Case one{defaults};
    one.params.name = table.text(row, name);
    if (one.params.name.empty() || one.params.name.find('/') != std::string::npos)
      fail(table, row, name,
           "expected a file name without a folder, found '" + one.params.name + "'");
    if (!names.insert(one.params.name).second)
      fail(table, row, name, "'" + one.params.name + "' is listed twice");
    Params::describe(one.params, FromRow(table, row));
    cases.push_back(std::move(one));
  }
  return cases;
}

}  // namespace mito::phantom
