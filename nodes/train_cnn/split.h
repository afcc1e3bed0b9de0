#pragma once
#include <string>
#include <vector>

#include "nodes/train_cnn/params.h"

namespace mito::train_cnn {

/// Which cases are trained on, by name: never a part of a case (METHODS 1.4).
struct Split {
  std::vector<std::string> validation;
  std::vector<std::string> excluded;

  bool held_out(const std::string& case_id) const;  ///< For validation.
  bool left_out(const std::string& case_id) const;  ///< Not used at all.
};

/// The cases that `params` names, or else a share of `cases` (in any order, repeated or not) drawn
/// with the seed and `name`. Throws DataError when a named case does not exist, or when there is
/// only one case to draw from.
Split split_cases(const Params& params,
                  const std::vector<std::string>& cases,
                  const std::string& name);

}  // namespace mito::train_cnn
