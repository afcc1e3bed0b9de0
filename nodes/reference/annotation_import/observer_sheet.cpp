#include "nodes/reference/annotation_import/observer_sheet.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/image/codecs.h"

namespace mito::annotation_import {
namespace {

using stats::Verdict;
using stats::Vote;

constexpr int kColumns = 12;
constexpr int kPatch = 96;
constexpr int kFrame = 3;
constexpr int kFoot = 20;  // below a patch: score and marks
constexpr int kCellWidth = kPatch + 2 * kFrame + 10;
constexpr int kCellHeight = kPatch + 2 * kFrame + kFoot + 8;
constexpr int kHead = 30;  // above a block
constexpr int kMargin = 12;
constexpr int kDot = 4;

// Blue, vermilion and grey of Okabe and Ito, told apart by everybody.
cv::Scalar mitotic_colour() { return {178, 114, 0}; }
cv::Scalar other_colour() { return {0, 94, 213}; }
cv::Scalar undecided_colour() { return cv::Scalar::all(140); }
cv::Scalar text_colour() { return cv::Scalar::all(40); }

void write(cv::Mat& canvas, const std::string& text, const cv::Point& where, double size) {
  cv::putText(canvas, text, where, cv::FONT_HERSHEY_SIMPLEX, size, text_colour(), 1, cv::LINE_AA);
}

cv::Scalar colour_of(Verdict verdict) {
  if (verdict == Verdict::Undecided) return undecided_colour();
  return verdict == Verdict::For ? mitotic_colour() : other_colour();
}

/// One mark per observer: filled where the answer is mitotic, a ring where it is not.
void mark(cv::Mat& canvas, const std::vector<Vote>& votes, const cv::Point& right) {
  for (std::size_t i = 0; i < votes.size(); ++i) {
    if (votes[i] == Vote::Missing) continue;
    const int from_right = static_cast<int>(votes.size() - 1 - i) * (2 * kDot + 3);
    const bool mitotic = votes[i] == Vote::For;
    cv::circle(canvas, {right.x - from_right, right.y}, kDot,
               mitotic ? mitotic_colour() : other_colour(), mitotic ? cv::FILLED : 1, cv::LINE_AA);
  }
}

void draw_cell(cv::Mat& canvas, const Answers& answers, std::size_t sample, const cv::Point& at) {
  const auto& labelled = answers.labelled;
  const cv::Rect frame(at.x, at.y, kPatch + 2 * kFrame, kPatch + 2 * kFrame);
  cv::rectangle(canvas, frame, colour_of(labelled.verdicts[sample]), cv::FILLED);
  cv::resize(patch_image(labelled.sheet, sample),
             canvas(cv::Rect(at.x + kFrame, at.y + kFrame, kPatch, kPatch)), {kPatch, kPatch}, 0, 0,
             cv::INTER_AREA);
  const int foot = frame.y + frame.height + kFoot - 6;
  const auto& score = labelled.sheet.samples()[sample].score;
  if (score) write(canvas, fmt::format("{:.3f}", *score), {at.x, foot}, 0.36);
  mark(canvas, labelled.votes[sample], {at.x + frame.width - kDot - 1, foot - kDot});
}

int rows_of(const SheetGroup& group) {
  return static_cast<int>((group.samples.size() + kColumns - 1) / kColumns);
}

}  // namespace

std::vector<SheetGroup> sheet_groups(const Answers& answers) {
  const auto& labelled = answers.labelled;
  std::vector<SheetGroup> all(labelled.observers.size() + 1);
  for (std::size_t i = 0; i < labelled.votes.size(); ++i) {
    const auto mitotic = static_cast<std::size_t>(std::ranges::count(labelled.votes[i], Vote::For));
    all[mitotic].samples.push_back(i);
  }
  std::vector<SheetGroup> out;
  for (std::size_t mitotic = all.size(); mitotic-- > 0;) {
    auto& group = all[mitotic];
    if (group.samples.empty()) continue;
    group.mitotic = mitotic;
    std::ranges::stable_sort(group.samples, std::ranges::greater{}, [&](std::size_t i) {
      return labelled.sheet.samples()[i].score.value_or(0);
    });
    out.push_back(std::move(group));
  }
  return out;
}

std::string observer_sheet(const Answers& answers) {
  const auto& labelled = answers.labelled;
  if (!std::filesystem::exists(labelled.sheet.patch_file(0).parent_path())) return {};
  const auto groups = sheet_groups(answers);
  int height = kMargin + kHead;
  for (const auto& group : groups) height += kHead + rows_of(group) * kCellHeight;
  cv::Mat canvas(height, 2 * kMargin + kColumns * kCellWidth, CV_8UC3, cv::Scalar::all(255));
  write(canvas,
        fmt::format("Study {}: {} detections; marks, left to right: {} (filled: mitotic)",
                    answers.study, labelled.votes.size(), fmt::join(labelled.observers, ", ")),
        {kMargin, kMargin + 14}, 0.5);
  int top = kMargin + kHead;
  for (const auto& group : groups) {
    write(canvas,
          fmt::format("{} of {} observers: mitotic ({})", group.mitotic, labelled.observers.size(),
                      group.samples.size()),
          {kMargin, top + 18}, 0.5);
    top += kHead;
    for (std::size_t i = 0; i < group.samples.size(); ++i) {
      const int row = static_cast<int>(i) / kColumns;
      const int column = static_cast<int>(i) % kColumns;
      draw_cell(canvas, answers, group.samples[i],
                {kMargin + column * kCellWidth, top + row * kCellHeight});
    }
    top += rows_of(group) * kCellHeight;
  }
  return image::png_of(canvas, "the sheet of detections");
}

}  // namespace mito::annotation_import
