#include "engine/types/cohort_table.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/text_file.h"
#include "engine/types/points_csv.h"

namespace mito {
namespace {

constexpr int kGrades = 3;

/// The two fields of a line "grade,score"; empty when the line is something else.
std::optional<std::pair<double, double>> tupac_line(std::string_view line) {
  const char separator = csv_separator(line);
  auto at = line.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const auto grade = csv_number(line.substr(0, at), separator);
  const auto score = csv_number(line.substr(at + 1), separator);
  if (!grade || !score) return std::nullopt;
  return std::pair(*grade, *score);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  while (!lines.empty() && lines.back().find_first_not_of(" \t,;") == std::string::npos)
    lines.pop_back();
  return lines;
}

CohortTable read_tupac(const std::filesystem::path& file, const std::vector<std::string>& lines) {
  CohortTable table{file.filename().string(), {}};
  for (std::size_t k = 0; k < lines.size(); ++k) {
    const auto fields = tupac_line(lines[k]);
    if (!fields)
      throw DataError(fmt::format("{}:{}:1: expected a grade and a proliferation score, found '{}'",
                                  file.string(), k + 1, lines[k]));
    if (fields->first != 1 && fields->first != 2 && fields->first != kGrades)
      throw DataError(fmt::format("{}:{}:1: expected a grade from 1 to 3, found {}", file.string(),
                                  k + 1, number_text(fields->first)));
    CohortRow row;
    row.slide = fmt::format("TUPAC-TR-{:03}", k + 1);
    row.grade = static_cast<int>(fields->first);
    row.proliferation = fields->second;
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Reads the rows of a table with a header.
class CohortRows {
 public:
  explicit CohortRows(const CsvTable& csv)
      : csv_(csv),
        slide_(csv.find_any({"slide", "image"})),
        case_(csv.find("case")),
        centre_(csv.find_any({"centre", "center"})),
        scanner_(csv.find("scanner")),
        grade_(csv.find("grade")),
        proliferation_(csv.find("proliferation")),
        purpose_(csv.find("purpose")),
        reference_(csv.find("reference")) {
    if (!slide_ && !case_) csv.require("slide");
  }

  CohortRow read(std::size_t row) {
    CohortRow out{text(row, slide_), text(row, case_), text(row, centre_),  text(row, scanner_),
                  std::nullopt,      std::nullopt,     text(row, purpose_), text(row, reference_)};
    if (out.slide.empty() && out.case_id.empty())
      fail(row, slide_ ? *slide_ : *case_, "expected the name of a slide or a case");
    if (!names_.insert(out.slide.empty() ? "case " + out.case_id : "slide " + out.slide).second)
      fail(row, out.slide.empty() ? *case_ : *slide_,
           fmt::format("'{}' is listed twice", out.slide.empty() ? out.case_id : out.slide));
    if (!text(row, grade_).empty()) {
      const auto grade = csv_.integer(row, *grade_);
      if (grade < 1 || grade > kGrades)
        fail(row, *grade_, fmt::format("expected a grade from 1 to 3, found {}", grade));
      out.grade = static_cast<int>(grade);
    }
    if (!text(row, proliferation_).empty()) out.proliferation = csv_.number(row, *proliferation_);
    return out;
  }

 private:
  std::string text(std::size_t row, const std::optional<std::size_t>& column) const {
    return column ? csv_.text(row, *column) : "";
  }
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& problem) const {
    const auto at = csv_.position(row, column);
    throw DataError(fmt::format("{}:{}:{}: {}", csv_.file().string(), at.line, at.column, problem));
  }

  const CsvTable& csv_;
  std::optional<std::size_t> slide_;
  std::optional<std::size_t> case_;
  std::optional<std::size_t> centre_;
  std::optional<std::size_t> scanner_;
  std::optional<std::size_t> grade_;
  std::optional<std::size_t> proliferation_;
  std::optional<std::size_t> purpose_;
  std::optional<std::size_t> reference_;
  std::set<std::string> names_;
};

}  // namespace

const CohortRow& CohortTable::row_of(const std::filesystem::path& slide_file,
                                     std::string_view case_id) const {
  std::vector<std::string> names;
  const CohortRow* of_case = nullptr;
  std::vector<const CohortRow*> of_slides;
  std::vector<std::string> slides;
  for (const auto& row : rows) {
    names.push_back(row.slide.empty() ? row.case_id : row.slide);
    if (row.slide.empty() && row.case_id == case_id) of_case = &row;
    if (row.slide.empty()) continue;
    of_slides.push_back(&row);
    slides.push_back(row.slide);
  }
  const auto own = names_of_slide(slides, slide_file);
  if (!own.empty()) return *of_slides[own.front()];
  if (of_case != nullptr) return *of_case;
  throw DataError(fmt::format("{}: no row for slide '{}' of case '{}'{}", file,
                              slide_file.stem().string(), case_id,
                              did_you_mean(slide_file.stem().string(), names)));
}

std::vector<CohortGroup> groups_of(const CohortTable& table) {
  std::vector<CohortGroup> groups;
  std::vector<std::set<std::string>> cases;
  for (const auto& row : table.rows) {
    auto group = std::ranges::find_if(groups, [&](const CohortGroup& g) {
      return g.purpose == row.purpose && g.centre == row.centre && g.scanner == row.scanner &&
             g.reference == row.reference;
    });
    if (group == groups.end()) {
      groups.push_back({row.purpose, row.centre, row.scanner, row.reference, 0, 0});
      cases.emplace_back();
      group = groups.end() - 1;
    }
    auto& own = cases[static_cast<std::size_t>(group - groups.begin())];
    own.insert(row.case_id.empty() ? "slide " + row.slide : "case " + row.case_id);
    group->cases = std::ssize(own);
    if (!row.slide.empty()) ++group->slides;
  }
  return groups;
}

CohortTable read_cohort_table(const std::filesystem::path& file) {
  const std::string text = decoded_text(read_unpacked(file, "a CSV file"));
  const auto lines = lines_of(text);
  if (!lines.empty() && tupac_line(lines.front())) return read_tupac(file, lines);
  const auto csv = CsvTable::parse(text, file);
  CohortTable table{file.filename().string(), {}};
  CohortRows rows(csv);
  for (std::size_t row = 0; row < csv.rows(); ++row) table.rows.push_back(rows.read(row));
  return table;
}

}  // namespace mito
