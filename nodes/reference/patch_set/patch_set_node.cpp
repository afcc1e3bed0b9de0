#include "engine/graph/node.h"
#include "nodes/reference/patch_set/patch_set.h"

namespace mito::nodes {
namespace {

/// labelled patches [and more] -> a set to train or to validate with.
struct PatchSetNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "patch_set",
      .version = 1,
      .paper = "III-A",
      .summary = "Splits labelled patches by case into those to train and to validate with."};
  using Params = patch_set::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"patches", "more_patches"};
  static constexpr std::string_view kOutput = "patches";

  static std::string check(const Params& params) { return patch_set::check(params); }
  static PatchSet run(const Params& params,
                      const LabelledPatches& patches,
                      const LabelledPatches* more_patches) {
    return patch_set::of(params, patches, more_patches);
  }
};

}  // namespace

void register_patch_set(graph::Registry& registry) { registry.add<PatchSetNode>(); }

}  // namespace mito::nodes
