#include "nodes/detector/train_cnn/training_params.h"

namespace mito::train_cnn {

nn::Architecture architecture(const Params& params) {
  const auto rule = nn::rule_from(params.rule);
  if (nn::family_from(params.family) == nn::Family::Cnn12)
    return nn::cnn12(params.width_factor.value_or(1.0), rule, params.slope.value_or(0.0));
  return nn::table2(params.width_factor.value_or(0.6), rule, params.slope.value_or(0.01));
}

bool half_threshold(const Params& params) {
  if (params.threshold != "auto") return params.threshold == "half";
  return nn::family_from(params.family) == nn::Family::Cnn12;
}

bool nothing_chosen(const Params& params) {
  return params.keep == "last" && half_threshold(params);
}

}  // namespace mito::train_cnn
