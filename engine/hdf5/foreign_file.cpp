#include "engine/hdf5/foreign_file.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>

#include <sys/wait.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/child_process.h"
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
constexpr std::uint64_t kCopies = 2;  // of a record: as it was read, and as what it is
constexpr std::uint64_t kMostSaid = std::uint64_t{1} << 62;
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

/// What the dataset says of its size; 0 for one that cannot be read, which reading it says.
std::uint64_t bytes_said(hid_t file, const std::string& name) {
  try {
    const h5::Shape stored = h5::shape_of(h5::open_dataset(file, name).id());
    return h5::bytes_of(stored.type, stored.shape);
  } catch (const DataError&) {
    return 0;
  }
}

/// Throws SystemFailure when what the datasets say is more than memory holds, before any is read.
void require_room(hid_t file, std::uint64_t limit) {
  std::uint64_t bytes = 0;
  for (const auto& name : h5::dataset_names(file)) {
    const auto one = bytes_said(file, name);
    bytes = one > kMostSaid - bytes ? kMostSaid : bytes + one;
  }
  require_memory(kCopies * bytes, "loading it", limit);
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

fs::path reader_program() {
  return companion_program("MITO_HDF5_READER", kReader, MITO_HDF5_BUILD_FOLDER,
                           "HDF5 files from outside are read");
}

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
  ChildProcess reader(reader_program(),
                      {std::to_string(static_cast<int>(wanted)), argument_of(file)});
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
      const std::uint64_t limit = memory_limit();
      limit_this_process(most_bytes(bytes), seconds_limit(bytes));
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
      require_room(in.id(), limit);
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
