#include "engine/stats/cohort.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/core/description.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/stats/bootstrap.h"
#include "engine/types/cases.h"

namespace mito::stats {

CohortMember member_of(const std::string& case_pattern,
                       const std::string& name,
                       const std::filesystem::path& slide_file,
                       const std::string& stated,
                       const CohortTable* cohort) {
  CohortMember out;
  out.name = name;
  std::string case_id = stated;
  if (cohort != nullptr) {
    const auto& row = cohort->row_of(slide_file, case_of(name, stated, case_pattern));
    if (!stated.empty() && !row.case_id.empty() && row.case_id != stated)
      throw DataError("slide '" + name + "' is of case '" + stated +
                      "' in its annotations and of case '" + row.case_id + "' in " + cohort->file);
    if (stated.empty()) case_id = row.case_id;
    out.centre = row.centre;
    out.scanner = row.scanner;
  }
  out.case_id = case_of(name, case_id, case_pattern);
  return out;
}

double count_at(const SlideCounts& slide, double threshold) {
  constexpr double kSame = 1e-9;
  for (std::size_t i = 0; i < slide.thresholds.size(); ++i)
    if (std::abs(slide.thresholds[i] - threshold) < kSame) return slide.counts[i];
  const auto& all = slide.thresholds;
  throw DataError(
      "slide '" + slide.name + "' was not counted at threshold " + number_text(threshold) +
      ", only at " + std::to_string(all.size()) +
      (all.empty() ? "" : " from " + number_text(all.front()) + " to " + number_text(all.back())));
}

void refuse_twin(const CohortMember& first, const CohortMember& second) {
  throw DataError("slides '" + first.name + "' and '" + second.name +
                  "' are the same image; list it once");
}

double lowest_threshold(std::span<const CohortSlide> cohort) {
  double lowest = 0;
  for (const auto& slide : cohort) lowest = std::max(lowest, slide.lowest_score);
  return lowest;
}

std::vector<Image> images_of(std::span<const CohortSlide> cohort) {
  std::vector<Image> images;
  for (const auto& slide : cohort) images.push_back(slide.image);
  return images;
}

std::vector<Claim> claims_from(std::span<const Claim> claims, double threshold) {
  std::vector<Claim> out;
  for (const auto& claim : claims)
    if (claim.score >= threshold) out.push_back(claim);
  return out;
}

Rates rates(std::span<const Counts> per_case, int replicates, std::uint64_t seed) {
  Counts total;
  for (const auto& counts : per_case) total += counts;
  Rates out{{total.precision(), std::nullopt}, {total.recall(), std::nullopt}, {total.f1(), {}}};
  if (per_case.size() < 2) return out;
  std::vector<std::optional<double>> precision;
  std::vector<std::optional<double>> recall;
  std::vector<std::optional<double>> f1;
  for (const auto& draw : resamples(per_case.size(), replicates, seed)) {
    Counts drawn;
    for (const auto i : draw) drawn += per_case[i];
    precision.push_back(drawn.precision());
    recall.push_back(drawn.recall());
    f1.push_back(drawn.f1());
  }
  out.precision.interval = percentile_interval95(precision);
  out.recall.interval = percentile_interval95(recall);
  out.f1.interval = percentile_interval95(f1);
  return out;
}

}  // namespace mito::stats

namespace mito {

void Payload<stats::SlideCounts>::describe(Description<stats::SlideCounts>& d) {
  using stats::SlideCounts;
  d.about("What the hotspot of a slide counts at every threshold, beside the slide's reference.");
  d.attribute("slide", &SlideCounts::name, {"Name of the slide."});
  d.attribute("identity", &SlideCounts::identity, {"Identity of its pixels."});
  d.attribute("case", &SlideCounts::case_id, {"Its patient."});
  d.attribute("centre", &SlideCounts::centre, {"Empty when not known."});
  d.attribute("scanner", &SlideCounts::scanner, {"Empty when not known."});
  d.field({{described::attribute_row(
               "bytes", std::int64_t{},
               {"Size of the slide's file; 0 or missing when not known.", "bytes"})},
           [](const SlideCounts& counts, Record& record) {
             record.attributes["bytes"] = static_cast<std::int64_t>(counts.bytes);
           },
           [](const Record& record, SlideCounts& counts) {
             if (record.attributes.contains("bytes"))
               counts.bytes = static_cast<std::uint64_t>(record.integer("bytes"));
           }});
  d.column("threshold", &SlideCounts::thresholds, "N", {"delta, ascending."});
  d.column("count", &SlideCounts::counts, "N", {"Score of the hotspot at delta: its count."});
  d.row("grade", [](auto& counts) { return std::tie(counts.grade); },
        {"Reference grade, 1 to 3; NaN = not known."});
  d.row("proliferation", [](auto& counts) { return std::tie(counts.proliferation); },
        {"Reference proliferation score; NaN = not known."});
  d.check([](const SlideCounts& counts) {
    if (counts.counts.size() != counts.thresholds.size())
      throw DataError("'count' and 'threshold' differ in length");
  });
}

template struct DescribedCodec<stats::SlideCounts>;

}  // namespace mito
