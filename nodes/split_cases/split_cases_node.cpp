#include "engine/graph/node.h"
#include "nodes/split_cases/split_cases.h"

namespace mito::nodes {
namespace {

/// pool -> the same pool with the set of every slide.
struct SplitCases {
  static constexpr graph::NodeInfo kInfo{
      .type = "split_cases",
      .version = 1,
      .paper = "IV-A",
      .summary = "Assigns whole cases to training, validation and test."};
  using Params = split_cases::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"pool"};
  static constexpr std::string_view kOutput = "pool";

  static std::string check(const Params& params) { return split_cases::check(params); }
  static CandidatePool run(const Params& params, const CandidatePool& pool) {
    return split_cases::split(params, pool);
  }
};

}  // namespace

void register_split_cases(graph::Registry& registry) { registry.add<SplitCases>(); }

}  // namespace mito::nodes
