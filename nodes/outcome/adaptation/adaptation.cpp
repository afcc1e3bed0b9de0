#include "nodes/outcome/adaptation/adaptation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "engine/nn/loss.h"
#include "engine/stats/bootstrap.h"
#include "engine/types/folds.h"

namespace mito::adaptation {
namespace {

constexpr std::int64_t kPatchPx = 128;
constexpr auto kBytes = static_cast<std::size_t>(3 * kPatchPx * kPatchPx);
constexpr double kLeast = 1e-7;  // of a probability: keeps logits finite
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double logit(double p) {
  const double q = std::clamp(p, kLeast, 1 - kLeast);
  return std::log(q / (1 - q));
}

/// Weighted counts of places.
struct Counts {
  double tp = 0;
  double fp = 0;
  double fn = 0;

  void add(bool is_mitosis, bool called, double weight) {
    if (is_mitosis)
      (called ? tp : fn) += weight;
    else if (called)
      fp += weight;
  }
  std::optional<double> f1() const {
    const double all = 2 * tp + fp + fn;
    return all > 0 ? std::optional(2 * tp / all) : std::nullopt;
  }
};

Counts counts_of(const Places& places,
                 const std::vector<std::uint8_t>& called,
                 std::span<const std::size_t> of) {
  Counts out;
  for (const auto i : of) out.add(places.label[i] == 1, called[i] == 1, places.weight[i]);
  return out;
}

std::vector<std::size_t> all_of(const Places& places) {
  std::vector<std::size_t> out(places.label.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

std::vector<double> scores_of(const nn::Network& network,
                              const LabelledPatches& labelled,
                              const std::function<bool()>& stop) {
  std::vector<double> out;
  for (std::size_t i = 0; i < labelled.labels.size(); ++i) {
    if (stop()) throw Interrupted("stopped while looking at labelled places");
    out.push_back(place_score(network, std::span(labelled.rgb).subspan(i * kBytes, kBytes)));
  }
  return out;
}

/// Of the network that was fine-tuned without the fold of each.
std::vector<double> scores_left_out(const nn::Model& folds,
                                    nn::Device device,
                                    const LabelledPatches& labelled,
                                    const std::vector<std::uint32_t>& fold,
                                    const std::function<bool()>& stop) {
  std::vector<double> out;
  for (std::size_t i = 0; i < labelled.labels.size(); ++i) {
    if (stop()) throw Interrupted("stopped while looking at labelled places");
    out.push_back(place_score(folds.members().at(fold[i]).network(device),
                              std::span(labelled.rgb).subspan(i * kBytes, kBytes)));
  }
  return out;
}

void put_interval(const std::optional<stats::Interval>& interval, double& low, double& high) {
  low = interval ? interval->low : kNaN;
  high = interval ? interval->high : kNaN;
}

/// `called` fixed, F1 of the places and its interval over the resamples of these.
void measure(const Places& places,
             const std::vector<std::uint8_t>& called,
             std::span<const stats::Resample> draws,
             AdaptedWeights& out) {
  const auto all = counts_of(places, called, all_of(places));
  out.f1 = all.f1().value_or(kNaN);
  out.precision = all.tp + all.fp > 0 ? all.tp / (all.tp + all.fp) : kNaN;
  out.recall = all.tp + all.fn > 0 ? all.tp / (all.tp + all.fn) : kNaN;
  const auto f1 = stats::bootstrap(
      draws, [&](const stats::Resample& of) { return counts_of(places, called, of).f1(); });
  put_interval(stats::percentile_interval95(f1), out.f1_low, out.f1_high);
}

/// A threshold for the laboratory, calibration, and what they give.
AdaptedWeights tuned(const Places& places, std::span<const stats::Resample> draws) {
  AdaptedWeights out;
  out.temperature = temperature_of(places);
  out.loss = loss_at(places, 1);
  out.calibrated_loss = loss_at(places, out.temperature);
  out.threshold = calibrated(best_threshold(places, all_of(places)).value(), out.temperature);
  const auto thresholds = stats::bootstrap(draws, [&](const stats::Resample& of) {
    const auto best = best_threshold(places, of);
    return best ? std::optional(calibrated(*best, out.temperature)) : std::nullopt;
  });
  put_interval(stats::percentile_interval95(thresholds), out.threshold_low, out.threshold_high);
  measure(places, cross_fitted(places), draws, out);
  return out;
}

std::vector<std::uint8_t> called_from(const Places& places, double threshold) {
  std::vector<std::uint8_t> out;
  for (const double score : places.score) out.push_back(score >= threshold ? 1 : 0);
  return out;
}

AdaptedWeights before_row(const Places& places,
                          double threshold,
                          std::span<const stats::Resample> draws) {
  AdaptedWeights out;
  out.loss = out.calibrated_loss = loss_at(places, 1);
  out.threshold = threshold;
  out.threshold_low = out.threshold_high = kNaN;
  measure(places, called_from(places, threshold), draws, out);
  return out;
}

void put_gain(const Places& before,
              double threshold,
              const Places& after,
              std::span<const stats::Resample> draws,
              Adaptation& out) {
  const auto old_called = called_from(before, threshold);
  const auto new_called = cross_fitted(after);
  const auto gain_of = [&](const stats::Resample& of) -> std::optional<double> {
    const auto old_f1 = counts_of(before, old_called, of).f1();
    const auto new_f1 = counts_of(after, new_called, of).f1();
    if (!old_f1 || !new_f1) return std::nullopt;
    return *new_f1 - *old_f1;
  };
  out.gain = gain_of(all_of(before)).value_or(kNaN);
  put_interval(stats::percentile_interval95(stats::bootstrap(draws, gain_of)), out.gain_low,
               out.gain_high);
}

void put_replay(const PatchSet& replay,
                const nn::Network& before,
                const nn::Network& after,
                Adaptation& out) {
  constexpr double kHalf = 0.5;
  double change = 0;
  std::int64_t same = 0;
  for (std::size_t i = 0; i < replay.count(); ++i) {
    const auto rgb = replay.rgb.all().subspan(i * kBytes, kBytes);
    const double old_p = place_score(before, rgb);
    const double new_p = place_score(after, rgb);
    change += std::abs(new_p - old_p);
    same += (new_p >= kHalf) == (old_p >= kHalf) ? 1 : 0;
  }
  const auto n = static_cast<double>(replay.count());
  out.replayed = static_cast<std::int64_t>(replay.count());
  out.replay_change = change / n;
  out.replay_same = static_cast<double>(same) / n;
}

void check(const LabelledPlaces& places) {
  const auto& labels = places.patches.labels;
  const auto n = labels.size();
  if (places.patches.size != kPatchPx || places.patches.rgb.size() != n * kBytes ||
      places.weights.size() != n || places.images.size() != n)
    throw DataError(
        fmt::format("labelled places: expected {} px and a weight for each of {}", kPatchPx, n));
  const auto mitoses = std::ranges::count(labels, 1);
  if (mitoses == 0 || mitoses == std::ssize(labels))
    throw DataError(fmt::format(
        "{} of {} labelled places are mitotic: both answers are needed; draw more places, or from "
        "other slides",
        mitoses, labels.size()));
}

}  // namespace

double place_score(const nn::Network& network, std::span<const std::uint8_t> rgb) {
  const auto parts = network.dense_parts();
  const auto side = kPatchPx + parts.context_px;
  std::vector<std::uint8_t> block(static_cast<std::size_t>(3 * side * side), 255);
  for (std::int64_t y = 0; y < kPatchPx; ++y)
    std::copy_n(rgb.data() + 3 * y * kPatchPx, 3 * kPatchPx, block.data() + 3 * y * side);
  const auto map = network.probability_map(block, side, side);
  return *std::ranges::max_element(map);
}

double calibrated(double p, double temperature) {
  return nn::mitosis_probability(0, logit(p) / temperature);
}

std::optional<double> best_threshold(const Places& places, std::span<const std::size_t> of) {
  std::vector<std::size_t> order(of.begin(), of.end());
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return places.score[i]; });
  Counts counts;
  for (const auto i : order) counts.add(places.label[i] == 1, false, places.weight[i]);
  if (counts.fn <= 0) return std::nullopt;
  double best_f1 = -1;
  double best = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto i = order[k];
    if (places.label[i] == 1) {
      counts.tp += places.weight[i];
      counts.fn -= places.weight[i];
    } else {
      counts.fp += places.weight[i];
    }
    const bool is_last = k + 1 == order.size();
    const double next = is_last ? 0 : places.score[order[k + 1]];
    if (!is_last && next == places.score[i]) continue;
    const double f1 = counts.f1().value_or(0);
    if (f1 <= best_f1) continue;
    best_f1 = f1;
    best = is_last ? places.score[i]
                   : nn::mitosis_probability(0, (logit(places.score[i]) + logit(next)) / 2);
  }
  return best;
}

std::vector<std::uint8_t> cross_fitted(const Places& places) {
  std::vector<std::uint8_t> out(places.label.size(), 0);
  const auto folds = *std::ranges::max_element(places.fold) + 1;
  for (std::uint32_t fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < places.fold.size(); ++i)
      if (places.fold[i] != fold) others.push_back(i);
    const auto threshold = best_threshold(places, others);
    if (!threshold) continue;
    for (std::size_t i = 0; i < places.fold.size(); ++i)
      if (places.fold[i] == fold) out[i] = places.score[i] >= *threshold ? 1 : 0;
  }
  return out;
}

double loss_at(const Places& places, double temperature) {
  double sum = 0;
  double weights = 0;
  for (std::size_t i = 0; i < places.label.size(); ++i) {
    const double z = logit(places.score[i]) / temperature;
    const double wrong = places.label[i] == 1 ? -z : z;  // ln(1 + e^wrong)
    sum += places.weight[i] * (std::max(wrong, 0.0) + std::log1p(std::exp(-std::abs(wrong))));
    weights += places.weight[i];
  }
  return sum / weights;
}

double temperature_of(const Places& places) {
  // Golden section over ln T: the loss is convex in 1 / T, so there is one minimum.
  constexpr int kSteps = 60;
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  double low = std::log(0.2);
  double high = std::log(5.0);
  for (int i = 0; i < kSteps; ++i) {
    const double a = high - ratio * (high - low);
    const double b = low + ratio * (high - low);
    if (loss_at(places, std::exp(a)) <= loss_at(places, std::exp(b)))
      high = b;
    else
      low = a;
  }
  return std::exp((low + high) / 2);
}

Adaptation assess(const Params& params,
                  const LabelledPlaces& labelled,
                  const Networks& networks,
                  const PatchSet* replay,
                  const std::function<bool()>& stop) {
  check(labelled);
  const auto device = nn::device_from(params.device);
  Adaptation out;
  out.samples = labelled.patches.samples;
  out.cases = labelled.patches.cases;
  out.images = labelled.images;
  out.label = labelled.patches.labels;
  out.weight = labelled.weights;
  const auto members = networks.folds.members().size();
  out.fold = folds_of(labelled.patches.cases, static_cast<int>(members));
  if (*std::ranges::max_element(out.fold) + 1 != members)
    throw DataError(fmt::format("{} networks do not fit the {} folds of the labelled places",
                                members, *std::ranges::max_element(out.fold) + 1));
  const auto& before_network = networks.before.network(device);
  out.before = scores_of(before_network, labelled.patches, stop);
  out.after = scores_left_out(networks.folds, device, labelled.patches, out.fold, stop);
  out.model = networks.before.digest();

  const auto draws = stats::resamples(out.label.size(), params.replicates,
                                      static_cast<std::uint64_t>(params.seed));
  const Places before{out.fold, out.label, out.weight, out.before};
  const Places after{out.fold, out.label, out.weight, out.after};
  const double threshold = networks.before.info().threshold;
  out.weights = {before_row(before, threshold, draws), tuned(before, draws), tuned(after, draws)};
  put_gain(before, threshold, after, draws, out);
  if (replay != nullptr && replay->count() > 0)
    put_replay(*replay, before_network, networks.fine_tuned.network(device), out);
  return out;
}

Adaptation::Row chosen(const ModelParams& params, const Adaptation& adaptation) {
  if (params.weights == "old") return Adaptation::Threshold;
  if (params.weights == "fine_tuned") return Adaptation::FineTuned;
  const bool better = adaptation.weights.at(Adaptation::FineTuned).f1 >
                      adaptation.weights.at(Adaptation::Threshold).f1;
  return better ? Adaptation::FineTuned : Adaptation::Threshold;
}

}  // namespace mito::adaptation
