#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/graph/graph.h"

namespace mito::cli {

/// What a run would do with many slides, in numbers.
struct PlanSummary {
  enum class What : std::uint8_t {
    Done,        ///< Nothing runs.
    FromStore,   ///< Files are written, of results that are stored.
    Compute,     ///< A result that is stored has to be made, or something where none is.
    Unreadable,  ///< Its element cannot be made.
  };
  std::vector<What> items;  ///< As in Survey::items.
  /// For what is to be computed, on this machine; none while nothing like it was computed here.
  std::optional<double> seconds;

  std::size_t count(What what) const;
};

/// `out`: the output folder, where slides that an earlier run computed say how long they took.
PlanSummary summarise(const mito::graph::Graph& graph,
                      const mito::graph::Survey& survey,
                      FileDigests& digests,
                      const std::filesystem::path& out);

/// "800 slides: 700 done, 88 from the store, 10 to compute (about 2.1 h on this machine), 2
/// unreadable"
std::string text_of(const PlanSummary& summary);

/// The numbers, for --json.
nlohmann::ordered_json to_json(const PlanSummary& summary);

}  // namespace mito::cli
