#include "nodes/outcome/run_page/run_page.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/version.h"
#include "engine/image/encode.h"
#include "engine/image/outlines.h"
#include "engine/report/bundle.h"
#include "engine/report/template.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "engine/types/seen_images.h"
#include "nodes/outcome/run_page/pictures.h"

namespace mito::run_page {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPatches = "run_patches";
constexpr double kFoundUm = 64;     ///< Edge of the close-up of a detection,
constexpr double kRejectedUm = 32;  ///< and of what the threshold leaves out.
constexpr double kDetailMpp = 0.5;  ///< Of the hotspot.
// Of what the budget leaves behind the overview, close-ups leave a share to the hotspot.
constexpr double kFoundShare = 0.6;
constexpr double kRejectedShare = 0.75;
constexpr double kBytesPerMb = 1e6;
constexpr int kThumbnailQuality = 80;

/// An object that the page can show, and what it is known to be.
struct Shown {
  Detection object;
  std::string sample;
  std::vector<std::size_t> truths;  ///< Those in reach.
  std::optional<CloseUp> picture;
};

struct Missed {
  PointL0 at;
  bool in_reach = false;  ///< Of any object, whatever its score.
  std::optional<CloseUp> picture;
};

/// What is drawn at any threshold.
struct Scene {
  DetectionSet objects;
  std::string study;
  std::string doubt;  ///< Why the objects begin at the threshold of the run; empty: they do not.
  std::vector<Shown> shown;
  bool has_truth = false;
  std::vector<Missed> truths;
};

/// The objects from a low threshold on, where those of the run are among them as they are.
void choose_objects(Scene& scene, const Subject& subject) {
  scene.objects = subject.detections;
  if (subject.objects == nullptr) {
    scene.doubt = "The page was made without the objects below the threshold.";
    return;
  }
  const auto own = at_threshold(*subject.objects, subject.detections.min_probability);
  if (own.items == subject.detections.items &&
      subject.objects->min_probability <= subject.detections.min_probability)
    scene.objects = *subject.objects;
  else
    scene.doubt =
        "The objects below the threshold were made with other parameters than the detections "
        "(binarise, min_distance_um, position, form): give the same to both.";
}

std::vector<PointL0> read_truth(const Params& params, const Subject& subject, Scene& scene) {
  if (subject.truth.empty()) return {};
  const auto& info = subject.slide.info();
  const PointL0 origin = params.truth_origin == "bounds" ? info.bounds_corner() : PointL0{};
  auto points = true_mitoses(read_points(subject.truth), info.path, origin);
  scene.has_truth = points.has_value();
  return points.value_or(std::vector<PointL0>{});
}

Scene scene_of(const Params& params, const Subject& subject) {
  Scene scene;
  choose_objects(scene, subject);
  for (const auto& at : read_truth(params, subject, scene)) scene.truths.push_back({at, false, {}});
  std::string places;
  for (const auto& object : scene.objects.items)
    places += fmt::format("{} {} {}\n", subject.slide.info().identity, number_text(object.center.x),
                          number_text(object.center.y));
  constexpr std::size_t kStudyDigits = 6;
  scene.study = sha256(places).substr(0, kStudyDigits);
  for (const auto& object : scene.objects.items) {
    Shown one{object, fmt::format("{}-{:04}", scene.study, scene.shown.size() + 1), {}, {}};
    for (std::size_t t = 0; t < scene.truths.size(); ++t) {
      if (distance_um(scene.objects.grid, object.center, scene.truths[t].at) > params.match_um)
        continue;
      one.truths.push_back(t);
      scene.truths[t].in_reach = true;
    }
    scene.shown.push_back(std::move(one));
  }
  return scene;
}

/// Pictures of what was found, of what nothing found, and of what the threshold leaves out; how
/// many of either there are not.
std::vector<std::string> take_close_ups(const Subject& subject,
                                        Scene& scene,
                                        Pictures& pictures,
                                        const Budget& budget) {
  const double all = budget.left();
  const auto may_take = [&](double share) { return budget.left() > all * (1 - share); };
  const double threshold = subject.detections.min_probability;
  std::size_t without = 0;
  std::size_t rejected_without = 0;
  for (auto& one : scene.shown) {
    if (one.object.score < threshold) continue;
    if (may_take(kFoundShare)) one.picture = pictures.close_up(one.object.center, kFoundUm);
    without += one.picture ? 0 : 1;
  }
  for (auto& truth : scene.truths) {
    if (truth.in_reach) continue;
    if (may_take(kFoundShare)) truth.picture = pictures.close_up(truth.at, kFoundUm);
    without += truth.picture ? 0 : 1;
  }
  for (auto& one : scene.shown) {
    if (one.object.score >= threshold) continue;
    if (may_take(kRejectedShare)) one.picture = pictures.close_up(one.object.center, kRejectedUm);
    rejected_without += one.picture ? 0 : 1;
  }
  std::vector<std::string> left_out;
  if (without > 0)
    left_out.push_back(fmt::format("{} detections or missed mitoses have no close-up.", without));
  if (rejected_without > 0)
    left_out.push_back(
        fmt::format("{} objects below the threshold have no close-up.", rejected_without));
  return left_out;
}

Json interval_json(const std::optional<stats::Interval>& interval) {
  return interval ? Json({interval->low, interval->high}) : Json();
}

Json slide_json(const SlideInfo& info) {
  return {{"name", info.name},        {"file", info.path.filename().string()},
          {"vendor", info.vendor},    {"width_px", info.width},
          {"height_px", info.height}, {"mpp_x", info.mpp_x},
          {"mpp_y", info.mpp_y},      {"mpp_source", info.mpp_source},
          {"identity", info.identity}};
}

Json result_json(const Params& params, const Subject& subject) {
  const auto count = static_cast<double>(subject.detections.items.size());
  const double area = subject.mask.area_mm2;
  const auto sure = study::uncertainty(params, counted(params, subject.detections), &subject.mask,
                                       subject.calibration);
  return {{"threshold", subject.detections.min_probability},
          {"mitoses", subject.detections.items.size()},
          {"tissue_mm2", area},
          {"per_mm2", area > 0 ? Json(count / area) : Json()},
          {"count_p95", subject.hotspot.count_p95},
          {"count_max", subject.hotspot.count_max},
          {"interval", interval_json(sure.count_p95)},
          {"calibration", text_or_null(subject.calibration.name())},
          {"grade", subject.grade.grade},
          {"excluded", text_or_null(subject.mask.excluded())},
          {"doubt", text_or_null(subject.mask.doubt)}};
}

Json picture_json(const std::optional<CloseUp>& picture) {
  return picture ? Json({picture->um, picture->uri}) : Json();
}

/// [x, y] in pixels of the analysis grid and [x, y] on level 0, as the page names places.
Json place_json(const Grid& grid, const PointL0& at) {
  const PointL0 own = grid.from_level0(at);
  return {own.x, own.y, at.x, at.y};
}

Json objects_json(const Scene& scene) {
  Json out = Json::array();
  for (const auto& one : scene.shown)
    out.push_back({{"at", place_json(scene.objects.grid, one.object.center)},
                   {"score", one.object.score},
                   {"sample", one.sample},
                   {"truths", one.truths},
                   {"picture", picture_json(one.picture)}});
  return out;
}

Json truths_json(const Scene& scene) {
  if (!scene.has_truth) return {};
  Json out = Json::array();
  for (const auto& truth : scene.truths)
    out.push_back({{"at", place_json(scene.objects.grid, truth.at)},
                   {"picture", picture_json(truth.picture)}});
  return out;
}

/// The corners of a border in whole pixels of `grid`: x, y, x, y, ...
Json ring_json(const std::vector<PointL0>& ring, const Grid& grid) {
  Json out = Json::array();
  for (const auto& corner : ring) {
    const PointL0 at = grid.from_level0(corner);
    out.push_back(std::llround(at.x));
    out.push_back(std::llround(at.y));
  }
  return out;
}

Json areas_json(const Subject& subject) {
  const Grid& grid = subject.slide.analysis_grid();
  Json out = Json::object();
  for (const auto kind : {Ground::Tissue, Ground::Pen, Ground::Unscanned, Ground::Debris}) {
    Json polygons = Json::array();
    for (const auto& outline : image::outlines(subject.mask, kind)) {
      polygons.push_back(ring_json(outline.outer, grid));
      for (const auto& hole : outline.holes) polygons.push_back(ring_json(hole, grid));
    }
    if (!polygons.empty()) out[std::string(name_of(kind))] = std::move(polygons);
  }
  return out;
}

Json probability_json(const Subject& subject) {
  if (subject.probability == nullptr) return {};
  const auto& overview = *subject.probability;
  // The picture's corner and size in pixels of the analysis grid: its pixel (j, i) is centred on
  // coarse pixel (4j, 4i).
  const Grid& grid = subject.slide.analysis_grid();
  const double cell = ProbabilityTile::kStride;
  const PointL0 corner = grid.from_level0(overview.grid.to_level0(-cell / 2, -cell / 2));
  const PointL0 other = grid.from_level0(
      overview.grid.to_level0((static_cast<double>(overview.columns()) - 0.5) * cell,
                              (static_cast<double>(overview.rows()) - 0.5) * cell));
  return {{"x", corner.x},
          {"y", corner.y},
          {"width", other.x - corner.x},
          {"height", other.y - corner.y},
          {"uri",
           report::data_uri("png", image::probability_png(overview.probability, overview.columns(),
                                                          overview.rows()))}};
}

/// Has the network seen this slide? Then found and missed say little, and the page says so; a
/// measurement is refused (evaluate_detections).
bool is_seen(const nn::Model* model, const SlideInfo& info) {
  if (model == nullptr) return false;
  try {
    refuse_seen({nn::seen_in_training(model->info()), nn::seen_in_tuning(model->info())},
                {info.name, info.name, content_of_identity(info.identity)});
  } catch (const DataError&) {
    return true;
  }
  return false;
}

Json model_json(const nn::Model* model) {
  if (model == nullptr) return {};
  const auto& info = model->info();
  return {{"digest", model->digest()},
          {"networks", model->size()},
          {"mpp", info.mpp},
          {"threshold", info.threshold},
          {"threshold_source", text_or_null(info.threshold_source)},
          {"training_cases", info.training_cases.size()},
          {"data_digest", text_or_null(info.data_digest)},
          {"version", text_or_null(info.version)}};
}

/// The slide as deep zoom, and the pictures of objects.
std::vector<std::string> draw(const Params& params,
                              const Subject& subject,
                              Scene& scene,
                              Pictures& pictures,
                              const Budget& budget) {
  pictures.add_overview(params.overview_px);
  auto left_out = take_close_ups(subject, scene, pictures, budget);
  if (subject.hotspot.count_max == 0) return left_out;
  const double reached =
      pictures.add_circle(subject.hotspot.center, subject.hotspot.radius_um, kDetailMpp);
  constexpr double kCoarser = 1.5;  // than asked for: the next level was left out
  if (reached > kCoarser * kDetailMpp)
    left_out.push_back(fmt::format("The hotspot is shown at {:.2g} \u00b5m/px, not at {:g}.",
                                   reached, kDetailMpp));
  return left_out;
}

Json pyramid_json(Pyramid pyramid) {
  return {{"width", pyramid.width},         {"height", pyramid.height},
          {"tile_px", pyramid.tile_px},     {"min_level", pyramid.min_level},
          {"max_level", pyramid.max_level}, {"tiles", std::move(pyramid.tiles)}};
}

/// The whole slide as one small picture, for pages of many slides.
std::string thumbnail(const Slide& slide) {
  const DeepZoom zoom(slide.analysis_grid());
  const Grid grid = zoom.grid_of(zoom.one_tile_level());
  return image::jpeg_of(image::view_of(slide.read(grid, grid.bounds()), grid.width, grid.height),
                        kThumbnailQuality);
}

std::string key_csv(const Scene& scene, const SlideInfo& info) {
  std::string text = "sample,slide,x,y,score,reference,patch,sha256,image\n";
  const std::string name = csv_field(info.name);
  const std::string content = content_of_identity(info.identity);
  for (const auto& one : scene.shown) {
    const char* reference = !scene.has_truth ? "" : one.truths.empty() ? "false" : "true";
    // The pictures are in the page: observer_result draws no sheet where the folder is not there.
    text += fmt::format("{},{},{},{},{},{},{}/{}.png,,{}\n", one.sample, name,
                        number_text(one.object.center.x), number_text(one.object.center.y),
                        number_text(one.object.score), reference, kPatches, one.sample, content);
  }
  return text;
}

}  // namespace

OutputFiles files(const Params& params, const Subject& subject) {
  Scene scene = scene_of(params, subject);
  const auto& info = subject.slide.info();
  const Grid& grid = subject.slide.analysis_grid();
  const std::string page = report::run_page(subject.seconds);
  Json data{
      {"version", std::string(version())},
      {"notice", kNotAMedicalDevice},
      {"study", scene.study},
      {"slide", slide_json(info)},
      {"mpp", grid.mpp},
      {"result", result_json(params, subject)},
      {"rule", live_rule(params, subject.detections, subject.mask, subject.hotspot, subject.grade)},
      {"lowest", scene.objects.min_probability},
      {"lowest_doubt", text_or_null(scene.doubt)},
      {"match_um", params.match_um},
      {"areas", areas_json(subject)},
      {"probability", probability_json(subject)},
      {"seen", scene.has_truth && is_seen(subject.model, info)},
      {"model", model_json(subject.model)},
      {"key", subject.key}};
  Budget budget(params.max_mb * kBytesPerMb - static_cast<double>(page.size()) -
                static_cast<double>(report::script_json(data).size()));
  Pictures pictures(subject.slide, budget, subject.stop);
  data["left_out"] = draw(params, subject, scene, pictures, budget);
  data["objects"] = objects_json(scene);
  data["truths"] = truths_json(scene);
  data["pyramid"] = pyramid_json(pictures.pyramid());
  return {{kKey, key_csv(scene, info)},
          {kThumbnail, thumbnail(subject.slide)},
          {kPage, report::filled(page, data)}};
}

}  // namespace mito::run_page
