#pragma once
#include <cstdint>
#include <span>
#include <string_view>

/// Readers of what comes from outside, each fed with bytes. Anything but mito::Error that leaves
/// them is a finding, as are crashes, hangs, and memory beyond what the bytes can hold.
namespace mito::fuzz {

struct Target {
  std::string_view name;
  void (*read)(std::string_view bytes);
};

std::span<const Target> targets();

/// One target on one input; what the reader refuses is no finding.
void run(const Target& target, std::string_view bytes);

}  // namespace mito::fuzz
