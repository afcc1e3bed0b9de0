#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/graph/node.h"
#include "engine/types/pathology.h"
#include "nodes/reference/export_reference/export_reference.h"

namespace mito::nodes {
namespace {

constexpr std::array<std::string_view, 8> kParts{"he",     "phh3",  "spots",     "mitoses",
                                                 "global", "local", "reference", "artefacts"};

/// One file made of all the parts of a reference standard.
template <class Kind>
struct ReferenceFile {
  static constexpr graph::NodeInfo kInfo{
      .type = Kind::kType, .version = 1, .paper = "III-B", .summary = Kind::kSummary, .sink = true};
  static constexpr auto kInputs = kParts;
  static constexpr std::string_view kOutput = "file";

  static FileArtifact run(const NoParams&,
                          const graph::NodeContext& context,
                          const Slide& he,
                          const Slide& phh3,
                          const SpotSet& spots,
                          const SpotScores& mitoses,
                          const GlobalRegistration& global,
                          const LocalRegistration& local,
                          const ReferenceStandard& reference,
                          const SpotScores* artefacts) {
    const std::string text =
        Kind::text({he.info(), phh3.info(), spots, mitoses, global, local, reference, artefacts});
    write_file(context.out_folder / Kind::kFile, text);
    return {Kind::kFile, sha256(text)};
  }
};

struct Objects {
  static constexpr std::string_view kType = "export_reference_objects";
  static constexpr std::string_view kSummary =
      "Writes every spot of a PHH3 slide with its verdict as a CSV table.";
  static constexpr auto kFile = "objects.csv";
  static std::string text(const export_reference::Parts& parts) {
    return export_reference::objects_csv(parts);
  }
};

struct Certificate {
  static constexpr std::string_view kType = "export_certificate";
  static constexpr std::string_view kSummary =
      "Writes what a reference standard is worth: counts, registration, networks.";
  static constexpr auto kFile = "certificate.json";
  static std::string text(const export_reference::Parts& parts) {
    return export_reference::certificate(parts);
  }
};

}  // namespace

void register_export_reference(graph::Registry& registry) {
  registry.add<ReferenceFile<Objects>>();
  registry.add<ReferenceFile<Certificate>>();
}

}  // namespace mito::nodes
