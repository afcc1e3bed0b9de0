#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/core/record.h"
#include "engine/store/maintenance.h"

namespace mito::store {

/// The parts of an artefact that are stored now, finished or not, for those who look on: nothing is
/// locked and nothing changes. Not for several threads at once.
class StoredParts {
 public:
  explicit StoredParts(Entry entry);
  StoredParts(StoredParts&& other) noexcept;
  StoredParts& operator=(StoredParts&& other) noexcept;
  ~StoredParts();

  /// Looks again. Returns the parts that came since the last call, in order; a segment that cannot
  /// be read yet, or is gone because the artefact became complete, is passed over.
  std::vector<std::uint32_t> news();

  /// A part that news() gave. Throws DataError when it is there no more.
  Record load(std::uint32_t part);

 private:
  struct Files;
  std::unique_ptr<Files> files_;
};

}  // namespace mito::store
