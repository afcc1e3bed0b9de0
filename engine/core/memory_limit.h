#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mito {

/// Bytes that this process may have: the least of what the machine has, what its control group may
/// have (a container, a job of a cluster), what `ulimit -v` allows, and the budget of
/// set_memory_budget().
std::uint64_t memory_limit();

/// Bytes that it has now.
std::uint64_t memory_in_use();

/// "8G", "500M", "1.5T": bytes, by powers of 1024; "GB" and "GiB" are G. None for anything else.
std::optional<std::uint64_t> parse_memory(std::string_view text);

/// Sets the budget of this process and of those that it starts, in $MITOLOOM_MEMORY; with an empty
/// `text` what is there stays. To be called before there are threads. Throws ConfigError when
/// either is no size.
void set_memory_budget(const std::string& text);

/// Throws SystemFailure when `bytes` are more than `limit`: "WHAT takes at least 12.0 GiB of
/// memory, but there are ...".
void require_memory(std::uint64_t bytes,
                    const std::string& what,
                    std::uint64_t limit = memory_limit());

}  // namespace mito
