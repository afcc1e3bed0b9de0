// Stain standardisation against the reference vectors: method 3.
#include <array>
#include <string>
#include <vector>

#include "nodes/slides/stain/colour_map.h"
#include "nodes/slides/stain/hsd.h"
#include "nodes/slides/stain/lab.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/naive_bayes.h"
#include "nodes/slides/stain/wsics.h"
#include "tests/vectors_check/harness.h"

namespace mito::stain {
namespace {

using vectors::json;

const std::array<std::string, 3> kClasses{"H", "E", "B"};

TEST(Vectors, Hsd) {
  vectors::for_each_case("hsd", [](vectors::Case& c) {
    json cx;
    json cy;
    json density;
    json back;
    for (const auto& rgb : c.get<std::vector<Rgb8>>("rgb")) {
      const Hsd hsd = to_hsd(rgb);
      cx.push_back(hsd.cx);
      cy.push_back(hsd.cy);
      density.push_back(hsd.density);
      back.push_back(to_rgb(hsd));
    }
    c.expect("cx", cx);
    c.expect("cy", cy);
    c.expect("density", density);
    c.expect("rgb_back", back);
  });
}

json to_json(const WsicsStatistics& statistics) {
  json out;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    const auto& s = statistics.classes[i];
    out[kClasses[i]] = {{"median", s.median},
                        {"angle", s.angle},
                        {"knots_u", s.knots_u},
                        {"knots_v", s.knots_v},
                        {"density_mean", s.density_mean},
                        {"density_sd", s.density_sd}};
  }
  return out;
}

TEST(Vectors, Wsics) {
  vectors::for_each_case("wsics", [](vectors::Case& c) {
    const auto statistics = [&](const std::string& field) {
      WsicsStatistics out;
      for (std::size_t i = 0; i < kClasses.size(); ++i)
        out.classes[i] = class_statistics(c.input(field).at(kClasses[i]).get<std::vector<Rgb8>>());
      return out;
    };
    const auto source = statistics("source_pixels");
    const auto target = statistics("template_pixels");
    c.expect("source_stats", to_json(source));
    c.expect("template_stats", to_json(aligned(target, source)));

    const WsicsMap map(source, target);
    const auto query = c.get<std::vector<Rgb8>>("query_rgb");
    const auto weights = c.get<std::vector<std::vector<double>>>("weights_HEB");
    json colours;
    json values;
    for (std::size_t i = 0; i < query.size(); ++i) {
      const ClassMapped mapped = map(to_hsd(query[i]), weights[i]);
      values.push_back({{"cx", mapped.hsd.cx},
                        {"cy", mapped.hsd.cy},
                        {"density", mapped.hsd.density},
                        {"rgb", to_rgb(mapped.hsd)}});
      for (std::size_t k = 0; k < kClasses.size(); ++k)
        values.back()[kClasses[k]] = mapped.points[k];
    }
    c.skip("mapped");
    const auto& expected = c.expected("mapped");
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (const auto& [key, value] : expected.at(i).items()) {
        const auto found =
            vectors::difference(values.at(i).at(key), value, c.tolerance(key), "mapped." + key);
        EXPECT_TRUE(found.empty()) << found;
      }
    }
  });
}

TEST(Vectors, NaiveBayes) {
  vectors::for_each_case("naive_bayes", [](vectors::Case& c) {
    const auto rows = c.get<std::vector<std::vector<double>>>("features");
    const auto classes = c.get<std::vector<std::uint8_t>>("classes");
    std::vector<double> features;
    for (const auto& row : rows) features.insert(features.end(), row.begin(), row.end());
    const std::size_t count = std::size_t{1} + *std::max_element(classes.begin(), classes.end());
    const auto classifier = fit_classifier(features, rows.front().size(), classes, count, {},
                                           c.get<int>("bins"), c.get<double>("sigma_bins"));
    json posterior;
    for (const auto& query : c.get<std::vector<std::vector<double>>>("query")) {
      std::vector<double> p(count);
      classify(classifier, query, p);
      posterior.push_back(p);
    }
    c.expect("posterior", posterior);
  });
}

TEST(Vectors, Macenko) {
  vectors::for_each_case("macenko", [](vectors::Case& c) {
    const auto pixels = c.get<std::vector<Rgb8>>("rgb");
    const DensityScale density{.white = c.get<double>("Io"), .add = 1};
    // The vectors hold fewer pixels than a slide must have.
    std::int64_t tissue = 0;
    const auto source = macenko(pixels,
                                {.density = density,
                                 .min_density = c.get<double>("beta"),
                                 .alpha_percent = c.get<double>("alpha"),
                                 .min_pixels = 2},
                                &tissue);
    const auto matrix = c.get<std::array<std::array<double, 2>, 3>>("target_HE");
    MixtureStatistics target;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t k = 0; k < 2; ++k) target.stains[k][i] = matrix[i][k];
    }
    target.max_concentration = c.get<std::array<double, 2>>("target_maxC");
    json he;
    for (std::size_t i = 0; i < 3; ++i) he.push_back({source.stains[0][i], source.stains[1][i]});
    const MixtureMap map(source, target, density, false);
    json rgb;
    for (const auto& pixel : pixels) rgb.push_back(map(pixel));
    c.expect("HE", he, c.tolerance("matrix"));
    c.expect("maxC", source.max_concentration, c.tolerance("matrix"));
    c.expect("rgb", rgb);
    c.expect("tissue_pixels", tissue);
  });
}

TEST(Vectors, Reinhard) {
  vectors::for_each_case("reinhard", [](vectors::Case& c) {
    const auto pixels_of = [&](const std::string& field) {
      std::vector<Rgb8> out;
      for (const auto& row : c.get<std::vector<std::vector<Rgb8>>>(field))
        out.insert(out.end(), row.begin(), row.end());
      return out;
    };
    const auto source = lab_statistics(pixels_of("source"));
    const auto target = lab_statistics(pixels_of("target"));
    json lab;
    json rgb;
    for (const auto& row : c.get<std::vector<std::vector<Rgb8>>>("source")) {
      lab.push_back(json::array());
      rgb.push_back(json::array());
      for (const auto& pixel : row) {
        lab.back().push_back(to_lab(pixel));
        rgb.back().push_back(transfer_lab(to_lab(pixel), source, target));
      }
    }
    c.expect("source_lab", lab, c.tolerance("lab"));
    c.expect("target_mean", target.mean, c.tolerance("lab"));
    c.expect("target_sd", target.sd, c.tolerance("lab"));
    c.expect("rgb", rgb);
  });
}

}  // namespace
}  // namespace mito::stain
