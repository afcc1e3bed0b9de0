#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

namespace mito {

/// One of the parts that a piece of work is dealt to; the first is 1.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;
};

/// Reads "2/3": I from 1 to N. None when it is something else.
std::optional<Shard> shard_from(std::string_view text);

}  // namespace mito
