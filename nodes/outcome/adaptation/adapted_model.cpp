#include <algorithm>
#include <cmath>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/version.h"
#include "engine/types/seen_images.h"
#include "nodes/outcome/adaptation/adaptation.h"

namespace mito::adaptation {
namespace {

/// The weights of a network whose logits are those of `model` / T.
nn::Tensors softened(const nn::Model& model, double temperature) {
  nn::Tensors out = model.tensors();
  for (const auto* name : {"output.weight", "output.bias"}) {
    auto& array = out.at(name);
    const auto given = array.as<float>();
    std::vector<float> values(given.begin(), given.end());
    for (float& value : values) value = static_cast<float>(value / temperature);
    array = Array::of(values, array.shape);
  }
  return out;
}

std::string source_of(const Adaptation& adaptation, Adaptation::Row row) {
  const auto& w = adaptation.weights.at(row);
  const std::set<std::string> cases(adaptation.cases.begin(), adaptation.cases.end());
  return fmt::format(
      "highest F1 on {} labelled places ({} mitotic) of {} slides, drawn to inform; {:.3f} to "
      "{:.3f} "
      "in 95 % of resamples; F1 {:.3f} on folds left out; calibrated, T = {:.3f}",
      adaptation.label.size(), std::ranges::count(adaptation.label, 1), cases.size(),
      w.threshold_low, w.threshold_high, w.f1, w.temperature);
}

void add_labelled(const Adaptation& adaptation, nn::ModelInfo& info) {
  std::set<std::string> cases(info.tuning_cases.begin(), info.tuning_cases.end());
  cases.insert(adaptation.cases.begin(), adaptation.cases.end());
  info.tuning_cases.assign(cases.begin(), cases.end());
  std::vector<SeenFile> files;
  bool all_known = true;
  for (std::size_t i = 0; i < adaptation.images.size(); ++i) {
    all_known = all_known && !adaptation.images[i].empty();
    if (!adaptation.images[i].empty())
      files.push_back({adaptation.images[i], 0, adaptation.cases[i], adaptation.cases[i]});
  }
  info.tuning_images =
      united(std::move(info.tuning_images),
             seen_files(std::move(files), all_known ? "" : "the key of the places names no image"));
}

}  // namespace

nn::Model adapted_model(const ModelParams& params,
                        const Adaptation& adaptation,
                        const nn::Model& before,
                        const nn::Model& fine_tuned) {
  const auto row = chosen(params, adaptation);
  const auto& model = row == Adaptation::FineTuned ? fine_tuned : before;
  if (!model.members().empty())
    throw DataError(fmt::format(
        "an ensemble of {} networks cannot be calibrated in its output layer; adapt one "
        "network, for instance its student (pipelines/train/he_detector.yaml)",
        model.members().size()));
  auto info = model.info();
  info.threshold = adaptation.weights.at(row).threshold;
  info.threshold_source = source_of(adaptation, row);
  info.version = fmt::format("mitoloom {}", version());
  add_labelled(adaptation, info);
  return {std::move(info), softened(model, adaptation.weights.at(row).temperature)};
}

}  // namespace mito::adaptation
