#include "nodes/train_cnn/patch_source.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/image/geometric.h"
#include "nodes/train_cnn/split.h"

namespace mito::train_cnn {
namespace {

std::size_t patch_bytes(const LabelledPatches& patches) {
  const auto side = static_cast<std::size_t>(patches.size);
  return 3 * side * side;
}

void check(const LabelledPatches& patches) {
  const std::size_t n = patches.labels.size();
  if (patches.size < image::kPatchSize)
    throw DataError(fmt::format("labelled patches have {} px; at least {} px are needed",
                                patches.size, image::kPatchSize));
  if (patches.rgb.size() != n * patch_bytes(patches) || patches.samples.size() != n ||
      patches.cases.size() != n)
    throw DataError(fmt::format(
        "labelled patches contradict themselves: {} labels, {} names, {} cases, "
        "{} bytes of {} px patches",
        n, patches.samples.size(), patches.cases.size(), patches.rgb.size(), patches.size));
  for (std::size_t i = 0; i < n; ++i) {
    if (patches.labels[i] > 1)
      throw DataError(fmt::format("patch {} has label {}, expected 0 or 1", patches.samples[i],
                                  patches.labels[i]));
  }
}

void require(const std::vector<Sample>& samples, std::string_view which, int label) {
  if (samples.empty())
    throw DataError(fmt::format(
        "no patch of the {} cases has label {}; see validation_cases and validation_fraction",
        which, label));
}

}  // namespace

PatchSource::PatchSource(const Params& params,
                         const LabelledPatches& patches,
                         const LabelledPatches* more,
                         const std::string& name) {
  if (!params.mine_after_epochs.empty())
    throw DataError("labelled patches have no spots to mine; leave mine_after_epochs empty");
  std::vector<std::string> cases;
  for (const auto* list : {&patches, more}) {
    if (list == nullptr) continue;
    check(*list);
    for (std::size_t i = 0; i < list->labels.size(); ++i) entries_.push_back({list, i});
    cases.insert(cases.end(), list->cases.begin(), list->cases.end());
  }
  const Split split = split_cases(params, cases, name);
  held_out_ = split.validation;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto& [list, index] = entries_[i];
    if (split.left_out(list->cases[index])) continue;
    const auto middle = static_cast<std::int32_t>(list->size / 2);
    const Sample sample{static_cast<std::int32_t>(i), {middle, middle}};
    const bool positive = list->labels[index] != 0;
    if (split.held_out(list->cases[index])) {
      (positive ? validation_positives_ : validation_negatives_).push_back(sample);
    } else {
      (positive ? positives_ : negatives_).push_back(sample);
    }
  }
  require(positives_, "training", 1);
  require(negatives_, "training", 0);
  require(validation_positives_, "validation", 1);
  require(validation_negatives_, "validation", 0);
}

SampleSource::Negatives PatchSource::negatives(std::int64_t /*phase*/,
                                               std::span<const double> /*scores*/) const {
  return {negatives_, 0};
}

nn::PixelView PatchSource::pixels(const Sample& sample) const {
  const auto& [list, index] = entries_.at(static_cast<std::size_t>(sample.image));
  const auto bytes = patch_bytes(*list);
  return {{0, 0, list->size, list->size}, std::span(list->rgb).subspan(index * bytes, bytes)};
}

std::string PatchSource::name(const Sample& sample) const {
  const auto& [list, index] = entries_.at(static_cast<std::size_t>(sample.image));
  return list->samples[index];
}

std::string digest(const LabelledPatches& patches, const LabelledPatches* more) {
  Sha256 sha;
  for (const auto* list : {&patches, more}) {
    if (list == nullptr) continue;
    sha.update(fmt::format("{} patches of {} px\n", list->labels.size(), list->size));
    sha.update(std::as_bytes(std::span(list->rgb)));
    sha.update(std::as_bytes(std::span(list->labels)));
    for (const auto* names : {&list->samples, &list->cases})
      sha.update(fmt::format("{}\n", fmt::join(*names, "\n")));
  }
  return sha.finish();
}

}  // namespace mito::train_cnn
