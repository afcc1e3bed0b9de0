#include "engine/store/hdf5_store.h"

#include <algorithm>
#include <cstdio>
#include <list>
#include <optional>
#include <thread>
#include <vector>

#include <spdlog/spdlog.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/errno_text.h"
#include "engine/core/system_failure.h"
#include "engine/hdf5/files.h"
#include "engine/store/artefact_file.h"
#include "engine/store/artefact_json.h"
#include "engine/store/removal.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

/// In the folder of an artefact that goes when it has been used.
constexpr const char* kUntilUsed = "until_used";
constexpr std::size_t kOpenSegments = 8;
constexpr int kLockTries = 25;
constexpr std::chrono::milliseconds kLockPause{20};

std::size_t bytes_of(const Record& record) {
  std::size_t bytes = 0;
  for (const auto& [name, array] : record.arrays) bytes += array.bytes.size();
  return bytes;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    files.push_back(it->path());
  if (error)
    throw DataError(
        fmt::format("cannot list '{}': {}", folder.string(), errno_text(error.value())));
  std::ranges::sort(files);
  return files;
}

void remove_temporaries(const fs::path& folder) {
  if (!is_there(folder)) return;
  std::vector<fs::path> found;
  for (const auto& file : files_in(folder)) {
    if (is_temporary(file)) found.push_back(file);
  }
  for (const auto& file : found) fs::remove(file);
}

/// One artefact's folder. Two locks: `state_` guards what is where and is held for moments;
/// `files_` is held while files are read or written, and is taken first when both are needed.
class Hdf5Artefact final : public graph::Artefact {
 public:
  Hdf5Artefact(fs::path folder, const graph::ArtefactInfo& info, const SegmentLimits& limits)
      : folder_(std::move(folder)), info_(info), limits_(limits) {
    const std::scoped_lock guard(files_);
    start();
  }
  Hdf5Artefact(const Hdf5Artefact&) = delete;
  Hdf5Artefact& operator=(const Hdf5Artefact&) = delete;

  ~Hdf5Artefact() override {
    try {
      Hdf5Artefact::flush();
    } catch (const std::exception& error) {
      spdlog::warn("the last parts of '{}' are lost: {}", folder_.string(), error.what());
    }
  }

  bool has(std::uint32_t part) const override {
    const std::scoped_lock guard(state_);
    if (mode_ == Mode::Reading) return part < info_.parts;
    return mode_ == Mode::Writing && part < info_.parts && present_[part];
  }

  Record load(std::uint32_t part) const override {
    {
      const std::scoped_lock guard(state_);
      if (const auto it = pending_.find(part); it != pending_.end()) return *it->second;
    }
    const std::scoped_lock guard(files_);
    if (mode_ == Mode::Reading) return data_->load(part);
    const auto it = segment_of_.find(part);
    if (it == segment_of_.end())
      throw DataError(fmt::format("'{}': part {} is not stored", folder_.string(), part));
    return segment(it->second).read(part);
  }

  void save(std::uint32_t part, const Record& record) override {
    if (part >= info_.parts) {
      throw DataError(
          fmt::format("'{}': part {} of {} cannot be", folder_.string(), part, info_.parts));
    }
    if (keep(part, record)) write_pending();
  }

  void flush() override { write_pending(); }

 private:
  enum class Mode {
    Reading,   ///< Complete.
    Writing,   ///< We hold the lock.
    Detached,  ///< Somebody else is writing: nothing is kept.
  };

  fs::path data_path() const { return folder_ / "data.h5"; }
  fs::path segments_path() const { return folder_ / "segments"; }
  fs::path segment_path(int number) const {
    return segments_path() / fmt::format("segment-{:06}.h5", number);
  }

  void start() {
    for (int tries = 0; tries < kLockTries; ++tries) {
      if (tries > 0) std::this_thread::sleep_for(kLockPause);
      if (is_there(data_path())) {
        // Who holds it alone has just finished it or is removing it: both take moments.
        auto lock = FileLock::try_lock(folder_ / "lock", FileLock::Mode::Shared);
        if (!lock) continue;
        if (!is_there(data_path())) continue;
        lock_ = std::move(*lock);
        return start_reading();
      }
      auto lock = begin_folder();
      if (!lock) break;
      if (is_there(data_path())) continue;
      lock_ = std::move(*lock);
      return start_writing();
    }
    if (is_there(data_path())) return start_reading();
    spdlog::warn(
        "'{}' is being written by another process: its parts are computed here too, and "
        "not saved",
        folder_.string());
    mode_ = Mode::Detached;
  }

  /// Makes the folder; the lock is ours, or none.
  std::optional<FileLock> begin_folder() const {
    try {
      make_folder(folder_);
      return FileLock::try_lock(folder_ / "lock", FileLock::Mode::Exclusive);
    } catch (const SystemFailure& failure) {
      throw SystemFailure(fmt::format(
          "{}; this result is not in the store yet, and what is not needs a store that can be "
          "written (--store FOLDER) or none (--no-store)",
          failure.what()));
    }
  }

  void start_reading() {
    lock_.touch();
    if (!info_.until_used) keep_for_good();
    read_json(folder_ / "artefact.json");
    check_digest();
    open_data();
    if (!is_there(segments_path())) return;
    // A kill came between the birth of the data file and the end of its segments.
    lock_ = {};
    if (auto alone = FileLock::try_lock(folder_ / "lock", FileLock::Mode::Exclusive)) {
      remove_segments();
      lock_ = std::move(*alone);
      lock_.share();
    }
  }

  void check_digest() const {
    const auto expected = read_text(folder_ / "data.sha256");
    // Before HDF5 sees a byte of it: the library crashes on some files that are damaged.
    if (expected && expected->substr(0, 64) == sha256_file(data_path())) return;
    throw SystemFailure(
        fmt::format("'{}' is damaged: its bytes do not match data.sha256; `mitoloom "
                    "store verify` checks the whole store",
                    data_path().string()));
  }

  void open_data() {
    auto data = std::make_unique<DataFile>(data_path());
    const bool fits =
        data->parts().has_value() == info_.per_part && data->parts().value_or(1) == info_.parts;
    if (!fits) {
      throw SystemFailure(
          fmt::format("'{}' does not hold the {} parts that were expected; `mitoloom "
                      "store verify` checks the whole store",
                      data_path().string(), info_.parts));
    }
    const std::scoped_lock guard(state_);
    data_ = std::move(data);
    mode_ = Mode::Reading;
  }

  void keep_for_good() const {
    std::error_code ignored;  // a store that is only read loses nothing
    fs::remove(folder_ / kUntilUsed, ignored);
  }

  void start_writing() {
    lock_.touch();
    mode_ = Mode::Writing;
    if (!info_.until_used) keep_for_good();
    remove_temporaries(folder_);
    remove_temporaries(segments_path());
    write_about();
    present_.assign(info_.parts, false);
    last_write_ = std::chrono::steady_clock::now();
    if (!info_.per_part) return;
    make_folder(segments_path());
    scan_segments();
    if (segment_of_.size() == info_.parts) finish({});
  }

  /// Keeps what an earlier process wrote, so that a resumed artefact equals an uninterrupted one.
  void write_about() const {
    const fs::path file = folder_ / "artefact.json";
    try {
      if (read_json(file).key == info_.key) return;
    } catch (const DataError& error) {
      if (is_there(file)) spdlog::warn("{}; it is written again", error.what());
    }
    if (info_.until_used) write_file(folder_ / kUntilUsed, "");
    write_file(file, to_json(info_));
  }

  void scan_segments() {
    for (const auto& file : files_in(segments_path())) {
      int number = 0;
      if (std::sscanf(file.filename().c_str(), "segment-%d.h5", &number) != 1) continue;
      next_segment_ = std::max(next_segment_, number + 1);
      try {
        take_segment(Segment(file, info_.key, info_.parts, Segment::Check::Digest), number);
      } catch (const DataError& error) {
        spdlog::warn("dropped a damaged segment, its parts are computed again: {}", error.what());
        fs::remove(file);
      }
    }
  }

  void take_segment(Segment segment, int number) {
    std::vector<std::pair<std::uint32_t, std::map<std::string, std::uint64_t>>> found;
    for (const auto part : segment.parts()) {
      auto [schema, rows] = segment.look(part);
      if (!schema_) schema_ = schema;
      if (const auto words = difference(*schema_, schema); !words.empty()) throw DataError(words);
      found.emplace_back(part, std::move(rows));
    }
    for (auto& [part, rows] : found) {
      segment_of_[part] = number;
      present_[part] = true;
      count_rows(part, rows);
    }
  }

  void count_rows(std::uint32_t part, const std::map<std::string, std::uint64_t>& rows) {
    for (const auto& [name, count] : rows) {
      auto& column = rows_[name];
      column.resize(info_.parts);
      column[part] = count;
    }
  }

  /// Buffers a part; true when it is time to write.
  bool keep(std::uint32_t part, const Record& record) {
    const std::scoped_lock guard(state_);
    if (mode_ != Mode::Writing || present_[part]) return false;
    if (info_.per_part) check_schema(part, record);
    present_[part] = true;
    pending_.emplace(part, std::make_shared<const Record>(record));
    pending_bytes_ += bytes_of(record);
    return !info_.per_part || pending_.size() + segment_of_.size() >= info_.parts ||
           pending_.size() >= limits_.parts || pending_bytes_ >= limits_.bytes ||
           std::chrono::steady_clock::now() - last_write_ >= limits_.age;
  }

  void check_schema(std::uint32_t part, const Record& record) {
    const PartSchema schema = schema_of(record);
    if (!schema_) schema_ = schema;
    if (const auto words = difference(*schema_, schema); !words.empty()) {
      throw DataError(fmt::format("'{}': part {} does not go with the other parts: {}",
                                  folder_.string(), part, words));
    }
    std::map<std::string, std::uint64_t> rows;
    for (const auto& [name, array] : record.arrays) rows[name] = array.rows();
    count_rows(part, rows);
  }

  void write_pending() {
    const std::scoped_lock guard(files_);
    Parts parts;
    bool all = false;
    {
      const std::scoped_lock state(state_);
      if (mode_ != Mode::Writing) return;
      parts = pending_;
      all = parts.size() + segment_of_.size() == info_.parts;
    }
    if (all) return finish(parts);
    if (parts.empty()) return;
    write_segment(segment_path(next_segment_), info_.key, info_.parts, parts);
    lock_.touch();
    const std::scoped_lock state(state_);
    for (const auto& [part, record] : parts) {
      segment_of_[part] = next_segment_;
      pending_bytes_ -= bytes_of(*record);
      pending_.erase(part);
    }
    ++next_segment_;
    last_write_ = std::chrono::steady_clock::now();
  }

  /// Makes the data file out of the segments and `parts`, which need not go through a segment.
  void finish(const Parts& parts) {
    h5::in_file(data_path(), [&] {
      h5::NewFile out(data_path(), false);
      if (info_.per_part) {
        const auto read = [&](std::uint32_t part) {
          const auto it = parts.find(part);
          return it != parts.end() ? *it->second : segment(segment_of_.at(part)).read(part);
        };
        write_parts(out, {info_.parts, schema_.value_or(PartSchema{}), rows_, info_.item}, read);
      } else {
        write_whole(out.id(), *parts.at(0), info_.item);
      }
      out.close();
      // First the digest, then the data: a data file is never without one.
      write_file(folder_ / "data.sha256", sha256_file(out.part()) + "  data.h5\n");
      out.commit();
    });
    remove_segments();
    open_data();
    lock_.share();
    const std::scoped_lock guard(state_);
    pending_.clear();
    pending_bytes_ = 0;
  }

  void remove_segments() {
    open_segments_.clear();
    std::error_code error;
    fs::remove_all(segments_path(), error);
    if (error) spdlog::warn("cannot remove '{}': {}", segments_path().string(), error.message());
  }

  /// A segment of this run, open; the last few used stay open.
  const Segment& segment(int number) const {
    const auto it = std::ranges::find(open_segments_, number, &OpenSegment::number);
    if (it != open_segments_.end()) {
      open_segments_.splice(open_segments_.begin(), open_segments_, it);
    } else {
      open_segments_.push_front(
          {number, Segment(segment_path(number), info_.key, info_.parts, Segment::Check::Trust)});
      if (open_segments_.size() > kOpenSegments) open_segments_.pop_back();
    }
    return open_segments_.front().segment;
  }

  struct OpenSegment {
    int number;
    Segment segment;
  };

  const fs::path folder_;
  const graph::ArtefactInfo info_;
  const SegmentLimits limits_;

  mutable std::mutex files_;
  FileLock lock_;
  std::unique_ptr<DataFile> data_;
  mutable std::list<OpenSegment> open_segments_;
  int next_segment_ = 0;

  mutable std::mutex state_;
  Mode mode_ = Mode::Detached;  ///< Written under both locks.
  std::vector<bool> present_;
  std::optional<PartSchema> schema_;
  std::map<std::string, std::vector<std::uint64_t>> rows_;
  std::map<std::uint32_t, int> segment_of_;  ///< Written under both locks.
  Parts pending_;
  std::size_t pending_bytes_ = 0;
  std::chrono::steady_clock::time_point last_write_;
};

}  // namespace

Hdf5Store::Hdf5Store(fs::path root, SegmentLimits limits)
    : root_(std::move(root)), limits_(limits) {
  hbool_t safe = false;
  if (H5is_library_threadsafe(&safe) < 0 || !safe)
    throw DataError("this HDF5 library was built without thread safety, which the store needs");
}

fs::path Hdf5Store::folder(const std::string& node_type, const std::string& key) const {
  for (const auto& name : {node_type, key}) {
    if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
      throw DataError(fmt::format("'{}' cannot be the name of a folder of the store", name));
  }
  return root_ / node_type / key;
}

bool Hdf5Store::complete(const std::string& node_type, const std::string& key) const {
  return is_there(folder(node_type, key) / "data.h5");
}

std::shared_ptr<graph::Artefact> Hdf5Store::open(const graph::ArtefactInfo& info) {
  if (!info.per_part && info.parts != 1)
    throw DataError(fmt::format("artefact '{}' has parts but is not per part", info.key));
  const std::scoped_lock guard(mutex_);
  std::erase_if(open_, [](const auto& one) { return one.second.expired(); });
  auto& known = open_[info.key];
  if (auto live = known.lock()) return live;
  auto artefact = std::make_shared<Hdf5Artefact>(folder(info.node_type, info.key), info, limits_);
  known = artefact;
  return artefact;
}

bool Hdf5Store::release(const std::string& node_type, const std::string& key) {
  const fs::path place = folder(node_type, key);
  fs::path trash;
  {
    const std::scoped_lock guard(mutex_);
    if (!is_there(place / kUntilUsed)) return false;
    if (const auto known = open_.find(key); known != open_.end() && !known->second.expired())
      return false;
    const auto lock = FileLock::try_lock(place / "lock", FileLock::Mode::Exclusive);
    if (!lock || !is_there(place / kUntilUsed)) return false;
    trash = put_away(root_, place);
  }
  remove_folder(trash);
  return true;
}

std::string Hdf5Store::scratch(const std::string& key) const {
  return (root_ / kScratch / key).string();
}

}  // namespace mito::store
