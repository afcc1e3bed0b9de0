#include <memory>

#include "engine/graph/node.h"
#include "nodes/detector/members/members.h"

namespace mito::nodes {
namespace {

/// patches -> the same patches once for every network of an ensemble, each with its seed.
struct Members {
  static constexpr graph::NodeInfo kInfo{
      .type = "members",
      .version = 1,
      .paper = "IV-C",
      .summary = "Gives every network of an ensemble the same patches and a seed of its own."};
  using Params = members::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"patches"};
  static constexpr std::string_view kOutput = "patches";

  struct Plan {
    std::shared_ptr<const PatchSet> set;
    Params params;
    std::size_t size() const { return static_cast<std::size_t>(params.members); }
  };

  static Plan plan(const Params& params, const PatchSet& patches) {
    return {std::make_shared<const PatchSet>(patches), params};
  }

  static PatchSet element(const Plan& plan, std::uint32_t index) {
    return members::of_member(*plan.set, plan.params, index);
  }

  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const std::string name = "member-" + std::to_string(index + 1);
    return {content_digest(members::of_member(*plan.set, plan.params, index)), name,
            plan.size() == 1 ? "" : name};
  }
};

}  // namespace

void register_members(graph::Registry& registry) { registry.add<Members>(); }

}  // namespace mito::nodes
