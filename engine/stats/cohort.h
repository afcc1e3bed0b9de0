#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/core/described.h"
#include "engine/core/params.h"
#include "engine/stats/agreement.h"
#include "engine/stats/matching.h"
#include "engine/types/cohort_table.h"
#include "engine/types/geometry.h"
#include "engine/types/seen_images.h"

namespace mito::stats {

/// What a slide of a study belongs to.
struct CohortMember {
  std::string name;
  std::string identity;  ///< SlideInfo::identity: equal pixels, equal identity.
  std::string case_id;
  std::string centre;       ///< Empty when not known.
  std::string scanner;      ///< Empty when not known.
  std::uint64_t bytes = 0;  ///< Size of the slide's file; 0 when not known.

  /// As it is looked up among what a network has seen.
  MeasuredImage measured() const { return {name, case_id, content_of_identity(identity)}; }
};

/// Of the pattern that member_of() takes, where annotations have no say.
inline Field case_pattern_field() {
  return {.doc =
              "Where the table of the study does not state the case: a regular expression whose "
              "one group finds it in the slide's name; without it the case is the name of the "
              "slide."};
}

/// What the slide `name` in `slide_file` belongs to: its case as `stated` (by its annotations; may
/// be empty), else as `cohort` says, else by `case_pattern` in its name, as case_of() has it; its
/// centre and scanner as `cohort` (may be null) says. The identity stays empty. Throws DataError
/// when `cohort` has no row for the slide or names another case than `stated`.
CohortMember member_of(const std::string& case_pattern,
                       const std::string& name,
                       const std::filesystem::path& slide_file,
                       const std::string& stated,
                       const CohortTable* cohort);

/// How a place of a slide looks.
struct PlacePicture {
  std::string uri;  ///< The picture, as the address of itself.
  PointL0 at;
};

/// The claims of one slide beside its true mitoses.
struct CohortSlide : CohortMember {
  Image image;                       ///< Positions in um.
  double lowest_score = 0;           ///< Objects below it are not among the claims.
  std::int64_t other_labels = 0;     ///< Marked objects that are no mitoses.
  std::optional<double> tissue_mm2;  ///< Empty when no mask was given.
  /// The square of `um` around a place in um. Holds the slide open; empty where its pixels are not
  /// at hand. Throws DataError.
  std::function<PlacePicture(double x_um, double y_um, double um)> picture = {};
};

/// The hotspot of one slide at every threshold, beside the slide's reference (method 9.6).
struct SlideCounts : CohortMember {
  std::vector<double> thresholds;       ///< Ascending.
  std::vector<double> counts;           ///< Score of the hotspot at each: the count.
  std::optional<int> grade;             ///< Reference grade, 1 to 3.
  std::optional<double> proliferation;  ///< Reference proliferation score.
};

/// The count at one of the thresholds (within 1e-9). Throws DataError naming the slide and what
/// thresholds there are.
double count_at(const SlideCounts& slide, double threshold);

/// Throws DataError naming both slides: the same image would count twice.
[[noreturn]] void refuse_twin(const CohortMember& first, const CohortMember& second);

/// Adds a slide of a study, without its pixels: hundreds of open slides are too many. Throws
/// DataError when the same image is there already.
template <std::derived_from<CohortMember> Slide>
void add_slide(std::vector<Slide>& cohort, const Slide& slide) {
  const auto twin = std::ranges::find(cohort, slide.identity, &Slide::identity);
  if (twin != cohort.end()) refuse_twin(*twin, slide);
  cohort.push_back(slide);
  if constexpr (requires { slide.picture; }) cohort.back().picture = nullptr;
}

/// By name, so that no result depends on the order in which slides were given.
template <std::derived_from<CohortMember> Slide>
void sort_slides(std::vector<Slide>& cohort) {
  std::ranges::sort(cohort, {}, [](const Slide& s) { return std::tie(s.name, s.identity); });
}

/// Names of the slides and of their cases.
template <std::derived_from<CohortMember> Slide>
std::vector<std::string> names_of(const std::vector<Slide>& cohort) {
  std::vector<std::string> out;
  for (const auto& slide : cohort) out.insert(out.end(), {slide.name, slide.case_id});
  return out;
}

/// The slides as they are looked up among what a network has seen.
template <std::derived_from<CohortMember> Slide>
std::vector<MeasuredImage> measured_images(const std::vector<Slide>& cohort) {
  std::vector<MeasuredImage> out;
  for (const auto& slide : cohort) out.push_back(slide.measured());
  return out;
}

/// The files of the slides, for those who measure with what is chosen on them.
template <std::derived_from<CohortMember> Slide>
SeenFiles files_seen(const std::vector<Slide>& cohort) {
  std::vector<SeenFile> out;
  for (const auto& slide : cohort) {
    const auto content = content_of_identity(slide.identity);
    if (content.empty()) continue;
    out.push_back({content, slide.bytes, slide.name, slide.case_id});
  }
  const bool all = out.size() == cohort.size();
  return seen_files(std::move(out), all ? "" : "some slides came without their file");
}

/// Slides of each case, as indices.
template <std::derived_from<CohortMember> Slide>
std::map<std::string, std::vector<std::size_t>> slides_per_case(const std::vector<Slide>& cohort) {
  std::map<std::string, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < cohort.size(); ++i) out[cohort[i].case_id].push_back(i);
  return out;
}

/// The highest `lowest_score`: from there on all claims of all slides are known. 0 for no slide.
double lowest_threshold(std::span<const CohortSlide> cohort);

/// Images of the slides, in their order.
std::vector<Image> images_of(std::span<const CohortSlide> cohort);

/// Claims with score >= threshold.
std::vector<Claim> claims_from(std::span<const Claim> claims, double threshold);

/// A rate of summed counts and its interval.
struct Estimate {
  std::optional<double> value;
  std::optional<Interval> interval;  ///< Empty for fewer than two cases.
};

/// Precision, recall and F1 of the sum of `per_case`, with 95 % percentile intervals of a bootstrap
/// over the cases (method 10.4).
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
template <>
struct Payload<stats::SlideCounts> {
  static constexpr TypeDesc kDesc{"SlideCounts", 1};
  static void describe(Description<stats::SlideCounts>& d);
};

}  // namespace mito
