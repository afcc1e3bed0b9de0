#pragma once
#include <string>

namespace mito {

/// The system's words for an errno value: "No space left on device". Where a process may open no
/// more files, also how many it may and how to allow more.
std::string errno_text(int code);

}  // namespace mito
