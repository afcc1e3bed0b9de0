#pragma once
#include <cstdint>

#include "engine/core/params.h"
#include "engine/types/training.h"

namespace mito::members {

struct Params {
  std::int64_t members = 1;
  std::int64_t seed = 0;

  static void describe(auto& p, auto&& field) {
    field("members", p.members,
          {.range = {1, 1000}, .doc = "Networks to train; an ensemble joins them."});
    field("seed", p.seed,
          {.range = {0, 4294966295.0}, .doc = "Network k, from 1, has the seed `seed` + k."});
  }
};

/// The patches of member `index`, from 0: all of `set`, with the seed `seed` + `index` + 1 for its
/// weights and batches (method 8.1). Throws DataError when there is no such member.
PatchSet of_member(const PatchSet& set, const Params& params, std::uint32_t index);

}  // namespace mito::members
