#pragma once
#include <string>

#include "engine/core/params.h"
#include "engine/types/pathology.h"

namespace mito::grade {

struct Params {
  double grade1_max_count = 6;
  double grade2_max_count = 20;

  static void describe(auto& p, auto&& field) {
    field("grade1_max_count", p.grade1_max_count,
          {.range = {0, 1e6},
           .origin = Origin::Paper,
           .doc = "Threshold theta1: grade 1 up to this count in the hotspot."});
    field("grade2_max_count", p.grade2_max_count,
          {.range = {0, 1e6},
           .origin = Origin::Paper,
           .doc = "Threshold theta2: grade 2 up to this count, grade 3 above."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Mitotic grade 1, 2 or 3 of a hotspot count. Sec. IV-D, method 9.5.
Grade of_count(double count, const Params& params);

}  // namespace mito::grade
