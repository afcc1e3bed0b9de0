#include "nodes/reference/annotation_import/observer_result.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/stats/matching.h"
#include "engine/stats/proportion.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"

namespace mito::annotation_import {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using stats::Verdict;
using stats::Vote;

// ------------------------------------------------------------------------ reading

/// The study that a sample is of: what stands before the last hyphen.
std::string study_of(const std::string& sample) {
  const auto hyphen = sample.rfind('-');
  return hyphen == std::string::npos ? "" : sample.substr(0, hyphen);
}

/// Refuses what read_labels() could not explain: answers of another study, lines without an answer.
void check_answers(const fs::path& file, const LabelSheet& key, const std::string& study) {
  const CsvTable table = CsvTable::read(file);
  const auto sample = table.require("sample");
  const auto label = table.require("label");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string& name = table.text(row, sample);
    const std::string other = study_of(name);
    if (!other.empty() && other != study)
      throw DataError(fmt::format("{}: sample '{}' is of study {}, but {} is the key of study {}",
                                  to_string(table.position(row, sample)), name, other,
                                  key.file().string(), study));
    if (table.text(row, label).empty())
      throw DataError(fmt::format(
          "{}: the answer to sample '{}' is missing: expected 'mitotic', 'non_mitotic' or 'unsure'",
          to_string(table.position(row, label)), name));
  }
}

/// Refuses observers who left samples out.
void check_complete(const Labelled& labelled) {
  for (std::size_t o = 0; o < labelled.observers.size(); ++o) {
    std::size_t missing = 0;
    std::string first;
    for (std::size_t i = 0; i < labelled.votes.size(); ++i) {
      if (labelled.votes[i][o] != Vote::Missing || labelled.unsure[i][o]) continue;
      if (++missing == 1) first = labelled.sheet.samples()[i].sample;
    }
    if (missing > 0)
      throw DataError(fmt::format(
          "observer '{}' did not answer {} of {} samples of {}, the first is '{}'; missing: "
          "leave_out takes the others",
          labelled.observers[o], missing, labelled.votes.size(), labelled.sheet.file().string(),
          first));
  }
}

std::vector<std::optional<bool>> read_reference(const fs::path& key) {
  const CsvTable table = CsvTable::read(key);
  const auto column = table.require("reference");
  std::vector<std::optional<bool>> out(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string& text = table.text(row, column);
    if (text.empty()) continue;
    if (text != "true" && text != "false")
      throw DataError(fmt::format("{}: expected 'true', 'false' or nothing, found '{}'",
                                  to_string(table.position(row, column)), text));
    out[row] = text == "true";
  }
  return out;
}

// ---------------------------------------------------------------------- measuring

/// What one observer, or the majority, says of the detections.
struct Judgement {
  std::int64_t mitotic = 0;
  std::int64_t not_mitotic = 0;

  std::int64_t decided() const { return mitotic + not_mitotic; }
  std::optional<double> precision() const {
    if (decided() == 0) return std::nullopt;
    return static_cast<double>(mitotic) / static_cast<double>(decided());
  }
  std::optional<double> f1(const std::optional<double>& recall) const {
    const auto p = precision();
    return p && recall ? stats::f1_of(*p, *recall) : std::nullopt;
  }
};

/// `include`: is the i-th sample asked about?
template <class Include>
Judgement of_majority(const Answers& answers, Include include) {
  Judgement out;
  for (std::size_t i = 0; i < answers.labelled.verdicts.size(); ++i) {
    if (!include(i)) continue;
    out.mitotic += answers.labelled.verdicts[i] == Verdict::For ? 1 : 0;
    out.not_mitotic += answers.labelled.verdicts[i] == Verdict::Against ? 1 : 0;
  }
  return out;
}

Judgement of_observer(const Answers& answers, std::size_t observer) {
  Judgement out;
  for (const auto& row : answers.labelled.votes) {
    out.mitotic += row[observer] == Vote::For ? 1 : 0;
    out.not_mitotic += row[observer] == Vote::Against ? 1 : 0;
  }
  return out;
}

std::int64_t count(const std::vector<Vote>& row, Vote vote) {
  return std::ranges::count(row, vote);
}

std::string verdict_text(Verdict verdict) {
  if (verdict == Verdict::Undecided) return "undecided";
  return verdict == Verdict::For ? "mitotic" : "non_mitotic";
}

/// Samples that the reference calls false and the majority calls mitotic.
std::vector<std::size_t> false_but_mitotic(const Answers& answers) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < answers.reference.size(); ++i)
    if (answers.reference[i] == false && answers.labelled.verdicts[i] == Verdict::For)
      out.push_back(i);
  return out;
}

bool has_reference(const Answers& answers) {
  return std::ranges::any_of(answers.reference, [](const auto& r) { return r.has_value(); });
}

// ------------------------------------------------------------------------ writing

ordered_json judgement_json(const ResultParams& params, const Judgement& judgement) {
  const auto interval = stats::wilson_interval95(judgement.mitotic, judgement.decided());
  return {{"mitotic", judgement.mitotic},
          {"not_mitotic", judgement.not_mitotic},
          {"precision", number_or_null(judgement.precision())},
          {"interval95",
           interval ? ordered_json({interval->low, interval->high}) : ordered_json(nullptr)},
          {"f1", number_or_null(judgement.f1(params.recall))}};
}

ordered_json agreement_json(const Labelled& labelled) {
  const auto pairs = stats::pairwise(labelled.votes);
  ordered_json list = ordered_json::array();
  for (const auto& pair : pairs)
    list.push_back(
        {{"observers", {labelled.observers[pair.first], labelled.observers[pair.second]}},
         {"samples", pair.samples},
         {"agreement", number_or_null(pair.agreement)},
         {"cohen_kappa", number_or_null(pair.cohen_kappa)}});
  const auto fleiss = stats::fleiss(labelled.votes);
  return {{"mean_agreement", number_or_null(stats::mean_agreement(pairs))},
          {"fleiss_kappa", number_or_null(fleiss.kappa)},
          {"fleiss_samples", fleiss.complete},
          {"pairs", list}};
}

ordered_json reference_json(const ResultParams& params, const Answers& answers) {
  if (!has_reference(answers)) return nullptr;
  const auto judged = [&](bool value) {
    return judgement_json(
        params, of_majority(answers, [&](std::size_t i) { return answers.reference[i] == value; }));
  };
  ordered_json disputed = ordered_json::array();
  for (const auto i : false_but_mitotic(answers)) {
    const auto& sample = answers.labelled.sheet.samples()[i];
    disputed.push_back({{"sample", sample.sample},
                        {"slide", sample.slide},
                        {"x", sample.center.x},
                        {"y", sample.center.y},
                        {"score", number_or_null(sample.score)},
                        {"for", count(answers.labelled.votes[i], Vote::For)},
                        {"against", count(answers.labelled.votes[i], Vote::Against)}});
  }
  return {{"true", judged(true)}, {"false", judged(false)}, {"false_but_mitotic", disputed}};
}

std::string json_of(const ResultParams& params, const Answers& answers) {
  const auto& labelled = answers.labelled;
  ordered_json observers = ordered_json::array();
  for (std::size_t i = 0; i < labelled.observers.size(); ++i) {
    ordered_json one{{"observer", labelled.observers[i]}};
    one.update(judgement_json(params, of_observer(answers, i)));
    observers.push_back(std::move(one));
  }
  const ordered_json json{
      {"program", "mitoloom"},
      {"not_a_medical_device", kNotAMedicalDevice},
      {"study", answers.study},
      {"samples", labelled.votes.size()},
      {"observers", labelled.observers},
      {"need", labelled.need},
      {"recall", number_or_null(params.recall)},
      {"interval", "Wilson, 95 %"},
      {"undecided", std::ranges::count(labelled.verdicts, Verdict::Undecided)},
      {"majority", judgement_json(params, of_majority(answers, [](std::size_t) { return true; }))},
      {"by_observer", observers},
      {"agreement", agreement_json(labelled)},
      {"reference", reference_json(params, answers)}};
  return json_text(json);
}

std::string row_of(const ResultParams& params, const std::string& who, const Judgement& judgement) {
  const auto interval = stats::wilson_interval95(judgement.mitotic, judgement.decided());
  return fmt::format(
      "| {} | {} of {} | {} | {} | {} |\n", markdown_cell(who), judgement.mitotic,
      judgement.decided(), measure_text(judgement.precision()),
      interval ? fmt::format("[{:.3f}, {:.3f}]", interval->low, interval->high) : "undefined",
      measure_text(judgement.f1(params.recall)));
}

std::string markdown_of(const ResultParams& params, const Answers& answers) {
  const auto& labelled = answers.labelled;
  std::string md = fmt::format(
      "# Observer study {}\n\n{} detections, {} observers; {} equal answers decide, {} are "
      "undecided. Recall for F1: {}.\n\n| who | mitotic | precision | Wilson 95 % | F1 |\n"
      "|---|---|---|---|---|\n",
      answers.study, labelled.votes.size(), labelled.observers.size(), labelled.need,
      std::ranges::count(labelled.verdicts, Verdict::Undecided), measure_text(params.recall));
  md += row_of(params, "majority", of_majority(answers, [](std::size_t) { return true; }));
  for (std::size_t i = 0; i < labelled.observers.size(); ++i)
    md += row_of(params, labelled.observers[i], of_observer(answers, i));
  md += fmt::format("\nMean raw agreement {}; Fleiss' kappa {}.\n",
                    measure_text(stats::mean_agreement(stats::pairwise(labelled.votes))),
                    measure_text(stats::fleiss(labelled.votes).kappa));
  if (has_reference(answers)) {
    const auto on_false =
        of_majority(answers, [&](std::size_t i) { return answers.reference[i] == false; });
    md += fmt::format(
        "\nOf {} decided detections that the reference calls false the majority calls {} "
        "mitotic.\n",
        on_false.decided(), on_false.mitotic);
  }
  return md + fmt::format("\n{}\n", kNotAMedicalDevice);
}

std::string answers_of(const Answers& answers) {
  const auto& labelled = answers.labelled;
  std::string csv = "sample,slide,x,y,score,reference,label,for,against,missing\n";
  for (std::size_t i = 0; i < labelled.votes.size(); ++i) {
    const auto& sample = labelled.sheet.samples()[i];
    const auto& row = labelled.votes[i];
    const auto& reference = answers.reference[i];
    csv += fmt::format(
        "{},{},{},{},{},{},{},{},{},{}\n", csv_field(sample.sample), csv_field(sample.slide),
        number_text(sample.center.x), number_text(sample.center.y), number_or_empty(sample.score),
        reference ? (*reference ? "true" : "false") : "", verdict_text(labelled.verdicts[i]),
        count(row, Vote::For), count(row, Vote::Against), count(row, Vote::Missing));
  }
  return csv;
}

}  // namespace

Answers read_answers(const ResultParams& params,
                     const fs::path& key,
                     const std::vector<fs::path>& answers) {
  Answers out;
  const auto sheet = LabelSheet::read(key);
  if (sheet.samples().front().weight)
    throw DataError(
        fmt::format("{}: its places were drawn to inform, so their precision is not that of the "
                    "detections; give this key and its answers to pipelines/train/adapt.yaml",
                    key.string()));
  out.study = study_of(sheet.samples().front().sample);
  out.reference = read_reference(key);
  for (const auto& file : answers) check_answers(file, sheet, out.study);
  Params how;
  how.need = params.need;
  out.labelled = combine(how, key, answers);
  if (params.missing == "error") check_complete(out.labelled);
  return out;
}

ResultReport observer_report(const ResultParams& params, const Answers& answers) {
  return {json_of(params, answers), markdown_of(params, answers), answers_of(answers)};
}

}  // namespace mito::annotation_import
