#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/slide/slide_detections.h"
#include "engine/types/labelled_places.h"
#include "engine/types/training.h"

namespace mito::adaptation_sets {

struct ReplayParams {
  std::int64_t most = 500;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("most", p.most,
          {.range = {1, 100000},
           .doc = "Patches of what the network calls mitoses, and as many of what it does not: "
                  "drawn from all slides where there are more."});
    field("seed", p.seed, seed_field("Of the draw."));
  }
};

/// Places of slides on which a network shall not forget what it says (paper section IV-C; Li and
/// Hoiem 2017). Every detection gets a random key of its own, and those with the lowest keys of
/// each class are kept, so the draw depends on no order in time.
class Replay {
 public:
  /// `threshold`: from which score on the network calls a detection a mitosis. `node`: the name of
  /// the random stream.
  Replay(const ReplayParams& params, std::string node, double threshold)
      : params_(params), node_(std::move(node)), threshold_(threshold) {}

  /// Takes the detections of the slide at `index` of the stream; keeps its handle, no pixels.
  void add(std::uint32_t index, const SlideDetections& found);

  /// The patches, 128 x 128 px with the object at (64, 64), slide by slide. `in_pool` numbers the
  /// detections of all slides: 0 or more, by which they are told from labelled patches. Throws
  /// DataError when there is none, and as Slide::read.
  PatchSet patches() const;

 private:
  struct Place {
    std::uint64_t key = 0;
    std::int64_t number = 0;  ///< Among the detections of all slides.
    std::uint32_t slide = 0;
    GridPoint at;
    std::uint8_t label = 0;
  };

  ReplayParams params_;
  std::string node_;
  double threshold_;
  std::vector<Slide> slides_;
  std::vector<Place> places_;
};

struct Params {
  std::string leave_out = "nothing";
  int folds = 5;
  double labelled_share = 0.5;
  std::int64_t seed = 1;

  static void describe(auto& p, auto&& field) {
    field("leave_out", p.leave_out,
          {.choices = {"nothing", "folds"},
           .doc = "nothing: one set of all patches. folds: a set for every fold of slides, without "
                  "the labelled patches of that fold; of a single slide, its patches are dealt "
                  "out."});
    field("folds", p.folds, {.range = {2, 100}, .doc = "Sets with leave_out: folds, at most."});
    field("labelled_share", p.labelled_share,
          {.range = {0.01, 0.99},
           .doc = "Share of labelled patches in each class of a set, roughly: they are repeated "
                  "until they have it beside the replayed ones."});
    field("seed", p.seed, seed_field("Of the network that is trained on the patches."));
  }
};

/// Training sets of a network that goes on with the labelled patches of a laboratory and, where
/// there is `replay`, patches on which it shall keep to what it says. The set with index k leaves
/// out fold k of folds_of(). Labelled patches have `in_pool` -1. Throws DataError when a list
/// contradicts itself or its patches are not of 128 px.
std::vector<PatchSet> sets(const Params& params,
                           const LabelledPlaces& labelled,
                           const PatchSet* replay);

}  // namespace mito::adaptation_sets
