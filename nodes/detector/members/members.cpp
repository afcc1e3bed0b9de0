#include "nodes/detector/members/members.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::members {

PatchSet of_member(const PatchSet& set, const Params& params, std::uint32_t index) {
  if (index >= params.members)
    throw DataError(fmt::format("member {} of {} was asked for", index + 1, params.members));
  PatchSet out = set;
  out.member = index;
  out.seed = static_cast<std::uint64_t>(params.seed) + index + 1;
  return out;
}

}  // namespace mito::members
