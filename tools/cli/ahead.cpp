#include "tools/cli/ahead.h"

#include <spdlog/spdlog.h>

#include "engine/types/cases.h"

namespace mito::cli {

void refuse_seen_cases(const mito::graph::Graph& graph) {
  graph.look_at_measured([](const Measured& measured) {
    for (const auto& seen : measured.seen)
      refuse_shared_cases({seen.role, seen.cases}, {"evaluation", measured.cases});
  });
}

void warn_ahead(const mito::graph::Graph& graph) {
  for (const auto& line : graph.warnings()) spdlog::warn("{}", line);
}

}  // namespace mito::cli
