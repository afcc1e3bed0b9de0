#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tools/sweep/sweep_record.h"

namespace mito::sweep {

/// What a run says of the networks that were trained and of the thresholds that were chosen for it,
/// judged by validation and tuning cases only: a result on test cases must not decide whether it
/// counts.
struct TrainingState {
  /// Why a network is no detector, in sentences: no better on its validation patches than a random
  /// order of them, or without a true detection on the tuning cases at any threshold.
  std::vector<std::string> collapsed;
  /// What makes a result doubtful: a threshold at an end of its grid.
  std::vector<std::string> doubtful;
  /// Model files whose training no run of the sweep has the log of, and logs that cannot be read.
  std::vector<std::string> unjudged;
};

/// What the records of runs, done in `folders`, say; one entry per record, empty for null. A
/// network that came from the store has no log in the folder of its run, as its training node did
/// not run: it is judged by the log of another run that wrote the same model file.
std::vector<TrainingState> training_states(const std::vector<const RunRecord*>& records,
                                           const std::vector<std::filesystem::path>& folders);

}  // namespace mito::sweep
