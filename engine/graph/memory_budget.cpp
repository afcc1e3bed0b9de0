#include "engine/graph/memory_budget.h"

#include <algorithm>

#include <malloc.h>

#include "engine/core/memory_limit.h"

namespace mito::graph {
namespace {

// The rest is of libraries, and of what is freed late.
constexpr std::uint64_t kTenthsForElements = 9;
// What a worker takes beside the data of its element, in sizes of these: maps, planes of floats,
// buffers. `detect` takes 304 to 324 MiB more with a second job, on elements of 9.5 MiB
// (docs/performance.md).
constexpr std::uint64_t kWork = 34;
constexpr std::uint64_t kLeastBytes = std::uint64_t{4} << 20;  // of an element that says nothing

}  // namespace

MemoryBudget::MemoryBudget(std::uint64_t bytes, int threads)
    : base_(memory_in_use()), threads_(static_cast<std::uint64_t>(threads)) {
  const auto usable = bytes / 10 * kTenthsForElements;
  room_ = usable > base_ ? usable - base_ : 0;
}

bool MemoryBudget::carries_another(std::uint64_t alive, std::uint64_t bytes) const {
  if (alive == 0) return true;
  const auto one = std::max(bytes, kLeastBytes);
  const auto at_work = std::min(alive + 1, threads_);
  if ((alive + 1 + kWork * at_work) * one > room_) return false;
  const auto fits = [&] {
    const auto now = memory_in_use();
    return (now > base_ ? now - base_ : 0) + (1 + kWork) * one <= room_;
  };
  if (fits()) return true;
  ::malloc_trim(0);  // what was freed may not have gone back to the system
  return fits();
}

}  // namespace mito::graph
