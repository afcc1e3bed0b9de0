#pragma once
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/core/seen_files.h"
#include "engine/nn/model.h"
#include "engine/stats/cohort.h"

namespace mito::record_images {

struct Params {
  std::string case_pattern;

  static void describe(auto& p, auto&& field) {
    field("case_pattern", p.case_pattern, stats::case_pattern_field());
  }
};

/// A model that knows more images of the cases that it was trained or tuned on.
struct Recorded {
  nn::Model model;
  std::vector<std::string> others;  ///< Cases of `files` that the model does not name, sorted.
};

/// Adds `files` to the images that the model says it has seen: to those of training where their
/// case is one of its training cases, to those of tuning where it is one of its tuning cases. The
/// weights stay, and so does the digest of the model. A model that did not know all its images does
/// not know now whether these are all, and says so. Throws DataError when the model names no cases,
/// or none of the files is of one.
Recorded with_images(const nn::Model& model, const std::vector<SeenFile>& files);

}  // namespace mito::record_images
