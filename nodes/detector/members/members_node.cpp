#include <memory>

#include "engine/graph/node.h"
#include "engine/types/foretold_patches.h"
#include "nodes/detector/members/members.h"

namespace mito::nodes {
namespace {

/// patches -> the same patches once for every network of an ensemble, each with its seed.
struct Members {
  static constexpr graph::NodeInfo kInfo{
      .type = "members",
      .version = 1,
      .paper = "IV-C",
      .summary = "Gives every network of an ensemble the same patches and a seed of its own.",
      .inputs = {"patches"},
      .output = "patches"};

  struct Plan {
    std::shared_ptr<const PatchSet> set;
    members::Params params;
    std::size_t size() const { return static_cast<std::size_t>(params.members); }
  };

  static std::shared_ptr<const ForetoldPatches> foretell(const members::Params& params,
                                                         const Foresight& ahead) {
    const auto drawn = ahead.at<ForetoldPatches>("patches");
    if (drawn == nullptr) return nullptr;
    return std::make_shared<const ForetoldPatches>(
        ForetoldPatches{drawn->sets * params.members, drawn->patches});
  }
  static Plan plan(const members::Params& params, const PatchSet& patches) {
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
