#include "engine/stats/agreement.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/stats/bootstrap.h"
#include "engine/stats/threshold_curves.h"
#include "tests/vectors_check/harness.h"

namespace mito::vectors {
namespace {

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

json interval_or_null(const std::optional<stats::Interval>& interval) {
  return interval ? json{interval->low, interval->high} : json(nullptr);
}

TEST(Vectors, Agreement) {
  for_each_case("agreement", [](Case& c) {
    const auto metric = c.get<std::string>("metric");
    if (metric == "quadratic_kappa") {
      const int classes = c.has("classes") ? c.get<int>("classes") : 3;
      c.expect("value", number_or_null(stats::quadratic_kappa(c.get<std::vector<int>>("truth"),
                                                              c.get<std::vector<int>>("prediction"),
                                                              classes)));
      return;
    }
    ASSERT_EQ(metric, "spearman");
    const auto x = c.get<std::vector<double>>("x");
    const auto rho = stats::spearman(x, c.get<std::vector<double>>("y"));
    c.expect("value", number_or_null(rho));
    if (!c.expects("fisher95")) return;
    const auto interval = rho ? stats::fisher_interval95(*rho, x.size()) : std::nullopt;
    c.expect("fisher95", interval_or_null(interval));
  });
}

json values_of(const std::vector<std::optional<double>>& values) {
  json out = json::array();
  for (const auto& value : values) out.push_back(number_or_null(value));
  return out;
}

template <class T>
std::vector<T> take(const std::vector<T>& values, const stats::Resample& draw) {
  std::vector<T> out;
  for (const auto i : draw) out.push_back(values.at(i));
  return out;
}

TEST(Vectors, Bootstrap) {
  for_each_case("bootstrap", [](Case& c) {
    const auto truth = c.get<std::vector<int>>("truth");
    const auto prediction = c.get<std::vector<int>>("prediction");
    const auto score = c.get<std::vector<double>>("score");
    const std::vector<double> graded(truth.begin(), truth.end());
    const auto draws = c.get<std::vector<stats::Resample>>("index");

    const auto kappa = stats::bootstrap(draws, [&](const stats::Resample& draw) {
      return stats::quadratic_kappa(take(truth, draw), take(prediction, draw));
    });
    const auto spearman = stats::bootstrap(draws, [&](const stats::Resample& draw) {
      return stats::spearman(take(graded, draw), take(score, draw));
    });

    c.expect("kappa", values_of(kappa));
    c.expect("spearman", values_of(spearman));
    c.expect("kappa_ci", interval_or_null(stats::percentile_interval95(kappa)));
    c.expect("spearman_ci", interval_or_null(stats::percentile_interval95(spearman)));
  });
}

TEST(Vectors, Tuning) {
  for_each_case("tuning", [](Case& c) {
    if (c.has("counts")) {
      const auto best = stats::best(stats::grade_curve(c.get<std::vector<double>>("counts"),
                                                       c.get<std::vector<int>>("grades")));
      c.expect("theta1", best ? json(best->theta1) : json(nullptr));
      c.expect("theta2", best ? json(best->theta2) : json(nullptr));
      c.expect("kappa", best ? number_or_null(best->kappa) : json(nullptr));
      return;
    }
    const auto scores = c.get<std::vector<std::vector<double>>>("scores_per_slide");
    const auto thresholds = c.get<std::vector<double>>("thresholds");
    std::vector<std::optional<double>> curve;
    for (const double threshold : thresholds) {
      std::vector<double> counts;
      for (const auto& slide : scores)
        counts.push_back(static_cast<double>(
            std::ranges::count_if(slide, [&](double s) { return s >= threshold; })));
      curve.push_back(stats::spearman(counts, c.get<std::vector<double>>("proliferation")));
    }
    const auto best = stats::first_maximum(curve);
    c.expect("spearman", values_of(curve));
    c.expect("best", best ? json(thresholds.at(best->index)) : json(nullptr));
  });
}

// 1 and 0, or null or a negative number where an observer has not voted.
stats::Vote vote_of(const json& value) {
  if (value.is_null() || value.get<int>() < 0) return stats::Vote::Missing;
  return value.get<int>() == 1 ? stats::Vote::For : stats::Vote::Against;
}

std::string label_of(stats::Verdict verdict) {
  if (verdict == stats::Verdict::Undecided) return "dropped";
  return verdict == stats::Verdict::For ? "mitotic" : "non_mitotic";
}

TEST(Vectors, Votes) {
  for_each_case("votes", [](Case& c) {
    stats::Votes votes;
    for (const auto& row : c.input("votes")) {
      votes.emplace_back();
      for (const auto& value : row) votes.back().push_back(vote_of(value));
    }
    std::vector<std::string> labels;
    std::map<std::string, int> counts;
    for (const auto& row : votes) {
      labels.push_back(label_of(stats::majority(row, c.get<int>("need"))));
      ++counts[labels.back()];
    }
    const auto pairs = stats::pairwise(votes);
    json agreement = json::object();
    json cohen = json::object();
    for (const auto& pair : pairs) {
      const auto name = std::to_string(pair.first) + "-" + std::to_string(pair.second);
      agreement[name] = number_or_null(pair.agreement);
      cohen[name] = number_or_null(pair.cohen_kappa);
    }

    c.expect("label", labels);
    c.expect("kept", counts["mitotic"] + counts["non_mitotic"]);
    c.expect("mitotic", counts["mitotic"]);
    c.expect("non_mitotic", counts["non_mitotic"]);
    c.expect("fleiss_kappa", number_or_null(stats::fleiss(votes).kappa));
    c.expect("mean_agreement", number_or_null(stats::mean_agreement(pairs)));
    c.expect("pairwise_agreement", agreement);
    c.expect("pairwise_cohen", cohen);
  });
}

}  // namespace
}  // namespace mito::vectors
