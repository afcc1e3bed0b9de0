#include "engine/core/atomic_file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/machine.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw SystemFailure(file.string() + ": cannot be written: " + errno_text(errno));
}

constexpr std::string_view kPart = ".part";

/// What the parts of this machine have in their names.
const std::string& machine_mark() {
  static const std::string mark = fmt::format(".{}-", sha256(machine_name()).substr(0, 6));
  return mark;
}

/// Of this process alone, on any machine: two that write one file do not write into one part.
std::string part_extension() { return fmt::format("{}{}{}", machine_mark(), ::getpid(), kPart); }

/// The number of the process of this machine that named the part; none for other files.
std::optional<pid_t> writer_of(std::string_view name, const std::string& target) {
  const std::string start = target + machine_mark();
  if (!name.starts_with(start) || !name.ends_with(kPart)) return std::nullopt;
  const auto digits = name.substr(start.size(), name.size() - start.size() - kPart.size());
  pid_t process = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return process;
}

/// Parts of the same file whose writers were killed.
void remove_parts_of_the_dead(const std::filesystem::path& target) {
  const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  std::error_code ignored;  // what cannot be removed hurts nobody
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const auto writer = writer_of(entry.path().filename().string(), target.filename().string());
    if (writer && ::kill(*writer, 0) != 0 && errno == ESRCH)
      std::filesystem::remove(entry.path(), ignored);
  }
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target)
    : target_(std::move(target)), part_(target_.string() + part_extension()) {
  remove_parts_of_the_dead(target_);
  std::error_code nothing_there;  // what stands there may be a link to a file of somebody else
  std::filesystem::remove(part_, nothing_there);
  constexpr int kOurs = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const int made = ::open(part_.c_str(), kOurs, 0666);
  if (made < 0) fail(target_);
  ::close(made);
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
  publish(part_, target_);
  pending_ = false;
}

void sync_to_disk(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(path);
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Where a file system cannot sync (folders, mostly), nothing can be done about it.
  if (code == 0 || code == EINVAL || code == ENOTSUP || code == ENOSYS) return;
  errno = code;
  fail(path);
}

void publish(const std::filesystem::path& part, const std::filesystem::path& target) {
  sync_to_disk(part);
  if (::rename(part.c_str(), target.c_str()) != 0) fail(target);
  sync_to_disk(std::filesystem::absolute(target).parent_path());
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
