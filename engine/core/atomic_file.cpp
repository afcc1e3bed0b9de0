#include "engine/core/atomic_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/lease.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw SystemFailure(file.string() + ": cannot be written: " + errno_text(errno));
}

void flush_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  const bool flushed = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!flushed) fail(path);
}

/// Of this process alone, on any machine: two that write one file do not write into one part.
const std::string& part_extension() {
  static const std::string extension =
      fmt::format(".{}-{}.part", sha256(host_name()).substr(0, 6), ::getpid());
  return extension;
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target)
    : target_(std::move(target)), part_(target_.string() + part_extension()) {
  std::error_code nothing_there;  // what stands there may be a link to a file of somebody else
  std::filesystem::remove(part_, nothing_there);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_(std::move(other.target_)),
      part_(std::move(other.part_)),
      pending_(std::exchange(other.pending_, false)) {}

AtomicFile::~AtomicFile() {
  std::error_code ignored;  // what cannot be removed is no reason to hide the first failure
  if (pending_) std::filesystem::remove(part_, ignored);
}

void AtomicFile::commit() {
  flush_to_disk(part_);
  std::error_code error;
  std::filesystem::rename(part_, target_, error);
  if (error)
    throw SystemFailure(target_.string() + ": cannot be written: " + errno_text(error.value()));
  pending_ = false;
  flush_to_disk(std::filesystem::absolute(target_).parent_path());
}

bool is_temporary(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.ends_with(".part") || name.find(".tmp-") != std::string::npos;
}

void write_file(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  std::ofstream out(file.part(), std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail(target);
  file.commit();
}

}  // namespace mito
