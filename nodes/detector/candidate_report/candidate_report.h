#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "engine/types/training.h"

namespace mito::candidate_report {

/// One slide of a report.
struct Row {
  std::string slide;
  std::string case_id;
  CandidateRecall recall;
};

inline constexpr const char* kTableFile = "candidates.csv";
inline constexpr const char* kReportFile = "candidates.json";

/// A line per slide, in order: how many of its reference objects have a candidate near them,
/// candidates per mm2 of tissue, negatives per positive (method 5.3). What is undefined is empty.
std::string to_csv(const std::vector<Row>& rows);

/// The same with totals over all slides; what is undefined is null, with the reason. Candidates per
/// mm2 of the whole count only slides whose tissue is known.
std::string to_json(const std::vector<Row>& rows);

/// Writes both files into `folder`, each complete or not at all. Throws DataError.
void write(const std::vector<Row>& rows, const std::filesystem::path& folder);

}  // namespace mito::candidate_report
