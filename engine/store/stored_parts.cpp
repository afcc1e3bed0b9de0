#include "engine/store/stored_parts.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/store/artefact_file.h"

namespace mito::store {
namespace fs = std::filesystem;

struct StoredParts::Files {
  Entry entry;
  std::set<fs::path> seen = {};
  std::map<std::uint32_t, std::shared_ptr<Segment>> parts = {};
  std::unique_ptr<DataFile> data = nullptr;

  bool is_complete() {
    if (data == nullptr && fs::exists(entry.folder / "data.h5"))
      data = std::make_unique<DataFile>(entry.folder / "data.h5");
    return data != nullptr;
  }
};

StoredParts::StoredParts(Entry entry) : files_(new Files{std::move(entry)}) {}
StoredParts::StoredParts(StoredParts&& other) noexcept = default;
StoredParts& StoredParts::operator=(StoredParts&& other) noexcept = default;
StoredParts::~StoredParts() = default;

std::vector<std::uint32_t> StoredParts::news() {
  std::vector<std::uint32_t> found;
  const auto& info = files_->entry.info;
  if (files_->is_complete()) {
    for (std::uint32_t part = 0; part < files_->data->parts().value_or(0); ++part)
      if (files_->parts.try_emplace(part).second) found.push_back(part);
    return found;
  }
  std::error_code gone;
  for (fs::directory_iterator it(files_->entry.folder / "segments", gone), end; !gone && it != end;
       it.increment(gone)) {
    const fs::path file = it->path();
    if (is_temporary(file) || files_->seen.contains(file)) continue;
    try {
      // Its writer sealed it; who wants to know whether bytes were damaged asks `store verify`.
      const auto segment =
          std::make_shared<Segment>(file, info.key, info.parts, Segment::Check::Trust);
      for (const auto part : segment->parts())
        if (files_->parts.try_emplace(part, segment).second) found.push_back(part);
      files_->seen.insert(file);
    } catch (const DataError&) {
      continue;
    }
  }
  std::ranges::sort(found);
  return found;
}

Record StoredParts::load(std::uint32_t part) {
  const auto it = files_->parts.find(part);
  if (it == files_->parts.end()) throw DataError("the part is not stored");
  return files_->is_complete() ? files_->data->load(part) : it->second->read(part);
}

}  // namespace mito::store
