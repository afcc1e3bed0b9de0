#pragma once
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/artefact_store.h"

/// What `mitoloom store ls|show|why|verify|gc` do. Reading never changes the store.
namespace mito::store {

/// One artefact's folder. When its artefact.json is damaged, `info` holds only what the folder's
/// name tells (node type and key).
struct Entry {
  graph::ArtefactInfo info;
  std::filesystem::path folder;
  bool complete = false;
  std::uint64_t bytes = 0;    ///< All its files.
  std::time_t last_used = 0;  ///< When it was last written or opened.
};

/// Every artefact, sorted by node type, item and key; empty when there is no such store.
std::vector<Entry> list(const std::filesystem::path& root);

/// The artefact whose key starts with `key_prefix`. Throws DataError listing them when there are
/// several.
std::optional<Entry> find(const std::filesystem::path& root, const std::string& key_prefix);

struct Problem {
  std::filesystem::path path;
  std::string what;    ///< "its bytes do not match data.sha256"
  std::string advice;  ///< What to do about it.
};

/// Checks every artefact: artefact.json, the digest of data.h5, that it opens and holds all its
/// parts; segments of unfinished ones. `deep` also reads and decodes every array of every part.
std::vector<Problem> verify(const std::filesystem::path& root, bool deep);

struct GcOptions {
  std::optional<double> keep_days = {};         ///< Remove what was not used for longer.
  std::optional<std::uint64_t> max_bytes = {};  ///< Remove the oldest-used until the rest fits.
  bool dry_run = false;                         ///< Say what would be removed, remove nothing.
};

struct GcReport {
  struct Removed {
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::string why;
  };
  std::vector<Removed> removed;
  std::vector<std::filesystem::path> in_use;  ///< Wanted to remove, but a process holds it.
  std::uint64_t freed = 0;
  std::uint64_t left = 0;  ///< Bytes of the artefacts that stay.
};

/// Removes, in this order: temporaries that a killed process left; scratch folders whose artefact
/// is complete, or that nobody touched for `keep_days` (one day when not given) and that belong to
/// no unfinished artefact; artefacts not used for `keep_days`, unfinished ones too; complete
/// artefacts, oldest-used first, until `max_bytes` is kept. Never touches an artefact that a
/// process holds. Throws DataError when a folder cannot be removed.
GcReport gc(const std::filesystem::path& root, const GcOptions& options);

struct JoinReport {
  std::uint64_t added = 0;
  std::uint64_t there = 0;  ///< Complete in `to` before.
};

/// Copies every complete artefact of the store `from` that `to` lacks; each appears whole. What is
/// unfinished in `to` gives way, unless a process is writing it; then it stays as it is. Throws
/// DataError when a file cannot be copied or its bytes do not match its digest.
JoinReport join(const std::filesystem::path& from, const std::filesystem::path& to);

/// In words, why `wanted` is not in the store: what differs from the closest artefact of the same
/// node type and item ("parameter min_distance_um 25 -> 20; input 'model' changed"), "never
/// computed", "unfinished" or "stored".
std::string explain_difference(const graph::ArtefactInfo& wanted, const std::vector<Entry>& stored);

}  // namespace mito::store
