#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/core/error.h"
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

  /// The slide that identity() opened last, so that element() need not open it again.
  struct Recent {
    std::mutex mutex;
    std::optional<std::pair<std::uint32_t, Slide>> slide;
  };
  struct Plan {
    std::vector<slide_list::Entry> entries;
    Params params;
    std::shared_ptr<Recent> recent = std::make_shared<Recent>();
    std::size_t size() const { return entries.size(); }
  };

  static Plan plan(const Params& params, const FileList& files) {
    return {slide_list::entries(files), params};
  }
  static Slide element(const Plan& plan, std::uint32_t index) {
    {
      const std::lock_guard lock(plan.recent->mutex);
      auto last = std::exchange(plan.recent->slide, std::nullopt);
      if (last && last->first == index) return std::move(last->second);
    }
    return slide_list::open(plan.entries.at(index), plan.params);
  }
  static graph::ItemIdentity identity(const Plan& plan, std::uint32_t index) {
    const auto& entry = plan.entries.at(index);
    try {
      const Slide slide = slide_list::open(entry, plan.params);
      const std::lock_guard lock(plan.recent->mutex);
      plan.recent->slide.emplace(index, slide);
      return {slide.info().identity, entry.name, entry.folder};
    } catch (const DataError&) {  // element() will say why, and only this slide fails
      return {slide_list::unreadable(entry), entry.name, entry.folder};
    }
  }
};

}  // namespace

void register_slide(graph::Registry& registry) { registry.add<SlideNode>(); }

}  // namespace mito::nodes
