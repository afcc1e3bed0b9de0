#include "engine/nn/adam.h"
#include "engine/nn/architecture.h"
#include "engine/nn/loss.h"
#include "nodes/detector/training/learning_rate.h"
#include "tests/vectors_check/harness.h"

namespace mito::nn {
namespace {

using vectors::Case;

std::vector<double> flat(const vectors::json& rows) {
  std::vector<double> out;
  for (const auto& row : rows) {
    for (const auto& value : row) out.push_back(value.get<double>());
  }
  return out;
}

vectors::json pairs(const std::vector<double>& values) {
  auto out = vectors::json::array();
  for (std::size_t i = 0; i + 1 < values.size(); i += 2) out.push_back({values[i], values[i + 1]});
  return out;
}

void check_network(Case& c) {
  Architecture architecture;
  const bool is_table2 = c.get<std::string>("arch") == "table2";
  if (is_table2) {
    architecture = table2(c.get<double>("gamma"), rule_from(c.get<std::string>("rule")));
  } else {
    architecture = cnn12();
    architecture.filters = c.get<std::vector<std::int64_t>>("widths");
    architecture.dense_units = c.get<std::int64_t>("dense");
  }
  const auto input_px = c.get<std::int64_t>("input");
  c.expect("parameters", parameter_count(architecture));
  const auto sizes = spatial_sizes(architecture, input_px);
  if (c.expects("filters")) c.expect("filters", architecture.filters);
  if (c.expects("spatial")) c.expect("spatial", sizes);
  if (c.expects("pooled_spatial")) c.expect("pooled_spatial", sizes);
  if (c.expects("macs_per_patch"))
    c.expect("macs_per_patch", multiply_accumulates(architecture, input_px));
}

TEST(Vectors, Parameters) {
  vectors::for_each_case("parameters", [](Case& c) {
    if (!c.has("tile")) return check_network(c);
    c.expect("outputs", dense_outputs(c.get<std::int64_t>("tile")));
    c.expect("receptive_field", kReceptiveField);
    c.expect("stride", kStride);
  });
}

TEST(Vectors, Loss) {
  vectors::for_each_case("loss", [](Case& c) {
    if (c.has("weights")) {
      const auto weights = c.get<std::vector<double>>("weights");
      c.expect("penalty", l2_penalty(weights, c.get<double>("factor")));
      c.expect("grad", l2_gradient(weights, c.get<double>("factor")));
    } else if (c.has("member_probability")) {
      c.expect("mean",
               ensemble_mean(c.get<std::vector<std::vector<double>>>("member_probability")));
    } else {
      const auto logits = flat(c.input("logits"));
      const auto loss =
          c.has("labels")
              ? cross_entropy(logits, c.get<std::vector<std::uint8_t>>("labels"))
              : soft_cross_entropy(logits, c.get<std::vector<double>>("teacher_probability"));
      c.expect("loss", loss.value);
      c.expect("grad_logits", pairs(loss.gradient));
    }
  });
}

TEST(Vectors, Adam) {
  vectors::for_each_case("adam", [](Case& c) {
    // Two forms differ only where gradients are near eps; ours is the one with eps beside sqrt(v).
    if (c.get<std::string>("form").find("sqrt(v)+eps") == std::string::npos) {
      c.skip("params");
      return;
    }
    auto parameter = c.get<std::vector<double>>("p0");
    std::vector<double> m(parameter.size(), 0.0);
    std::vector<double> v(parameter.size(), 0.0);
    auto steps = vectors::json::array();
    std::int64_t step = 0;
    for (const auto& given : c.input("grads")) {
      const auto gradient = given.get<std::vector<double>>();
      adam_step<double>(parameter, gradient, m, v, ++step, c.get<double>("lr"));
      steps.push_back(parameter);
    }
    c.expect("params", steps);
  });
}

TEST(Vectors, LearningRate) {
  vectors::for_each_case("lr", [](Case& c) {
    const auto epochs = c.get<std::int64_t>("epochs");
    std::vector<double> rates;
    for (std::int64_t e = 0; e < epochs; ++e)
      rates.push_back(learning_rate(c.get<double>("start"), c.get<double>("end"), epochs, e));
    c.expect("lr", rates);
  });
}

}  // namespace
}  // namespace mito::nn
