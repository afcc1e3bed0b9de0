#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/payload.h"
#include "engine/stats/agreement.h"
#include "engine/stats/matching.h"

namespace mito::stats {

/// The claims of one slide beside its true mitoses, with what the slide belongs to.
struct CohortSlide {
  std::string name;
  std::string identity;  ///< SlideInfo::identity: equal pixels, equal identity.
  std::string case_id;
  std::string centre;                ///< Empty when not known.
  std::string scanner;               ///< Empty when not known.
  Image image;                       ///< Positions in um.
  double lowest_score = 0;           ///< Objects below it are not among the claims.
  std::int64_t other_labels = 0;     ///< Marked objects that are no mitoses.
  std::optional<double> tissue_mm2;  ///< Empty when no mask was given.
};

/// Adds a slide of a study. Throws DataError naming both when the same image is there already: it
/// would count twice.
void add_slide(std::vector<CohortSlide>& cohort, CohortSlide slide);

/// By name, so that no result depends on the order in which slides were given.
void sort_slides(std::vector<CohortSlide>& cohort);

/// The highest `lowest_score`: from there on all claims of all slides are known. 0 for no slide.
double lowest_threshold(std::span<const CohortSlide> cohort);

/// Images of the slides, in their order.
std::vector<Image> images_of(std::span<const CohortSlide> cohort);

/// Slides of each case, as indices.
std::map<std::string, std::vector<std::size_t>> slides_per_case(
    std::span<const CohortSlide> cohort);

/// Claims with score >= threshold.
std::vector<Claim> claims_from(std::span<const Claim> claims, double threshold);

/// A rate of summed counts and its interval.
struct Estimate {
  std::optional<double> value;
  std::optional<Interval> interval;  ///< Empty for fewer than two cases.
};

/// Precision, recall and F1 of the sum of `per_case`, with 95 % percentile intervals of a bootstrap
/// over the cases (METHODS 10.4).
struct Rates {
  Estimate precision;
  Estimate recall;
  Estimate f1;
};
Rates rates(std::span<const Counts> per_case, int replicates, std::uint64_t seed);

}  // namespace mito::stats

namespace mito {

template <>
struct Payload<stats::CohortSlide> {
  static constexpr TypeDesc kDesc{"CohortSlide", 1};
};

}  // namespace mito
