#include "engine/stats/cohort.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/core/error.h"
#include "engine/stats/bootstrap.h"

namespace mito::stats {

void add_slide(std::vector<CohortSlide>& cohort, CohortSlide slide) {
  const auto twin = std::ranges::find(cohort, slide.identity, &CohortSlide::identity);
  if (twin != cohort.end())
    throw DataError("slides '" + twin->name + "' and '" + slide.name +
                    "' are the same image; list it once");
  cohort.push_back(std::move(slide));
}

void sort_slides(std::vector<CohortSlide>& cohort) {
  std::ranges::sort(cohort, {}, [](const CohortSlide& s) { return std::tie(s.name, s.identity); });
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

std::map<std::string, std::vector<std::size_t>> slides_per_case(
    std::span<const CohortSlide> cohort) {
  std::map<std::string, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < cohort.size(); ++i) out[cohort[i].case_id].push_back(i);
  return out;
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
