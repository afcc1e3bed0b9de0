#include "nodes/train_cnn/train_cnn.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/image/objects.h"
#include "engine/stats/matching.h"

namespace mito::train_cnn {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// METHODS 9.2: components of p >= `min_probability`, weighted centroids, greedy suppression.
std::vector<image::Object> objects(const std::vector<float>& map,
                                   std::int64_t columns,
                                   double min_probability,
                                   double nms_px) {
  std::vector<image::Output> outputs;
  for (std::int64_t i = 0; i < std::ssize(map); ++i) {
    const auto p = static_cast<double>(map[index(i)]);
    if (p >= min_probability)
      outputs.push_back({i % columns * nn::kStride, i / columns * nn::kStride, p});
  }
  return image::suppress(image::connect(std::move(outputs), nn::kStride, image::Position::Centroid),
                         nms_px);
}

bool listed(const std::vector<std::string>& cases, const std::string& case_id) {
  return std::ranges::find(cases, case_id) != cases.end();
}

void check_cases(const std::vector<std::string>& wanted,
                 const AnnotatedImages& data,
                 std::string_view parameter) {
  for (const auto& case_id : wanted) {
    if (std::ranges::none_of(data.images,
                             [&](const auto& image) { return image.case_id == case_id; }))
      throw DataError(
          fmt::format("{} names case '{}', but no image belongs to it", parameter, case_id));
  }
}

AnnotatedImages without(AnnotatedImages data, const std::vector<std::string>& cases) {
  std::erase_if(data.images, [&](const auto& image) { return listed(cases, image.case_id); });
  return data;
}

}  // namespace

std::string check(const Params& params) {
  if (params.batch % 2 != 0) return "parameter 'batch' must be even: half of it are mitoses";
  if (params.validation_cases.empty())
    return "parameter 'validation_cases' must name at least one case";
  for (const auto& case_id : params.validation_cases) {
    if (listed(params.exclude_cases, case_id))
      return fmt::format("case '{}' is both in validation_cases and in exclude_cases", case_id);
  }
  return {};
}

BestF1 operating_point(const Params& params,
                       const std::vector<Image>& images,
                       const nn::Network& network,
                       const Hooks& hooks) {
  std::vector<stats::Image> matched;
  for (const auto& image : images) {
    if (hooks.stop()) throw Interrupted("stopped while choosing the threshold");
    hooks.progress("choosing the threshold", 1.0);
    const Rect core{0, 0, image.width, image.height};
    const auto map =
        nn::dense_probabilities(network, image.view(), core, [](const Rect&) { return true; });
    const auto columns = (image.width + nn::kStride - 1) / nn::kStride;
    auto& one = matched.emplace_back();
    for (const auto& object :
         objects(map, columns, params.object_probability, params.nms_um / kAnalysisMpp))
      one.claims.push_back({object.x, object.y, object.score});
    for (const auto& mitosis : image.mitoses)
      one.truths.push_back({static_cast<double>(mitosis.x), static_cast<double>(mitosis.y)});
  }
  const auto curve = stats::any_hit_curve(matched, params.match_radius_um / kAnalysisMpp,
                                          stats::distinct_scores(matched));
  const auto best = stats::best(curve);
  if (!best) return {0, params.object_probability, 0, 0};
  return {best->counts.f1().value_or(0), best->threshold, best->counts.precision().value_or(0),
          best->counts.recall().value_or(0)};
}

nn::Tensors first_weights(const Params& params, const nn::Model* start, const std::string& name) {
  const auto architecture =
      nn::table2(params.width_factor, nn::rule_from(params.rule), params.slope);
  if (start == nullptr)
    return nn::initial_tensors(architecture, static_cast<std::uint64_t>(params.seed),
                               name + "/init");
  if (start->info().architecture != architecture)
    throw DataError(fmt::format(
        "the network to start from has another architecture (width factor {}, rule {}, slope {}) "
        "than asked for (width factor {}, rule {}, slope {})",
        start->info().architecture.width_factor, nn::name_of(start->info().architecture.rule),
        start->info().architecture.slope, params.width_factor, params.rule, params.slope));
  return start->tensors();
}

nn::Model train(const Params& params,
                const AnnotatedImages& data,
                const nn::Model* start,
                const Hooks& hooks) {
  check_cases(params.validation_cases, data, "validation_cases");
  check_cases(params.exclude_cases, data, "exclude_cases");
  std::vector<Image> training =
      read_images(without(data, params.exclude_cases), params.memory_mib, hooks.stop);
  const auto held_out = std::stable_partition(
      training.begin(), training.end(),
      [&](const Image& image) { return !listed(params.validation_cases, image.case_id); });
  std::vector<Image> validation(std::make_move_iterator(held_out),
                                std::make_move_iterator(training.end()));
  training.erase(held_out, training.end());

  const auto device = nn::device_from(params.device);
  nn::ModelInfo info;
  info.architecture = nn::table2(params.width_factor, nn::rule_from(params.rule), params.slope);
  const auto learner =
      nn::backend().learner(info.architecture, first_weights(params, start, hooks.name), device);
  auto trained = run_epochs(params, training, validation, *learner, hooks);

  const auto network = nn::backend().network(info.architecture, trained.weights, device);
  const auto chosen = operating_point(params, validation, *network, hooks);
  info.mpp = kAnalysisMpp;
  info.threshold = chosen.threshold;
  info.threshold_source = fmt::format(
      "highest F1 ({:.3f}, precision {:.3f}, recall {:.3f}) of dense detections on validation "
      "cases {}, any_hit within {} um; epoch {} of {}",
      chosen.f1, chosen.precision, chosen.recall, fmt::join(params.validation_cases, ", "),
      params.match_radius_um, trained.best_epoch, params.epochs);
  info.data_digest = data.digest;
  info.seed = params.seed;
  info.version = "mitoloom 0.1.0";
  return {std::move(info), std::move(trained.weights)};
}

}  // namespace mito::train_cnn
