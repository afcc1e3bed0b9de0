#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_detections.h"
#include "engine/stats/matching.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/annotation_sample/annotation_sample.h"

namespace mito::annotation_sample {

struct StudyParams {
  int count = 9999;
  std::int64_t seed = 1;
  double match_um = 7.5;
  int columns = 8;
  std::string draw = "uniform";
  double by_disagreement = 0.5;

  static void describe(auto& p, auto&& field) {
    field("count", p.count,
          {.range = {1, 9999},
           .doc = "Detections to show, drawn at random over all slides; all of them where there "
                  "are fewer, as in the paper."});
    field("seed", p.seed, seed_field("Seed of their order."));
    field("match_um", p.match_um,
          stats::match_field(
              "Where the truth is connected: a detection this close to a true mitosis is one "
              "by the reference (30 px)."));
    field("columns", p.columns,
          {.range = {1, 24},
           .doc = "Patches side by side when the page is opened; can be changed there."});
    field("draw", p.draw,
          {.choices = {"uniform", "informed"},
           .affects = Affects::Addition,
           .doc = "uniform: every detection has the same chance, as a study of precision needs it. "
                  "informed: all ranges of the score alike, and those on which the network is not "
                  "at one with itself; each is drawn with a known chance, which key.csv holds "
                  "(method 12.1)."});
    field("by_disagreement", p.by_disagreement,
          {.range = {0, 1},
           .affects = Affects::Addition,
           .doc = "Share of an informed draw that goes to detections in proportion to "
                  "`disagreement`, where it is connected; the rest goes to the ranges of the "
                  "score."});
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

  /// A detection that is shown, and with what chance it was drawn where draw is informed.
  struct Shown {
    Draw::Sample sample;
    std::optional<double> chance = {};
    std::optional<double> disagreement = {};
  };

  const StudyParams& params() const { return params_; }
  const Draw& draw() const { return draw_; }
  /// What is shown, in this order. Throws DataError when there is no detection.
  std::vector<Shown> shown() const;
  /// Is there a true mitosis within `match_um`? Empty when the truth does not name the slide.
  std::optional<bool> is_true(const Draw::Sample& sample) const;

 private:
  std::vector<Shown> informed() const;

  StudyParams params_;
  std::string node_;
  Draw draw_;
  std::vector<Shown> places_;  ///< All detections, where draw is informed.
  bool has_truth_ = false;
  CsvPoints truth_;
  std::vector<std::optional<std::vector<PointL0>>> true_;  ///< Per source of the draw.
};

/// Writes what observers get into observers/ (the page label.html, patches/*.png of 128 x 128 px,
/// the answer sheet answers.csv, README.txt) and, last and apart from it, what they must not see:
/// study.json and key.csv, `sample,slide,x,y,score,reference,patch,sha256`, and of an informed draw
/// `image,weight,disagreement`, weight being 1 / the chance of being drawn. Samples are in random
/// order and named STUDY-0001, ...; STUDY, six digits of a digest, tells the answers of one study
/// from those of another. What an earlier study left there is replaced. Throws DataError when there
/// is no detection, or something cannot be read or written; Interrupted when asked to stop.
Written write_study(const Study& study,
                    const std::filesystem::path& out_folder,
                    const Hooks& hooks);

}  // namespace mito::annotation_sample
