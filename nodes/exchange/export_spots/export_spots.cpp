#include "nodes/exchange/export_spots/export_spots.h"

#include <cstddef>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito::export_spots {
namespace {

// A UUID of version 8: free content, here a digest.
std::string uuid_of(std::string_view slide, const PointL0& at) {
  std::string hex =
      sha256(std::string(slide) + '|' + number_text(at.x) + '|' + number_text(at.y)).substr(0, 32);
  hex[12] = '8';
  hex[16] = 'a';
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) hex.insert(dash, 1, '-');
  return hex;
}

void require_matching(const SpotSet& spots, const SpotScores* scores) {
  if (scores != nullptr && scores->probability.size() != spots.items.size())
    throw DataError(fmt::format("{} scores do not belong to {} spots", scores->probability.size(),
                                spots.items.size()));
}

bool is_positive(const SpotScores& scores, std::size_t i) {
  return static_cast<double>(scores.probability[i]) >= scores.threshold;
}

}  // namespace

std::string to_csv(const SpotSet& spots, const SpotScores* scores, std::string_view slide_name) {
  require_matching(spots, scores);
  const std::string name = csv_field(slide_name);
  std::string text = "slide,x,y,score,label,id,area_um2,mean_dab\n";
  for (std::size_t i = 0; i < spots.items.size(); ++i) {
    const auto& spot = spots.items[i];
    std::string score;
    std::string label = "candidate";
    if (scores != nullptr) {
      score = number_text(static_cast<double>(scores->probability[i]));
      label = is_positive(*scores, i) ? "positive" : "negative";
    }
    text += fmt::format("{},{},{},{},{},{},{},{}\n", name, number_text(spot.center.x),
                        number_text(spot.center.y), score, label, i + 1, number_text(spot.area_um2),
                        number_text(spot.mean_dab));
  }
  return text;
}

std::string to_geojson(const SpotSet& spots,
                       const SpotScores* scores,
                       std::string_view slide_identity,
                       const PointL0& origin) {
  using Json = nlohmann::ordered_json;
  require_matching(spots, scores);
  Json features = Json::array();
  for (std::size_t i = 0; i < spots.items.size(); ++i) {
    const auto& spot = spots.items[i];
    Json measurements{{"area_um2", spot.area_um2}, {"mean_dab", spot.mean_dab}};
    Json kind{{"name", "Candidate"}, {"color", {160, 100, 40}}};
    if (scores != nullptr) {
      measurements["probability"] = scores->probability[i];
      kind = is_positive(*scores, i) ? Json{{"name", "Positive"}, {"color", {200, 0, 0}}}
                                     : Json{{"name", "Negative"}, {"color", {0, 0, 200}}};
    }
    features.push_back({{"type", "Feature"},
                        {"id", uuid_of(slide_identity, spot.center)},
                        {"geometry",
                         {{"type", "Point"},
                          {"coordinates", {spot.center.x - origin.x, spot.center.y - origin.y}}}},
                        {"properties",
                         {{"objectType", "detection"},
                          {"classification", kind},
                          {"measurements", measurements}}}});
  }
  return Json{{"type", "FeatureCollection"}, {"features", features}}.dump(
             1, ' ', false, Json::error_handler_t::replace) +
         '\n';
}

}  // namespace mito::export_spots
