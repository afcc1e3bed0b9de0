#include "nodes/train_cnn/params.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace mito::train_cnn {

std::string check(const Params& params) {
  if (params.batch % 2 != 0) return "parameter 'batch' must be even: half of it are positives";
  if (params.validation_cases.empty() && params.validation_fraction == 0)
    return "parameter 'validation_cases' must name at least one case, or 'validation_fraction' "
           "say how many to draw";
  if (!params.validation_cases.empty() && params.validation_fraction > 0)
    return "give either 'validation_cases' or 'validation_fraction', not both";
  for (const auto& case_id : params.validation_cases) {
    if (std::ranges::find(params.exclude_cases, case_id) != params.exclude_cases.end())
      return fmt::format("case '{}' is both in validation_cases and in exclude_cases", case_id);
  }
  return {};
}

nn::Architecture architecture(const Params& params) {
  const auto rule = nn::rule_from(params.rule);
  if (nn::family_from(params.family) == nn::Family::Cnn12)
    return nn::cnn12(params.width_factor.value_or(1.0), rule, params.slope.value_or(0.0));
  return nn::table2(params.width_factor.value_or(0.6), rule, params.slope.value_or(0.01));
}

}  // namespace mito::train_cnn
