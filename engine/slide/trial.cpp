#include "engine/slide/trial.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <openslide.h>
#include <sys/wait.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/child_process.h"
#include "engine/core/companion.h"
#include "engine/core/error.h"
#include "engine/core/memory_limit.h"

namespace mito::slide {
namespace {

constexpr const char* kProgram = "mito_try_slide";
constexpr std::uint64_t kMostBytes = std::uint64_t{4} << 30;  // of tables of tiles, not of pixels
constexpr std::uint64_t kSeconds = 120;

}  // namespace

bool needs_trial(const std::string& vendor) {
  return vendor != "aperio" && vendor != "generic-tiff";
}

std::filesystem::path trial_program() {
  return companion_program("MITO_SLIDE_TRIAL", kProgram, MITO_SLIDE_BUILD_FOLDER,
                           "slides of this format are first opened");
}

void try_to_open(const std::filesystem::path& file) {
  ChildProcess trial(trial_program(), {argument_of(file)});
  const int status = trial.wait();
  if (!WIFSIGNALED(status)) return;  // what it could not open is refused in words when we do
  if (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)
    throw DataError(fmt::format(
        "{}: opening it was given up: it takes more than {} s, or the system ended that",
        file.string(), kSeconds));
  throw DataError(
      fmt::format("{}: OpenSlide crashes when it opens it ({}), or takes more than {} GiB: it is "
                  "damaged, or was made to do harm; do not use it",
                  file.string(), ::sigdescr_np(WTERMSIG(status)), kMostBytes >> 30U));
}

int serve_trial(const std::filesystem::path& file) {
  limit_this_process(std::min(kMostBytes, memory_limit()), kSeconds);
  openslide_t* slide = openslide_open(file.c_str());
  const bool opened = slide != nullptr && openslide_get_error(slide) == nullptr;
  if (slide != nullptr) openslide_close(slide);
  return opened ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace mito::slide
