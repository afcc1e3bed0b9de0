#include "nodes/reference/evaluate_reference/evaluate_reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/stats/matching.h"
#include "engine/stats/percentile.h"
#include "engine/types/report.h"

namespace mito::evaluate_reference {
namespace {

using Json = nlohmann::ordered_json;

Json counts(const stats::Counts& c) {
  return {{"tp", c.tp},
          {"fp", c.fp},
          {"fn", c.fn},
          {"precision", number_or_null(c.precision())},
          {"recall", number_or_null(c.recall())},
          {"f1", number_or_null(c.f1())}};
}

Json quantiles(const std::vector<double>& values) {
  return {{"objects", values.size()},
          {"median", number_or_null(stats::percentile(values, 50))},
          {"p95", number_or_null(stats::percentile(values, 95))},
          {"values", values}};
}

/// The nearest brown object of every spot, or null.
std::vector<const PhantomObject*> shown_by(const SpotSet& spots,
                                           const std::vector<PhantomObject>& truth,
                                           double match_um) {
  std::vector<const PhantomObject*> out;
  for (const auto& spot : spots.items) {
    const PhantomObject* nearest = nullptr;
    double best = match_um;
    for (const auto& object : truth) {
      if (!object.dab) continue;
      const double d = distance_um(spots.grid, object.phh3, spot.center);
      if (d <= best && (nearest == nullptr || d < best)) {
        nearest = &object;
        best = d;
      }
    }
    out.push_back(nearest);
  }
  return out;
}

/// How often `scores` is right about the spots for which `wanted` holds.
Json classified(const SpotScores& scores,
                const std::vector<const PhantomObject*>& shown,
                const std::function<bool(const PhantomObject*)>& wanted) {
  stats::Counts c;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const bool claimed = static_cast<double>(scores.probability.at(i)) >= scores.threshold;
    const bool true_one = wanted(shown[i]);
    if (claimed && true_one) ++c.tp;
    if (claimed && !true_one) ++c.fp;
    if (!claimed && true_one) ++c.fn;
  }
  return counts(c);
}

Json candidates(const std::vector<const PhantomObject*>& shown,
                const SpotScores& mitoses,
                const SpotScores* artefacts) {
  const auto is = [](ObjectClass kind) {
    return
        [kind](const PhantomObject* object) { return object != nullptr && object->kind == kind; };
  };
  const auto nuclear = [&](const PhantomObject* object) {
    return is(ObjectClass::Mitosis)(object) || is(ObjectClass::Nonspecific)(object);
  };
  return {{"spots", shown.size()},
          {"mitoses", std::ranges::count_if(shown, is(ObjectClass::Mitosis))},
          {"nonspecific", std::ranges::count_if(shown, is(ObjectClass::Nonspecific))},
          {"artefacts", std::ranges::count_if(shown, std::not_fn(nuclear))},
          {"cnn1", artefacts == nullptr ? Json() : classified(*artefacts, shown, nuclear)},
          {"cnn2", classified(mitoses, shown, is(ObjectClass::Mitosis))}};
}

Json against(const ReferenceStandard& reference,
             const std::vector<PhantomObject>& truth,
             double match_um,
             bool brown_only) {
  std::vector<stats::Truth> truths;
  std::vector<stats::Claim> claims;
  const auto to_um = [&](const PointL0& p) {
    return PointL0{p.x / reference.grid.scale_x * reference.grid.mpp,
                   p.y / reference.grid.scale_y * reference.grid.mpp};
  };
  for (const auto& object : truth) {
    if (object.kind != ObjectClass::Mitosis || (brown_only && !object.dab)) continue;
    const auto p = to_um(object.he);
    truths.push_back({p.x, p.y});
  }
  for (const auto& object : reference.items) {
    if (object.verdict != ReferenceObject::Verdict::Accepted) continue;
    const auto p = to_um(object.he);
    claims.push_back({p.x, p.y, object.probability});
  }
  return counts(stats::match(truths, claims, match_um, stats::MatchRule::Optimal));
}

/// True against given local shift of registered spots that show a mitosis, um.
Json registration(const std::vector<const PhantomObject*>& shown,
                  const GlobalRegistration& global,
                  const LocalRegistration& local,
                  const Grid& he) {
  std::vector<double> before;
  std::vector<double> after;
  const auto um = [&](double x, double y) { return distance_um(he, {0, 0}, {x, y}); };
  for (const auto& object : local.items) {
    const auto* truth = shown.at(static_cast<std::size_t>(object.spot));
    if (truth == nullptr || truth->kind != ObjectClass::Mitosis ||
        object.status == RegisteredObject::Status::OffSlide)
      continue;
    const auto carried = global.he_from_phh3.apply(truth->phh3);
    const auto placed = global.he_from_phh3.apply(object.phh3);
    const double x = truth->he.x - carried.x;
    const double y = truth->he.y - carried.y;
    before.push_back(um(x, y));
    after.push_back(um(object.he.x - placed.x - x, object.he.y - placed.y - y));
  }
  return {{"before_um", quantiles(before)}, {"after_um", quantiles(after)}};
}

}  // namespace

std::filesystem::path truth_of(const FileList& files, const std::string& he_name) {
  const std::string stain = "_he";
  const auto name =
      he_name.ends_with(stain) ? he_name.substr(0, he_name.size() - stain.size()) : he_name;
  for (const auto& path : files.paths)
    if (path.stem().string() == name + "_truth") return path;
  throw DataError(
      fmt::format("none of the {} truth files is {}_truth.csv, which belongs to slide "
                  "'{}'",
                  files.paths.size(), name, he_name));
}

std::string compare(const Params& params,
                    const std::vector<PhantomObject>& truth,
                    const SpotSet& spots,
                    const SpotScores& mitoses,
                    const SpotScores* artefacts,
                    const GlobalRegistration& global,
                    const LocalRegistration& local,
                    const ReferenceStandard& reference) {
  const auto shown = shown_by(spots, truth, params.match_um);
  const Json out{{"match_um", params.match_um},
                 {"candidates", candidates(shown, mitoses, artefacts)},
                 {"reference",
                  {{"all_mitoses", against(reference, truth, params.match_um, false)},
                   {"brown_mitoses", against(reference, truth, params.match_um, true)}}},
                 {"registration", registration(shown, global, local, reference.grid)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace mito::evaluate_reference
