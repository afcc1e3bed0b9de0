#include "engine/nn/imported/network_trial.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/child_process.h"
#include "engine/core/companion.h"
#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/core/system_failure.h"
#include "engine/nn/backend.h"
#include "engine/nn/imported/onnx_function.h"

namespace mito::nn {
namespace {

constexpr const char* kProgram = "mito_try_network";
constexpr std::uint64_t kLibraries = std::uint64_t{8} << 30;  // of address space, not of memory
constexpr std::uint64_t kSeconds = 300;

/// A file of this process's memory that holds `bytes`.
OpenFile in_memory(const std::string& bytes) {
  OpenFile file(::memfd_create("network", MFD_CLOEXEC));
  if (file.get() < 0) throw SystemFailure("no file in memory can be made: " + errno_text(errno));
  for (std::size_t at = 0; at < bytes.size();) {
    const auto written = ::write(file.get(), bytes.data() + at, bytes.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw SystemFailure("a file in memory: " + errno_text(errno));
    at += static_cast<std::size_t>(written);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string all_of(int descriptor) {
  std::string bytes;
  std::vector<char> block(std::size_t{1} << 20);
  while (true) {
    const auto got = ::read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return bytes;
    bytes.append(block.data(), static_cast<std::size_t>(got));
  }
}

/// Networks that were tried, by digest and input.
class Tried {
 public:
  bool holds(const std::string& name) {
    const std::scoped_lock guard(mutex_);
    return names_.contains(name);
  }
  void add(const std::string& name) {
    const std::scoped_lock guard(mutex_);
    names_.insert(name);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

}  // namespace

std::filesystem::path network_trial_program() {
  return companion_program("MITO_NETWORK_TRIAL", kProgram, MITO_NN_BUILD_FOLDER,
                           "networks made elsewhere are first tried");
}

void try_network(const std::string& bytes, const NetworkTrial& trial) {
  static Tried tried;
  const std::vector<std::string> arguments{trial.is_script ? "torchscript" : "onnx",
                                           std::to_string(trial.count), std::to_string(trial.side)};
  const auto name =
      fmt::format("{} {} {} {}", sha256(bytes), arguments[0], arguments[1], arguments[2]);
  if (tried.holds(name)) return;
  const auto network = in_memory(bytes);
  ChildProcess process(network_trial_program(), arguments, {.files = {network.get()}});
  const int status = process.wait();
  if (WIFSIGNALED(status)) {
    const char* library = trial.is_script ? "LibTorch" : "OpenCV";
    const int number = WTERMSIG(status);
    if (number == SIGXCPU || number == SIGKILL)
      throw DataError(fmt::format(
          "running it once was given up: it takes more than {} s, or the system ended that",
          kSeconds));
    throw DataError(
        fmt::format("{} crashes when it reads or runs it ({}): it is damaged, or was made to do "
                    "harm; do not use it",
                    library, ::sigdescr_np(number)));
  }
  tried.add(name);
}

int serve_network_trial(const NetworkTrial& trial, int descriptor) {
  limit_this_process(memory_limit() + kLibraries, kSeconds);
  const auto bytes = all_of(descriptor);
  try {
    const auto function = trial.is_script ? backend().script(bytes, Device::Cpu) : open_onnx(bytes);
    const std::vector<float> zeros(
        static_cast<std::size_t>(trial.count * 3 * trial.side * trial.side));
    function->run(zeros, trial.count, trial.side);
  } catch (const std::exception&) {
    return EXIT_FAILURE;  // said in words by whoever opens it next
  }
  return EXIT_SUCCESS;
}

}  // namespace mito::nn
