// Stages of the main job against the reference vectors: method 2, 5 and 9.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/image/otsu.h"
#include "engine/stats/hotspot.h"
#include "nodes/detector/candidates/candidate_key.h"
#include "nodes/detector/he_candidates/he_candidates.h"
#include "nodes/outcome/grade/grade.h"
#include "nodes/outcome/objects/objects.h"
#include "nodes/slides/tissue_mask/tissue_mask.h"
#include "tests/vectors_check/harness.h"

namespace mito {
namespace {

using vectors::json;

TEST(Vectors, Otsu) {
  vectors::for_each_case("otsu", [](vectors::Case& c) {
    const auto histogram = c.get<std::vector<std::int64_t>>("histogram");

    c.expect("threshold", image::otsu_threshold(histogram));
  });
}

TEST(Vectors, Regions) {
  vectors::for_each_case("regions", [](vectors::Case& c) {
    const auto rows = c.get<std::vector<std::string>>("mask");
    image::Gray mask{
        static_cast<std::int64_t>(rows.at(0).size()), static_cast<std::int64_t>(rows.size()), {}};
    for (const auto& row : rows) {
      for (const char pixel : row) mask.pixels.push_back(pixel == '#' ? 1 : 0);
    }

    const auto cleaned = tissue_mask::clean_regions(mask, c.get<double>("min_region_diagonal_px"),
                                                    c.get<double>("max_hole_diagonal_px"));

    json found = json::array();
    for (std::size_t y = 0; y < rows.size(); ++y) {
      std::string row;
      for (std::size_t x = 0; x < rows[y].size(); ++x)
        row += cleaned.pixels[y * rows[0].size() + x] != 0 ? '#' : '.';
      found.push_back(row);
    }
    c.expect("mask", found);
  });
}

/// Numbers of nested arrays, in order.
template <class T>
std::vector<T> flat(const json& values) {
  std::vector<T> out;
  for (const auto& value : values) {
    if (value.is_array()) {
      const auto inner = flat<T>(value);
      out.insert(out.end(), inner.begin(), inner.end());
    } else {
      out.push_back(value.is_boolean() ? static_cast<T>(value.get<bool>()) : value.get<T>());
    }
  }
  return out;
}

TEST(Vectors, Candidates) {
  vectors::for_each_case("candidates", [](vectors::Case& c) {
    if (c.has("xy")) {
      json hashes = json::array();
      for (const auto& xy : c.input("xy")) {
        hashes.push_back(fmt::format(
            "{:016x}",
            image::position_hash(xy.at(0).get<std::int64_t>(), xy.at(1).get<std::int64_t>())));
      }
      c.expect("hash_hex", hashes);
      return;
    }
    const auto& pixels = c.input("image");
    const auto origin = c.get<std::vector<std::int64_t>>("origin");
    const Rect area{origin.at(0), origin.at(1), static_cast<std::int64_t>(pixels.at(0).size()),
                    static_cast<std::int64_t>(pixels.size())};
    const auto tissue =
        c.has("tissue") ? flat<std::uint8_t>(c.input("tissue")) : std::vector<std::uint8_t>();

    const auto spots = he_candidates::find_all(flat<std::uint8_t>(pixels), area, tissue,
                                               c.get<double>("d"), c.get<double>("t"));

    json found = json::array();
    for (const auto& spot : spots) found.push_back({spot.x, spot.y, spot.intensity});
    c.expect("candidates", found);
  });
}

json rows_of(const std::vector<objects::Object>& found, bool with_pixels) {
  json rows = json::array();
  for (const auto& object : found) {
    json row{object.x, object.y, object.score};
    if (with_pixels) row.push_back(object.pixels);
    rows.push_back(row);
  }
  return rows;
}

TEST(Vectors, Postprocess) {
  vectors::for_each_case("postprocess", [](vectors::Case& c) {
    const auto map = c.get<std::vector<std::vector<double>>>("probability");
    const auto origin = c.get<std::vector<std::int64_t>>("origin");
    const auto stride = c.get<std::int64_t>("stride");
    const auto offset = c.get<std::int64_t>("offset");
    std::vector<objects::Output> outputs;
    for (std::size_t i = 0; i < map.size(); ++i) {
      for (std::size_t j = 0; j < map[i].size(); ++j) {
        if (map[i][j] < c.get<double>("binarise")) continue;
        outputs.push_back({origin.at(0) + stride * static_cast<std::int64_t>(j) + offset,
                           origin.at(1) + stride * static_cast<std::int64_t>(i) + offset,
                           map[i][j]});
      }
    }

    for (const auto& [rule, position] : {std::pair{"argmax", objects::Position::Argmax},
                                         std::pair{"centroid", objects::Position::Centroid}}) {
      const auto found = objects::connect(outputs, stride, position);
      auto kept = objects::suppress(found, c.get<double>("d"));
      c.expect(fmt::format("objects_{}", rule), rows_of(found, true), c.tolerance("objects"));
      c.expect(fmt::format("kept_{}", rule), rows_of(kept, false), c.tolerance("kept"));
      std::erase_if(kept,
                    [&](const auto& object) { return object.score < c.get<double>("delta"); });
      const auto final_name = fmt::format("final_{}", rule);
      if (c.expects(final_name)) c.expect(final_name, rows_of(kept, false));
    }
  });
}

void check_counts(vectors::Case& c) {
  std::vector<stats::GridPosition> detections;
  for (const auto& at : c.input("detections"))
    detections.push_back({at.at(0).get<double>(), at.at(1).get<double>()});

  const auto counts =
      stats::count_within(detections, c.get<double>("width"), c.get<double>("height"),
                          c.get<double>("stride"), c.get<double>("radius_px"));

  json rows = json::array();
  for (std::int64_t row = 0; row < counts.rows; ++row) {
    json line = json::array();
    for (std::int64_t column = 0; column < counts.columns; ++column)
      line.push_back(counts.at(column, row));
    rows.push_back(line);
  }
  const auto everywhere = [](std::int64_t, std::int64_t) { return true; };
  const auto nonzero = [&](std::int64_t x, std::int64_t y) { return counts.at(x, y) > 0; };
  c.expect("counts", rows);
  c.expect("maximum", *std::max_element(counts.values.begin(), counts.values.end()));
  c.expect("positions_nonzero", stats::hotspot_score(counts, 95, nonzero).positions);
  c.expect("p95_nonzero", stats::hotspot_score(counts, 95, nonzero).percentile);
  c.expect("p95_all", stats::hotspot_score(counts, 95, everywhere).percentile);
  if (c.expects("p95_tissue")) {
    const auto& tissue = c.input("tissue_at_grid");
    const auto on_tissue = [&](std::int64_t x, std::int64_t y) {
      const auto& value = tissue.at(static_cast<std::size_t>(y)).at(static_cast<std::size_t>(x));
      return value.is_boolean() ? value.get<bool>() : value.get<int>() != 0;
    };
    c.expect("p95_tissue", stats::hotspot_score(counts, 95, on_tissue).percentile);
  }
  c.skip("closest_to_radius");  // says that no pair lies on the circle, within rounding
}

TEST(Vectors, Hotspot) {
  vectors::for_each_case("hotspot", [](vectors::Case& c) {
    if (c.has("detections")) return check_counts(c);
    if (c.has("theta1")) {
      const grade::Params params{c.get<double>("theta1"), c.get<double>("theta2")};
      json grades = json::array();
      for (const auto& count : c.input("count"))
        grades.push_back(grade::of_count(count.get<double>(), params).grade);
      return c.expect("grade", grades);
    }
    const auto area = c.get<double>("area_mm2");
    json radii = json::array();
    for (const auto& mpp : c.input("mpp"))
      radii.push_back(stats::hotspot_radius_px(area, mpp.get<double>()));
    c.expect("radius_um", stats::hotspot_radius_px(area, 1.0), {1e-8, 0});  // 12 digits are given
    c.expect("radius_px", radii, {1e-8, 0});
  });
}

}  // namespace
}  // namespace mito
