#include <atomic>
#include <csignal>
#include <iostream>

#include <sys/resource.h>

#include "tools/cli/arguments.h"

namespace {

std::atomic<bool> stop_requested{false};

/// The first signal asks the graph to stop and flush; a second one ends the process.
void on_signal(int number) {
  stop_requested = true;
  std::signal(number, SIG_DFL);
}

/// Open slides and files of the store add up with the size of a study; systems allow 1024 files
/// unless a program asks for more.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  allow_many_files();
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return mito::cli::main(argc, argv, stop_requested);
}
