#pragma once
#include "tools/cli/commands.h"

namespace mito::cli {

/// The part of the run options that comes from the command line: threads, folders, device.
mito::graph::RunOptions run_options(const RunCommand& command);

}  // namespace mito::cli
