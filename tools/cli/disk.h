#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/graph/graph.h"

// What a run needs on disk, by what its nodes say (`cost`), and whether there is room.
namespace mito::cli {

/// Room beyond what is taken now, in MiB.
struct DiskNeed {
  double store = 0;                       ///< Results that stay.
  double writing = 0;                     ///< In the store too, while it is written or used.
  double scratch = 0;                     ///< Checkpoints and packed patches, at one time.
  double output = 0;                      ///< Files of results.
  std::vector<std::string> unknown = {};  ///< Nodes that cannot say it ahead.

  double total() const { return store + writing + scratch + output; }
};

/// Adds up what nodes of a survey take. One per survey.
class DiskEstimate {
 public:
  explicit DiskEstimate(const mito::graph::Graph& graph);

  /// Does the item compute something that takes room?
  bool wants(const mito::graph::Survey::Item& item) const;
  /// For Graph::survey: looks at the slides of an item, of which it takes the part that has colour.
  void look(const mito::graph::Survey::Item& item,
            const TypeDesc* type,
            const mito::graph::Data& element);
  DiskNeed need(const mito::graph::Survey& survey, const mito::graph::RunOptions& options) const;

 private:
  std::map<std::string, mito::graph::NodeView> says_;  ///< Nodes that say a cost for a slide.
  std::map<std::string, mito::graph::Graph::CostAhead> ahead_;
  std::set<std::string> sinks_;
  std::set<std::string> stored_;
  DiskNeed items_;           ///< Of all items looked at: what stays.
  double most_written_ = 0;  ///< Of one item: what lies in the store while it is computed.
  double most_passing_ = 0;  ///< Of one item: what is stored until it is used.
};

/// "about 322 GiB in the store, 20 GiB of scratch and 3 GiB of results"; empty below one MiB.
std::string text_of(const DiskNeed& need);

/// The numbers, for --json.
nlohmann::ordered_json to_json(const DiskNeed& need);

/// Where a run writes: free MiB of the file system of a folder, which need not exist yet.
double free_mib(const std::filesystem::path& folder);

/// Throws DataError when a file system has less room than the run needs on it, with both numbers.
/// `store`: root of the store, where scratch lies, too; empty: there is none, scratch lies in
/// `out`.
void refuse_without_room(const DiskNeed& need,
                         const std::filesystem::path& store,
                         const std::filesystem::path& out);

/// Looks at what `graph` would do and refuses it as above.
void refuse_without_room(mito::graph::Graph& graph,
                         const mito::graph::RunOptions& options,
                         const std::filesystem::path& store);

}  // namespace mito::cli
