#pragma once
#include <atomic>

namespace mito::cli {

/// Parses the command line, runs the command, turns exceptions into messages and exit codes.
int main(int argc, const char* const* argv, const std::atomic<bool>& stop);

}  // namespace mito::cli
