#include "nodes/detector/candidate_report/candidate_report.h"

#include <optional>

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"

namespace mito::candidate_report {
namespace {

using nlohmann::ordered_json;

std::optional<double> ratio(double part, double whole) {
  if (!(whole > 0)) return std::nullopt;
  return part / whole;
}

/// What is said of a slide or of all of them.
struct Figures {
  std::optional<double> recall_wide;
  std::optional<double> recall_close;
  std::optional<double> candidates_per_mm2;
  std::optional<double> negatives_per_positive;
};

/// `on_known_tissue`: candidates of slides whose tissue is known.
Figures figures_of(const CandidateRecall& r, std::int64_t on_known_tissue) {
  const auto number = [](std::int64_t n) { return static_cast<double>(n); };
  return {ratio(number(r.found_wide), number(r.references)),
          ratio(number(r.found_close), number(r.references)),
          ratio(number(on_known_tissue), r.tissue_mm2),
          ratio(number(r.negatives), number(r.positives))};
}

void put(ordered_json& out, const CandidateRecall& r, std::int64_t on_known_tissue) {
  const auto f = figures_of(r, on_known_tissue);
  out["references"] = r.references;
  out["found_wide"] = r.found_wide;
  out["found_close"] = r.found_close;
  out["recall_wide"] = number_or_null(f.recall_wide);
  out["recall_close"] = number_or_null(f.recall_close);
  out["candidates"] = r.candidates;
  out["tissue_mm2"] = r.tissue_mm2 > 0 ? ordered_json(r.tissue_mm2) : ordered_json(nullptr);
  out["candidates_per_mm2"] = number_or_null(f.candidates_per_mm2);
  out["positives"] = r.positives;
  out["negatives"] = r.negatives;
  out["negatives_per_positive"] = number_or_null(f.negatives_per_positive);
  ordered_json undefined = ordered_json::object();
  if (!f.recall_wide) undefined["recall_wide"] = undefined["recall_close"] = "no reference object";
  if (!f.candidates_per_mm2) undefined["candidates_per_mm2"] = "no tissue mask, or no tissue";
  if (!f.negatives_per_positive) undefined["negatives_per_positive"] = "no positive";
  if (!undefined.empty()) out["undefined"] = undefined;
}

}  // namespace

std::string to_csv(const std::vector<Row>& rows) {
  std::string out =
      "slide,case,references,found_wide,found_close,recall_wide,recall_close,candidates,"
      "tissue_mm2,candidates_per_mm2,positives,negatives,negatives_per_positive\n";
  for (const auto& row : rows) {
    const auto& r = row.recall;
    const auto f = figures_of(r, r.candidates);
    const std::string fields[] = {csv_field(row.slide),
                                  csv_field(row.case_id),
                                  std::to_string(r.references),
                                  std::to_string(r.found_wide),
                                  std::to_string(r.found_close),
                                  number_or_empty(f.recall_wide),
                                  number_or_empty(f.recall_close),
                                  std::to_string(r.candidates),
                                  r.tissue_mm2 > 0 ? number_text(r.tissue_mm2) : "",
                                  number_or_empty(f.candidates_per_mm2),
                                  std::to_string(r.positives),
                                  std::to_string(r.negatives),
                                  number_or_empty(f.negatives_per_positive)};
    for (const auto& field : fields) out.append(&field == fields ? "" : ",").append(field);
    out += '\n';
  }
  return out;
}

std::string to_json(const std::vector<Row>& rows) {
  CandidateRecall total;
  std::int64_t on_known_tissue = 0;
  auto slides = ordered_json::array();
  for (const auto& row : rows) {
    const auto& r = row.recall;
    ordered_json slide{{"slide", row.slide}, {"case", row.case_id}};
    put(slide, r, r.candidates);
    slides.push_back(std::move(slide));
    total.references += r.references;
    total.found_wide += r.found_wide;
    total.found_close += r.found_close;
    total.candidates += r.candidates;
    total.positives += r.positives;
    total.negatives += r.negatives;
    total.tissue_mm2 += r.tissue_mm2;
    if (r.tissue_mm2 > 0) on_known_tissue += r.candidates;
    total.wide_um = r.wide_um;
    total.close_um = r.close_um;
  }
  ordered_json all{{"slides", rows.size()}};
  put(all, total, on_known_tissue);
  const ordered_json out{
      {"wide_um", total.wide_um}, {"close_um", total.close_um}, {"total", all}, {"slides", slides}};
  // File names need not be UTF-8: what is not is shown as a replacement character.
  return out.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

void write(const std::vector<Row>& rows, const std::filesystem::path& folder) {
  write_file(folder / kTableFile, to_csv(rows));
  write_file(folder / kReportFile, to_json(rows));
}

}  // namespace mito::candidate_report
