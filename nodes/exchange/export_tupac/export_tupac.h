#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::export_tupac {

struct Params {
  std::string tasks = "both";

  static void describe(auto& p, auto&& field) {
    field("tasks", p.tasks,
          {.choices = {"both", "task1", "task2"},
           .doc = "What is submitted: the mitotic score (task 1), the proliferation score (task "
                  "2), or both. The other column is -1."});
  }
};

inline constexpr const char* kOutcomeFile = "tupac_task1_task2.csv";

/// Tasks 1 and 2 of TUPAC16 (method 1.1): one line `grade,count` per case, in order, without a
/// header; -1 in the column of a task that is not submitted.
std::string outcome_csv(const Params& params, const std::vector<Grade>& grades);

/// Task 3 (method 1.1): one line `row,column,confidence` per detection, level-0 pixels, without a
/// header; best first.
std::string detections_csv(const DetectionSet& detections);

}  // namespace mito::export_tupac
