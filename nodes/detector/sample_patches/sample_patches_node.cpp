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
      .summary = "Draws positives and negatives of one set of cases, hard negatives on request."};
  using Params = sample_patches::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"pool", "scores"};
  static constexpr std::string_view kOutput = "patches";

  static std::string check(const Params& params) { return sample_patches::check(params); }
  static PatchSet run(const Params& params, const CandidatePool& pool, const PoolScores* scores) {
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
          "request."};
  using Params = sample_patches::MemberParams;
  static constexpr std::array<std::string_view, 2> kInputs{"pool", "scores"};
  static constexpr std::string_view kOutput = "patches";

  using Plan = std::vector<PatchSet>;

  static std::string check(const Params& params) { return sample_patches::check(params); }
  static Plan plan(const Params& params, const CandidatePool& pool, const PoolScores* scores) {
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
