#pragma once
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "engine/core/artefact_store.h"

namespace mito::store {

/// The file of a store in which digests of input files are remembered (FileDigests).
inline constexpr const char* kDigests = "digests";

/// When buffered parts become a segment: whichever comes first. A kill loses what is buffered.
struct SegmentLimits {
  std::size_t parts = 64;
  std::size_t bytes = std::size_t{32} << 20;
  std::chrono::milliseconds age{3000};  ///< Since the last segment; looked at when a part comes.
};

/// Results in HDF5 files: `<root>/<node type>/<key>/` (layouts in schemas/store/README.md).
///
/// A writer that is killed at any moment leaves a store from which the next one continues, and the
/// finished data file has the same bytes as if nothing had happened. One process writes an artefact
/// at a time; a second one computes without saving. Calls may come from several threads.
class Hdf5Store : public graph::ArtefactStore {
 public:
  explicit Hdf5Store(std::filesystem::path root, SegmentLimits limits = {});

  bool complete(const std::string& node_type, const std::string& key) const override;
  /// Two calls with the same key share one artefact. Throws DataError when the folder cannot be
  /// written or the finished data file is damaged.
  std::shared_ptr<graph::Artefact> open(const graph::ArtefactInfo& info) override;
  bool release(const std::string& node_type, const std::string& key) override;
  std::string scratch(const std::string& key) const override;

 private:
  std::filesystem::path folder(const std::string& node_type, const std::string& key) const;

  std::filesystem::path root_;
  SegmentLimits limits_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<graph::Artefact>> open_;  ///< By key; those let go leave it.
};

}  // namespace mito::store
