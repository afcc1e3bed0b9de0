#pragma once
#include "tools/cli/commands.h"

// `validate`, `params` and `plan` of a sweep file (docs/sweeps.md).
namespace mito::cli {

/// Is it a sweep file, by its keys? False also for what cannot be read.
bool is_sweep(const std::string& file);

/// Checks the file and the pipelines of all steps and variants; throws ConfigError with every
/// problem.
int validate_sweep(const PipelineOptions& options);

/// Lists the parameters in which the variants differ, with the value that each has in effect.
int params_sweep(const PipelineOptions& options, bool json);

/// Says of every step and run how far it is, and what it would compute if it were the next.
int plan_sweep(const RunCommand& command, const std::atomic<bool>& stop);

}  // namespace mito::cli
