#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/drawn/phantom/phantom.h"

namespace mito::nodes {
namespace {

/// nothing -> NAME_he.svs, NAME_phh3.svs and the truth beside them, in the output folder.
struct PhantomNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "phantom",
      .version = 2,
      .paper = "III",
      .summary = "Draws a section twice, stained with H&E and restained for PHH3, with its truth.",
      .sink = true};
  using Params = phantom::Params;
  static constexpr std::array<std::string_view, 0> kInputs{};
  static constexpr std::string_view kOutput = "file";

  static std::string check(const Params& params) {
    if (!params.name.empty() && params.name.find('/') == std::string::npos) return "";
    return "name must be a file name without a folder, got '" + params.name + "'";
  }

  static FileArtifact run(const Params& params, const graph::NodeContext& context) {
    const phantom::Phantom pair(params);
    const bool both = params.slides == "both";
    const double share = both ? 0.5 : 1.0;
    const auto draw = [&](phantom::Stain stain, const std::string& file, double from) {
      AtomicFile out(context.out_folder / file);
      phantom::write_slide(pair, stain, out.part(), [&](double done) {
        if (context.stop()) throw Interrupted("stopped while drawing " + file);
        context.progress("drawing " + file, from + done * share);
      });
      out.commit();
    };
    draw(phantom::Stain::He, params.name + "_he.svs", 0);
    if (both) draw(phantom::Stain::Phh3, params.name + "_phh3.svs", 0.5);
    write_file(context.out_folder / (params.name + "_truth.csv"), phantom::truth_csv(pair));
    write_file(context.out_folder / (params.name + "_mitoses.csv"), phantom::mitoses_csv(pair));
    const std::string last = params.name + "_truth.json";
    write_file(context.out_folder / last, phantom::truth_json(pair));
    return {last, sha256_file(context.out_folder / last)};
  }
};

}  // namespace

void register_phantom(graph::Registry& registry) { registry.add<PhantomNode>(); }

}  // namespace mito::nodes
