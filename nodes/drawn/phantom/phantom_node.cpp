#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/drawn/phantom/phantom_table.h"

namespace mito::nodes {
namespace {

/// Draws one pair into the output folder.
FileArtifact draw_pair(const phantom::Params& params, const graph::NodeContext& context) {
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
    return draw_pair(params, context);
  }
};

/// table -> the cases it lists.
struct PhantomTableNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "phantom_table",
      .version = 1,
      .paper = "III",
      .summary = "Lists the phantoms of a table: a case a row, parameters in columns."};
  using Params = phantom::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"table"};
  static constexpr std::string_view kOutput = "case";

  struct Plan {
    std::vector<phantom::Case> cases;
    std::size_t size() const { return cases.size(); }
  };

  static Plan plan(const Params& params, const File& table) {
    return {phantom::read_phantom_table(table.path, params)};
  }
  static phantom::Case element(const Plan& plan, std::uint32_t index) {
    return plan.cases.at(index);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& one = plan.cases.at(index);
    return {phantom::content_digest(one), one.params.name, ""};
  }
};

/// case -> what `phantom` writes.
struct PhantomsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "phantoms",
      .version = 1,
      .paper = "III",
      .summary = "Draws the case of a table of phantoms, with its truth.",
      .sink = true};
  static constexpr std::array<std::string_view, 1> kInputs{"case"};
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const NoParams&,
                          const graph::NodeContext& context,
                          const phantom::Case& one) {
    return draw_pair(one.params, context);
  }
};

}  // namespace

void register_phantom(graph::Registry& registry) {
  registry.add<PhantomNode>();
  registry.add<PhantomTableNode>();
  registry.add<PhantomsNode>();
}

}  // namespace mito::nodes
