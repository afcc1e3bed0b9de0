#include "nodes/reference/evaluate_reference/evaluate_reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
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
stats::Counts classified(const SpotScores& scores,
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
  return c;
}

void classify(Comparison& out,
              const std::vector<const PhantomObject*>& shown,
              const SpotScores& mitoses,
              const SpotScores* artefacts) {
  const auto is = [](ObjectClass kind) {
    return
        [kind](const PhantomObject* object) { return object != nullptr && object->kind == kind; };
  };
  const auto nuclear = [&](const PhantomObject* object) {
    return is(ObjectClass::Mitosis)(object) || is(ObjectClass::Nonspecific)(object);
  };
  out.spots = static_cast<std::int64_t>(shown.size());
  out.mitoses = std::ranges::count_if(shown, is(ObjectClass::Mitosis));
  out.nonspecific = std::ranges::count_if(shown, is(ObjectClass::Nonspecific));
  out.artefacts = std::ranges::count_if(shown, std::not_fn(nuclear));
  if (artefacts != nullptr) out.cnn1 = classified(*artefacts, shown, nuclear);
  out.cnn2 = classified(mitoses, shown, is(ObjectClass::Mitosis));
}

stats::Counts against(const ReferenceStandard& reference,
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
  return stats::match(truths, claims, match_um, stats::MatchRule::Optimal);
}

/// True against given local shift of registered spots that show a mitosis, um.
void measure_registration(Comparison& out,
                          const std::vector<const PhantomObject*>& shown,
                          const GlobalRegistration& global,
                          const LocalRegistration& local,
                          const Grid& he) {
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
    out.before_um.push_back(um(x, y));
    out.after_um.push_back(um(object.he.x - placed.x - x, object.he.y - placed.y - y));
  }
}

Json json_of(const Comparison& one) {
  return {
      {"match_um", one.match_um},
      {"candidates",
       {{"spots", one.spots},
        {"mitoses", one.mitoses},
        {"nonspecific", one.nonspecific},
        {"artefacts", one.artefacts},
        {"cnn1", one.cnn1 ? counts(*one.cnn1) : Json()},
        {"cnn2", counts(one.cnn2)}}},
      {"reference",
       {{"all_mitoses", counts(one.all_mitoses)}, {"brown_mitoses", counts(one.brown_mitoses)}}},
      {"registration",
       {{"before_um", quantiles(one.before_um)}, {"after_um", quantiles(one.after_um)}}}};
}

std::string row(std::string_view name, const stats::Counts& c) {
  const auto text = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : std::string("undefined");
  };
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", name, text(c.precision()),
                     text(c.recall()), text(c.f1()), c.tp, c.fp, c.fn);
}

std::string row(std::string_view name, const std::vector<double>& values) {
  if (values.empty()) return fmt::format("| {} | undefined | undefined | 0 |\n", name);
  return fmt::format("| {} | {:.2f} | {:.2f} | {} |\n", name, *stats::percentile(values, 50),
                     *stats::percentile(values, 95), values.size());
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

Comparison compare(const Params& params,
                   const std::vector<PhantomObject>& truth,
                   const SpotSet& spots,
                   const SpotScores& mitoses,
                   const SpotScores* artefacts,
                   const GlobalRegistration& global,
                   const LocalRegistration& local,
                   const ReferenceStandard& reference) {
  const auto shown = shown_by(spots, truth, params.match_um);
  Comparison out;
  out.match_um = params.match_um;
  classify(out, shown, mitoses, artefacts);
  out.all_mitoses = against(reference, truth, params.match_um, false);
  out.brown_mitoses = against(reference, truth, params.match_um, true);
  measure_registration(out, shown, global, local, reference.grid);
  out.psr = global.psr;
  return out;
}

std::string to_json(const Comparison& one) { return json_text(json_of(one)); }

void Study::add(const Comparison& pair) {
  sum_.match_um = pair.match_um;
  sum_.spots += pair.spots;
  sum_.mitoses += pair.mitoses;
  sum_.nonspecific += pair.nonspecific;
  sum_.artefacts += pair.artefacts;
  if (pair.cnn1) {
    if (!sum_.cnn1) sum_.cnn1.emplace();
    *sum_.cnn1 += *pair.cnn1;
  }
  sum_.cnn2 += pair.cnn2;
  sum_.all_mitoses += pair.all_mitoses;
  sum_.brown_mitoses += pair.brown_mitoses;
  sum_.before_um.insert(sum_.before_um.end(), pair.before_um.begin(), pair.before_um.end());
  sum_.after_um.insert(sum_.after_um.end(), pair.after_um.begin(), pair.after_um.end());
  psr_.push_back(pair.psr);
}

std::string Study::to_json() const {
  Json out{{"pairs", psr_.size()}, {"psr", Json()}};
  if (!psr_.empty()) out["psr"] = {std::ranges::min(psr_), std::ranges::max(psr_)};
  out.update(json_of(sum_));
  return json_text(out);
}

std::string Study::to_markdown() const {
  if (psr_.empty()) return "No pair has a reference standard.\n";
  auto text = fmt::format(
      "{} drawn pairs; {} brown spots: {} mitoses, {} other nuclei, {} artefacts. Peak-to-sidelobe "
      "ratio of the registrations {:.1f} to {:.1f}.\n\n",
      psr_.size(), sum_.spots, sum_.mitoses, sum_.nonspecific, sum_.artefacts,
      std::ranges::min(psr_), std::ranges::max(psr_));
  text += "| | precision | recall | F1 | TP | FP | FN |\n|---|---|---|---|---|---|---|\n";
  if (sum_.cnn1) text += row("CNN1 on spots", *sum_.cnn1);
  text += row("CNN2 on spots", sum_.cnn2);
  text += row("reference against brown mitoses", sum_.brown_mitoses);
  text += row("reference against all mitoses", sum_.all_mitoses);
  text += "\n| registration error, um | median | 95th percentile | mitoses |\n|---|---|---|---|\n";
  text += row("global", sum_.before_um);
  text += row("local", sum_.after_um);
  return text;
}

}  // namespace mito::evaluate_reference
