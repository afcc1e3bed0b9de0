#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/restained.h"
#include "engine/types/training.h"

namespace mito::patch_set {

struct Params {
  std::string part = "training";
  double validation_fraction = 0;
  std::vector<std::string> validation_cases = {};
  std::vector<std::string> exclude_cases = {};
  std::int64_t seed = 1;
  int training_count = 0;
  int validation_count = 0;

  static void describe(auto& p, auto&& field) {
    field("part", p.part,
          {.choices = {"training", "validation"},
           .doc = "Which patches: those to train on, or those of the cases held out. Two nodes "
                  "that differ in this alone share no case."});
    field("validation_fraction", p.validation_fraction,
          {.range = {0, 0.9},
           .doc = "When validation_cases is empty, this share of the cases is drawn with the seed "
                  "and held out: whole cases, at least one; 0 = none."});
    field("validation_cases", p.validation_cases, {.doc = "Cases that are held out."});
    field("exclude_cases", p.exclude_cases,
          {.doc = "Cases kept out altogether, for instance for a test."});
    field(
        "seed", p.seed,
        seed_field("Of the draw of the cases, and of the network that is trained on the patches."));
    field("training_count", p.training_count,
          {.range = {0, 1e6},
           .affects = Affects::Addition,
           .doc = "With validation_count: so many of the other cases are drawn to train on, the "
                  "paper 10; 0 = all of them."});
    field("validation_count", p.validation_count,
          {.range = {0, 1e6},
           .affects = Affects::Addition,
           .doc = "Instead of a share or a list: so many cases are drawn with the seed and held "
                  "out, the paper 8; 0 = none."});
  }
};

/// What is wrong with the parameters together, or empty.
std::string check(const Params& params);

/// Cases to train on and cases held out, both sorted. What is in neither takes no part.
struct Split {
  std::vector<std::string> training;
  std::vector<std::string> validation;
};

/// Splits `cases` (in any order, repeated or not). Held out are the named ones, or else as many as
/// are counted, or else a share; the others are trained on, or as many of them as are counted, but
/// for the excluded ones (method 1.4). Throws DataError when a named case does not exist, or when
/// there are fewer than are asked for, or fewer than two to draw from.
Split split(const Params& params, const std::vector<std::string>& cases);

/// Patches of one or two lists (`more` may be null) as a set with pixels of its own, 128 x 128 with
/// the object at (64, 64), in the order of the lists; one entry of `slides` per case. Cases are
/// never split (method 1.4, 4.4). Throws DataError when a list contradicts itself, its patches are
/// smaller, or the part lacks a class (method 7.10).
PatchSet of(const Params& params, const LabelledPatches& patches, const LabelledPatches* more);

}  // namespace mito::patch_set
