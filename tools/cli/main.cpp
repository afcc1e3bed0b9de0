#include <atomic>
#include <csignal>
#include <iostream>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

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

/// Where the caller closed standard input, output or error, the next file that is opened would
/// stand there, and what is printed would be written into it. Here writing fails, as it must.
void keep_standard_places() {
  for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(place, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

}  // namespace

int main(int argc, char** argv) {
  keep_standard_places();
  allow_many_files();
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  return mito::cli::main(argc, argv, stop_requested);
}
