#include "engine/core/file_digests.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/error.h"

namespace mito {
namespace fs = std::filesystem;
namespace {

using std::chrono::nanoseconds;

constexpr const char* kFormat = "1";
constexpr std::size_t kCheckDigits = 8;
constexpr nanoseconds kSettled = std::chrono::seconds(2);
/// To wait until a file of this size has settled costs less than to read it again next time.
constexpr std::uint64_t kWorthWaiting = std::uint64_t{64} << 20;
constexpr std::size_t kMostLines = 50'000;           // remembered at most: 10 MB
constexpr std::uintmax_t kMostBytes = 64ULL << 20U;  // of a journal that is still read

nanoseconds now() { return std::chrono::system_clock::now().time_since_epoch(); }

std::int64_t nanoseconds_of(const timespec& time) {
  return (std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec)).count();
}

/// A line without the digits that prove it whole; nothing when it is not whole.
std::optional<std::string> whole(const std::string& line) {
  const auto space = line.rfind(' ');
  if (space == std::string::npos) return std::nullopt;
  const std::string text = line.substr(0, space);
  if (line.substr(space + 1) != sha256(text).substr(0, kCheckDigits)) return std::nullopt;
  return text;
}

}  // namespace

FileDigests::FileDigests(fs::path journal, Trust trust)
    : journal_(std::move(journal)), trust_(trust) {
  load();
}

FileDigests::FileId FileDigests::id_of(const fs::path& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0)
    throw DataError(fmt::format("cannot read '{}': {}", file.string(), errno_text(errno)));
  return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size),
          nanoseconds_of(about.st_mtim), nanoseconds_of(about.st_ctim)};
}

std::string FileDigests::of(const fs::path& file) {
  const FileId id = id_of(file);
  std::shared_ptr<Known> known;
  {
    const std::lock_guard lock(mutex_);
    auto& place = known_[id];
    if (place == nullptr) place = std::make_shared<Known>();
    known = place;
  }
  const std::lock_guard lock(known->reading);
  const bool trusted = known->checked || trust_ == Trust::Journal;
  if (!known->digest.empty() && trusted) return known->digest;
  const std::string before = known->digest;
  known->digest = read(file, id, before);
  known->checked = true;
  if (!before.empty() && before != known->digest)
    spdlog::warn(
        "'{}' changed while its size and times stayed the same; what was remembered of it "
        "was wrong and is replaced",
        file.string());
  return known->digest;
}

/// The digest, written down when it is not that of `before` and will still be true later.
std::string FileDigests::read(const fs::path& file, const FileId& id, const std::string& before) {
  const auto& [device, inode, size, content, status] = id;
  const auto settled = nanoseconds(std::max(content, status)) + kSettled;
  const auto left = settled - now();
  // A time in the future is that of another clock: waiting for it has no end.
  if (!journal_.empty() && size >= kWorthWaiting && left > nanoseconds(0) && left <= kSettled)
    std::this_thread::sleep_for(left);
  const bool keeps = now() >= settled;
  in_progress_ += size;
  std::string digest;
  try {
    digest = sha256_file(file);
  } catch (...) {
    in_progress_ -= size;
    throw;
  }
  in_progress_ -= size;
  ++files_;
  bytes_ += size;
  const FileId after = id_of(file);
  if (std::get<2>(after) != size || std::get<3>(after) != content)
    throw DataError(fmt::format("'{}' changed while it was read; run again when it is complete",
                                file.string()));
  if (keeps && after == id && digest != before) append(id, digest);
  return digest;
}

std::string FileDigests::line_of(const FileId& id, const std::string& digest) {
  const auto& [device, inode, size, content, status] = id;
  const std::string text =
      fmt::format("{} {} {} {} {} {} {}", kFormat, device, inode, size, content, status, digest);
  return fmt::format("{} {}\n", text, sha256(text).substr(0, kCheckDigits));
}

void FileDigests::load() {
  std::error_code error;
  const auto bytes = fs::file_size(journal_, error);
  if (error) return;                                    // none yet
  if (bytes > kMostBytes) fs::remove(journal_, error);  // begins anew
  std::ifstream in(journal_);
  std::map<FileId, std::pair<std::uint64_t, std::string>> lines;  // with their order
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    ++number;
    const auto text = whole(line);
    if (!text) continue;
    std::istringstream fields(*text);
    std::string format;
    FileId id;
    std::string digest;
    auto& [device, inode, size, content, status] = id;
    fields >> format >> device >> inode >> size >> content >> status >> digest;
    if (format == kFormat && fields) lines[id] = {number, digest};
  }
  for (const auto& [id, line] : lines) {
    auto known = std::make_shared<Known>();
    known->digest = line.second;
    known_.emplace(id, std::move(known));
  }
  if (lines.size() > kMostLines || number > 2 * lines.size() + 1000) compact(lines);
}

/// Writes the journal anew with the latest half of what it may hold. What another process appends
/// in this moment is lost.
void FileDigests::compact(
    const std::map<FileId, std::pair<std::uint64_t, std::string>>& lines) const {
  std::vector<std::pair<std::uint64_t, std::string>> texts;
  texts.reserve(lines.size());
  for (const auto& [id, line] : lines) texts.emplace_back(line.first, line_of(id, line.second));
  std::ranges::sort(texts);
  std::string all;
  for (std::size_t i = texts.size() > kMostLines ? texts.size() - kMostLines / 2 : 0;
       i < texts.size(); ++i)
    all += texts[i].second;
  try {
    write_file(journal_, all);
  } catch (const DataError& error) {
    spdlog::warn("{}; it goes on growing", error.what());
  }
}

/// One write() to the end of the file: lines of several processes lie one after the other. The
/// first character ends the line that a killed process may have left half written.
void FileDigests::append(const FileId& id, const std::string& digest) {
  if (journal_.empty()) return;
  std::error_code error;
  fs::create_directories(journal_.parent_path(), error);
  const int file = ::open(journal_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const std::string text = fmt::format("\n{}", line_of(id, digest));
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int code = errno;
  if (file >= 0) ::close(file);
  if (written) return;
  const std::lock_guard lock(mutex_);
  if (!std::exchange(warned_, true))
    spdlog::warn(
        "digests of files cannot be remembered in '{}', so that they are read again next "
        "time: {}",
        journal_.string(), errno_text(code));
}

}  // namespace mito
