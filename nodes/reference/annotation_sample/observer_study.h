#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_detections.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/annotation_sample/annotation_sample.h"

namespace mito::annotation_sample {

struct StudyParams {
  int count = 9999;
  std::int64_t seed = 1;
  double match_um = 7.5;
  int columns = 8;

  static void describe(auto& p, auto&& field) {
    field("count", p.count,
          {.range = {1, 9999},
           .doc = "Detections to show, drawn at random over all slides; all of them where there "
                  "are fewer, as in the paper."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Seed of their order."});
    field("match_um", p.match_um,
          {.unit = Unit::Micron,
           .range = {0.01, 250},
           .origin = Origin::Paper,
           .doc = "Where the truth is connected: a detection this close to a true mitosis is one "
                  "by the reference (30 px)."});
    field("columns", p.columns,
          {.range = {1, 24},
           .doc = "Patches side by side when the page is opened; can be changed there."});
  }
};

/// Detections of many slides to be judged by people who know nothing but the picture (paper section
/// VI-C, method 10.6).
class Study {
 public:
  /// `node`: the name of the random stream. `truth`: points of true mitoses; empty: not known.
  /// Throws DataError naming file, line and column of a mistake in it.
  Study(const StudyParams& params,
        const std::string& node,
        const std::filesystem::path& truth = {});

  /// Takes the detections of the slide at `index` of the stream. Throws DataError: a second slide
  /// of the same name.
  void add(std::uint32_t index, const SlideDetections& found);

  const StudyParams& params() const { return params_; }
  const Draw& draw() const { return draw_; }
  /// Is there a true mitosis within `match_um`? Empty when the truth does not name the slide.
  std::optional<bool> is_true(const Draw::Sample& sample) const;

 private:
  StudyParams params_;
  Draw draw_;
  bool has_truth_ = false;
  CsvPoints truth_;
  std::vector<std::optional<std::vector<PointL0>>> true_;  ///< Per source of the draw.
};

/// Writes what observers get into observers/ (the page label.html, patches/*.png of 128 x 128 px,
/// the answer sheet answers.csv, README.txt) and, last and apart from it, what they must not see:
/// study.json and key.csv, `sample,slide,x,y,score,reference,patch,sha256`. Samples are in random
/// order and named STUDY-0001, ...; STUDY, six digits of a digest, tells the answers of one study
/// from those of another. What an earlier study left there is replaced. Throws DataError when there
/// is no detection, or something cannot be read or written; Interrupted when asked to stop.
Written write_study(const Study& study,
                    const std::filesystem::path& out_folder,
                    const Hooks& hooks);

}  // namespace mito::annotation_sample
