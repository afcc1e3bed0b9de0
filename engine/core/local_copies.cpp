#include "engine/core/local_copies.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "engine/core/machine.h"
#include "engine/core/system_failure.h"

namespace mito {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = 4 << 20;
constexpr std::uintmax_t kLeftFree = 1 << 30;  // for others on that disk
constexpr std::string_view kStart = "mitoloom-stage-";
constexpr std::string_view kLease = ".lease";
constexpr std::chrono::hours kAbandoned{24};  // where another machine cannot be asked

fs::path lease_of(const fs::path& folder) { return folder.string() + std::string(kLease); }

/// An open file.
class Descriptor {
 public:
  Descriptor(const fs::path& file, int flags) : number_(::open(file.c_str(), flags, 0600)) {
    if (number_ < 0) throw SystemFailure(file.string() + ": " + errno_text(errno));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(number_); }
  int number() const { return number_; }

 private:
  int number_;
};

/// False when it was stopped. Throws SystemFailure.
bool copy_file(const fs::path& from, const fs::path& to, const LocalCopies::Stop& stop) {
  fs::create_directories(to.parent_path());
  const Descriptor in(from, O_RDONLY | O_CLOEXEC);
  const Descriptor out(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
  std::vector<char> chunk(kChunk);
  while (!stop()) {
    const auto got = ::read(in.number(), chunk.data(), chunk.size());
    if (got == 0) return true;
    if (got < 0) throw SystemFailure(from.string() + ": " + errno_text(errno));
    for (ssize_t done = 0; done < got;) {
      const auto put = ::write(out.number(), chunk.data() + done, static_cast<size_t>(got - done));
      if (put < 0) throw SystemFailure(to.string() + ": " + errno_text(errno));
      done += put;
    }
  }
  return false;
}

void refuse_without_room(const std::vector<fs::path>& files, const fs::path& folder) {
  std::uintmax_t bytes = kLeftFree;
  for (const auto& file : files) bytes += fs::file_size(file);
  if (const auto free = fs::space(folder).available; free < bytes)
    throw SystemFailure(fmt::format("{}: there is no room ({} MiB free, {} are left free)",
                                    folder.string(), free >> 20, kLeftFree >> 20));
}

/// Null when it was stopped, or cannot be done, which a warning says.
LocalCopies::Held copied(const std::vector<fs::path>& files,
                         const fs::path& folder,
                         const LocalCopies::Stop& stop) {
  const auto home = fs::absolute(files.front()).parent_path();
  const auto place = [&](const fs::path& file) {
    return folder / fs::absolute(file).lexically_relative(home);
  };
  auto copy = std::make_shared<const LocalCopies::Copy>(folder, place(files.front()));
  try {
    refuse_without_room(files, folder.parent_path());
    const bool is_whole = std::ranges::all_of(
        files, [&](const fs::path& file) { return copy_file(file, place(file), stop); });
    return is_whole ? copy : nullptr;
  } catch (const std::exception& error) {
    spdlog::warn("{} is not copied, but read where it is: {}", files.front().string(),
                 error.what());
    return nullptr;
  }
}

/// Removes what dead processes left; what cannot be removed stays.
void clean(const fs::path& folder) {
  std::error_code unreadable;
  std::vector<fs::path> found;
  for (fs::directory_iterator it(folder, unreadable), end; !unreadable && it != end;
       it.increment(unreadable)) {
    std::string name = it->path().filename().string();
    if (!name.starts_with(kStart)) continue;
    if (name.ends_with(kLease)) name.resize(name.size() - kLease.size());
    if (std::ranges::find(found, folder / name) == found.end()) found.push_back(folder / name);
  }
  for (const auto& left : found) {
    try {
      const auto lease = Lease::take(lease_of(left), kAbandoned);
      if (lease) fs::remove_all(left);
    } catch (const std::exception& error) {
      spdlog::warn("{} of another run cannot be removed: {}", left.string(), error.what());
    }
  }
}

}  // namespace

LocalCopies::Copy::~Copy() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

LocalCopies::LocalCopies(const fs::path& folder, std::size_t most, Stop stop)
    : most_(most), stop_(std::move(stop)) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) throw SystemFailure(folder.string() + ": " + failed.message());
  clean(folder);
  own_ = folder / fmt::format("{}{}-{}", kStart, host_name(), ::getpid());
  lease_ = Lease::take(lease_of(own_), kAbandoned);
  if (!lease_)
    throw SystemFailure(own_.string() + ": belongs to a process of another machine of this name");
  fs::create_directory(own_, failed);
  if (failed) throw SystemFailure(own_.string() + ": " + failed.message());
}

LocalCopies::~LocalCopies() {
  drop_next();
  std::error_code ignored;
  fs::remove_all(own_, ignored);
}

LocalCopies::Held LocalCopies::take(const Files& files) {
  const auto& file = files.front();
  std::unique_lock lock(mutex_);
  if (auto copy = alive_[file].lock()) return copy;
  Held copy;
  if (next_ && next_->file == file) {
    auto begun = std::move(next_->copy);
    next_.reset();
    ++making_;
    lock.unlock();
    copy = begun.get();
  } else {
    if (count() >= most_) drop_next();
    if (count() >= most_) return nullptr;
    const auto folder = new_folder();
    ++making_;
    lock.unlock();
    copy = copied(files, folder, stop_);
  }
  lock.lock();
  --making_;
  if (stop_()) throw Interrupted("interrupted; what was stored will be used again");
  alive_[file] = copy;
  return copy;
}

void LocalCopies::prepare(const Files& files) {
  const auto& file = files.front();
  const std::lock_guard lock(mutex_);
  if (alive_[file].lock() != nullptr || (next_ && next_->file == file)) return;
  drop_next();
  if (count() >= most_) return;
  next_ = {file, std::async(std::launch::async, [this, files, folder = new_folder()] {
             return copied(files, folder, [this] { return unwanted_ || stop_(); });
           })};
}

fs::path LocalCopies::new_folder() { return own_ / std::to_string(++number_); }

std::size_t LocalCopies::count() {
  std::erase_if(alive_, [](const auto& entry) { return entry.second.expired(); });
  return alive_.size() + making_ + (next_ ? 1 : 0);
}

void LocalCopies::drop_next() {
  if (!next_) return;
  unwanted_ = true;
  next_->copy.wait();
  next_.reset();
  unwanted_ = false;
}

}  // namespace mito
