#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/record.h"

namespace mito::graph {

/// What an artefact is and how it was made. Written beside the data, for people and for `store
/// why`.
struct ArtefactInfo {
  std::string key;        ///< SHA-256, 64 hex digits.
  std::string node_type;  ///< "he_candidates"
  int node_version = 0;
  std::string payload;  ///< "CandidateSet"
  int payload_version = 0;
  std::string canonical;  ///< "diameter_um=25;max_intensity=0.6;"
  struct Input {
    std::string port;
    std::string source;  ///< Node id, or "input NAME".
    std::string key;
  };
  std::vector<Input> inputs;
  std::string node_id;      ///< Where it was first made; not part of the key.
  std::string item;         ///< Slide name; empty at run level; not part of the key.
  std::uint32_t parts = 1;  ///< How many parts make it complete.
  bool per_part = false;    ///< Its elements are parts (tiles) of an item.
  /// Who makes it wants it only until it is used; not part of the key. Whoever opens it without
  /// this keeps it for good.
  bool until_used = false;
};

/// One result being read or written. Calls come from several threads.
class Artefact {
 public:
  virtual ~Artefact() = default;
  virtual bool has(std::uint32_t part) const = 0;
  virtual Record load(std::uint32_t part) const = 0;  ///< Throws DataError when damaged.
  /// Keeps a part. When all parts are there, the artefact becomes complete and immutable.
  virtual void save(std::uint32_t part, const Record& record) = 0;
  /// Writes what is still buffered; called when a run ends early.
  virtual void flush() = 0;
};

/// Where results survive the process. The graph knows nothing about the format.
class ArtefactStore {
 public:
  virtual ~ArtefactStore() = default;
  virtual bool complete(const std::string& node_type, const std::string& key) const = 0;
  /// Opens an artefact for reading (complete) or for continuing.
  virtual std::shared_ptr<Artefact> open(const ArtefactInfo& info) = 0;
  /// Removes an artefact that was made until it is used, unless another process or an open Artefact
  /// holds it. False when it stays.
  virtual bool release(const std::string& node_type, const std::string& key) = 0;
  /// A folder for checkpoints that belongs to one content key; not created.
  virtual std::string scratch(const std::string& key) const = 0;
};

}  // namespace mito::graph
