#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_pair.h"

namespace mito::annotation_sample {

/// Side of a patch in pixels of 0.25 um (method 6.1).
inline constexpr int kPatchPx = 128;

struct Params {
  int count = 2000;
  std::int64_t seed = 1;
  std::optional<double> min_score = {};
  std::string question = "artefact or not";
  int columns = 8;
  std::string folder;

  static void describe(auto& p, auto&& field) {
    field("count", p.count,
          {.range = {1, 9999},
           .origin = Origin::Paper,
           .doc = "Candidates to draw over all slides; all of them where there are fewer."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Seed of the draw."});
    field("min_score", p.min_score,
          {.unit = Unit::Probability,
           .range = {0, 1},
           .doc = "Draw only from candidates with at least this score; needs scores. Method 4.4 "
                  "takes 0.5 for the second draw (called no artefact by CNN1). Without it, all."});
    field("question", p.question,
          {.choices = {"artefact or not", "mitotic or not"},
           .doc = "What is asked, and so the two labels: non_artefact and artefact, or mitotic and "
                  "non_mitotic."});
    field("columns", p.columns,
          {.range = {1, 24},
           .doc = "Patches side by side when the page is opened; can be changed there."});
    field("folder", p.folder,
          {.doc = "Folder below the output folder to write into; empty = the output folder."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Draws spots without replacement from all slides together. Every spot gets a random key of its
/// own (seed, node, slide, spot), and the `count` lowest keys win: so the draw is uniform, depends
/// on no order in time, and needs memory for `count` spots only. In the order of the keys, slides
/// are mixed at random, which blinds the observers.
class Draw {
 public:
  /// `node`: the name of the random stream.
  Draw(Params params, std::string node) : params_(std::move(params)), node_(std::move(node)) {}

  /// Looks at the spots of the slide at `index` of the stream; keeps the slide's handle, no pixels.
  /// Throws DataError naming the slide: `min_score` without scores, scores that do not fit the
  /// spots, a second slide of the same name.
  void add(std::uint32_t index, const SlideSpots& slide_spots);

  struct Source {
    Slide slide;
    std::int64_t candidates = 0;
    std::int64_t eligible = 0;
  };
  struct Sample {
    std::size_t source = 0;  ///< Index in sources().
    Spot spot;
    std::optional<double> score;
  };
  const Params& params() const { return params_; }
  const std::vector<Source>& sources() const { return sources_; }
  /// What was drawn, in the order in which it is shown. Throws DataError when there is nothing.
  std::vector<Sample> samples() const;

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::size_t index = 0;  ///< Of the spot on its slide.
    Sample sample;
  };
  static bool before(const Entry& a, const Entry& b);

  Params params_;
  std::string node_;
  std::vector<Source> sources_;
  std::vector<Entry> lowest_;  ///< A heap with the highest key on top.
};

/// RGB [kPatchPx][kPatchPx][3] of the analysis grid around `center`, which lies on pixel (64, 64);
/// white off the slide. Throws DataError: see Slide::read.
std::vector<std::uint8_t> cut_patch(const Slide& slide, const PointL0& center);

/// Asked while patches are cut, and told how far that is.
struct Hooks {
  std::function<bool()> stop = [] { return false; };
  std::function<void(const std::string&, double)> progress = [](const std::string&, double) {};
};

/// The sheet, relative to the output folder, and the digest of its bytes.
struct Written {
  std::string path;
  std::string sha256;
};

/// Cuts the drawn patches slide by slide and writes patches/*.png, label.html, sample.json,
/// README.txt and, last, sheet.csv: a sheet stands only beside everything it speaks of. What an
/// earlier draw left there is replaced. Throws DataError when something cannot be read or written,
/// Interrupted when asked to stop.
Written write(const Draw& draw, const std::filesystem::path& out_folder, const Hooks& hooks);

}  // namespace mito::annotation_sample
