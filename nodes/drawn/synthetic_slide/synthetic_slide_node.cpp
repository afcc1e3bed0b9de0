#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/drawn/synthetic_slide/synthetic_slide.h"

namespace mito::nodes {
namespace {

/// nothing -> NAME.svs (or NAME.tif) and NAME.csv with the true positions, in the output folder.
struct SyntheticSlideNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "synthetic_slide",
      .version = 1,
      .paper = "-",
      .summary = "Draws an H&E slide with mitotic figures at known places.",
      .sink = true};
  using Params = synthetic_slide::Params;
  static constexpr std::array<std::string_view, 0> kInputs{};
  static constexpr std::string_view kOutput = "file";

  static std::string check(const Params& params) {
    if (!params.name.empty() && params.name.find('/') == std::string::npos) return "";
    return "name must be a file name without a folder, got '" + params.name + "'";
  }

  static FileArtifact run(const Params& params, const graph::NodeContext& context) {
    const synthetic_slide::SyntheticSlide slide(params);
    const std::string file = params.name + (params.format == "aperio" ? ".svs" : ".tif");
    AtomicFile out(context.out_folder / file);
    synthetic_slide::write_slide(slide, out.part(), [&](double done) {
      if (context.stop()) throw Interrupted("stopped while drawing " + file);
      context.progress("drawing " + file, done);
    });
    write_file(context.out_folder / (params.name + ".csv"), synthetic_slide::truth_csv(slide));
    out.commit();
    return {file, sha256_file(context.out_folder / file)};
  }
};

}  // namespace

void register_synthetic_slide(graph::Registry& registry) { registry.add<SyntheticSlideNode>(); }

}  // namespace mito::nodes
