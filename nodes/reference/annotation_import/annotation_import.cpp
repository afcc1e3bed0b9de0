#include "nodes/reference/annotation_import/annotation_import.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/image/codecs.h"

namespace mito::annotation_import {
namespace {

namespace fs = std::filesystem;
using stats::Verdict;
using stats::Vote;

/// RGB pixels of one patch; all have the size of the first.
void append_pixels(const LabelSheet& sheet, std::size_t index, LabelledPatches& out) {
  cv::Mat image = patch_image(sheet, index);
  if (out.size == 0) out.size = image.cols;
  if (image.cols != out.size || image.rows != out.size)
    throw DataError(fmt::format("{}: is {} x {} px, expected {} x {}",
                                sheet.patch_file(index).string(), image.cols, image.rows, out.size,
                                out.size));
  cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  out.rgb.insert(out.rgb.end(), image.datastart, image.dataend);
}

bool is_kept(const ImportParams& params, Verdict verdict) {
  if (verdict == Verdict::Undecided) return false;
  return params.keep == "all" || (params.keep == "positive") == (verdict == Verdict::For);
}

}  // namespace

cv::Mat patch_image(const LabelSheet& sheet, std::size_t index) {
  const SheetSample& sample = sheet.samples()[index];
  const fs::path file = sheet.patch_file(index);
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in || bytes.empty())
    throw DataError(fmt::format("{}: cannot be read; it is the patch of sample '{}' in {}",
                                file.string(), sample.sample, sheet.file().string()));
  const std::string digest = sha256(bytes);
  if (digest != sample.sha256)
    throw DataError(
        fmt::format("{}: is not the patch of sample '{}': its SHA-256 is {}, but {} "
                    "says {}",
                    file.string(), sample.sample, digest, sheet.file().string(), sample.sha256));
  cv::Mat image = image::read_bgr(bytes);
  if (image.empty()) throw DataError(file.string() + ": is not an image");
  return image;
}

std::string measure_text(const std::optional<double>& value) {
  return value ? fmt::format("{:.3f}", *value) : "undefined";
}

std::string check(const Params& params) {
  if (params.positive_label.empty() || params.negative_label.empty())
    return "positive_label and negative_label must not be empty";
  if (params.positive_label == params.negative_label)
    return fmt::format("positive_label and negative_label must differ, both are '{}'",
                       params.positive_label);
  return "";
}

Labelled combine(const Params& params, const fs::path& sheet, const std::vector<fs::path>& labels) {
  Labelled out;
  out.sheet = LabelSheet::read(sheet);
  auto read =
      read_labels(out.sheet, labels, {params.positive_label, params.negative_label, kUnsure});
  out.observers = std::move(read.observers);
  out.votes.assign(out.sheet.samples().size(),
                   std::vector<Vote>(out.observers.size(), Vote::Missing));
  out.unsure.assign(out.votes.size(), std::vector<bool>(out.observers.size(), false));
  constexpr std::array kVotes{Vote::For, Vote::Against, Vote::Missing};
  for (const auto& label : read.labels) {
    out.votes[label.sample][label.observer] = kVotes.at(label.label);
    out.unsure[label.sample][label.observer] = label.label == 2;
  }
  out.need = params.need > 0 ? params.need : stats::simple_majority(out.observers.size());
  for (const auto& row : out.votes) out.verdicts.push_back(stats::majority(row, out.need));
  return out;
}

LabelledPatches patches(const ImportParams& params, const Labelled& labelled) {
  LabelledPatches out;
  const auto& samples = labelled.sheet.samples();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!is_kept(params, labelled.verdicts[i])) continue;
    append_pixels(labelled.sheet, i, out);
    out.labels.push_back(labelled.verdicts[i] == Verdict::For ? 1 : 0);
    out.samples.push_back(samples[i].sample);
    out.cases.push_back(samples[i].slide);
  }
  if (out.labels.empty())
    throw DataError(fmt::format(
        "{}: none of {} samples is kept: {}", labelled.sheet.file().string(), samples.size(),
        params.keep == "all" ? fmt::format("none has {} equal votes of {} observers", labelled.need,
                                           labelled.observers.size())
                             : fmt::format("none was decided to be '{}'",
                                           params.keep == "positive" ? params.positive_label
                                                                     : params.negative_label)));
  return out;
}

LabelledPlaces places(const Params& params, const Labelled& labelled) {
  ImportParams all;
  static_cast<Params&>(all) = params;
  LabelledPlaces out{patches(all, labelled), {}, {}};
  const auto& samples = labelled.sheet.samples();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!is_kept(all, labelled.verdicts[i])) continue;
    if (!samples[i].weight)
      throw DataError(fmt::format(
          "{}: has no column 'weight', by which a place stands for others; expected the key.csv of "
          "pipelines/train/adapt_places.yaml (observer_study with draw: informed)",
          labelled.sheet.file().string()));
    out.weights.push_back(*samples[i].weight);
    out.images.push_back(samples[i].image);
  }
  return out;
}

}  // namespace mito::annotation_import
