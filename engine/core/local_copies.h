#pragma once
#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/core/lease.h"

namespace mito {

/// Copies of input files on a disk of this machine, for storage on which many small reads are slow
/// or a burden. There are never more than a few; what finds no room is read where it is. They lie
/// in a folder of this process, which goes with it; that of a process that was killed is removed
/// by the next one.
class LocalCopies {
 public:
  /// Of files that belong together. Removed with its last holder.
  class Copy {
   public:
    Copy(std::filesystem::path folder, std::filesystem::path file)
        : folder_(std::move(folder)), file_(std::move(file)) {}
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    ~Copy();
    const std::filesystem::path& file() const { return file_; }

   private:
    std::filesystem::path folder_;
    std::filesystem::path file_;
  };
  using Held = std::shared_ptr<const Copy>;  ///< Null: to be read where it is.
  using Stop = std::function<bool()>;        ///< Asked to stop?

  /// `most`: copies at a time. Makes `folder` and removes what dead processes left in it. Throws
  /// SystemFailure when it cannot be written.
  LocalCopies(const std::filesystem::path& folder, std::size_t most, Stop stop);
  LocalCopies(const LocalCopies&) = delete;
  LocalCopies& operator=(const LocalCopies&) = delete;
  ~LocalCopies();  ///< Nobody may hold a copy any more.

  /// The copy of the first of `files`, with the others where they lie beside or below it. Waits for
  /// it. What cannot be copied is read where it is, after a warning. Throws Interrupted.
  Held take(const std::vector<std::filesystem::path>& files);
  /// Begins to copy what will be taken next, and returns at once. What was begun and is not taken
  /// gives way to it.
  void prepare(const std::vector<std::filesystem::path>& files);

 private:
  using Files = std::vector<std::filesystem::path>;
  struct Next {
    std::filesystem::path file;
    std::future<Held> copy;
  };

  std::filesystem::path new_folder();
  std::size_t count();  ///< Of the copies that there are or will be.
  void drop_next();

  std::size_t most_;
  Stop stop_;
  std::filesystem::path own_;  ///< Folder of this process.
  std::optional<Lease> lease_;
  std::mutex mutex_;  ///< Of what follows.
  std::map<std::filesystem::path, std::weak_ptr<const Copy>> alive_;
  std::size_t making_ = 0;
  std::size_t number_ = 0;              ///< Of the last copy.
  std::atomic<bool> unwanted_ = false;  ///< What is being copied for later.
  std::optional<Next> next_;
};

}  // namespace mito
