#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "nodes/reference/registration/correlation.h"
#include "nodes/reference/registration/transform_fit.h"
#include "tests/vectors_check/harness.h"

namespace mito::vectors {
namespace {

std::vector<double> flat(const json& image) {
  std::vector<double> out;
  for (const auto& row : image)
    for (const auto& value : row) out.push_back(value.get<double>());
  return out;
}

json rows_of(const image::Heatmap& heatmap) {
  json rows = json::array();
  for (int y = -heatmap.radius; y <= heatmap.radius; ++y) {
    json row = json::array();
    for (int x = -heatmap.radius; x <= heatmap.radius; ++x) row.push_back(heatmap.at(x, y));
    rows.push_back(row);
  }
  return rows;
}

TEST(Vectors, Registration) {
  for_each_case("registration", [](Case& c) {
    const int radius = c.get<int>("R");
    std::vector<image::Heatmap> trials;
    json single = json::array();
    for (const auto& trial : c.input("trials")) {
      const auto n = static_cast<int>(trial.at("fixed").size());
      trials.push_back(
          image::cross_correlate(flat(trial.at("fixed")), flat(trial.at("moving")), n, radius));
      const auto peak = image::find_peak(trials.back());
      single.push_back({peak.x, peak.y});
    }
    const auto mean = image::average(trials);
    const auto peak = image::find_peak(mean);

    const Tolerance heatmap{.abs = c.tolerance_value("heatmap_abs")};
    const Tolerance shift{.abs = c.tolerance_value("shift_abs")};
    c.expect("mean_heatmap", rows_of(mean), heatmap);
    c.expect("peak_xy", json{peak.x, peak.y});
    c.expect("subpixel_xy", json{peak.sub_x, peak.sub_y}, shift);
    c.expect("peak", peak.value, heatmap);
    // A ratio of correlations: it moves by more than they do, but not by more than the shift may.
    c.expect("psr", peak.psr, shift);
    c.expect("single_trial_peaks_xy", single);
  });
}

TEST(Vectors, TransformFit) {
  for_each_case("transform_fit", [](Case& c) {
    const auto p = c.get<std::vector<std::array<double, 2>>>("p");
    const auto q = c.get<std::vector<std::array<double, 2>>>("q");
    ASSERT_EQ(p.size(), q.size());
    std::vector<image::PointPair> pairs;
    for (std::size_t i = 0; i < p.size(); ++i)
      pairs.push_back({{p[i][0], p[i][1]}, {q[i][0], q[i][1]}});

    using image::MapFamily;
    for (const auto& [name, family] : {std::pair{"translation", MapFamily::Translation},
                                       {"rigid", MapFamily::Rigid},
                                       {"similarity", MapFamily::Similarity},
                                       {"affine", MapFamily::Affine}}) {
      if (!c.expects(name)) continue;
      const auto fit = image::fit_map(family, pairs);
      const Affine& m = fit.map;
      const double scale = family == MapFamily::Similarity ? std::sqrt(m.determinant()) : 1;
      json found{{"t", {m.c, m.f}}, {"rms", fit.rms}};
      const json linear{{m.a / scale, m.b / scale}, {m.d / scale, m.e / scale}};
      if (family == MapFamily::Affine) found["A"] = linear;
      if (family == MapFamily::Rigid || family == MapFamily::Similarity) found["R"] = linear;
      if (family == MapFamily::Similarity) found["scale"] = scale;
      c.expect(name, found);
    }
  });
}

}  // namespace
}  // namespace mito::vectors
