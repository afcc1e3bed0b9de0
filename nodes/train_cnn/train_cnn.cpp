#include "nodes/train_cnn/train_cnn.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/image/objects.h"
#include "engine/nn/dense.h"
#include "engine/stats/matching.h"
#include "nodes/train_cnn/image_source.h"
#include "nodes/train_cnn/patch_source.h"
#include "nodes/train_cnn/split.h"

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

AnnotatedImages without(AnnotatedImages data, const std::vector<std::string>& cases) {
  std::erase_if(data.images, [&](const auto& image) {
    return std::ranges::find(cases, image.case_id) != cases.end();
  });
  return data;
}

std::string measures(const BestF1& m) {
  return fmt::format("{:.3f}, precision {:.3f}, recall {:.3f}", m.f1, m.precision, m.recall);
}

/// A source, the cases it holds out, and the identity of what it was made from.
struct Prepared {
  std::unique_ptr<SampleSource> source;
  const ImageSource* images = nullptr;  ///< `source`, when it is one.
  std::vector<std::string> held_out;
  std::string digest;
};

Prepared prepare_images(const Params& params, const AnnotatedImages& data, const Hooks& hooks) {
  std::vector<std::string> cases;
  for (const auto& image : data.images) cases.push_back(image.case_id);
  const Split split = split_cases(params, cases, hooks.name);
  auto training = read_images(without(data, split.excluded), params.memory_mib, hooks.stop);
  const auto first =
      std::stable_partition(training.begin(), training.end(),
                            [&](const Image& image) { return !split.held_out(image.case_id); });
  std::vector<Image> validation(std::make_move_iterator(first),
                                std::make_move_iterator(training.end()));
  training.erase(first, training.end());
  auto source =
      std::make_unique<ImageSource>(params, std::move(training), std::move(validation), hooks.name);
  const auto* images = source.get();
  return {std::move(source), images, split.validation, data.digest};
}

Prepared prepare_patches(const Params& params, const Data& data, const Hooks& hooks) {
  auto source = std::make_unique<PatchSource>(params, *data.patches, data.more_patches, hooks.name);
  auto held_out = source->held_out();
  return {std::move(source), nullptr, std::move(held_out),
          digest(*data.patches, data.more_patches)};
}

Prepared prepare(const Params& params, const Data& data, const Hooks& hooks) {
  if (data.images == nullptr && data.patches == nullptr)
    throw DataError("nothing to train on: connect either 'data' (images) or 'patches'");
  if (data.images != nullptr && (data.patches != nullptr || data.more_patches != nullptr))
    throw DataError("connect either 'data' (images) or 'patches', not both");
  return data.images != nullptr ? prepare_images(params, *data.images, hooks)
                                : prepare_patches(params, data, hooks);
}

/// Threshold to store, and the words that say where it comes from.
std::pair<double, std::string> choose_threshold(const Params& params,
                                                const Prepared& prepared,
                                                const nn::Network& network,
                                                const Hooks& hooks) {
  const auto cases = fmt::format("validation cases {}", fmt::join(prepared.held_out, ", "));
  const bool images = prepared.images != nullptr;
  if (params.threshold == "half" || (params.threshold == "auto" && !images)) {
    constexpr double kHalf = 0.5;  // METHODS 4.4
    const auto there = patch_operating_point(*prepared.source, network, kHalf);
    return {kHalf, fmt::format("fixed; F1 {} of the patches of {}", measures(there), cases)};
  }
  if (images && params.family == nn::name_of(nn::Family::Table2)) {
    const auto best = operating_point(params, prepared.images->validation(), network, hooks);
    return {best.threshold,
            fmt::format("highest F1 ({}) of dense detections on {}, any_hit within {} um",
                        measures(best), cases, params.match_radius_um)};
  }
  const auto best = patch_operating_point(*prepared.source, network, std::nullopt);
  return {best.threshold,
          fmt::format("highest F1 ({}) of the patches of {}", measures(best), cases)};
}

}  // namespace

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

BestF1 patch_operating_point(const SampleSource& source,
                             const nn::Network& network,
                             std::optional<double> threshold) {
  const auto scores = [&](const std::vector<Sample>& samples) {
    nn::PatchScorer scorer(network);
    for (const auto& sample : samples) scorer.add(source.pixels(sample), sample.at.x, sample.at.y);
    return scorer.finish();
  };
  const auto good = scores(source.validation_positives());
  const auto bad = scores(source.validation_negatives());
  return threshold ? f1_at(*threshold, good, bad) : best_f1(good, bad);
}

nn::Tensors first_weights(const Params& params, const nn::Model* start, const std::string& name) {
  const auto wanted = architecture(params);
  if (start == nullptr)
    return nn::initial_tensors(wanted, static_cast<std::uint64_t>(params.seed), name + "/init");
  const auto& given = start->info().architecture;
  if (given != wanted)
    throw DataError(fmt::format(
        "the network to start from has another architecture ({}, width factor {}, rule {}, slope "
        "{}) than asked for ({}, width factor {}, rule {}, slope {})",
        nn::name_of(given.family), given.width_factor, nn::name_of(given.rule), given.slope,
        nn::name_of(wanted.family), wanted.width_factor, nn::name_of(wanted.rule), wanted.slope));
  return start->tensors();
}

nn::Model train(const Params& params,
                const Data& data,
                const nn::Model* start,
                const Hooks& hooks) {
  const auto prepared = prepare(params, data, hooks);
  const auto device = nn::device_from(params.device);
  nn::ModelInfo info;
  info.architecture = architecture(params);
  const auto learner =
      nn::backend().learner(info.architecture, first_weights(params, start, hooks.name), device);
  auto trained = run_epochs(params, *prepared.source, *learner, hooks);

  const auto network = nn::backend().network(info.architecture, trained.weights, device);
  const auto [threshold, source] = choose_threshold(params, prepared, *network, hooks);
  info.mpp = kAnalysisMpp;
  info.threshold = threshold;
  info.threshold_source =
      fmt::format("{}; epoch {} of {}", source, trained.best_epoch, params.epochs);
  info.data_digest = prepared.digest;
  info.seed = params.seed;
  info.version = "mitoloom 0.1.0";
  return {std::move(info), std::move(trained.weights)};
}

}  // namespace mito::train_cnn
