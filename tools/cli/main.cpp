#include <atomic>
#include <csignal>
#include <iostream>

#include "tools/cli/arguments.h"

namespace {

std::atomic<bool> stop_requested{false};

/// The first signal asks the graph to stop and flush; a second one ends the process.
void on_signal(int number) {
  stop_requested = true;
  std::signal(number, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return mito::cli::main(argc, argv, stop_requested);
}
