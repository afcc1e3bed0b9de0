// The training loop. It knows the network only as a Learner, so tests can give it a small fake.
#include "nodes/detector/train_cnn/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/text.h"
#include "engine/nn/loss.h"
#include "nodes/detector/training/learning_rate.h"

namespace mito::train_cnn {
namespace {

constexpr std::size_t kPatchNumbers = std::size_t{3 * nn::kPatch * nn::kPatch};
constexpr std::size_t kLogColumns = 12;

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

void put(Record& record, const std::string& prefix, const nn::Tensors& tensors) {
  for (const auto& [name, array] : tensors) record.arrays[prefix + name] = array;
}

nn::Tensors take(const Record& record, const std::string& prefix) {
  nn::Tensors out;
  for (const auto& [name, array] : record.arrays) {
    if (name.starts_with(prefix)) out[name.substr(prefix.size())] = array;
  }
  return out;
}

void append(std::vector<double>& to, const stats::PatchF1& m) {
  to.insert(to.end(), {m.f1, m.threshold, m.precision, m.recall});
}

stats::PatchF1 measures(std::span<const double> from) {
  return {from[0], from[1], from[2], from[3]};
}

/// Of an epoch that no patches validated.
stats::PatchF1 not_validated(double threshold) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  return {kNaN, threshold, kNaN, kNaN};
}

/// A measure in the log, or what stands for one that is not known.
std::string measure_text(double value, const char* unknown) {
  return std::isnan(value) ? unknown : fmt::format("{:.4f}", value);
}

/// Parameter values as text: only equality of two texts matters.
template <class T>
std::string text_of(const T& value) {
  return fmt::format("{}", value);
}
std::string text_of(const std::optional<double>& value) {
  return value ? number_text(*value) : "default";
}

}  // namespace

Trainer::Trainer(const Params& params,
                 std::shared_ptr<nn::Learner> learner,
                 RunData data,
                 Hooks hooks)
    : params_(params),
      learner_(std::move(learner)),
      data_(std::move(data)),
      hooks_(std::move(hooks)),
      features_(architecture(params).features()),
      saved_at_(Clock::now()),
      began_at_(saved_at_) {
  if (const auto record = hooks_.load()) resume(*record);
  began_with_ = seen_;
}

Trainer::~Trainer() {
  if (!unsaved_ || failed_) return;
  try {
    save();
  } catch (const std::exception&) {
    // The last checkpoint is still whole; the run goes on from there.
  }
}

std::uint32_t Trainer::seen(const Record& checkpoint) {
  const bool ended = checkpoint.integer("ended") != 0;
  return static_cast<std::uint32_t>(checkpoint.integer(ended ? "size" : "seen"));
}

void Trainer::check(std::uint32_t index, const TrainingBatch& batch) const {
  const auto& place = batch.place;
  const auto n = batch.target.size();
  if (index != seen_ || place.epoch != epoch_ || place.batch != epoch_batches_)
    throw DataError(fmt::format(
        "batch {} ({} of epoch {}) arrived, but batch {} ({} of epoch {}) is next", index + 1,
        place.batch + 1, place.epoch + 1, seen_ + 1, epoch_batches_ + 1, epoch_ + 1));
  if (place.epochs * place.batches != static_cast<std::int64_t>(data_.size))
    throw DataError(fmt::format("{} epochs of {} batches are announced, but {} batches come",
                                place.epochs, place.batches, data_.size));
  if (n == 0 || batch.patch.size() != n || batch.sample.size() != n ||
      batch.patches.size() != n * kPatchNumbers)
    throw DataError(
        fmt::format("batch {} contradicts itself: {} targets, {} patches, {} samples, {} numbers",
                    index + 1, n, batch.patch.size(), batch.sample.size(), batch.patches.size()));
  for (std::size_t i = 0; i < n; ++i) {
    if (!(batch.target[i] >= 0 && batch.target[i] <= 1))
      throw DataError(fmt::format("the target of patch {} is {}, not a probability",
                                  nn::patch_name(data_.patches, batch.patch[i]), batch.target[i]));
  }
}

void Trainer::add(std::uint32_t index, const TrainingBatch& batch) {
  if (ended_ || index < seen_) return;
  const auto start = Clock::now();
  if (free_since_) waited_s_ += seconds(start - *free_since_);
  failed_ = true;  // until all is done: what is half done is not kept
  check(index, batch);
  loss_sum_ += step(batch);
  unsaved_ = true;
  ++seen_;
  ++epoch_batches_;
  samples_ += static_cast<double>(batch.target.size());
  const auto end = Clock::now();
  stepped_s_ += seconds(end - start);
  report_progress(batch.place);
  if (epoch_batches_ == batch.place.batches) {
    finish_epoch(batch.place);
    free_since_.reset();
  } else {
    if (seconds(end - saved_at_) > params_.checkpoint_s) save();
    free_since_ = Clock::now();
  }
  failed_ = false;
  if (hooks_.stop() && seen_ < data_.size && !ended_) {
    if (unsaved_) save();
    throw Interrupted(fmt::format("stopped in epoch {} of {}; a checkpoint was written",
                                  batch.place.epoch + 1, batch.place.epochs));
  }
}

double Trainer::step(const TrainingBatch& batch) {
  const auto count = std::ssize(batch.target);
  draw_dropout(batch);
  const auto logits = learner_->forward(batch.patches, count, dropout_);
  const auto loss =
      nn::soft_cross_entropy(std::vector<double>(logits.begin(), logits.end()),
                             std::vector<double>(batch.target.begin(), batch.target.end()));
  if (!std::isfinite(loss.value)) {
    std::vector<std::string> names;
    for (const auto patch : batch.patch) names.push_back(nn::patch_name(data_.patches, patch));
    throw DataError(fmt::format("the loss is not finite in epoch {}, batch {}; samples: {}",
                                batch.place.epoch + 1, batch.place.batch + 1,
                                fmt::join(names, ", ")));
  }
  learner_->backward(std::vector<float>(loss.gradient.begin(), loss.gradient.end()));
  learner_->step(nn::learning_rate(params_.learning_rate_start, params_.learning_rate_end,
                                   batch.place.epochs, batch.place.epoch),
                 params_.l2);
  return loss.value;
}

void Trainer::draw_dropout(const TrainingBatch& batch) {
  dropout_.clear();
  if (params_.dropout == 0) return;
  const auto kept = static_cast<float>(1 / (1 - params_.dropout));
  for (const auto sample : batch.sample) {
    RandomStream random(batch.place.seed, "train_cnn/dropout", sample,
                        static_cast<std::uint32_t>(batch.place.epoch));
    for (std::int64_t f = 0; f < features_; ++f)
      dropout_.push_back(random.uniform() < params_.dropout ? 0.0F : kept);
  }
}

std::vector<float> Trainer::validate() const {
  // Always full batches, as nn::patch_probabilities makes them: a score must not depend on how many
  // patches there are.
  constexpr std::size_t kBatch = 64;
  const auto& patches = data_.validation;
  std::vector<float> out;
  std::vector<float> batch(kBatch * kPatchNumbers);
  for (std::size_t first = 0; first < patches.count(); first += kBatch) {
    const auto n = std::min(kBatch, patches.count() - first);
    for (std::size_t i = 0; i < n; ++i)
      patches.get(first + i, std::span(batch).subspan(i * kPatchNumbers, kPatchNumbers));
    const auto logits = learner_->predict(batch, std::int64_t{kBatch});
    for (std::size_t i = 0; i < n; ++i)
      out.push_back(static_cast<float>(nn::mitosis_probability(
          static_cast<double>(logits[2 * i]), static_cast<double>(logits[2 * i + 1]))));
    hooks_.progress("validating", static_cast<double>(seen_) / static_cast<double>(data_.size));
  }
  return out;
}

void Trainer::finish_epoch(const BatchPlace& place) {
  constexpr double kHalf = 0.5;
  const auto scores = validate();
  const auto labels = data_.validation.labels();
  const bool validated = !labels.empty();
  const auto curve = validated ? stats::f1_curve(scores, labels) : std::vector<stats::PatchF1>();
  EpochMetrics metrics;
  metrics.epoch = epoch_ + 1;
  metrics.learning_rate = nn::learning_rate(params_.learning_rate_start, params_.learning_rate_end,
                                            place.epochs, epoch_);
  metrics.loss = loss_sum_ / static_cast<double>(epoch_batches_);
  metrics.validation = validated ? stats::best_f1(curve) : not_validated(kHalf);
  metrics.half = validated ? stats::f1_at(kHalf, scores, labels) : not_validated(kHalf);
  metrics.samples_per_second = samples_ / std::max(1e-9, stepped_s_ + waited_s_);
  metrics.waited_s = waited_s_;
  out_.epochs.push_back(metrics);
  if (out_.best_epoch == 0 || params_.keep == "last" ||
      metrics.validation.f1 > out_.best().validation.f1) {
    out_.best_epoch = metrics.epoch;
    out_.weights = learner_->weights();
    out_.curve = curve;
  }
  hooks_.report(out_.epochs, out_.curve);
  ended_ = params_.patience > 0 && metrics.epoch - out_.best_epoch >= params_.patience;
  ++epoch_;
  epoch_batches_ = 0;
  loss_sum_ = stepped_s_ = waited_s_ = samples_ = 0;
  save();
}

void Trainer::report_progress(const BatchPlace& place) {
  const auto done = static_cast<double>(seen_ - began_with_);
  const double left = seconds(Clock::now() - began_at_) / done * (data_.size - seen_);
  hooks_.progress(
      fmt::format("epoch {}/{}, loss {:.4f}, {:.0f} samples/s, {} left", place.epoch + 1,
                  place.epochs, loss_sum_ / static_cast<double>(epoch_batches_),
                  samples_ / std::max(1e-9, stepped_s_ + waited_s_), duration_text(left)),
      static_cast<double>(seen_) / static_cast<double>(data_.size));
}

Trained Trainer::finish() {
  if (seen_ < data_.size && !ended_)
    throw DataError(fmt::format("{} of {} batches came", seen_, data_.size));
  return std::move(out_);
}

std::string Trainer::identity() const {
  std::vector<std::string> defaults;
  const Params untouched;
  Params::describe(untouched, [&](std::string_view, const auto& value, const Field&) {
    defaults.push_back(text_of(value));
  });
  std::string text = fmt::format("{};{};", data_.identity, data_.size);
  std::size_t next = 0;
  Params::describe(params_, [&](std::string_view name, const auto& value, const Field& field) {
    const bool unchanged = text_of(value) == defaults[next++];
    if (field.affects == Affects::Execution || (field.affects == Affects::Addition && unchanged))
      return;
    text += fmt::format("{}={};", name, text_of(value));
  });
  return text;
}

void Trainer::save() {
  Record record;
  put(record, "learner.", learner_->state());
  put(record, "best.", out_.weights);
  std::vector<double> log;
  for (const auto& m : out_.epochs) {
    log.insert(log.end(), {m.learning_rate, m.loss});
    append(log, m.validation);
    append(log, m.half);
    log.insert(log.end(), {m.samples_per_second, m.waited_s});
  }
  record.arrays["log"] = Array::of(log, {out_.epochs.size(), kLogColumns});
  std::vector<double> curve;
  for (const auto& point : out_.curve) append(curve, point);
  record.arrays["curve"] = Array::of(curve, {out_.curve.size(), 4});
  auto& a = record.attributes;
  a["run"] = identity();
  a["seen"] = std::int64_t{seen_};
  a["size"] = std::int64_t{data_.size};
  a["ended"] = std::int64_t{ended_ ? 1 : 0};
  a["epoch"] = epoch_;
  a["epoch_batches"] = epoch_batches_;
  a["loss_sum"] = loss_sum_;
  a["stepped_s"] = stepped_s_;
  a["waited_s"] = waited_s_;
  a["samples"] = samples_;
  a["best_epoch"] = out_.best_epoch;
  hooks_.save(record);
  saved_at_ = Clock::now();
  unsaved_ = false;
}

void Trainer::resume(const Record& record) {
  if (record.text("run") != identity())
    throw DataError("the checkpoint belongs to a run with other data or parameters");
  learner_->restore(take(record, "learner."));
  out_.weights = take(record, "best.");
  const auto log = record.array("log").as<double>();
  for (std::size_t i = 0; i + kLogColumns <= log.size(); i += kLogColumns)
    out_.epochs.push_back({std::ssize(out_.epochs) + 1, log[i], log[i + 1],
                           measures(log.subspan(i + 2)), measures(log.subspan(i + 6)), log[i + 10],
                           log[i + 11]});
  const auto curve = record.array("curve").as<double>();
  for (std::size_t i = 0; i + 4 <= curve.size(); i += 4)
    out_.curve.push_back(measures(curve.subspan(i)));
  seen_ = static_cast<std::uint32_t>(record.integer("seen"));
  ended_ = record.integer("ended") != 0;
  epoch_ = record.integer("epoch");
  epoch_batches_ = record.integer("epoch_batches");
  loss_sum_ = record.number("loss_sum");
  stepped_s_ = record.number("stepped_s");
  waited_s_ = record.number("waited_s");
  samples_ = record.number("samples");
  out_.best_epoch = record.integer("best_epoch");
  if (out_.best_epoch < 0 || out_.best_epoch > std::ssize(out_.epochs))
    throw DataError("the checkpoint contradicts itself: its best epoch is not in its log");
  if (!out_.epochs.empty()) hooks_.report(out_.epochs, out_.curve);
}

std::string duration_text(double seconds) {
  const auto minutes = std::llround(seconds / 60);
  if (minutes >= 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  if (minutes >= 2) return fmt::format("{} min", minutes);
  return fmt::format("{:.0f} s", seconds);
}

std::string metrics_csv(const std::vector<EpochMetrics>& epochs) {
  std::string text =
      "epoch,learning_rate,loss,validation_f1,threshold,precision,recall,f1_at_half,"
      "samples_per_second,waited_s\n";
  for (const auto& m : epochs)
    text += fmt::format("{},{},{:.6f},{},{:.9g},{},{},{},{:.1f},{:.1f}\n", m.epoch,
                        number_text(m.learning_rate), m.loss, measure_text(m.validation.f1, ""),
                        m.validation.threshold, measure_text(m.validation.precision, ""),
                        measure_text(m.validation.recall, ""), measure_text(m.half.f1, ""),
                        m.samples_per_second, m.waited_s);
  return text;
}

std::string metrics_json_lines(const std::vector<EpochMetrics>& epochs) {
  std::string text;
  for (const auto& m : epochs)
    text += fmt::format(
        "{{\"epoch\": {}, \"learning_rate\": {}, \"loss\": {:.6f}, \"validation_f1\": {}, "
        "\"threshold\": {:.9g}, \"precision\": {}, \"recall\": {}, \"f1_at_half\": {}, "
        "\"samples_per_second\": {:.1f}, \"waited_s\": {:.1f}}}\n",
        m.epoch, number_text(m.learning_rate), m.loss, measure_text(m.validation.f1, "null"),
        m.validation.threshold, measure_text(m.validation.precision, "null"),
        measure_text(m.validation.recall, "null"), measure_text(m.half.f1, "null"),
        m.samples_per_second, m.waited_s);
  return text;
}

}  // namespace mito::train_cnn
