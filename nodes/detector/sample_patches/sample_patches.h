#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/foretold_patches.h"
#include "engine/types/training.h"

namespace mito::sample_patches {

/// One draw: for validation or a test, or what a student is trained on.
struct Params {
  std::string set = "validation";
  std::string mode = "uniform";
  std::int64_t positives = 500;
  std::int64_t negatives = 200000;
  std::int64_t seed = 1;
  bool positives_alone = false;
  double uniform_share = 0;
  std::vector<std::string> sources = {};
  std::vector<double> positive_shares = {};
  std::vector<double> negative_shares = {};

  static void describe(auto& p, auto&& field) {
    field("set", p.set,
          {.choices = {"training", "validation", "test"}, .doc = "Cases to draw from."});
    field("mode", p.mode,
          {.choices = {"uniform", "hard"},
           .doc = "uniform: negatives without replacement, all alike. hard: with replacement, "
                  "proportional to the probability in `scores` (method 8.1)."});
    field("positives", p.positives,
          {.range = {0, 4294967295.0},
           .origin = Origin::Paper,
           .doc = "Positives to draw without replacement; 0 = all there are."});
    field("negatives", p.negatives,
          {.range = {0, 4294967295.0},
           .origin = Origin::Paper,
           .doc = "Negatives to draw; 0 = with uniform all there are, with hard as many as there "
                  "are."});
    field("uniform_share", p.uniform_share,
          {.range = {0, 1},
           .doc = "With mode: hard, the share of the negatives that is drawn as with uniform: so "
                  "that the network still sees what is easy."});
    field("sources", p.sources,
          {.affects = Affects::Addition,
           .doc = "Groups of cases that share the draws by the numbers below: a regular expression "
                  "for each, and a case belongs to the first that fits its name; all other cases "
                  "are one more group. Empty = cases are not told apart."});
    field("positive_shares", p.positive_shares,
          {.range = {0, 1},
           .affects = Affects::Addition,
           .doc = "Share of the positives that each of `sources` has; the other cases have the "
                  "rest. A group comes as a whole as often as its share needs: with positives: 0 "
                  "so often that none of its positives is left out. Empty = as they are."});
    field("negative_shares", p.negative_shares,
          {.range = {0, 1},
           .affects = Affects::Addition,
           .doc = "Share of the negatives that each of `sources` has; where a group has not so "
                  "many, they come several times. Empty = as they are."});
    field("seed", p.seed, seed_field("Of the draw."));
    field("positives_alone", p.positives_alone,
          {.doc = "A set without a negative is no error: crops of mitoses with nothing beside them "
                  "can be evaluated, but not trained on."});
  }
};

/// The training sets of the members of an ensemble: each is known by its content alone, so that
/// more members can be asked for without training the first ones again.
struct MemberParams {
  int members = 1;
  std::string mode = "uniform";
  std::int64_t positives = 0;
  std::int64_t negatives = 100000;
  std::int64_t seed = 1;
  double uniform_share = 0;
  std::vector<std::string> sources = {};
  std::vector<double> positive_shares = {};
  std::vector<double> negative_shares = {};

  static void describe(auto& p, auto&& field) {
    field("members", p.members,
          {.range = {1, 1000},
           .affects = Affects::Selection,
           .doc = "k: networks to train, each on a set of its own; the paper's ensemble has 10."});
    field("mode", p.mode,
          {.choices = {"uniform", "hard"},
           .affects = Affects::Selection,
           .doc = "uniform: negatives without replacement, all alike. hard: with replacement, "
                  "proportional to the probability that the network of `scores` gives them "
                  "(method 8.1)."});
    field("positives", p.positives,
          {.range = {0, 4294967295.0},
           .origin = Origin::Paper,
           .affects = Affects::Selection,
           .doc = "Positives to draw without replacement; 0 = all are kept."});
    field("negatives", p.negatives,
          {.range = {0, 4294967295.0},
           .origin = Origin::Paper,
           .affects = Affects::Selection,
           .doc = "Negatives to draw: 100000 for CNN3, 400000 hard ones for CNN4 and CNN5; 0 = "
                  "with uniform all there are, with hard as many as there are."});
    field("uniform_share", p.uniform_share,
          {.range = {0, 1},
           .affects = Affects::Selection,
           .doc = "With mode: hard, the share of the negatives that is drawn as with uniform: so "
                  "that the network still sees what is easy."});
    field("sources", p.sources,
          {.affects = Affects::Selection,
           .doc = "Groups of cases that share the draws by the numbers below: a regular expression "
                  "for each, and a case belongs to the first that fits its name; all other cases "
                  "are one more group. Empty = cases are not told apart."});
    field("positive_shares", p.positive_shares,
          {.range = {0, 1},
           .affects = Affects::Selection,
           .doc = "Share of the positives that each of `sources` has; the other cases have the "
                  "rest. A group comes as a whole as often as its share needs: with positives: 0 "
                  "so often that none of its positives is left out. Empty = as they are."});
    field("negative_shares", p.negative_shares,
          {.range = {0, 1},
           .affects = Affects::Selection,
           .doc = "Share of the negatives that each of `sources` has; where a group has not so "
                  "many, they come several times. Empty = as they are."});
    field("seed", p.seed,
          {.range = {0, 4294900000.0},
           .affects = Affects::Selection,
           .doc = "Member k of 1, 2, ... draws and is trained with seed + k (method 8.1)."});
  }
};

/// How many patches `sets` draws have; positives of which all are taken are few. Null where all
/// negatives are taken.
std::shared_ptr<const ForetoldPatches> foretell(std::int64_t sets,
                                                std::int64_t positives,
                                                std::int64_t negatives);

/// What is wrong with `sources` and the shares together, or empty.
std::string check(const Params& params);
std::string check(const MemberParams& params);

/// Patches of `params.set`, in the order of the pool, positives first. The set lists every slide of
/// its cases. `scores` may be null with `mode: uniform`, which does not look at it. Throws
/// DataError when a class is absent from the cases, when more is asked for than there is
/// (method 7.8, 7.10), and, with `mode: hard`, when there are no scores, when they are of another
/// pool, when a negative was not scored, or when all have probability 0; with shares, when a group
/// that has one is without a candidate of that class.
PatchSet sample(const Params& params, const CandidatePool& pool, const PoolScores* scores);

/// The training sets of all members. Throws as above.
std::vector<PatchSet> sample_members(const MemberParams& params,
                                     const CandidatePool& pool,
                                     const PoolScores* scores);

}  // namespace mito::sample_patches
