#include "nodes/detector/label_candidates/label_candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/cases.h"

namespace mito::label_candidates {
namespace {

/// An annotation that is used.
struct Mark {
  PointL0 center;
  GridPoint at;
  double nearest_um = std::numeric_limits<double>::infinity();
  std::optional<std::size_t> nearest = {};  ///< Candidate.
};

std::vector<Mark> marks_of(const Subject& subject,
                           const ImageAnnotations& annotations,
                           std::string_view label) {
  std::vector<Mark> out;
  for (std::size_t i = 0; i < annotations.items.size(); ++i) {
    const auto& item = annotations.items[i];
    if (item.label != label) continue;
    const PointL0 g = subject.grid.from_level0(item.center);
    const auto inside = [](double v, std::int64_t size) {
      return v >= -0.5 && v < static_cast<double>(size) - 0.5;
    };
    if (!inside(g.x, subject.grid.width) || !inside(g.y, subject.grid.height))
      throw DataError(
          fmt::format("slide '{}': annotation {} ({}) at ({:.1f}, {:.1f}) lies off the slide, "
                      "which is {:.0f} x "
                      "{:.0f} px; are these the annotations of another slide?",
                      subject.name, i + 1, label, item.center.x, item.center.y,
                      static_cast<double>(subject.grid.width) * subject.grid.scale_x,
                      static_cast<double>(subject.grid.height) * subject.grid.scale_y));
    out.push_back({item.center,
                   {static_cast<std::int32_t>(std::llround(g.x)),
                    static_cast<std::int32_t>(std::llround(g.y))}});
  }
  return out;
}

/// Marks by squares a little wider than the reach, so that those in reach of a point are in its
/// square or the eight around it.
class MarkIndex {
 public:
  MarkIndex(const Grid& grid, std::vector<Mark>& marks, double reach_um)
      : grid_(grid), marks_(marks), reach_um_(reach_um), side_um_(1.001 * reach_um) {
    for (std::size_t i = 0; i < marks.size(); ++i) squares_[square(marks[i].center)].push_back(i);
  }

  /// Calls `visit(mark, distance in um)` for every mark in reach.
  void near(const PointL0& point, auto&& visit) {
    if (squares_.empty()) return;
    const auto [sx, sy] = square(point);
    for (auto y = sy - 1; y <= sy + 1; ++y) {
      for (auto x = sx - 1; x <= sx + 1; ++x) {
        const auto found = squares_.find({x, y});
        if (found == squares_.end()) continue;
        for (const auto i : found->second) {
          const double distance = distance_um(grid_, point, marks_[i].center);
          if (distance <= reach_um_) visit(marks_[i], distance);
        }
      }
    }
  }

 private:
  std::pair<std::int64_t, std::int64_t> square(const PointL0& p) const {
    const auto of = [&](double v, double scale) {
      return static_cast<std::int64_t>(std::floor(v / scale * grid_.mpp / side_um_));
    };
    return {of(p.x, grid_.scale_x), of(p.y, grid_.scale_y)};
  }

  const Grid& grid_;
  std::vector<Mark>& marks_;
  double reach_um_;
  double side_um_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::size_t>> squares_;
};

void add(LabelledCandidates& out, const GridPoint& at, CandidateLabel label) {
  out.at.push_back(at);
  out.label.push_back(static_cast<std::uint8_t>(label));
}

GridPoint pixel_of(const Subject& subject, const Candidate& candidate) {
  if (!subject.grid.bounds().contains(candidate.grid_x, candidate.grid_y))
    throw DataError(fmt::format(
        "slide '{}': the candidate at pixel ({}, {}) lies off its analysis grid of {} x {} px; are "
        "these the candidates of another slide?",
        subject.name, candidate.grid_x, candidate.grid_y, subject.grid.width, subject.grid.height));
  return {static_cast<std::int32_t>(candidate.grid_x), static_cast<std::int32_t>(candidate.grid_y)};
}

/// Negatives near annotations that may be reference objects are of neither class.
void leave_out_doubtful(const Params& params,
                        const Subject& subject,
                        const CandidateSet& candidates,
                        const ImageAnnotations& annotations,
                        LabelledCandidates& out) {
  for (const auto& name : params.ignored_labels) {
    auto marks = marks_of(subject, annotations, name);
    MarkIndex index(subject.grid, marks, params.diameter_um);
    for (std::size_t i = 0; i < candidates.items.size(); ++i) {
      if (out.label[i] != static_cast<std::uint8_t>(CandidateLabel::Negative)) continue;
      index.near(candidates.items[i].center, [&](const Mark&, double) {
        out.label[i] = static_cast<std::uint8_t>(CandidateLabel::Ignored);
      });
    }
  }
}

void add_hard_negatives(const Params& params,
                        const Subject& subject,
                        const ImageAnnotations& annotations,
                        std::vector<Mark>& references,
                        LabelledCandidates& out) {
  const double margin = params.positives == "all" ? params.diameter_um : params.close_um;
  MarkIndex index(subject.grid, references, margin);
  for (const auto& mark : marks_of(subject, annotations, kHardNegativeLabel)) {
    bool is_mitosis = false;
    index.near(mark.center, [&](const Mark&, double) { is_mitosis = true; });
    if (!is_mitosis) add(out, mark.at, CandidateLabel::Negative);
  }
}

}  // namespace

std::string check(const Params& params) {
  if (params.close_um > params.diameter_um) return "close_um must not be larger than diameter_um";
  if (params.label.empty()) return "label must not be empty";
  if (std::ranges::find(params.ignored_labels, params.label) != params.ignored_labels.end())
    return fmt::format("ignored_labels must not hold '{}', the label of reference objects",
                       params.label);
  if (params.hard_negatives == "negatives" && params.label == kHardNegativeLabel)
    return "label must not be 'hard_negative' when hard_negatives are negatives";
  return check_case_pattern(params.case_pattern);
}

LabelledCandidates label(const Params& params,
                         const Subject& subject,
                         const CandidateSet& candidates,
                         const ImageAnnotations& annotations) {
  LabelledCandidates out;
  out.grid = subject.grid;
  out.slide = subject.name;
  out.identity = subject.identity;
  out.case_id = case_of(subject.name, annotations.case_id, params.case_pattern);
  auto references = marks_of(subject, annotations, params.label);

  const auto in_reach =
      params.positives == "all" ? CandidateLabel::Positive : CandidateLabel::Ignored;
  MarkIndex index(subject.grid, references, params.diameter_um);
  for (std::size_t i = 0; i < candidates.items.size(); ++i) {
    const auto& candidate = candidates.items[i];
    auto label = CandidateLabel::Negative;
    index.near(candidate.center, [&](Mark& reference, double distance) {
      label = in_reach;
      if (distance >= reference.nearest_um) return;
      reference.nearest_um = distance;
      reference.nearest = i;
    });
    add(out, pixel_of(subject, candidate), label);
  }
  leave_out_doubtful(params, subject, candidates, annotations, out);
  if (params.positives == "nearest") {
    for (const auto& reference : references) {
      if (reference.nearest)
        out.label[*reference.nearest] = static_cast<std::uint8_t>(CandidateLabel::Positive);
    }
  } else if (params.positives == "reference") {
    for (const auto& reference : references) add(out, reference.at, CandidateLabel::Positive);
  }
  if (params.hard_negatives == "negatives")
    add_hard_negatives(params, subject, annotations, references, out);

  auto& recall = out.recall;
  recall.references = std::ssize(references);
  recall.found_wide =
      std::ranges::count_if(references, &std::optional<std::size_t>::has_value, &Mark::nearest);
  recall.found_close = std::ranges::count_if(
      references, [&](double um) { return um <= params.close_um; }, &Mark::nearest_um);
  recall.candidates = std::ssize(candidates.items);
  recall.positives =
      std::ranges::count(out.label, static_cast<std::uint8_t>(CandidateLabel::Positive));
  recall.negatives =
      std::ranges::count(out.label, static_cast<std::uint8_t>(CandidateLabel::Negative));
  recall.tissue_mm2 = subject.tissue_mm2;
  recall.wide_um = params.diameter_um;
  recall.close_um = params.close_um;
  return out;
}

}  // namespace mito::label_candidates
