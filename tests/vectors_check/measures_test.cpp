#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/random.h"
#include "engine/image/geometric.h"
#include "engine/image/hed.h"
#include "engine/stats/matching.h"
#include "tests/vectors_check/harness.h"

namespace mito::vectors {
namespace {

using image::Vec3;

std::vector<Vec3> unit_range(const json& rgb) {
  std::vector<Vec3> out;
  for (const auto& pixel : rgb) {
    const auto v = pixel.get<Vec3>();
    out.push_back({v[0] / 255, v[1] / 255, v[2] / 255});
  }
  return out;
}

json number_or_null(const std::optional<double>& value) {
  return value ? json(*value) : json(nullptr);
}

TEST(Vectors, Random) {
  for_each_case("random", [](Case& c) {
    if (c.has("counter")) {
      const auto words = philox(c.get<std::array<std::uint32_t, 4>>("counter"),
                                c.get<std::array<std::uint32_t, 2>>("key"));
      std::vector<double> uniform;
      for (const auto word : words) uniform.push_back(uniform_from(word));
      c.expect("words", words);
      // The file gives 12 significant digits.
      c.expect("uniform", uniform, {.abs = 1e-12});
      return;
    }
    const auto sums = running_sums(c.get<std::vector<double>>("probability"));
    std::vector<std::size_t> index;
    for (const double u : c.get<std::vector<double>>("uniform"))
      index.push_back(weighted_index(sums, u));
    c.expect("index", index);
  });
}

TEST(Vectors, Hed) {
  for_each_case("hed", [](Case& c) {
    ASSERT_EQ(c.get<std::string>("log"), "natural");
    const bool floor_at_eps = c.has("mode");
    if (floor_at_eps) {
      ASSERT_EQ(c.get<std::string>("mode"), "max(P,eps)");
    }
    const image::StainTransform transform(c.get<image::Mat3>("matrix_rows"),
                                          {.eps = c.get<double>("eps"),
                                           .floor_at_eps = floor_at_eps,
                                           .scale = c.get<double>("scale"),
                                           .clip_negative = c.get<bool>("clip_negative_stain")});
    json stain = json::array();
    json back = json::array();
    for (const auto& rgb : unit_range(c.input("rgb"))) {
      const Vec3 amounts = transform.to_stain(rgb);
      stain.push_back(amounts);
      back.push_back(transform.to_rgb(amounts));
    }
    c.expect("stain", stain);
    c.expect("rgb_back", back);
  });
}

TEST(Vectors, HedAugment) {
  for_each_case("hed_augment", [](Case& c) {
    const auto pixels = unit_range(c.input("rgb"));
    const auto alpha = c.get<Vec3>("alpha");
    const auto beta = c.get<Vec3>("beta");
    const auto eps = c.get<double>("eps");
    const image::StainTransform transform(image::hed_rows(), {.eps = eps});
    json unclipped = json::array();
    json clipped = json::array();
    for (const auto& rgb : pixels) {
      Vec3 out = transform.augment(rgb, alpha, beta);
      unclipped.push_back(out);
      for (auto& v : out) v = std::clamp(v, 0.0, 1.0);
      clipped.push_back(out);
    }
    c.expect("rgb_unclipped", unclipped);
    c.expect("rgb", clipped);

    if (eps != 2.0) return;  // The operator on patches is the paper's convention.
    std::vector<float> patch;
    for (const auto& rgb : pixels)
      for (const double v : rgb) patch.push_back(static_cast<float>(v));
    image::hed_augment(patch, alpha, beta);
    json in_place = json::array();
    for (std::size_t i = 0; i < patch.size(); i += 3)
      in_place.push_back({patch[i], patch[i + 1], patch[i + 2]});
    // Single precision: about 2e-7 of values up to 3 before eps is taken off.
    c.expect("rgb", in_place, {.abs = 2e-6});
  });
}

/// A patch with the same values in all channels, and back.
image::Patch grey_patch(const json& rows) {
  image::Patch patch(static_cast<int>(rows.size()));
  for (int y = 0; y < patch.size; ++y)
    for (int x = 0; x < patch.size; ++x)
      for (int ch = 0; ch < 3; ++ch)
        patch.at(x, y)[ch] =
            rows.at(static_cast<std::size_t>(y)).at(static_cast<std::size_t>(x)).get<float>();
  return patch;
}

json rows_of(const image::Patch& patch, int channel) {
  json rows = json::array();
  for (int y = 0; y < patch.size; ++y) {
    json row = json::array();
    for (int x = 0; x < patch.size; ++x) row.push_back(double{patch.at(x, y)[channel]});
    rows.push_back(row);
  }
  return rows;
}

TEST(Vectors, Geometry) {
  for_each_case("geometry", [](Case& c) {
    const auto op = c.get<std::string>("op");
    if (op == "crop") {
      const int size = c.get<int>("patch");
      const auto shift = c.get<std::array<int, 2>>("shift");
      const auto origin = image::crop_origin(size, c.get<int>("out"), shift[0], shift[1]);
      c.expect("origin", json{origin.x, origin.y});

      image::Patch patch(size);  // Where the object's pixel lands is looked up, not calculated.
      patch.at(size / 2, size / 2)[0] = 1;
      const auto cropped = image::crop(patch, origin, c.get<int>("out"));
      for (int y = 0; y < cropped.size; ++y)
        for (int x = 0; x < cropped.size; ++x)
          if (cropped.at(x, y)[0] == 1) c.expect("object_at", json{x, y});
      return;
    }
    const image::Patch in = grey_patch(c.input("image"));
    image::Patch out;
    if (op == "rot90") {
      out = image::rotate90(in, c.get<int>("k"));
    } else if (op == "mirror") {
      const auto axis = c.get<std::string>("axis");
      out = image::mirror(in, axis == "horizontal" ? image::Mirror::Horizontal
                              : axis == "vertical" ? image::Mirror::Vertical
                                                   : image::Mirror::Both);
    } else {
      ASSERT_EQ(op, "zoom");
      out = image::zoom(in, c.get<double>("factor"));
    }
    for (int channel = 0; channel < 3; ++channel) c.expect("image", rows_of(out, channel));
  });
}

stats::Image match_input(const json& input) {
  stats::Image image;
  for (const auto& t : input.at("truth")) image.truths.push_back({t.at(0), t.at(1)});
  for (const auto& d : input.at("detections")) image.claims.push_back({d.at(0), d.at(1), d.at(2)});
  return image;
}

TEST(Vectors, Matching) {
  for_each_case("matching", [](Case& c) {
    if (c.has("precision_recall")) {
      json f1 = json::array();
      for (const auto& pair : c.input("precision_recall"))
        f1.push_back(number_or_null(stats::f1_of(pair.at(0), pair.at(1))));
      c.expect("f1", f1);
      return;
    }
    const auto image = match_input(c.input());
    for (const auto rule : stats::kMatchRules) {
      const auto counts =
          stats::match(image.truths, image.claims, c.get<double>("radius_px"), rule);
      c.expect(std::string(stats::name(rule)), {{"tp", counts.tp},
                                                {"fp", counts.fp},
                                                {"fn", counts.fn},
                                                {"f1", number_or_null(counts.f1())}});
    }
  });
}

TEST(Vectors, F1Curve) {
  for_each_case("f1_curve", [](Case& c) {
    constexpr double kRadiusPx = 30;  // The file says so in words only.
    std::vector<stats::Image> images;
    for (const auto& input : c.input("images")) images.push_back(match_input(input));
    json curve = json::array();
    for (const auto& point :
         stats::any_hit_curve(images, kRadiusPx, c.get<std::vector<double>>("thresholds")))
      curve.push_back({{"threshold", point.threshold},
                       {"tp", point.counts.tp},
                       {"fp", point.counts.fp},
                       {"fn", point.counts.fn},
                       {"f1", number_or_null(point.counts.f1())}});
    c.expect("curve", curve);
    const auto best =
        stats::best(stats::any_hit_curve(images, kRadiusPx, stats::distinct_scores(images)));
    ASSERT_TRUE(best.has_value());
    c.expect("best_threshold", best->threshold);
    c.expect("best_f1", number_or_null(best->counts.f1()));
  });
}

}  // namespace
}  // namespace mito::vectors
