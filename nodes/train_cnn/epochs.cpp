// The training loop. It knows the network only as a Learner, so tests can give it a small fake.
#include <algorithm>
#include <chrono>
#include <cmath>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
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

class Run {
 public:
  Run(const Params& params,
      const std::vector<Image>& training,
      const std::vector<Image>& validation,
      nn::Learner& learner,
      const Hooks& hooks)
      : params_(params),
        training_(training),
        validation_(validation),
        learner_(learner),
        hooks_(hooks),
        seed_(static_cast<std::uint64_t>(params.seed)) {
    prepare_samples();
    const auto total = params_.samples_per_epoch > 0 ? params_.samples_per_epoch
                                                     : std::ssize(positives_) + params_.negatives;
    batches_ = (total + params_.batch - 1) / params_.batch;
  }

  Trained train() {
    if (const auto record = hooks_.load()) {
      resume(*record);
    } else {
      draw_negatives({});
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
  double um_to_px(double um) const { return um / kAnalysisMpp; }

  void prepare_samples() {
    positives_ = positives(training_);
    validation_positives_ = positives(validation_);
    if (positives_.empty()) throw DataError("no mitosis is marked in the training images");
    if (validation_positives_.empty())
      throw DataError("no mitosis is marked in the validation images; see validation_cases");
    const auto spots = [&](const std::vector<Image>& images) {
      return spot_negatives(images, params_.spot_max_intensity, um_to_px(params_.spot_spacing_um),
                            um_to_px(params_.exclusion_um));
    };
    spots_ = spots(training_);
    if (spots_.empty())
      throw DataError("the training images have no dark spots; raise spot_max_intensity");
    RandomStream random(seed_, hooks_.name + "/validation", 0);
    validation_negatives_ = draw(spots(validation_), params_.validation_negatives, random);
    if (validation_negatives_.empty()) throw DataError("the validation images have no dark spots");
  }

  /// A new list of negatives; with scores of the spots, a share of it is drawn by them.
  void draw_negatives(const std::vector<double>& spot_scores) {
    RandomStream random(seed_, hooks_.name + "/negatives", static_cast<std::uint64_t>(phase_));
    const auto share = [](double fraction, std::int64_t of) {
      return std::llround(fraction * static_cast<double>(of));
    };
    hard_ = spot_scores.empty() ? 0 : share(params_.hard_fraction, params_.negatives);
    const auto uniform = share(params_.uniform_fraction, params_.negatives - hard_);
    negatives_ = draw(spots_, params_.negatives - hard_ - uniform, random);
    const auto anywhere =
        uniform_negatives(training_, uniform, um_to_px(params_.exclusion_um), random);
    negatives_.insert(negatives_.end(), anywhere.begin(), anywhere.end());
    if (hard_ > 0) {
      const auto hard = draw_weighted(spots_, spot_scores, hard_, random);
      negatives_.insert(negatives_.end(), hard.begin(), hard.end());
    }
  }

  void mine() {
    const auto scores = score(training_, spots_, "scoring dark spots");
    ++phase_;
    phase_start_ = epoch_;
    mined_for_ = epoch_;
    draw_negatives({scores.begin(), scores.end()});
    save();
  }

  std::vector<float> score(const std::vector<Image>& images,
                           const std::vector<Sample>& samples,
                           const std::string& what) {
    constexpr std::int64_t kBatch = 64;
    std::vector<float> out;
    std::vector<float> patches;
    for (std::int64_t first = 0; first < std::ssize(samples); first += kBatch) {
      stop_if_asked();
      hooks_.progress(what, fraction());
      const auto count = std::min(kBatch, std::ssize(samples) - first);
      patches.resize(index(count) * kPatchNumbers);
      for (std::int64_t i = 0; i < count; ++i)
        plain_patch(images, samples[index(first + i)],
                    std::span(patches).subspan(index(i) * kPatchNumbers, kPatchNumbers));
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
    Shuffled positive_order(positives_.size(), seed_, hooks_.name + "/positives");
    Shuffled negative_order(negatives_.size(), seed_,
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
      samples.push_back(positives_[k]);
      labels.push_back(1);
    }
    for (std::int64_t i = 0; i < half; ++i) {
      const auto k = negative_order.at(static_cast<std::uint64_t>(negative_first + i));
      samples.push_back(negatives_[k]);
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
      RandomStream augmentation(seed_, hooks_.name + "/augment", id, epoch);
      augmented_patch(training_, samples[i], params_.stain_sigma, augmentation,
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
    for (const auto& s : samples)
      text += fmt::format(" {}({},{})", training_[index(s.image)].name, s.at.x, s.at.y);
    return text + "; a smaller learning_rate_start may help";
  }

  void finish_epoch() {
    const auto good = score(validation_, validation_positives_, "validating");
    const auto bad = score(validation_, validation_negatives_, "validating");
    EpochMetrics metrics;
    metrics.epoch = epoch_ + 1;
    metrics.learning_rate = nn::learning_rate(params_.learning_rate_start,
                                              params_.learning_rate_end, params_.epochs, epoch_);
    metrics.loss = loss_sum_ / static_cast<double>(batches_);
    metrics.validation = best_f1(good, bad);
    metrics.negatives = std::ssize(negatives_);
    metrics.hard_negatives = hard_;
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
    std::string text = fmt::format("{};{};{};{};{};", hooks_.name, batches_, positives_.size(),
                                   spots_.size(), validation_negatives_.size());
    Params::describe(params_,
                     [&text](std::string_view name, const auto& value, const Field& field) {
                       if (field.affects == Affects::Execution) return;
                       text += fmt::format("{}={};", name, value);
                     });
    return text;
  }

  void save() const {
    Record record;
    put(record, "learner.", learner_.state());
    put(record, "best.", out_.weights);
    std::vector<std::int32_t> list;
    for (const auto& s : negatives_) list.insert(list.end(), {s.image, s.at.x, s.at.y});
    record.arrays["negatives"] = Array::of(list, {negatives_.size(), 3});
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
    a["hard"] = hard_;
    a["loss_sum"] = loss_sum_;
    a["best_epoch"] = out_.best_epoch;
    hooks_.save(record);
  }

  void resume(const Record& record) {
    if (record.text("run") != identity())
      throw DataError("the checkpoint belongs to a run with other data or parameters");
    learner_.restore(take(record, "learner."));
    out_.weights = take(record, "best.");
    negatives_.clear();
    const auto list = record.array("negatives").as<std::int32_t>();
    for (std::size_t i = 0; i + 2 < list.size(); i += 3)
      negatives_.push_back({list[i], {list[i + 1], list[i + 2]}});
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
    hard_ = record.integer("hard");
    loss_sum_ = record.number("loss_sum");
    out_.best_epoch = record.integer("best_epoch");
    if (out_.best_epoch > 0) out_.best = out_.epochs.at(index(out_.best_epoch - 1)).validation;
    hooks_.report(out_.epochs);
  }

  static constexpr std::size_t kLogColumns = 8;

  const Params& params_;
  const std::vector<Image>& training_;
  const std::vector<Image>& validation_;
  nn::Learner& learner_;
  const Hooks& hooks_;
  const std::uint64_t seed_;
  const std::int64_t features_ =
      nn::table2(params_.width_factor, nn::rule_from(params_.rule), params_.slope).features();

  std::vector<Sample> positives_;
  std::vector<Sample> spots_;
  std::vector<Sample> validation_positives_;
  std::vector<Sample> validation_negatives_;
  std::int64_t batches_ = 0;

  std::vector<Sample> negatives_;
  std::int64_t hard_ = 0;
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
                   const std::vector<Image>& training,
                   const std::vector<Image>& validation,
                   nn::Learner& learner,
                   const Hooks& hooks) {
  return Run(params, training, validation, learner, hooks).train();
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
