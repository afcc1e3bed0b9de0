#include "engine/core/lease.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/errno_text.h"
#include "engine/core/machine.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds kWriting{200};  // far longer than a line takes

[[noreturn]] void fail(const char* action, const fs::path& path, int code) {
  throw SystemFailure(fmt::format("cannot {} '{}': {}", action, path.string(), errno_text(code)));
}

/// When a process of this machine began, as /proc has it; empty when there is none.
std::string start_of(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto name_end = text.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  return field;
}

/// "machine pid start": who we are.
std::string own_text() {
  const std::string pid = std::to_string(::getpid());
  return fmt::format("{} {} {}", machine_name(), pid, start_of(pid));
}

/// None when there is no such file.
std::optional<std::string> text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

/// A name beside `file` that no other process uses.
fs::path beside(const fs::path& file) {
  fs::path name = file;
  name += fmt::format(".tmp-{}-{}", host_name(), ::getpid());
  return name;
}

/// Seconds since `file` was touched, by the clock of its file system; none when it has gone.
std::optional<std::time_t> age(const fs::path& file) {
  struct stat now {};
  struct stat then {};
  const fs::path clock = beside(file.parent_path() / "clock");
  const int opened = ::open(clock.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  const bool has_clock =
      opened >= 0 && ::futimens(opened, nullptr) == 0 && ::fstat(opened, &now) == 0;
  if (opened >= 0) ::close(opened);
  ::unlink(clock.c_str());
  if (::stat(file.c_str(), &then) != 0) return std::nullopt;
  return (has_clock ? now.st_mtime : std::time(nullptr)) - then.st_mtime;
}

bool is_abandoned(const fs::path& file, const std::string& owner, std::chrono::seconds limit) {
  std::istringstream fields(owner);
  std::string where;
  std::string pid;
  std::string start;
  fields >> where >> pid >> start;
  if (!fields) {  // half a text: lost with the power, unless it is being written at this moment
    std::this_thread::sleep_for(kWriting);
    return text_of(file) == owner;
  }
  if (where == machine_name()) return start_of(pid) != start;
  const auto since = age(file);
  return since && *since > limit.count();
}

/// Takes an abandoned lease out of the way; false when it is not, or another process was faster.
bool remove_abandoned(const fs::path& file, std::chrono::seconds limit) {
  const auto owner = text_of(file);
  if (!owner || !is_abandoned(file, *owner, limit)) return false;
  const fs::path aside = beside(file);
  if (::rename(file.c_str(), aside.c_str()) != 0) return false;
  const bool right = text_of(aside) == owner;
  // A new lease slipped in between: give it back, unless there is a third already.
  if (!right && ::link(aside.c_str(), file.c_str()) != 0 && errno != EEXIST && errno != ENOENT)
    fail("keep", file, errno);
  ::unlink(aside.c_str());
  return right;
}

/// A new file that says who we are; 0, or an errno.
int write_new(const fs::path& file) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  int made = ::open(file.c_str(), kFlags, 0644);
  if (made < 0 && errno == ENOENT) {
    std::error_code in_the_way;
    fs::create_directories(file.parent_path(), in_the_way);
    made = ::open(file.c_str(), kFlags, 0644);
  }
  if (made < 0) return errno;
  const std::string text = own_text();
  const int code = ::write(made, text.data(), text.size()) >= 0 ? 0 : errno;
  ::close(made);
  if (code != 0) ::unlink(file.c_str());
  return code;
}

/// Makes the lease; 0, EEXIST where there is one, or another errno. It appears with its text in it:
/// a process that is killed here leaves no lease of which nobody knows whose it is.
int make(const fs::path& file) {
  const fs::path aside = beside(file);
  ::unlink(aside.c_str());  // of a dead process that had our number
  if (const int code = write_new(aside); code != 0) return code;
  int code = ::link(aside.c_str(), file.c_str()) == 0 ? 0 : errno;
  struct stat about {};
  // Of a network file system the answer may have been lost, and the question asked again.
  if (code == EEXIST && ::stat(aside.c_str(), &about) == 0 && about.st_nlink == 2) code = 0;
  ::unlink(aside.c_str());
  return code == 0 || code == EEXIST ? code : write_new(file);  // there are no hard links
}

}  // namespace

std::string host_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

std::optional<Lease> Lease::take(const fs::path& file, std::chrono::seconds abandoned) {
  for (int tries = 0; tries < 2; ++tries) {
    const int code = make(file);
    if (code == 0) return Lease(file);
    if (code != EEXIST) fail("make", file, code);
    if (!remove_abandoned(file, abandoned)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Lease::Holder> Lease::holder(const fs::path& file, std::chrono::seconds abandoned) {
  const auto owner = text_of(file);
  if (!owner || is_abandoned(file, *owner, abandoned)) return std::nullopt;
  std::istringstream fields(*owner);
  Holder holder;
  fields >> holder.host >> holder.pid;
  holder.host = holder.host.substr(0, holder.host.find('/'));
  return holder;
}

Lease::Lease(Lease&& other) noexcept : file_(std::exchange(other.file_, fs::path())) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

Lease::~Lease() {
  if (!file_.empty() && is_held()) ::unlink(file_.c_str());
}

void Lease::touch() const {
  if (!file_.empty()) ::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0);
}

bool Lease::is_held() const { return text_of(file_) == own_text(); }

}  // namespace mito
