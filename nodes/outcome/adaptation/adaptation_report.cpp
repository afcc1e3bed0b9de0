#include "nodes/outcome/adaptation/adaptation_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"

namespace mito::adaptation {
namespace {

using nlohmann::ordered_json;

std::optional<double> defined(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

ordered_json number(double value) { return number_or_null(defined(value)); }

std::string three(double value) {
  return std::isnan(value) ? "undefined" : fmt::format("{:.3f}", value);
}

std::string interval(double low, double high) {
  return std::isnan(low) ? "" : fmt::format(" ({:.3f} to {:.3f})", low, high);
}

/// Were the fine-tuned weights taken? The model has their threshold then.
bool is_fine_tuned(const Adaptation& adaptation, const nn::Model& model) {
  return model.info().threshold == adaptation.weights.at(Adaptation::FineTuned).threshold;
}

struct OfSlide {
  std::size_t places = 0;
  std::size_t mitotic = 0;
};

std::map<std::string, OfSlide> by_slide(const Adaptation& adaptation) {
  std::map<std::string, OfSlide> out;
  for (std::size_t i = 0; i < adaptation.label.size(); ++i) {
    auto& slide = out[adaptation.cases[i]];
    ++slide.places;
    slide.mitotic += adaptation.label[i];
  }
  return out;
}

std::string places_csv(const Adaptation& a) {
  std::string text = "sample,slide,fold,label,weight,before,after\n";
  for (std::size_t i = 0; i < a.label.size(); ++i)
    text +=
        fmt::format("{},{},{},{},{},{},{}\n", csv_field(a.samples[i]), csv_field(a.cases[i]),
                    a.fold[i] + 1, a.label[i] == 1 ? "mitotic" : "non_mitotic",
                    number_text(a.weight[i]), number_text(a.before[i]), number_text(a.after[i]));
  return text;
}

std::string report_json(const Adaptation& a, const nn::Model& model) {
  ordered_json slides = ordered_json::array();
  for (const auto& [name, of] : by_slide(a))
    slides.push_back({{"slide", name}, {"places", of.places}, {"mitotic", of.mitotic}});
  ordered_json rows = ordered_json::object();
  for (std::size_t row = 0; row < a.weights.size(); ++row) {
    const auto& w = a.weights[row];
    rows[std::string(Adaptation::kRows[row])] = {
        {"f1", number(w.f1)},
        {"f1_interval95", {number(w.f1_low), number(w.f1_high)}},
        {"precision", number(w.precision)},
        {"recall", number(w.recall)},
        {"threshold", number(w.threshold)},
        {"threshold_interval95", {number(w.threshold_low), number(w.threshold_high)}},
        {"temperature", number(w.temperature)},
        {"cross_entropy", number(w.loss)},
        {"cross_entropy_calibrated", number(w.calibrated_loss)}};
  }
  ordered_json json{{"model", model.digest()},
                    {"model_before", a.model},
                    {"weights", is_fine_tuned(a, model) ? "fine_tuned" : "old"},
                    {"threshold", model.info().threshold},
                    {"threshold_source", model.info().threshold_source},
                    {"places", a.label.size()},
                    {"mitotic", std::ranges::count(a.label, 1)},
                    {"folds", *std::ranges::max_element(a.fold) + 1},
                    {"slides", slides},
                    {"rows", rows},
                    {"gain", number(a.gain)},
                    {"gain_interval95", {number(a.gain_low), number(a.gain_high)}},
                    {"replay", nullptr},
                    {"note", kNotAMedicalDevice}};
  if (a.replayed > 0)
    json["replay"] = {
        {"patches", a.replayed}, {"mean_change", a.replay_change}, {"same_side", a.replay_same}};
  return json_text(json);
}

std::string how_left_out(const Adaptation& a, std::size_t slides) {
  const auto folds = *std::ranges::max_element(a.fold) + 1;
  if (slides == 1)
    return fmt::format(
        "{} folds of places of **one slide**: nothing here says how it does on another slide of "
        "the "
        "laboratory.",
        folds);
  return fmt::format("{} folds of whole slides.", folds);
}

std::string card(const Adaptation& a, const nn::Model& model) {
  const auto slides = by_slide(a);
  const auto mitotic = std::ranges::count(a.label, 1);
  const bool fine_tuned = is_fine_tuned(a, model);
  std::string md = fmt::format(
      "# An adapted detector\n\nModel `{}`, from `{}`. {} weights, calibrated, with the threshold "
      "**{:.3f}**.\n\nThreshold: {}.\n\n## Labels\n\n{} places, {} mitotic, {} not.\n\n| slide | "
      "places | mitotic |\n|---|---|---|\n",
      model.digest().substr(0, 12), a.model.substr(0, 12), fine_tuned ? "Fine-tuned" : "The old",
      model.info().threshold, model.info().threshold_source, a.label.size(), mitotic,
      std::ssize(a.label) - mitotic);
  for (const auto& [name, of] : slides)
    md += fmt::format("| {} | {} | {} |\n", markdown_cell(utf8_text(name)), of.places, of.mitotic);
  md += fmt::format(
      "\n## Before and after\n\nEvery place is judged by weights and a threshold that have not "
      "seen "
      "its fold: {} A place counts as many as it stands for. Intervals: 95 % of resamples of the "
      "places.\n\n| | F1 | precision | recall | threshold on all labels | T | cross-entropy, "
      "calibrated |\n|---|---|---|---|---|---|---|\n",
      how_left_out(a, slides.size()));
  for (std::size_t row = 0; row < a.weights.size(); ++row) {
    const auto& w = a.weights[row];
    md += fmt::format("| {} | {}{} | {} | {} | {}{} | {:.2f} | {:.3f}, {:.3f} |\n",
                      Adaptation::kRows[row], three(w.f1), interval(w.f1_low, w.f1_high),
                      three(w.precision), three(w.recall), three(w.threshold),
                      interval(w.threshold_low, w.threshold_high), w.temperature, w.loss,
                      w.calibrated_loss);
  }
  md += fmt::format("\nF1 fine-tuned minus before: {}{}.\n", three(a.gain),
                    interval(a.gain_low, a.gain_high));
  md += "\n## What was kept\n\n";
  md += a.replayed > 0
            ? fmt::format(
                  "{} patches were replayed. On them the fine-tuned weights say something else by "
                  "{:.3f} in the mean; {:.1f} % stay on their side of 0.5.\n",
                  a.replayed, a.replay_change, 100 * a.replay_same)
            : std::string(
                  "Nothing was replayed (`replay`): what the weights were good at before may be "
                  "forgotten.\n");
  md += fmt::format(
      "\n## What this does not say\n\n- Recall is among the places that the old weights proposed "
      "at a "
      "low threshold; a mitosis that they gave less is not counted.\n- The labels are those of the "
      "observers, not of an immunostain.\n- {} places: with so few the intervals are what counts.\n"
      "\n{}\n",
      a.label.size(), kNotAMedicalDevice);
  return md;
}

}  // namespace

OutputFiles report(const Adaptation& adaptation, const nn::Model& model) {
  return {{kPlacesFile, places_csv(adaptation)},
          {kCardFile, card(adaptation, model)},
          {kReportFile, report_json(adaptation, model)}};
}

}  // namespace mito::adaptation
