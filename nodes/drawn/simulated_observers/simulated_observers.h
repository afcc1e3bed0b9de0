#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/annotation.h"
#include "engine/types/phantom_truth.h"

namespace mito::simulated_observers {

struct Params {
  std::string question = "mitosis";
  int observers = 4;
  std::vector<double> miss_rate = {0.05};
  std::vector<double> false_rate = {0.03};
  double match_um = 7.5;
  double mpp = 0.25;
  std::int64_t seed = 1;
  std::string stain = "phh3";

  static void describe(auto& p, auto&& field) {
    field("question", p.question,
          {.choices = {"artefact", "mitosis"},
           .doc = "artefact: the labels are non_artefact and artefact. mitosis: mitotic and "
                  "non_mitotic."});
    field("observers", p.observers,
          {.range = {1, 100}, .origin = Origin::Paper, .doc = "How many people label."});
    field("miss_rate", p.miss_rate,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Chance that a true mitosis (or non-artefact) is labelled otherwise: one number "
                  "per observer, or one for all."});
    field("false_rate", p.false_rate,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Chance that anything else is labelled a mitosis (or non-artefact): one number "
                  "per observer, or one for all."});
    field("match_um", p.match_um,
          {.unit = Unit::Micron,
           .range = {0.01, 250},
           .doc = "A sample shows the nearest brown object up to this far away; beyond, an "
                  "artefact."});
    field("mpp", p.mpp,
          {.unit = Unit::MicronPerPixel,
           .range = {0.05, 2},
           .doc = "um per level-0 pixel of the slides."});
    field("seed", p.seed, seed_field("Seed of the errors."));
    field("stain", p.stain,
          {.choices = {"phh3", "he"},
           .affects = Affects::Addition,
           .doc = "Which slides the samples are from. he: the nearest object of any class counts, "
                  "brown or not."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Class of the object nearest to `at` within `match_um`, on PHH3 slides of the brown ones, of
/// equally near ones the first; an artefact when there is none.
ObjectClass class_at(const Params& params,
                     const std::vector<PhantomObject>& objects,
                     const PointL0& at);

/// Is an object of this class a mitosis, or (question artefact) no artefact: is nuclear staining?
bool is_positive(const Params& params, ObjectClass kind);

/// Everybody's labels of a sheet.
struct Simulation {
  struct Observer {
    std::string name;  ///< "observer1"
    double miss_rate = 0;
    double false_rate = 0;
    std::int64_t missed = 0;  ///< Positives labelled otherwise.
    std::int64_t invented = 0;
    std::vector<std::pair<std::string, std::string>> labels;  ///< Sample and label.
  };
  std::int64_t positives = 0;  ///< Samples that truly are.
  std::int64_t negatives = 0;
  std::vector<Observer> observers;
};

/// Labels the sheet as people with the stated error rates would. The truth of slide NAME_phh3 (or
/// NAME_he) is NAME_truth.csv. An error depends on (seed, node, sample, observer) only. Throws
/// DataError when a slide has no truth file, or two.
Simulation simulate(const Params& params,
                    const std::string& node,
                    const LabelSheet& sheet,
                    const std::vector<std::filesystem::path>& truth);

/// The numbers of a simulation, for simulated_observers.json.
std::string summary_json(const Params& params, const Simulation& simulation);

}  // namespace mito::simulated_observers
