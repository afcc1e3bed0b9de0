#include "engine/graph/node.h"
#include "nodes/slide/slide_list.h"

namespace mito::nodes {
namespace {

/// files of the run -> one slide each.
struct SlideNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "slide", .version = 1, .paper = "-", .summary = "Opens whole-slide images."};
  using Params = slide_list::Params;
  static constexpr std::array<std::string_view, 1> kInputs{"files"};
  static constexpr std::string_view kOutput = "slide";

  struct Plan {
    std::vector<slide_list::Entry> entries;
    Params params;
    std::size_t size() const { return entries.size(); }
  };

  static Plan plan(const Params& params, const FileList& files) {
    return {slide_list::entries(files), params};
  }
  static Slide element(const Plan& plan, std::uint32_t index) {
    return slide_list::open(plan.entries.at(index), plan.params);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    return {slide_list::identity(entry, plan.params), entry.name, entry.folder};
  }
};

}  // namespace

void register_slide(graph::Registry& registry) { registry.add<SlideNode>(); }

}  // namespace mito::nodes
