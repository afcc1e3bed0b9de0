#include "nodes/detector/evaluate_patches/evaluate_patches.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/nn/loss.h"
#include "engine/types/cases.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "engine/types/seen_images.h"

namespace mito::evaluate_patches {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const stats::PatchF1& m) {
  return {
      {"threshold", m.threshold}, {"f1", m.f1}, {"precision", m.precision}, {"recall", m.recall}};
}

Json to_json(const Measured& m) {
  Json out{{"digest", m.digest}};
  out["at_threshold"] = m.at_threshold ? to_json(*m.at_threshold)
                                       : Json{{"threshold", m.threshold}, {"recall", m.recall}};
  out["at_threshold"]["threshold_chosen_on"] = m.threshold_source;
  out["at_threshold"]["optimistic"] = !m.tuned_on.empty();
  if (m.best) {
    out["best"] = to_json(*m.best);
    out["best"]["threshold_chosen_on"] = "same data";
    out["best"]["optimistic"] = true;
  } else {
    out["undefined"] = "precision and F1: there are no negatives";
  }
  for (const auto& member : m.members) out["members"].push_back(to_json(member));
  return out;
}

double recall_at(double threshold,
                 const std::vector<float>& probability,
                 std::span<const std::uint8_t> labels) {
  std::int64_t positives = 0;
  std::int64_t found = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] == 0) continue;
    ++positives;
    found += static_cast<double>(probability[i]) >= threshold ? 1 : 0;
  }
  if (positives == 0) throw DataError("none of the patches to evaluate on is a mitosis");
  return static_cast<double>(found) / static_cast<double>(positives);
}

/// Cases of the images that tuning has seen, under this name or another.
std::vector<std::string> tuned_on(const mito::Measured::Seen& tuned,
                                  const std::vector<MeasuredImage>& images) {
  std::set<std::string> out;
  for (const auto& image : images) {
    const bool named = !image.case_id.empty() && std::ranges::count(tuned.cases, image.case_id) > 0;
    const bool same = !image.content.empty() &&
                      std::ranges::count(tuned.files.files, image.content, &SeenFile::digest) > 0;
    if (named || same) out.insert(image.case_id);
  }
  return {out.begin(), out.end()};
}

}  // namespace

Measured measure(const nn::Model& model,
                 const nn::PlainPatches& patches,
                 nn::Device device,
                 const std::function<bool()>& stop) {
  const auto cases = nn::cases_of(patches.set());
  const auto images = nn::measured_images(patches.set());
  const auto trained = nn::seen_in_training(model.info());
  refuse_shared_cases({"evaluation", cases}, {"training", trained.cases});
  for (const auto& image : images) refuse_seen_image(trained, image);
  Measured out;
  out.digest = model.digest();
  if (model.members().empty()) {
    out.probability = nn::patch_probabilities(model.network(device), patches, stop);
  } else {
    std::vector<std::vector<double>> scores;
    for (const auto& member : model.members()) {
      out.members.push_back(measure(member, patches, device, stop));
      const auto& one = out.members.back().probability;
      scores.emplace_back(one.begin(), one.end());
    }
    const auto mean = nn::ensemble_mean(scores);
    out.probability.assign(mean.begin(), mean.end());
  }
  const auto& labels = patches.labels();
  out.threshold = model.info().threshold;
  out.threshold_source = model.info().threshold_source;
  out.tuned_on = tuned_on(nn::seen_in_tuning(model.info()), images);
  // What tuning has seen is no leak here: it is said as `tuned_on`.
  out.leaks = leak_check({trained}, images);
  out.recall = recall_at(out.threshold, out.probability, labels);
  if (std::ranges::count(labels, 0) > 0) {
    out.at_threshold = stats::f1_at(out.threshold, out.probability, labels);
    out.best = stats::best_f1(out.probability, labels);
  }
  return out;
}

double mean_absolute_difference(const std::vector<float>& p, const std::vector<float>& q) {
  if (p.size() != q.size() || p.empty())
    throw DataError(fmt::format("{} and {} probabilities cannot be compared", p.size(), q.size()));
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i)
    sum += std::abs(static_cast<double>(p[i]) - static_cast<double>(q[i]));
  return sum / static_cast<double>(p.size());
}

std::string report(const nn::PlainPatches& patches,
                   const Measured& measured,
                   const std::optional<Measured>& teacher) {
  Json out;
  const auto cases = nn::cases_of(patches.set());
  out["not_a_medical_device"] = kNotAMedicalDevice;
  out["patches"] = {{"count", patches.count()},
                    {"positives", std::ranges::count(patches.labels(), 1)},
                    {"cases", cases}};
  out["tuned_on"] = measured.tuned_on;
  out["leak_check"] = leaks_json(measured.leaks);
  out["model"] = to_json(measured);
  if (teacher) {
    out["teacher"] = to_json(*teacher);
    out["mean_absolute_difference"] =
        mean_absolute_difference(measured.probability, teacher->probability);
  }
  return json_text(out);
}

std::string scores_csv(const PatchSet& patches, const std::vector<float>& probability) {
  std::string out = "slide,case,x,y,label,probability\n";
  for (std::size_t i = 0; i < patches.count(); ++i) {
    const auto& slide = patches.slides.at(patches.slide[i]);
    out += fmt::format("{},{},{},{},{},{}\n", csv_field(slide.name), csv_field(slide.case_id),
                       patches.at[i].x, patches.at[i].y, patches.label[i], probability.at(i));
  }
  return out;
}

}  // namespace mito::evaluate_patches
