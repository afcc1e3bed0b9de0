#include "nodes/exchange/python/interpreter.h"

#include <array>
#include <cerrno>
#include <cstdlib>

#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/system_failure.h"

namespace mito::python {

std::string interpreter() {
  const char* given = std::getenv("MITOLOOM_PYTHON");
  return given != nullptr && *given != '\0' ? given : "python3";
}

std::unique_ptr<ChildProcess> start_worker(const std::vector<std::string>& arguments,
                                           ChildSurroundings surroundings) {
  std::vector<std::string> words{"-P", "-c", std::string(kWorker)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  surroundings.errors = ChildSurroundings::Errors::Ours;
  surroundings.environment = {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1",
                              "PYTHONHASHSEED=0"};
  try {
    return std::make_unique<ChildProcess>(interpreter(), words, surroundings);
  } catch (const SystemFailure& failure) {
    throw DataError(
        fmt::format("{}; set MITOLOOM_PYTHON to a Python 3.11 or later", failure.what()));
  }
}

std::string output_of_worker(const std::vector<std::string>& arguments) {
  const auto process = start_worker(arguments, {});
  std::string text;
  std::array<char, 4096> some{};
  for (;;) {
    const auto count = ::read(process->output(), some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(some.data(), static_cast<std::size_t>(count));
  }
  process->wait();
  return text;
}

}  // namespace mito::python
