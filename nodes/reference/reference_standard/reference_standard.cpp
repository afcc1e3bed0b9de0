#include "nodes/reference/reference_standard/reference_standard.h"

#include <algorithm>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::reference_standard {
namespace {

using Status = RegisteredObject::Status;
using Verdict = ReferenceObject::Verdict;

Verdict verdict_of(Status status, const Params& params) {
  if (status == Status::OffSlide) return Verdict::OffSlide;
  if (status != Status::Accepted && !params.keep_flagged) return Verdict::Unregistered;
  return Verdict::Accepted;
}

void check_scores(const SpotSet& spots, const SpotScores& scores, const char* what) {
  if (scores.probability.size() != spots.items.size())
    throw DataError(fmt::format("{} scores for {} spots: the input '{}' belongs to another slide",
                                scores.probability.size(), spots.items.size(), what));
}

/// Most probable first; ties by the order of the spots.
void drop_duplicates(ReferenceStandard& reference, double min_distance_um) {
  std::vector<ReferenceObject*> order;
  for (auto& object : reference.items)
    if (object.verdict == Verdict::Accepted) order.push_back(&object);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->probability > b->probability; });
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t k = 0; k < i && order[i]->verdict == Verdict::Accepted; ++k)
      if (order[k]->verdict == Verdict::Accepted &&
          distance_um(reference.grid, order[i]->he, order[k]->he) < min_distance_um)
        order[i]->verdict = Verdict::Duplicate;
}

}  // namespace

ReferenceStandard build(const SpotSet& spots,
                        const SpotScores* artefacts,
                        const SpotScores& mitoses,
                        const LocalRegistration& registration,
                        const Grid& he_grid,
                        const Params& params) {
  check_scores(spots, mitoses, "mitoses");
  ReferenceStandard out{he_grid, {}, std::ssize(spots.items), -1};
  if (artefacts != nullptr) {
    check_scores(spots, *artefacts, "artefacts");
    out.no_artefacts = std::ranges::count_if(artefacts->probability, [&](float p) {
      return static_cast<double>(p) >= artefacts->threshold;
    });
  }
  for (const auto& object : registration.items) {
    if (object.spot < 0 || object.spot >= std::ssize(spots.items))
      throw DataError(
          fmt::format("spot {} was registered, but there are {}: the registration "
                      "belongs to another slide",
                      object.spot, spots.items.size()));
    const double p = mitoses.probability[static_cast<std::size_t>(object.spot)];
    if (p < mitoses.threshold) continue;
    out.items.push_back(
        {object.spot, object.phh3, object.he, p, object.status, verdict_of(object.status, params)});
  }
  if (params.min_distance_um > 0) drop_duplicates(out, params.min_distance_um);
  return out;
}

DetectionSet accepted(const ReferenceStandard& reference, double threshold) {
  DetectionSet out{reference.grid, {}, threshold, reference.candidates};
  for (const auto& object : reference.items)
    if (object.verdict == Verdict::Accepted)
      out.items.push_back({object.he, object.probability, 0});
  std::sort(out.items.begin(), out.items.end(), [](const Detection& a, const Detection& b) {
    return std::tuple(-a.score, a.center.y, a.center.x) <
           std::tuple(-b.score, b.center.y, b.center.x);
  });
  return out;
}

}  // namespace mito::reference_standard
