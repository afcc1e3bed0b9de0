#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/params.h"
#include "engine/types/training.h"

namespace mito::split_cases {

struct Params {
  std::string mode = "random";
  int training_count = 11;
  int validation_count = 3;
  int test_count = 4;
  std::int64_t seed = 1;
  std::vector<std::string> training_cases;
  std::vector<std::string> validation_cases;
  std::vector<std::string> test_cases;
  std::string others = "unused";

  static void describe(auto& p, auto&& field) {
    field("mode", p.mode,
          {.choices = {"random", "lists"},
           .doc = "random: the cases of each set are drawn with the seed, as many as the counts "
                  "say. lists: they are named."});
    field("training_count", p.training_count,
          {.range = {0, 1e6}, .origin = Origin::Paper, .doc = "Cases to draw for training."});
    field("validation_count", p.validation_count,
          {.range = {0, 1e6},
           .origin = Origin::Paper,
           .doc = "Cases to draw for choosing epoch and threshold."});
    field("test_count", p.test_count,
          {.range = {0, 1e6}, .origin = Origin::Paper, .doc = "Cases to draw for the test."});
    field("seed", p.seed, {.range = {0, 4294967295.0}, .doc = "Of the draw."});
    field("training_cases", p.training_cases, {.doc = "With mode: lists, the cases of training."});
    field("validation_cases", p.validation_cases,
          {.doc = "With mode: lists, the cases of validation."});
    field("test_cases", p.test_cases, {.doc = "With mode: lists, the cases of the test."});
    field("others", p.others,
          {.choices = {"unused", "training", "test"},
           .doc = "The set of cases that are neither drawn nor named."});
  }
};

struct SlidesParams {
  std::string set = "validation";

  static void describe(auto& p, auto&& field) {
    field("set", p.set,
          {.choices = {"training", "validation", "test"}, .doc = "Whose slides to go through."});
  }
};

/// What is wrong with the parameters together, or empty: a case in two sets is named.
std::string check(const Params& params);

/// Assigns whole cases to the sets of a study, never a part of one (method 1.4). A random draw
/// takes the cases sorted by name, so it depends neither on the order of slides nor on their
/// number. Throws DataError when a named case does not exist, when there are fewer cases than are
/// asked for, or when a slide has no case.
CandidatePool split(const Params& params, CandidatePool pool);

/// The slides of one set, in the order of the pool. Throws DataError when there are none.
std::vector<PoolSlide> slides_of(CaseSet set, const CandidatePool& pool);

}  // namespace mito::split_cases
