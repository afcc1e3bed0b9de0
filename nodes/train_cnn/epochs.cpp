// The training loop. It knows the network only as a Learner, so tests can give it a small fake.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/image/augment.h"
#include "engine/nn/loss.h"
#include "engine/nn/schedule.h"
#include "nodes/train_cnn/train_cnn.h"

namespace mito::train_cnn {
namespace {

constexpr std::size_t kPatchNumbers = std::size_t{3 * nn::kPatch * nn::kPatch};

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// An endless list of 0..n-1: one seeded permutation after the other (METHODS 7.6).
class Shuffled {
 public:
  Shuffled(std::size_t n, std::uint64_t seed, std::string name)
      : size_(n), seed_(seed), name_(std::move(name)) {}

  std::size_t at(std::uint64_t k) {
    const std::uint64_t pass = k / size_;
    if (order_.empty() || pass != pass_) {
      RandomStream random(seed_, name_, pass);
      order_ = permutation(static_cast<std::uint32_t>(size_), random);
      pass_ = pass;
    }
    return order_[k % size_];
  }

 private:
  std::size_t size_;
  std::uint64_t seed_;
  std::string name_;
  std::uint64_t pass_ = 0;
  std::vector<std::uint32_t> order_;
};

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

/// Parameter values as text: only equality of two texts matters.
template <class T>
std::string text_of(const T& value) {
  return fmt::format("{}", value);
}
std::string text_of(const std::optional<double>& value) {
  return value ? number_text(*value) : "default";
}

class Run {
 public:
  Run(const Params& params, const SampleSource& source, nn::Learner& learner, const Hooks& hooks)
      : params_(params),
        source_(source),
        learner_(learner),
        hooks_(hooks),
        seed_(static_cast<std::uint64_t>(params.seed)),
        augmentation_(image::augmentation(params.augment, params.stain_sigma)),
        features_(architecture(params).features()) {
    const auto total = params_.samples_per_epoch > 0
                           ? params_.samples_per_epoch
                           : std::ssize(source_.positives()) + source_.negatives_per_epoch();
    batches_ = (total + params_.batch - 1) / params_.batch;
  }

  Trained train() {
    if (const auto record = hooks_.load()) {
      resume(*record);
    } else {
      negatives_ = source_.negatives(phase_, {});
    }
    while (epoch_ < params_.epochs) {
      if (batch_ == 0 && mined_for_ != epoch_ &&
          std::ranges::count(params_.mine_after_epochs, epoch_) > 0)
        mine();
      run_epoch();
    }
    return out_;
  }

 private:
  void mine() {
    const auto scores = score(source_.mining_pool(), "scoring dark spots");
    ++phase_;
    phase_start_ = epoch_;
    mined_for_ = epoch_;
    negatives_ = source_.negatives(phase_, std::vector<double>(scores.begin(), scores.end()));
    save();
  }

  std::vector<float> score(const std::vector<Sample>& samples, const std::string& what) {
    constexpr std::int64_t kBatch = 64;
    std::vector<float> out;
    std::vector<float> patches;
    for (std::int64_t first = 0; first < std::ssize(samples); first += kBatch) {
      stop_if_asked();
      hooks_.progress(what, fraction());
      const auto count = std::min(kBatch, std::ssize(samples) - first);
      patches.resize(index(count) * kPatchNumbers);
      for (std::int64_t i = 0; i < count; ++i) {
        const auto& sample = samples[index(first + i)];
        plain_patch(source_.pixels(sample), sample.at,
                    std::span(patches).subspan(index(i) * kPatchNumbers, kPatchNumbers));
      }
      const auto logits = learner_.predict(patches, count);
      for (std::size_t i = 0; i < index(count); ++i)
        out.push_back(static_cast<float>(nn::mitosis_probability(
            static_cast<double>(logits[2 * i]), static_cast<double>(logits[2 * i + 1]))));
    }
    return out;
  }

  void stop_if_asked() {
    if (!hooks_.stop()) return;
    save();
    throw Interrupted(fmt::format("stopped in epoch {} of {}; a checkpoint was written", epoch_ + 1,
                                  params_.epochs));
  }

  double fraction() const {
    return (static_cast<double>(epoch_) +
            static_cast<double>(batch_) / static_cast<double>(batches_)) /
           static_cast<double>(params_.epochs);
  }

  void run_epoch() {
    Shuffled positive_order(source_.positives().size(), seed_, hooks_.name + "/positives");
    Shuffled negative_order(negatives_.samples.size(), seed_,
                            fmt::format("{}/negatives/{}", hooks_.name, phase_));
    auto saved = std::chrono::steady_clock::now();
    for (; batch_ < batches_; ++batch_) {
      stop_if_asked();
      const auto now = std::chrono::steady_clock::now();
      if (std::chrono::duration<double>(now - saved).count() > params_.checkpoint_s) {
        save();
        saved = now;
      }
      loss_sum_ += run_batch(positive_order, negative_order);
      hooks_.progress(fmt::format("epoch {}/{}, loss {:.4f}", epoch_ + 1, params_.epochs,
                                  loss_sum_ / static_cast<double>(batch_ + 1)),
                      fraction());
    }
    finish_epoch();
  }

  double run_batch(Shuffled& positive_order, Shuffled& negative_order) {
    const auto half = params_.batch / 2;
    const auto positive_first = (epoch_ * batches_ + batch_) * half;
    const auto negative_first = ((epoch_ - phase_start_) * batches_ + batch_) * half;
    std::vector<Sample> samples;
    std::vector<std::uint8_t> labels;
    for (std::int64_t i = 0; i < half; ++i) {
      const auto k = positive_order.at(static_cast<std::uint64_t>(positive_first + i));
      samples.push_back(source_.positives()[k]);
      labels.push_back(1);
    }
    for (std::int64_t i = 0; i < half; ++i) {
      const auto k = negative_order.at(static_cast<std::uint64_t>(negative_first + i));
      samples.push_back(negatives_.samples[k]);
      labels.push_back(0);
    }
    fill_batch(samples);
    const auto logits = learner_.forward(patches_, params_.batch, dropout_);
    const auto loss = nn::cross_entropy(std::vector<double>(logits.begin(), logits.end()), labels);
    if (!std::isfinite(loss.value)) throw DataError(not_finite(samples));
    learner_.backward(std::vector<float>(loss.gradient.begin(), loss.gradient.end()));
    learner_.step(nn::learning_rate(params_.learning_rate_start, params_.learning_rate_end,
                                    params_.epochs, epoch_),
                  params_.l2);
    return loss.value;
  }

  void fill_batch(const std::vector<Sample>& samples) {
    patches_.resize(samples.size() * kPatchNumbers);
    const auto epoch = static_cast<std::uint32_t>(epoch_);
    const auto features = index(features_);
    dropout_.assign(params_.dropout > 0 ? samples.size() * features : 0, 0.0F);
    const auto keep = static_cast<float>(1.0 / (1.0 - params_.dropout));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto id = static_cast<std::uint64_t>(batch_ * params_.batch) + i;
      RandomStream augmenting(seed_, hooks_.name + "/augment", id, epoch);
      augmented_patch(source_.pixels(samples[i]), samples[i].at, augmentation_, augmenting,
                      std::span(patches_).subspan(i * kPatchNumbers, kPatchNumbers));
      if (dropout_.empty()) continue;
      RandomStream dropping(seed_, hooks_.name + "/dropout", id, epoch);
      for (std::size_t f = 0; f < features; ++f)
        dropout_[i * features + f] = dropping.uniform() < params_.dropout ? 0.0F : keep;
    }
  }

  std::string not_finite(const std::vector<Sample>& samples) const {
    std::string text = fmt::format(
        "the loss is not finite in epoch {}, batch {}; samples:", epoch_ + 1, batch_ + 1);
    for (const auto& s : samples) text += fmt::format(" {}", source_.name(s));
    return text + "; a smaller learning_rate_start may help";
  }

  void finish_epoch() {
    const auto good = score(source_.validation_positives(), "validating");
    const auto bad = score(source_.validation_negatives(), "validating");
    EpochMetrics metrics;
    metrics.epoch = epoch_ + 1;
    metrics.learning_rate = nn::learning_rate(params_.learning_rate_start,
                                              params_.learning_rate_end, params_.epochs, epoch_);
    metrics.loss = loss_sum_ / static_cast<double>(batches_);
    metrics.validation = best_f1(good, bad);
    metrics.negatives = std::ssize(negatives_.samples);
    metrics.hard_negatives = negatives_.hard;
    if (out_.best_epoch == 0 || metrics.validation.f1 > out_.best.f1) {
      out_.best = metrics.validation;
      out_.best_epoch = metrics.epoch;
      out_.weights = learner_.weights();
    }
    out_.epochs.push_back(metrics);
    hooks_.report(out_.epochs);
    ++epoch_;
    batch_ = 0;
    loss_sum_ = 0;
    save();
  }

  /// What must be equal for a checkpoint to be continued.
  std::string identity() const {
    std::string text =
        fmt::format("{};{};{};{};{};", hooks_.name, batches_, source_.positives().size(),
                    source_.mining_pool().size(), source_.validation_negatives().size());
    Params::describe(params_,
                     [&text](std::string_view name, const auto& value, const Field& field) {
                       if (field.affects == Affects::Execution) return;
                       text += fmt::format("{}={};", name, text_of(value));
                     });
    return text;
  }

  void save() const {
    Record record;
    put(record, "learner.", learner_.state());
    put(record, "best.", out_.weights);
    std::vector<std::int32_t> list;
    for (const auto& s : negatives_.samples) list.insert(list.end(), {s.image, s.at.x, s.at.y});
    record.arrays["negatives"] = Array::of(list, {negatives_.samples.size(), 3});
    std::vector<double> log;
    for (const auto& m : out_.epochs)
      log.insert(log.end(),
                 {m.learning_rate, m.loss, m.validation.f1, m.validation.threshold,
                  m.validation.precision, m.validation.recall, static_cast<double>(m.negatives),
                  static_cast<double>(m.hard_negatives)});
    record.arrays["log"] = Array::of(log, {out_.epochs.size(), kLogColumns});
    auto& a = record.attributes;
    a["run"] = identity();
    a["epoch"] = epoch_;
    a["batch"] = batch_;
    a["phase"] = phase_;
    a["phase_start"] = phase_start_;
    a["mined_for"] = mined_for_;
    a["hard"] = negatives_.hard;
    a["loss_sum"] = loss_sum_;
    a["best_epoch"] = out_.best_epoch;
    hooks_.save(record);
  }

  void resume(const Record& record) {
    if (record.text("run") != identity())
      throw DataError("the checkpoint belongs to a run with other data or parameters");
    learner_.restore(take(record, "learner."));
    out_.weights = take(record, "best.");
    negatives_.samples.clear();
    const auto list = record.array("negatives").as<std::int32_t>();
    for (std::size_t i = 0; i + 2 < list.size(); i += 3)
      negatives_.samples.push_back({list[i], {list[i + 1], list[i + 2]}});
    const auto log = record.array("log").as<double>();
    for (std::size_t i = 0; i + kLogColumns <= log.size(); i += kLogColumns)
      out_.epochs.push_back({std::ssize(out_.epochs) + 1,
                             log[i],
                             log[i + 1],
                             {log[i + 2], log[i + 3], log[i + 4], log[i + 5]},
                             std::llround(log[i + 6]),
                             std::llround(log[i + 7])});
    epoch_ = record.integer("epoch");
    batch_ = record.integer("batch");
    phase_ = record.integer("phase");
    phase_start_ = record.integer("phase_start");
    mined_for_ = record.integer("mined_for");
    negatives_.hard = record.integer("hard");
    loss_sum_ = record.number("loss_sum");
    out_.best_epoch = record.integer("best_epoch");
    if (out_.best_epoch > 0) out_.best = out_.epochs.at(index(out_.best_epoch - 1)).validation;
    hooks_.report(out_.epochs);
  }

  static constexpr std::size_t kLogColumns = 8;

  const Params& params_;
  const SampleSource& source_;
  nn::Learner& learner_;
  const Hooks& hooks_;
  const std::uint64_t seed_;
  const image::Augmentation augmentation_;
  const std::int64_t features_;

  std::int64_t batches_ = 0;
  SampleSource::Negatives negatives_;
  std::int64_t epoch_ = 0;
  std::int64_t batch_ = 0;
  std::int64_t phase_ = 0;
  std::int64_t phase_start_ = 0;
  std::int64_t mined_for_ = -1;
  double loss_sum_ = 0;
  Trained out_;

  std::vector<float> patches_;
  std::vector<float> dropout_;
};

}  // namespace

Trained run_epochs(const Params& params,
                   const SampleSource& source,
                   nn::Learner& learner,
                   const Hooks& hooks) {
  return Run(params, source, learner, hooks).train();
}

std::string metrics_csv(const std::vector<EpochMetrics>& epochs) {
  std::string text =
      "epoch,learning_rate,loss,validation_f1,threshold,precision,recall,negatives,hard_"
      "negatives\n";
  for (const auto& m : epochs)
    text +=
        fmt::format("{},{},{:.6f},{:.4f},{:.6f},{:.4f},{:.4f},{},{}\n", m.epoch,
                    number_text(m.learning_rate), m.loss, m.validation.f1, m.validation.threshold,
                    m.validation.precision, m.validation.recall, m.negatives, m.hard_negatives);
  return text;
}

std::string metrics_json_lines(const std::vector<EpochMetrics>& epochs) {
  std::string text;
  for (const auto& m : epochs)
    text += fmt::format(
        "{{\"epoch\": {}, \"learning_rate\": {}, \"loss\": {:.6f}, \"validation_f1\": {:.4f}, "
        "\"threshold\": {:.6f}, \"precision\": {:.4f}, \"recall\": {:.4f}, \"negatives\": {}, "
        "\"hard_negatives\": {}}}\n",
        m.epoch, number_text(m.learning_rate), m.loss, m.validation.f1, m.validation.threshold,
        m.validation.precision, m.validation.recall, m.negatives, m.hard_negatives);
  return text;
}

}  // namespace mito::train_cnn
