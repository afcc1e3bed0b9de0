#include <optional>
#include <string>
#include <vector>

#include "engine/graph/node.h"
#include "engine/slide/slide_detections.h"
#include "engine/slide/slide_pair.h"
#include "nodes/slides/slide/slide_list.h"

namespace mito::nodes {
namespace {

/// What patterns at these ports caught and no slide is.
std::vector<std::string> left_out(const Foresight& ahead,
                                  std::initializer_list<std::string_view> ports) {
  std::vector<std::string> lines;
  for (const auto port : ports) {
    const auto files = ahead.at<FileList>(port);
    if (files == nullptr) continue;
    if (auto line = slide_list::left_out_line(*files); !line.empty())
      lines.push_back(std::move(line));
  }
  return lines;
}

/// files of the run [, a table with sizes of pixels] -> one slide each.
struct SlideNode {
  static constexpr graph::NodeInfo kInfo{.type = "slide",
                                         .version = 2,
                                         .paper = "-",
                                         .summary = "Opens whole-slide images.",
                                         .inputs = {"files", "table"},
                                         .output = "slide"};

  struct Plan {
    std::vector<slide_list::Entry> entries;
    slide_list::Params params;
    slide_list::Sources sources;
    std::size_t size() const { return entries.size(); }
  };

  static std::shared_ptr<const ForetoldFiles> foretell(const Foresight& ahead) {
    const auto files = ahead.at<FileList>("files");
    if (files == nullptr) return nullptr;
    auto out = std::make_shared<ForetoldFiles>();
    for (const auto& entry : slide_list::entries(*files)) out->paths.push_back(entry.path);
    return out;
  }
  static std::vector<std::string> warnings(const Foresight& ahead) {
    return left_out(ahead, {"files"});
  }
  static Plan plan(const slide_list::Params& params,
                   const graph::NodeContext& context,
                   const FileList& files,
                   const File* table) {
    Plan plan{slide_list::entries(files), params, {context.digests, context.copies}};
    slide_list::take_from_manifests(plan.entries, files);
    if (table != nullptr) slide_list::set_pixel_sizes(plan.entries, table->path);
    return plan;
  }
  static Slide element(const Plan& plan, std::uint32_t index) {
    return slide_list::open(plan.entries.at(index), plan.params, plan.sources);
  }
  static void prepare(const Plan& plan, std::uint32_t index) {
    slide_list::prepare(plan.entries.at(index), plan.sources);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::identity(entry, plan.params, plan.sources.digests), entry.name,
            entry.folder};
  }
  static graph::ItemName listed(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {entry.name, entry.folder, slide_list::bytes(entry), entry.path, entry.about};
  }
};

/// files of the run -> pairs of one section each.
struct SlidePairs {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_pairs",
      .version = 2,
      .paper = "III",
      .summary = "Opens H&E slides together with the PHH3 slides made from the same sections.",
      .inputs = {"he", "phh3"},
      .output = "pair"};

  struct Plan {
    std::vector<slide_list::PairEntry> entries;
    slide_list::Params params;
    slide_list::Sources sources;
    std::size_t size() const { return entries.size(); }
  };

  static std::vector<std::string> warnings(const Foresight& ahead) {
    return left_out(ahead, {"he", "phh3"});
  }
  static Plan plan(const slide_list::Params& params,
                   const graph::NodeContext& context,
                   const FileList& he,
                   const FileList& phh3) {
    return {slide_list::pairs(he, phh3), params, {context.digests, context.copies}};
  }
  static SlidePair element(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::open(entry.he, plan.params, plan.sources),
            slide_list::open(entry.phh3, plan.params, plan.sources)};
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::identity(entry.he, plan.params, plan.sources.digests) + ";" +
                slide_list::identity(entry.phh3, plan.params, plan.sources.digests),
            entry.name, entry.folder};
  }
  static graph::ItemName listed(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {entry.name, entry.folder, slide_list::bytes(entry.he) + slide_list::bytes(entry.phh3)};
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
  static constexpr graph::NodeInfo kInfo{.type = "pair_side",
                                         .version = 1,
                                         .paper = "III",
                                         .summary = "Takes one slide of a pair.",
                                         .inputs = {"pair"},
                                         .output = "slide"};

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
          "Joins a PHH3 slide with its candidates, so that a step can draw from many slides.",
      .inputs = {"slide", "spots", "scores"},
      .output = "slide_spots"};

  static SlideSpots run(const Slide& slide, const SpotSet& spots, const SpotScores* scores) {
    return {slide, spots, scores == nullptr ? std::nullopt : std::optional(*scores)};
  }
};

/// slide, its detections -> both in one, for reduces over slides.
struct SlideDetectionsNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide_detections",
      .version = 1,
      .paper = "VI-C",
      .summary = "Joins a slide with its detections, so that a step can draw from many slides.",
      .inputs = {"slide", "detections"},
      .output = "slide_detections"};

  static SlideDetections run(const Slide& slide, const DetectionSet& detections) {
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
