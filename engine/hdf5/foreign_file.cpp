#include "engine/hdf5/foreign_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/companion.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/memory_limit.h"
#include "engine/core/system_failure.h"
#include "engine/hdf5/h5.h"
#include "engine/hdf5/record_stream.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

constexpr const char* kReader = "mito_read_hdf5";

constexpr std::uint64_t kBaseBytes = std::uint64_t{1} << 30;
constexpr std::uint64_t kBytesPerByte = 64;   // in memory: weights and scores hardly shrink
constexpr std::uint64_t kMostPerByte = 1100;  // on disk: deflate makes 1032 bytes of one, no more
constexpr std::uint64_t kBaseSeconds = 60;
constexpr std::uint64_t kBytesPerSecond = std::uint64_t{8} << 20;  // a slow disk, all zeros
constexpr std::uint64_t kBlockBytes = std::uint64_t{16} << 20;

std::uint64_t most_bytes(std::uint64_t file_bytes) {
  return std::min(kBaseBytes + kBytesPerByte * file_bytes, memory_limit());
}

std::uint64_t seconds_limit(std::uint64_t file_bytes) {
  return kBaseSeconds + file_bytes / kBytesPerSecond;
}

/// The file's size. A pipe or a device is no file: reading it might never end.
std::uint64_t size_of_file(const fs::path& file) {
  std::error_code error;
  if (!fs::exists(file, error)) throw DataError("no such file");
  if (!fs::is_regular_file(file, error)) throw DataError("it is no file");
  const auto size = fs::file_size(file, error);
  if (error) throw DataError("cannot read it: " + errno_text(error.value()));
  return size;
}

fs::path find_reader() {
  std::string tried;
  for (const auto& place : companion_places("MITO_HDF5_READER", kReader, MITO_HDF5_BUILD_FOLDER)) {
    if (::access(place.c_str(), X_OK) == 0) return place;
    tried += (tried.empty() ? "" : ", ") + place.string();
  }
  throw DataError(
      fmt::format("HDF5 files from outside are read by the program {}, which is not there (tried: "
                  "{}); it is built and installed with mitoloom, or set MITO_HDF5_READER to it",
                  kReader, tried));
}

/// A reader at work. It is waited for when this goes.
class Reader {
 public:
  Reader(const fs::path& file, Wanted wanted) {
    const std::string program = find_reader().string();
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail(errno);
    output_ = ends[0];
    const std::string what = std::to_string(static_cast<int>(wanted));
    // Not an option, whatever its name is.
    const std::string name = (file.is_absolute() ? file : "." / file).string();
    std::array<char*, 4> arguments{const_cast<char*>(program.c_str()),
                                   const_cast<char*>(what.c_str()), const_cast<char*>(name.c_str()),
                                   nullptr};
    posix_spawn_file_actions_t files{};
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes{};
    posix_spawnattr_init(&attributes);
    // A group of its own: Ctrl-C is for us, who may still want the record.
    posix_spawnattr_setpgroup(&attributes, 0);
    sigset_t none{};
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    const int code =
        ::posix_spawn(&process_, program.c_str(), &files, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    if (code == 0) return;
    ::close(output_);
    fail(code);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { wait(); }

  int output() const { return output_; }

  /// Ends it, unless it has ended, and says how it did.
  int wait() {
    if (status_) return *status_;
    ::close(output_);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    return *(status_ = status);
  }

 private:
  [[noreturn]] static void fail(int code) {
    throw SystemFailure(fmt::format("the program {} cannot be run: {}", kReader, errno_text(code)));
  }

  pid_t process_ = -1;
  int output_ = -1;
  std::optional<int> status_;
};

/// Words for a reader that did not come to its end.
std::string end_of(int status, std::uint64_t file_bytes) {
  if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
    return fmt::format(
        "reading it was given up: it takes more than {} s, or the system ended the reader",
        seconds_limit(file_bytes));
  if (WIFSIGNALED(status))
    return fmt::format(
        "the HDF5 library crashed on it ({}): it is damaged, or was made to do harm; do not use it",
        ::sigdescr_np(WTERMSIG(status)));
  return fmt::format("its reader ended with code {} before it was done", WEXITSTATUS(status));
}

void limit(int resource, std::uint64_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

/// Of this process, which is to read a file of that size.
void set_limits(std::uint64_t file_bytes) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, seconds_limit(file_bytes));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they reserve terabytes
  limit(RLIMIT_AS, most_bytes(file_bytes));
#endif
}

/// Reads a dataset as the program would, a block at a time, and keeps nothing.
void look_through(hid_t file, const std::string& name, std::uint64_t file_bytes) {
  const h5::Handle dataset = h5::open_dataset(file, name);
  const h5::Shape stored = h5::shape_of(dataset.id());
  if (stored.shape.empty()) {
    h5::read_array(file, name);
    return;
  }
  const std::uint64_t bytes = h5::bytes_of(stored.type, stored.shape);
  if (bytes / kMostPerByte > file_bytes + kBaseBytes / kMostPerByte)
    throw DataError(fmt::format(
        "dataset '{}': its shape is impossibly large for a file of {} bytes", name, file_bytes));
  const std::uint64_t row = bytes / std::max<std::uint64_t>(1, stored.shape.front());
  const std::uint64_t block =
      std::max<std::uint64_t>(1, kBlockBytes / std::max<std::uint64_t>(1, row));
  for (std::uint64_t first = 0; first < stored.shape.front(); first += block)
    h5::read_rows(dataset.id(), stored, first, std::min(block, stored.shape.front() - first));
}

}  // namespace

Record read_foreign(const fs::path& file, Wanted wanted) {
  std::uint64_t size = 0;
  const auto say = [&](const std::string& what) -> DataError {
    return DataError(fmt::format("'{}': {}", file.string(), what));
  };
  try {
    size = size_of_file(file);
  } catch (const DataError& error) {
    throw say(error.what());
  }
  Reader reader(file, wanted);
  try {
    Record record = receive_record(reader.output(), most_bytes(size));
    return record;
  } catch (const DataError& error) {
    throw say(error.what());
  } catch (const CutOff&) {
    throw say(end_of(reader.wait(), size));
  }
}

void serve_foreign(const fs::path& file, Wanted wanted, int descriptor) {
  RecordSender out(descriptor);
  try {
    h5::in_file(file, [&] {
      const std::uint64_t bytes = size_of_file(file);
      set_limits(bytes);
      // Filters are those that HDF5 was built with: none is looked for on disk.
      h5::check(H5PLset_loading_state(0), "switch off plugins");
      const h5::Handle in = h5::open_read(file);
      const auto attributes = h5::read_attributes(in.id());
      if (wanted == Wanted::Nothing) {
        for (const auto& name : h5::dataset_names(in.id())) look_through(in.id(), name, bytes);
        return;
      }
      for (const auto& [name, value] : attributes) out.send(name, value);
      if (wanted == Wanted::Attributes) return;
      for (const auto& name : h5::dataset_names(in.id()))
        out.send(name, h5::read_array(in.id(), name));
    });
    out.finish();
  } catch (const DataError& error) {
    // Who asked names the file as it knows it.
    const std::string prefix = fmt::format("'{}': ", file.string());
    const std::string text = error.what();
    out.fail(text.starts_with(prefix) ? text.substr(prefix.size()) : text);
  }
}

}  // namespace mito::store
