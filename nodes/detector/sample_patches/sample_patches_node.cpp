#include <memory>

#include <spdlog/fmt/fmt.h>

#include "engine/graph/node.h"
#include "nodes/detector/sample_patches/sample_patches.h"

namespace mito::nodes {
namespace {

/// pool with its sets -> patches of one of the sets.
struct SamplePatches {
  static constexpr graph::NodeInfo kInfo{
      .type = "sample_patches",
      .version = 1,
      .paper = "IV-A",
      .summary = "Draws positives and negatives of one set of cases, hard negatives on request.",
      .inputs = {"pool", "scores"},
      .output = "patches"};

  static std::shared_ptr<const ForetoldPatches> foretell(const sample_patches::Params& params,
                                                         const Foresight& /*ahead*/) {
    return sample_patches::foretell(1, params.positives, params.negatives);
  }
  static PatchSet run(const sample_patches::Params& params,
                      const CandidatePool& pool,
                      const PoolScores* scores) {
    return sample_patches::sample(params, pool, scores);
  }
};

/// pool with its sets [, what a network says of it] -> the training set of each member.
struct SampleMembers {
  static constexpr graph::NodeInfo kInfo{
      .type = "sample_members",
      .version = 1,
      .paper = "IV-B",
      .summary =
          "Draws the training patches of each member of an ensemble, hard negatives on "
          "request.",
      .inputs = {"pool", "scores"},
      .output = "patches"};

  using Plan = std::vector<PatchSet>;

  static std::shared_ptr<const ForetoldPatches> foretell(const sample_patches::MemberParams& params,
                                                         const Foresight& /*ahead*/) {
    return sample_patches::foretell(params.members, params.positives, params.negatives);
  }

  static Plan plan(const sample_patches::MemberParams& params,
                   const CandidatePool& pool,
                   const PoolScores* scores) {
    return sample_patches::sample_members(params, pool, scores);
  }
  static PatchSet element(const Plan& plan, std::uint32_t index) { return plan.at(index); }
  /// Known by content: an earlier draw of the same patches has the same trained network.
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const std::string name = fmt::format("member-{}", index + 1);
    return {content_digest(plan.at(index)), name, plan.size() > 1 ? name : ""};
  }
};

}  // namespace

void register_sample_patches(graph::Registry& registry) {
  registry.add<SamplePatches>();
  registry.add<SampleMembers>();
}

}  // namespace mito::nodes
