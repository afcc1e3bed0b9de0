#include "nodes/outcome/grade/grade.h"

#include "engine/core/text.h"
#include "engine/stats/threshold_curves.h"

namespace mito::grade {

std::string check(const Params& params) {
  if (params.grade1_max_count < params.grade2_max_count) return "";
  return "grade1_max_count must be less than grade2_max_count, got " +
         number_text(params.grade1_max_count) + " and " + number_text(params.grade2_max_count);
}

Grade of_count(double count, const Params& params) {
  return {stats::grade_of_count(count, params.grade1_max_count, params.grade2_max_count), count};
}

}  // namespace mito::grade
