#include "tools/cli/folder_trial.h"

#include <chrono>
#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/hdf5/files.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBytes = 64'000'000;

Trial try_locks(const fs::path& folder) {
  switch (store::protection_in(folder)) {
    case store::Protection::Flock:
      return {"locks", "flock", ""};
    case store::Protection::OfdLock:
      return {"locks", "OFD locks, since flock fails", ""};
    case store::Protection::Lease:
      break;
  }
  return {"locks", "none: lease files stand in for them",
          "run `store gc` only while nobody else uses the store"};
}

/// 64 MB, synced and renamed.
Trial try_writing(const fs::path& file) {
  const auto begun = Clock::now();
  {
    const std::string bytes(kBytes, 'm');
    write_file(file, bytes);
  }
  const std::chrono::duration<double> seconds = Clock::now() - begun;
  const double rate = static_cast<double>(kBytes) / 1e6 / seconds.count();
  return {
      "write, sync, rename", fmt::format("64 MB in {:.2f} s, {:.0f} MB/s", seconds.count(), rate),
      rate < 20 ? "this is slow: results of a slide may take longer to write than to compute" : ""};
}

Trial try_mapping(const fs::path& file) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  void* mapped =
      opened < 0 ? MAP_FAILED : ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, opened, 0);
  if (opened >= 0) ::close(opened);
  if (mapped == MAP_FAILED)
    return {"mmap", "fails", "files of this file system cannot be mapped into memory"};
  const auto* bytes = static_cast<const char*>(mapped);
  const bool is_right = bytes[0] == 'm' && bytes[kBytes - 1] == 'm';
  ::munmap(mapped, kBytes);
  return {"mmap", is_right ? "works" : "shows other bytes",
          is_right ? "" : "what is written is not what is read: do not use this file system"};
}

}  // namespace

std::vector<Trial> try_folder(const fs::path& folder) {
  const bool is_new = !fs::exists(folder);
  store::make_folder(folder);
  const fs::path file = folder / fmt::format("trial.tmp-{}", ::getpid());
  const auto clean_up = [&] {
    std::error_code ignored;
    fs::remove(file, ignored);
    if (is_new) fs::remove(folder, ignored);
  };
  try {
    std::vector<Trial> trials{try_locks(folder)};
    trials.push_back(try_writing(file));
    trials.push_back(try_mapping(file));
    clean_up();
    return trials;
  } catch (...) {
    clean_up();
    throw;
  }
}

}  // namespace mito::cli
