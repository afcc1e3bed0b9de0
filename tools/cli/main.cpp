#include <atomic>
#include <csignal>
#include <iostream>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tools/cli/arguments.h"
#include "tools/cli/commands.h"

namespace {

std::atomic<bool> stop_requested{false};
std::atomic<int> last_signal{0};

/// The first signal asks the graph to stop and flush; a second of its kind ends the process.
/// SIGTERM and SIGUSR1 come from systems that end a job before its time: it is to be tried again.
void on_signal(int number) {
  stop_requested = true;
  last_signal = number;
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
  // Writing fails instead, with words and an exit code: a file too large, a reader that went away.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGUSR1, on_signal);
  const int code = mito::cli::main(argc, argv, stop_requested);
  const bool by_person = last_signal == SIGINT;
  return code == mito::cli::kInterrupted && !by_person ? mito::cli::kTryAgain : code;
}
