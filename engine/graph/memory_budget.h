#pragma once
// Internal to engine/graph: how much may be on its way at once in the memory there is.
#include <cstdint>

namespace mito::graph {

/// Says whether memory carries one more element of an expansion. What it answers decides when
/// something is computed, never what. Used by all workers at once.
class MemoryBudget {
 public:
  /// `bytes`: what the process may have. What it has now is not of the elements.
  MemoryBudget(std::uint64_t bytes, int threads);

  /// One more beside `alive` of them, each of which holds `bytes` of data: by what they are known
  /// to take, and by what the process has now. The first is always carried, or nothing would move.
  bool carries_another(std::uint64_t alive, std::uint64_t bytes) const;

 private:
  std::uint64_t base_;
  std::uint64_t room_;  ///< Of all elements.
  std::uint64_t threads_;
};

}  // namespace mito::graph
