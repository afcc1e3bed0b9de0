#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "nodes/reference/annotation_import/annotation_import.h"

namespace mito::annotation_import {

struct ResultParams {
  std::optional<double> recall = {};
  int need = 0;
  std::string missing = "error";

  static void describe(auto& p, auto&& field) {
    field("recall", p.recall,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Recall of the detector against its reference, for the F1 that follows from it "
                  "and the observed precision; the paper has 0.494. Without it, no F1."});
    field("need", p.need,
          {.range = {0, 1000},
           .doc = "Equal answers that decide a sample, more than half of the observers. 0: just "
                  "more than half."});
    field("missing", p.missing,
          {.choices = {"error", "leave_out"},
           .doc = "What to do with a sample that an observer did not answer ('unsure' is an "
                  "answer, and no vote): refuse the answers, "
                  "or leave it out of what this observer says."});
  }
};

/// A study with everybody's answers.
struct Answers {
  std::string study;                           ///< Six digits.
  Labelled labelled;                           ///< For is mitotic.
  std::vector<std::optional<bool>> reference;  ///< Per sample; empty where the key does not say.
};

/// Reads the key and all answer sheets (method 10.6). Throws DataError naming file, line and
/// column: what LabelSheet::read and read_labels refuse, a sample of another study, a missing
/// answer, a reference that is neither true nor false.
Answers read_answers(const ResultParams& params,
                     const std::filesystem::path& key,
                     const std::vector<std::filesystem::path>& answers);

/// What the node writes.
struct ResultReport {
  std::string json;      ///< observer_result.json
  std::string markdown;  ///< observer_result.md: the same for people
  std::string answers;   ///< observer_answers.csv: one line per sample
};

inline constexpr const char* kResultFile = "observer_result.json";
inline constexpr const char* kResultMarkdown = "observer_result.md";
inline constexpr const char* kAnswersFile = "observer_answers.csv";

/// Precision of the detections as the majority and each observer sees it, with Wilson's 95 %
/// interval, and the F1 of it and `recall` (paper section VI-C, method 10.6: 128 of 181 = 0.707);
/// agreement of the observers (method 12); and what they say of the detections that the reference
/// calls false. Undecided samples count for nothing. What is undefined is null.
ResultReport observer_report(const ResultParams& params, const Answers& answers);

}  // namespace mito::annotation_import
