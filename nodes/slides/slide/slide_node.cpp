#include <optional>
#include <string>
#include <vector>

#include "engine/graph/node.h"
#include "engine/slide/slide_detections.h"
#include "engine/slide/slide_pair.h"
#include "nodes/slides/slide/slide_list.h"

namespace mito::nodes {
namespace {

/// files of the run [, a table with sizes of pixels] -> one slide each.
struct SlideNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide", .version = 2, .paper = "-", .summary = "Opens whole-slide images."};
  using Params = slide_list::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"files", "table"};
  static constexpr std::string_view kOutput = "slide";

  struct Plan {
    std::vector<slide_list::Entry> entries;
    Params params;
    FileDigests* digests = nullptr;
    std::size_t size() const { return entries.size(); }
  };

  static Plan plan(const Params& params,
                   const graph::NodeContext& context,
                   const FileList& files,
                   const File* table) {
    Plan plan{slide_list::entries(files), params, context.digests};
    if (table != nullptr) slide_list::set_pixel_sizes(plan.entries, table->path);
    return plan;
  }
  static Slide element(const Plan& plan, std::uint32_t index) {
    return slide_list::open(plan.entries.at(index), plan.params, plan.digests);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::identity(entry, plan.params, plan.digests), entry.name, entry.folder};
  }
};

/// files of the run -> pairs of one section each.
struct SlidePairs {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_pairs",
      .version = 2,
      .paper = "III",
      .summary = "Opens H&E slides together with the PHH3 slides made from the same sections."};
  using Params = slide_list::Params;
  static constexpr std::array<std::string_view, 2> kInputs{"he", "phh3"};
  static constexpr std::string_view kOutput = "pair";

  struct Plan {
    std::vector<slide_list::PairEntry> entries;
    Params params;
    FileDigests* digests = nullptr;
    std::size_t size() const { return entries.size(); }
  };

  static Plan plan(const Params& params,
                   const graph::NodeContext& context,
                   const FileList& he,
                   const FileList& phh3) {
    return {slide_list::pairs(he, phh3), params, context.digests};
  }
  static SlidePair element(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::open(entry.he, plan.params, plan.digests),
            slide_list::open(entry.phh3, plan.params, plan.digests)};
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::identity(entry.he, plan.params, plan.digests) + ";" +
                slide_list::identity(entry.phh3, plan.params, plan.digests),
            entry.name, entry.folder};
  }
};

/// pair -> one of its slides.
struct PairSide {
  struct Params {
    std::string stain = "he";

    static void describe(auto& p, auto&& field) {
      field("stain", p.stain, {.choices = {"he", "phh3"}, .doc = "Which slide of the pair."});
    }
  };
  static constexpr graph::NodeInfo kInfo{
      .type = "pair_side", .version = 1, .paper = "III", .summary = "Takes one slide of a pair."};
  static constexpr std::array<std::string_view, 1> kInputs{"pair"};
  static constexpr std::string_view kOutput = "slide";

  static Slide run(const Params& params, const SlidePair& pair) {
    return params.stain == "he" ? pair.he : pair.phh3;
  }
};

/// slide, its spots [, what a network says of them] -> both in one, for reduces over slides.
struct SlideSpotsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_spots",
      .version = 1,
      .paper = "III-A",
      .summary =
          "Joins a PHH3 slide with its candidates, so that a step can draw from many slides."};
  static constexpr std::array<std::string_view, 3> kInputs{"slide", "spots", "scores"};
  static constexpr std::string_view kOutput = "slide_spots";

  static SlideSpots run(const NoParams&,
                        const Slide& slide,
                        const SpotSet& spots,
                        const SpotScores* scores) {
    return {slide, spots, scores == nullptr ? std::nullopt : std::optional(*scores)};
  }
};

/// slide, its detections -> both in one, for reduces over slides.
struct SlideDetectionsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_detections",
      .version = 1,
      .paper = "VI-C",
      .summary = "Joins a slide with its detections, so that a step can draw from many slides."};
  static constexpr std::array<std::string_view, 2> kInputs{"slide", "detections"};
  static constexpr std::string_view kOutput = "slide_detections";

  static SlideDetections run(const NoParams&, const Slide& slide, const DetectionSet& detections) {
    return {slide, detections};
  }
};

}  // namespace

void register_slide(graph::Registry& registry) {
  registry.add<SlideNode>();
  registry.add<SlidePairs>();
  registry.add<PairSide>();
  registry.add<SlideSpotsNode>();
  registry.add<SlideDetectionsNode>();
}

}  // namespace mito::nodes
