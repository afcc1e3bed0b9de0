#include "nodes/slide/slide_list.h"

#include <algorithm>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/slide/content.h"
#include "engine/types/points_csv.h"

namespace mito::slide_list {

std::vector<Entry> entries(const FileList& files) {
  std::vector<Entry> out;
  std::set<std::string> taken;
  for (const auto& path : files.paths) {
    const std::string name = path.stem().string();
    std::string folder = name;
    for (int copy = 2; !taken.insert(folder).second; ++copy)
      folder = name + "-" + std::to_string(copy);
    out.push_back({path, name, files.single ? "" : folder});
  }
  return out;
}

namespace {

std::string shared_start(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  std::string name(a.begin(), end);
  while (!name.empty() && std::string_view("_-. ").find(name.back()) != std::string_view::npos)
    name.pop_back();
  return name.empty() ? a : name;
}

}  // namespace

std::vector<PairEntry> pairs(const FileList& he, const FileList& phh3) {
  if (he.paths.size() != phh3.paths.size() || he.paths.empty())
    throw DataError(fmt::format("{} H&E slides, but {} PHH3 slides; each needs one of the other",
                                he.paths.size(), phh3.paths.size()));
  const auto he_entries = entries(he);
  const auto phh3_entries = entries(phh3);
  std::vector<PairEntry> out;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < he_entries.size(); ++i) {
    const auto name = shared_start(he_entries[i].name, phh3_entries[i].name);
    std::string folder = name;
    for (int copy = 2; !taken.insert(folder).second; ++copy)
      folder = name + "-" + std::to_string(copy);
    out.push_back({he_entries[i], phh3_entries[i], name, he.single ? "" : folder});
  }
  return out;
}

void set_pixel_sizes(std::vector<Entry>& entries, const std::filesystem::path& table) {
  const auto csv = CsvTable::read(table);
  const auto slide = csv.find_any({"slide", "image"});
  const auto x = csv.find_any({"mpp", "mpp_x"});
  if (!slide) csv.require("slide");
  if (!x) csv.require("mpp");
  const auto y = csv.find("mpp_y").value_or(*x);
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const PixelSize size{csv.number(row, *x), csv.number(row, y)};
    for (auto& entry : entries) {
      if (!names_slide(csv.text(row, *slide), entry.path)) continue;
      if (entry.size)
        throw DataError(fmt::format("{}: slide '{}' is listed a second time",
                                    to_string(csv.position(row, *slide)), entry.name));
      entry.size = size;
    }
  }
}

Slide open(const Entry& entry, const Params& params, FileDigests* digests) {
  const auto& size = entry.size;
  return Slide::open(entry.path, {.assume_mpp = size ? size->mpp_x : params.assume_mpp,
                                  .assume_mpp_y = size ? std::optional(size->mpp_y) : std::nullopt,
                                  .assume_source = size ? "table" : "assume_mpp",
                                  .allow_objective_power = params.allow_objective_power,
                                  .allow_anisotropic = params.allow_anisotropic,
                                  .allow_upsampling = params.allow_upsampling,
                                  .digests = digests});
}

std::string identity(const Entry& entry, FileDigests* digests) {
  FileDigests nothing;
  try {
    const auto content = slide::content_digest(entry.path, digests == nullptr ? nothing : *digests);
    if (!entry.size) return content;
    return fmt::format("{}@{}x{}", content, number_text(entry.size->mpp_x),
                       number_text(entry.size->mpp_y));
  } catch (const DataError&) {
    return "unreadable:" + entry.path.string();
  }
}

}  // namespace mito::slide_list
