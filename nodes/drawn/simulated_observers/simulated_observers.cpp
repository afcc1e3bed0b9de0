#include "nodes/drawn/simulated_observers/simulated_observers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/random.h"
#include "engine/core/text.h"

namespace mito::simulated_observers {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTruthEnding = "_truth";

double rate_of(const std::vector<double>& rates, std::size_t observer) {
  return rates.size() == 1 ? rates.front() : rates.at(observer);
}

/// Truth files by the name of the slide they belong to, which ends in `stain`.
std::map<std::string, fs::path> by_slide(const std::vector<fs::path>& files,
                                         const std::string& stain) {
  std::map<std::string, fs::path> out;
  for (const auto& file : files) {
    const std::string stem = file.stem().string();
    if (!stem.ends_with(kTruthEnding))
      throw DataError(file.string() + ": expected a truth file named NAME_truth.csv");
    const std::string slide = stem.substr(0, stem.size() - kTruthEnding.size()) + '_' + stain;
    const auto [there, is_new] = out.try_emplace(slide, file);
    if (!is_new)
      throw DataError(fmt::format("slide {} has two truth files: {} and {}", slide,
                                  there->second.string(), file.string()));
  }
  return out;
}

/// What each sample of the sheet really is.
std::vector<bool> truth_of(const Params& params,
                           const LabelSheet& sheet,
                           const std::vector<fs::path>& files) {
  const auto truth = by_slide(files, params.stain);
  std::map<std::string, std::vector<PhantomObject>> objects;
  std::vector<bool> positive;
  for (const auto& sample : sheet.samples()) {
    auto of_slide = objects.find(sample.slide);
    if (of_slide == objects.end()) {
      const auto file = truth.find(sample.slide);
      if (file == truth.end())
        throw DataError(fmt::format(
            "{}: sample '{}' is from slide {}, which has no truth file; expected NAME_truth.csv "
            "for a slide named NAME_{}",
            sheet.file().string(), sample.sample, sample.slide, params.stain));
      of_slide = objects.emplace(sample.slide, read_phantom_truth(file->second)).first;
    }
    positive.push_back(is_positive(params, class_at(params, of_slide->second, sample.center)));
  }
  return positive;
}

}  // namespace

std::string check(const Params& params) {
  for (const auto& [name, rates] :
       {std::pair{"miss_rate", &params.miss_rate}, std::pair{"false_rate", &params.false_rate}})
    if (rates->size() != 1 && rates->size() != static_cast<std::size_t>(params.observers))
      return fmt::format("parameter '{}' needs 1 number or one for each of {} observers, got {}",
                         name, params.observers, rates->size());
  return "";
}

ObjectClass class_at(const Params& params,
                     const std::vector<PhantomObject>& objects,
                     const PointL0& at) {
  ObjectClass found = ObjectClass::Artefact;
  double nearest = std::numeric_limits<double>::infinity();
  const bool brown = params.stain == "phh3";
  for (const auto& object : objects) {
    if (brown ? !object.dab : object.kind == ObjectClass::Artefact) continue;
    const PointL0& place = brown ? object.phh3 : object.he;
    const double away = std::hypot(place.x - at.x, place.y - at.y) * params.mpp;
    if (away > params.match_um || away >= nearest) continue;
    nearest = away;
    found = object.kind;
  }
  return found;
}

bool is_positive(const Params& params, ObjectClass kind) {
  if (kind == ObjectClass::Mitosis) return true;
  return params.question == "artefact" && kind == ObjectClass::Nonspecific;
}

Simulation simulate(const Params& params,
                    const std::string& node,
                    const LabelSheet& sheet,
                    const std::vector<fs::path>& truth) {
  const auto positive = truth_of(params, sheet, truth);
  const bool about_mitosis = params.question == "mitosis";
  const std::string yes = about_mitosis ? "mitotic" : "non_artefact";
  const std::string no = about_mitosis ? "non_mitotic" : "artefact";

  Simulation out;
  out.positives = std::ranges::count(positive, true);
  out.negatives = std::ranges::count(positive, false);
  for (std::size_t o = 0; o < static_cast<std::size_t>(params.observers); ++o) {
    Simulation::Observer observer{"observer" + std::to_string(o + 1),
                                  rate_of(params.miss_rate, o),
                                  rate_of(params.false_rate, o),
                                  0,
                                  0,
                                  {}};
    for (std::size_t i = 0; i < positive.size(); ++i) {
      RandomStream random(static_cast<std::uint64_t>(params.seed), node, i,
                          static_cast<std::uint32_t>(o));
      const bool errs = random.uniform() < (positive[i] ? observer.miss_rate : observer.false_rate);
      if (errs) ++(positive[i] ? observer.missed : observer.invented);
      observer.labels.emplace_back(sheet.samples()[i].sample, positive[i] != errs ? yes : no);
    }
    out.observers.push_back(std::move(observer));
  }
  return out;
}

std::string summary_json(const Params& params, const Simulation& simulation) {
  nlohmann::ordered_json json{{"question", params.question},
                              {"seed", params.seed},
                              {"positives", simulation.positives},
                              {"negatives", simulation.negatives},
                              {"observers", nlohmann::ordered_json::array()}};
  for (const auto& observer : simulation.observers)
    json["observers"].push_back({{"observer", observer.name},
                                 {"miss_rate", observer.miss_rate},
                                 {"false_rate", observer.false_rate},
                                 {"missed", observer.missed},
                                 {"invented", observer.invented}});
  return json_text(json);
}

}  // namespace mito::simulated_observers
