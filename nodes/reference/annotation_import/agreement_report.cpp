#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/annotation_import/annotation_import.h"

namespace mito::annotation_import {
namespace {

using nlohmann::ordered_json;
using stats::Verdict;
using stats::Vote;

/// Votes of one sample, counted.
struct Tally {
  std::int64_t said_for = 0;
  std::int64_t against = 0;
  std::int64_t missing = 0;
  bool operator<(const Tally& other) const {
    // Most votes for first, complete before incomplete.
    return std::tie(missing, other.said_for, against) <
           std::tie(other.missing, said_for, other.against);
  }
};

Tally tally_of(const std::vector<Vote>& row) {
  return {std::ranges::count(row, Vote::For), std::ranges::count(row, Vote::Against),
          std::ranges::count(row, Vote::Missing)};
}

std::string label_of(const Params& params, Verdict verdict) {
  if (verdict == Verdict::Undecided) return "undecided";
  return verdict == Verdict::For ? params.positive_label : params.negative_label;
}

/// Everything the report says, computed once and printed twice.
struct Findings {
  std::map<Tally, std::pair<std::int64_t, Verdict>> tallies;  ///< Samples and what they become.
  std::int64_t kept_for = 0;
  std::int64_t kept_against = 0;
  std::int64_t without_votes = 0;
  std::vector<std::size_t> undecided;  ///< Samples with votes, to be looked at again.
  std::vector<stats::PairAgreement> pairs;
  std::optional<double> mean_agreement;
  stats::Fleiss fleiss;
  std::vector<stats::AgainstOthers> observers;
};

Findings findings_of(const Labelled& labelled) {
  Findings f;
  for (std::size_t i = 0; i < labelled.votes.size(); ++i) {
    const Tally tally = tally_of(labelled.votes[i]);
    const Verdict verdict = labelled.verdicts[i];
    auto& [samples, becomes] = f.tallies[tally];
    ++samples;
    becomes = verdict;
    if (verdict == Verdict::For) ++f.kept_for;
    if (verdict == Verdict::Against) ++f.kept_against;
    if (verdict != Verdict::Undecided) continue;
    if (tally.said_for + tally.against == 0) {
      ++f.without_votes;
    } else {
      f.undecided.push_back(i);
    }
  }
  f.pairs = stats::pairwise(labelled.votes);
  f.mean_agreement = stats::mean_agreement(f.pairs);
  f.fleiss = stats::fleiss(labelled.votes);
  for (std::size_t i = 0; i < labelled.observers.size(); ++i)
    f.observers.push_back(stats::against_others(labelled.votes, i));
  return f;
}

/// A number, or null beside the reason.
void put(ordered_json& object,
         const std::string& name,
         const std::optional<double>& value,
         const std::string& reason) {
  object[name] = value ? ordered_json(*value) : ordered_json(nullptr);
  if (!value) object["undefined"][name] = reason;
}

std::string why_no_pair(const stats::PairAgreement& pair) {
  return pair.samples == 0 ? "no sample was labelled by both"
                           : "both gave every sample the same label, so chance alone would agree";
}

std::string why_no_fleiss(const Labelled& labelled, const stats::Fleiss& fleiss) {
  if (labelled.observers.size() < 2) return "there is one observer only";
  if (fleiss.complete == 0) return "no sample was labelled by all observers";
  return "all votes are equal, so chance alone would agree";
}

std::string why_no_rate(const Labelled& labelled, const std::string& label) {
  if (labelled.observers.size() < 2) return "there is one observer only";
  return "the others never agree on " + label;
}

ordered_json pairs_json(const Labelled& labelled, const Findings& f) {
  ordered_json pairs = ordered_json::array();
  for (const auto& pair : f.pairs) {
    ordered_json one{
        {"observers", {labelled.observers[pair.first], labelled.observers[pair.second]}},
        {"samples", pair.samples}};
    put(one, "agreement", pair.agreement, why_no_pair(pair));
    put(one, "cohen_kappa", pair.cohen_kappa, why_no_pair(pair));
    pairs.push_back(one);
  }
  return pairs;
}

ordered_json observers_json(const Params& params, const Labelled& labelled, const Findings& f) {
  ordered_json observers = ordered_json::array();
  for (std::size_t i = 0; i < labelled.observers.size(); ++i) {
    std::int64_t voted = 0;
    std::int64_t said_for = 0;
    for (const auto& row : labelled.votes) {
      voted += row[i] != Vote::Missing ? 1 : 0;
      said_for += row[i] == Vote::For ? 1 : 0;
    }
    const auto& counts = f.observers[i];
    ordered_json one{{"observer", labelled.observers[i]},
                     {"labels", voted},
                     {"for", said_for},
                     {"against", voted - said_for}};
    ordered_json others{{"true_positive", counts.true_for},
                        {"false_negative", counts.false_against},
                        {"true_negative", counts.true_against},
                        {"false_positive", counts.false_for}};
    put(others, "sensitivity", counts.sensitivity(), why_no_rate(labelled, params.positive_label));
    put(others, "specificity", counts.specificity(), why_no_rate(labelled, params.negative_label));
    one["against_majority_of_others"] = others;
    observers.push_back(one);
  }
  return observers;
}

ordered_json vote_json(Vote vote) {
  return vote == Vote::Missing ? ordered_json(nullptr) : ordered_json(vote == Vote::For ? 1 : 0);
}

ordered_json votes_json(const Labelled& labelled, std::size_t sample) {
  ordered_json row = ordered_json::array();
  for (const auto vote : labelled.votes[sample]) row.push_back(vote_json(vote));
  return row;
}

std::string json_of(const Params& params, const Labelled& labelled, const Findings& f) {
  ordered_json tallies = ordered_json::array();
  for (const auto& [tally, samples] : f.tallies)
    tallies.push_back({{"for", tally.said_for},
                       {"against", tally.against},
                       {"missing", tally.missing},
                       {"samples", samples.first},
                       {"label", label_of(params, samples.second)}});
  ordered_json undecided = ordered_json::array();
  for (const auto i : f.undecided)
    undecided.push_back(
        {{"sample", labelled.sheet.samples()[i].sample}, {"votes", votes_json(labelled, i)}});
  ordered_json votes = ordered_json::object();
  for (std::size_t i = 0; i < labelled.votes.size(); ++i)
    votes[labelled.sheet.samples()[i].sample] = votes_json(labelled, i);
  const auto samples = static_cast<std::int64_t>(labelled.votes.size());
  ordered_json json{
      {"sheet", labelled.sheet.file().filename().string()},
      {"samples", samples},
      {"observers", labelled.observers},
      {"for", params.positive_label},
      {"against", params.negative_label},
      {"need", labelled.need},
      {"kept", f.kept_for + f.kept_against},
      {"kept_for", f.kept_for},
      {"kept_against", f.kept_against},
      {"dropped", samples - f.kept_for - f.kept_against},
      {"without_votes", f.without_votes},
      {"votes_table", tallies},
      {"pairs", pairs_json(labelled, f)},
      {"fleiss_samples", f.fleiss.complete},
  };
  put(json, "mean_agreement", f.mean_agreement, "no two observers labelled the same sample");
  put(json, "fleiss_kappa", f.fleiss.kappa, why_no_fleiss(labelled, f.fleiss));
  json["by_observer"] = observers_json(params, labelled, f);
  json["undecided"] = undecided;
  json["votes"] = votes;
  return json_text(json);
}

std::string markdown_of(const Params& params, const Labelled& labelled, const Findings& f) {
  const auto samples = static_cast<std::int64_t>(labelled.votes.size());
  std::string md = fmt::format(
      "# Agreement of the observers\n\n"
      "{} samples, {} observers; a sample is kept when {} of them agree.\n\n"
      "Kept: {} ({} {}, {} {}). Dropped: {}, of which {} without any vote.\n\n"
      "## Votes\n\n| {} | {} | missing | samples | becomes |\n|---|---|---|---|---|\n",
      samples, labelled.observers.size(), labelled.need, f.kept_for + f.kept_against, f.kept_for,
      params.positive_label, f.kept_against, params.negative_label,
      samples - f.kept_for - f.kept_against, f.without_votes, markdown_cell(params.positive_label),
      markdown_cell(params.negative_label));
  for (const auto& [tally, count] : f.tallies)
    md += fmt::format("| {} | {} | {} | {} | {} |\n", tally.said_for, tally.against, tally.missing,
                      count.first, markdown_cell(label_of(params, count.second)));
  md += fmt::format(
      "\n## Pairs of observers\n\nMean raw agreement {}; Fleiss' kappa {} over the {} samples that "
      "all observers labelled.\n\n| observers | samples | agreement | Cohen's kappa |\n"
      "|---|---|---|---|\n",
      measure_text(f.mean_agreement), measure_text(f.fleiss.kappa), f.fleiss.complete);
  for (const auto& pair : f.pairs)
    md += fmt::format("| {}, {} | {} | {} | {} |\n", markdown_cell(labelled.observers[pair.first]),
                      markdown_cell(labelled.observers[pair.second]), pair.samples,
                      measure_text(pair.agreement), measure_text(pair.cohen_kappa));
  md += fmt::format(
      "\n## Each observer against the majority of the others\n\nSensitivity is for {}.\n\n"
      "| observer | sensitivity | specificity |\n|---|---|---|\n",
      params.positive_label);
  for (std::size_t i = 0; i < labelled.observers.size(); ++i)
    md += fmt::format("| {} | {} | {} |\n", markdown_cell(labelled.observers[i]),
                      measure_text(f.observers[i].sensitivity()),
                      measure_text(f.observers[i].specificity()));
  md += "\n## For adjudication\n\n";
  if (f.undecided.empty()) md += "No sample with votes is undecided.\n";
  for (const auto i : f.undecided) {
    const Tally tally = tally_of(labelled.votes[i]);
    md += fmt::format("- {}: {} for, {} against, {} missing\n", labelled.sheet.samples()[i].sample,
                      tally.said_for, tally.against, tally.missing);
  }
  return md;
}

std::string merged_of(const Params& params, const Labelled& labelled) {
  std::string csv = "sample,slide,x,y,label,for,against,missing\n";
  for (std::size_t i = 0; i < labelled.votes.size(); ++i) {
    const auto& sample = labelled.sheet.samples()[i];
    const Tally tally = tally_of(labelled.votes[i]);
    csv +=
        fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(sample.sample), csv_field(sample.slide),
                    number_text(sample.center.x), number_text(sample.center.y),
                    csv_field(label_of(params, labelled.verdicts[i])), tally.said_for,
                    tally.against, tally.missing);
  }
  return csv;
}

}  // namespace

Report report(const Params& params, const Labelled& labelled) {
  const Findings f = findings_of(labelled);
  return {json_of(params, labelled, f), markdown_of(params, labelled, f),
          merged_of(params, labelled)};
}

}  // namespace mito::annotation_import
