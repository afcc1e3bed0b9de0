#include "engine/store/maintenance.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <sys/stat.h>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/hdf5/files.h"
#include "engine/hdf5/foreign_file.h"
#include "engine/store/artefact_file.h"
#include "engine/store/artefact_json.h"
#include "engine/store/removal.h"

namespace mito::store {
namespace fs = std::filesystem;
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr const char* kRecompute = "delete its folder; the next run computes it again";

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code ignored;  // a folder that is not there holds nothing
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.is_directory()) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; it != end; it.increment(error)) {
    if (error) break;  // another process is working here
    if (it->is_regular_file(error)) out.push_back(it->path());
  }
  return out;
}

std::uint64_t size_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : files_below(folder)) {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error) bytes += size;
  }
  return bytes;
}

/// When a file last changed; 0 when it is not there.
std::time_t time_of(const fs::path& file) {
  struct stat about {};
  return ::stat(file.c_str(), &about) == 0 ? about.st_mtime : 0;
}

std::time_t newest_below(const fs::path& folder) {
  std::time_t newest = time_of(folder);
  for (const auto& file : files_below(folder)) newest = std::max(newest, time_of(file));
  return newest;
}

Entry read_entry(const fs::path& folder) {
  Entry entry;
  entry.folder = folder;
  entry.info.key = folder.filename().string();
  entry.info.node_type = folder.parent_path().filename().string();
  try {
    entry.info = read_json(folder / "artefact.json");
  } catch (const DataError&) {
    // `verify` reports it; listing goes on with what the folder's name tells
  }
  entry.complete = fs::exists(folder / "data.h5");
  entry.bytes = size_below(folder);
  entry.last_used = std::max(time_of(folder / "lock"), time_of(folder / "data.h5"));
  return entry;
}

/// Runs one check; a DataError becomes a problem.
template <class Check>
void collect(std::vector<Problem>& out,
             const fs::path& path,
             const std::string& advice,
             Check&& check) {
  try {
    check();
  } catch (const DataError& error) {
    out.push_back({path, error.what(), advice});
  }
}

void verify_data(const Entry& entry, bool deep, std::vector<Problem>& out) {
  const fs::path data = entry.folder / "data.h5";
  const std::size_t before = out.size();
  collect(out, data, kRecompute, [&] {
    const auto expected = read_text(entry.folder / "data.sha256");
    if (!expected) throw DataError("data.sha256 is missing");
    if (expected->substr(0, 64) != sha256_file(data))
      throw DataError("its bytes do not match data.sha256");
  });
  if (out.size() > before) return;  // HDF5 may crash on it
  collect(out, data, kRecompute, [&] {
    const DataFile file(data);
    if (file.parts().has_value() != entry.info.per_part ||
        file.parts().value_or(1) != entry.info.parts)
      throw DataError(fmt::format("it does not hold {} parts", entry.info.parts));
    if (!deep) return;
    for (std::uint32_t part = 0; part < entry.info.parts; ++part) file.load(part);
  });
}

void verify_segments(const Entry& entry, bool deep, std::vector<Problem>& out) {
  std::vector<fs::path> files = files_below(entry.folder / "segments");
  std::ranges::sort(files);
  for (const auto& file : files) {
    if (is_temporary(file)) continue;
    collect(out, file, "nothing: the next run drops it and computes its parts again", [&] {
      const Segment segment(file, entry.info.key, entry.info.parts, Segment::Check::Digest);
      if (!deep) return;
      for (const auto part : segment.parts()) segment.read(part);
    });
  }
}

void verify_entry(const Entry& entry, bool deep, std::vector<Problem>& out) {
  const fs::path about = entry.folder / "artefact.json";
  // A process begins here at this moment, or ended before it wrote anything.
  const bool is_bare =
      !entry.complete && !fs::exists(about) && !fs::exists(entry.folder / "segments");
  if (is_bare) return;
  const std::size_t before = out.size();
  collect(out, about, kRecompute, [&] {
    const auto info = read_json(about);
    if (info.key != entry.folder.filename().string() ||
        info.node_type != entry.folder.parent_path().filename().string())
      throw DataError(fmt::format("it describes {}/{}, not this folder", info.node_type, info.key));
  });
  if (out.size() > before) return;
  if (entry.complete) return verify_data(entry, deep, out);
  verify_segments(entry, deep, out);
}

/// Collects what is to go, and removes it unless this is a dry run.
class Sweep {
 public:
  Sweep(fs::path root, const GcOptions& options)
      : root_(std::move(root)), options_(options), now_(std::time(nullptr)) {
    for (auto& entry : list(root_)) entries_.push_back(std::move(entry));
  }

  GcReport run() {
    temporaries();
    scratch();
    if (options_.keep_days) unused();
    if (options_.max_bytes) largest();
    for (const auto& entry : entries_) report_.left += entry.bytes;
    return std::move(report_);
  }

 private:
  bool older_than(std::time_t time, double days) const {
    return std::difftime(now_, time) > days * kSecondsPerDay;
  }

  /// The lock of an artefact that nobody uses; empty when somebody does.
  std::optional<FileLock> alone(const fs::path& folder) const {
    if (!fs::exists(folder / "lock")) return FileLock();
    return FileLock::try_lock(folder / "lock", FileLock::Mode::Exclusive);
  }

  void note(const fs::path& path, std::uint64_t bytes, std::string why) {
    report_.freed += bytes;
    report_.removed.push_back({path, bytes, std::move(why)});
  }

  void remove(const fs::path& path) const {
    if (!options_.dry_run) remove_folder(path);
  }

  void remove_artefact(const fs::path& folder) const {
    if (!options_.dry_run) remove_folder(put_away(root_, folder));
  }

  void temporaries() {
    for (auto& entry : entries_) {
      auto files = files_below(entry.folder);
      std::erase_if(files, [](const fs::path& file) { return !is_temporary(file); });
      if (files.empty()) continue;
      const auto lock = alone(entry.folder);
      if (!lock) continue;
      for (const auto& file : files) {
        std::error_code ignored;
        const auto bytes = fs::file_size(file, ignored);
        remove(file);
        note(file, bytes, "left by a process that was killed");
        entry.bytes -= std::min<std::uint64_t>(bytes, entry.bytes);
      }
    }
  }

  void scratch() {
    for (const auto& folder : folders_in(root_ / kScratch)) {
      const std::string name = folder.filename().string();
      const auto owner =
          std::ranges::find(entries_, name, [](const Entry& e) { return e.info.key; });
      std::string why;
      if (name.starts_with(kTrash)) {
        why = "left by a process that was killed";
      } else if (owner != entries_.end() && owner->complete) {
        why = "its artefact is complete";
      } else if (owner == entries_.end() &&
                 older_than(newest_below(folder), options_.keep_days.value_or(1))) {
        why = "belongs to no artefact";
      }
      if (why.empty()) continue;
      std::optional<FileLock> lock = FileLock();
      if (owner != entries_.end()) lock = alone(owner->folder);
      if (!lock) {
        report_.in_use.push_back(folder);
        continue;
      }
      const auto bytes = size_below(folder);
      remove(folder);
      note(folder, bytes, why);
    }
  }

  /// True when it is gone.
  bool drop(const Entry& entry, const std::string& why) {
    const auto lock = alone(entry.folder);
    if (!lock) {
      report_.in_use.push_back(entry.folder);
      return false;
    }
    remove_artefact(entry.folder);
    note(entry.folder, entry.bytes, why);
    return true;
  }

  void unused() {
    std::erase_if(entries_, [&](const Entry& entry) {
      return older_than(entry.last_used, *options_.keep_days) &&
             drop(entry, fmt::format("not used for {} days", *options_.keep_days));
    });
  }

  void largest() {
    std::uint64_t total = 0;
    for (const auto& entry : entries_) total += entry.bytes;
    std::ranges::sort(entries_, {},
                      [](const Entry& e) { return std::tuple(e.last_used, e.info.key); });
    std::erase_if(entries_, [&](const Entry& entry) {
      if (total <= *options_.max_bytes || !entry.complete) return false;
      if (!drop(entry, "oldest used, to save space")) return false;
      total -= entry.bytes;
      return true;
    });
  }

  fs::path root_;
  GcOptions options_;
  std::time_t now_;
  std::vector<Entry> entries_;
  GcReport report_;
};

/// Copies the files of a complete artefact and checks them. Whoever made that store made the
/// digests in it, too: so all of it is read once by a process of its own.
void copy_artefact(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  make_folder(to);
  for (const char* name : {"artefact.json", "data.sha256", "data.h5"}) {
    if (!fs::is_regular_file(fs::symlink_status(from / name, error)))
      throw DataError(fmt::format("'{}' is no file", (from / name).string()));
    if (!fs::copy_file(from / name, to / name, error) || error) {
      throw DataError(fmt::format("cannot copy '{}': {}", (from / name).string(), error.message()));
    }
    sync_to_disk(to / name);
  }
  const auto expected = read_text(to / "data.sha256");
  if (!expected || expected->substr(0, 64) != sha256_file(to / "data.h5")) {
    throw DataError(fmt::format("'{}' is damaged: its bytes do not match data.sha256; {}",
                                (from / "data.h5").string(), kRecompute));
  }
  try {
    read_foreign(to / "data.h5", Wanted::Nothing);
  } catch (const DataError& problem) {
    throw DataError(
        fmt::format("'{}' is not taken: {}", (from / "data.h5").string(), problem.what()));
  }
}

/// Moves an unfinished artefact out of the way; false when a process is writing it.
bool give_way(const fs::path& folder, const fs::path& trash) {
  if (!fs::exists(folder)) return true;
  const auto lock = FileLock::try_lock(folder / "lock", FileLock::Mode::Exclusive);
  if (!lock) return false;
  std::error_code error;
  fs::remove_all(trash, error);
  fs::rename(folder, trash, error);
  if (error)
    throw DataError(fmt::format("cannot remove '{}': {}", folder.string(), error.message()));
  fs::remove_all(trash, error);  // what is left of it, gc finds by its name
  return true;
}

/// "name=value;" pairs; a value may be quoted, with backslash escapes.
std::map<std::string, std::string> parse_canonical(const std::string& text) {
  std::map<std::string, std::string> out;
  std::string name;
  std::string value;
  bool in_value = false;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_value) {
      if (c == '=') {
        in_value = true;
      } else {
        name += c;
      }
    } else if (c == ';' && !quoted) {
      out[name] = value;
      name.clear();
      value.clear();
      in_value = false;
    } else {
      if (c == '"') quoted = !quoted;
      value += c;
      if (c == '\\' && quoted && i + 1 < text.size()) value += text[++i];
    }
  }
  if (!name.empty()) out[name] = value;
  return out;
}

/// Words for every key whose value changed, appeared or went.
template <class Say>
void compare(const std::map<std::string, std::string>& old_values,
             const std::map<std::string, std::string>& new_values,
             Say&& say) {
  std::map<std::string, std::string> all = old_values;
  all.insert(new_values.begin(), new_values.end());
  for (const auto& [name, unused] : all) {
    const auto before = old_values.find(name);
    const auto after = new_values.find(name);
    const auto* from = before == old_values.end() ? nullptr : &before->second;
    const auto* to = after == new_values.end() ? nullptr : &after->second;
    if (from == nullptr || to == nullptr || *from != *to) say(name, from, to);
  }
}

std::map<std::string, std::string> input_keys(const graph::ArtefactInfo& info) {
  std::map<std::string, std::string> out;
  for (const auto& input : info.inputs) out[input.port] = input.key;
  return out;
}

std::vector<std::string> differences(const graph::ArtefactInfo& old_info,
                                     const graph::ArtefactInfo& new_info) {
  std::vector<std::string> out;
  if (old_info.node_version != new_info.node_version)
    out.push_back(
        fmt::format("node version {} -> {}", old_info.node_version, new_info.node_version));
  if (old_info.payload != new_info.payload) {
    out.push_back(fmt::format("payload {} -> {}", old_info.payload, new_info.payload));
  } else if (old_info.payload_version != new_info.payload_version) {
    out.push_back(fmt::format("payload version {} -> {}", old_info.payload_version,
                              new_info.payload_version));
  }
  compare(parse_canonical(old_info.canonical), parse_canonical(new_info.canonical),
          [&](const auto& name, const auto* from, const auto* to) {
            out.push_back(fmt::format("parameter {} {} -> {}", name, from ? *from : "(none)",
                                      to ? *to : "(none)"));
          });
  compare(input_keys(old_info), input_keys(new_info),
          [&](const auto& port, const auto* from, const auto* to) {
            const char* what = from == nullptr ? "new" : to == nullptr ? "gone" : "changed";
            out.push_back(fmt::format("input '{}' {}", port, what));
          });
  return out;
}

}  // namespace

std::vector<Entry> list(const fs::path& root) {
  std::vector<Entry> entries;
  for (const auto& type : folders_in(root)) {
    if (type.filename() == kScratch) continue;
    for (const auto& folder : folders_in(type)) entries.push_back(read_entry(folder));
  }
  std::ranges::sort(entries, {}, [](const Entry& e) {
    return std::tie(e.info.node_type, e.info.item, e.info.key);
  });
  return entries;
}

std::optional<Entry> find(const fs::path& root, const std::string& key_prefix) {
  std::vector<Entry> found = list(root);
  std::erase_if(found, [&](const Entry& e) { return !e.info.key.starts_with(key_prefix); });
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return found.front();
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const auto& e : found)
    names.push_back(fmt::format("  {}  {} {}", e.info.key, e.info.node_type, e.info.item));
  throw DataError(fmt::format("'{}' is the start of {} keys; give more digits:\n{}", key_prefix,
                              found.size(), fmt::join(names, "\n")));
}

std::vector<Problem> verify(const fs::path& root, bool deep) {
  std::vector<Problem> problems;
  for (const auto& entry : list(root)) verify_entry(entry, deep, problems);
  return problems;
}

GcReport gc(const fs::path& root, const GcOptions& options) { return Sweep(root, options).run(); }

JoinReport join(const fs::path& from, const fs::path& to) {
  JoinReport report;
  for (const auto& entry : list(from)) {
    if (!entry.complete) continue;
    const std::string key = entry.folder.filename().string();
    const fs::path target = to / entry.folder.parent_path().filename() / key;
    if (fs::exists(target / "data.h5")) {
      ++report.there;
      continue;
    }
    // Under a name that gc removes, should this process be killed.
    const fs::path copy = to / kScratch / fmt::format("{}join-{}", kTrash, key);
    copy_artefact(entry.folder, copy);
    make_folder(target.parent_path());
    if (!give_way(target, to / kScratch / (kTrash + key))) {
      std::error_code ignored;  // gc finds it
      fs::remove_all(copy, ignored);
      continue;
    }
    publish(copy, target);
    ++report.added;
  }
  return report;
}

std::string explain_difference(const graph::ArtefactInfo& wanted,
                               const std::vector<Entry>& stored) {
  using Rank = std::tuple<bool, std::size_t, std::time_t>;
  std::optional<Rank> best;
  std::vector<std::string> words;
  for (const auto& entry : stored) {
    if (entry.info.node_type != wanted.node_type) continue;
    if (entry.info.key == wanted.key) return entry.complete ? "stored" : "unfinished";
    if (entry.info.item != wanted.item) continue;
    auto found = differences(entry.info, wanted);
    // The same node of a pipeline is closer than another node of the same type.
    const Rank rank{entry.info.node_id != wanted.node_id, found.size(), -entry.last_used};
    if (best && *best <= rank) continue;
    best = rank;
    words = std::move(found);
  }
  if (!best) return "never computed";
  if (words.empty()) return "the content key changed";
  return fmt::format("{}", fmt::join(words, "; "));
}

}  // namespace mito::store
