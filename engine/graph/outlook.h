#pragma once
// Internal to engine/graph: what is known of a checked pipeline before anything is computed.
#include <memory>
#include <optional>
#include <vector>

#include "engine/core/foresight.h"
#include "engine/graph/checked.h"

namespace mito::graph {

/// Asks nodes what they foretell, each once. The pipeline must outlive it.
class Outlook {
 public:
  explicit Outlook(const Checked& checked);
  ~Outlook();
  Outlook(const Outlook&) = delete;
  Outlook& operator=(const Outlook&) = delete;

  /// What `node` can know.
  const Foresight& at(int node) const;

 private:
  class Sight;
  Foretold of_source(const Source& source);
  Foretold of_node(int node);

  const Checked& checked_;
  std::vector<std::unique_ptr<Sight>> sights_;  ///< By node.
  std::vector<std::optional<Foretold>> told_;   ///< By node; empty: not asked yet.
};

}  // namespace mito::graph
