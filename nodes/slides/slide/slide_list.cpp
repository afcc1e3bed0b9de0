#include "nodes/slides/slide/slide_list.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/local_copies.h"
#include "engine/core/text.h"
#include "engine/slide/content.h"
#include "engine/types/points_csv.h"
#include "engine/types/slide_names.h"

namespace mito::slide_list {

namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Text or nothing at all: no picture begins with this.
bool begins_as_text(const fs::path& file) {
  std::array<char, 512> start{};
  std::ifstream in(file, std::ios::binary);
  in.read(start.data(), start.size());
  const std::string_view read(start.data(), static_cast<std::size_t>(in.gcount()));
  return std::ranges::all_of(read, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || (byte >= 0x09 && byte <= 0x0D);
  });
}

/// Evidently no slide? What is called a slide is one, even if it cannot be opened; other files by
/// their name, or as they are text.
bool is_no_slide(const fs::path& file) {
  static constexpr std::array<std::string_view, 26> kExtensions{
      ".csv", ".tsv",    ".txt", ".json",   ".geojson", ".xml", ".yaml", ".yml", ".md",
      ".gz",  ".zip",    ".tar", ".7z",     ".pdf",     ".doc", ".docx", ".xls", ".xlsx",
      ".db",  ".sqlite", ".h5",  ".qpdata", ".part",    ".ini", ".dat",  ".log"};
  static constexpr std::array<std::string_view, 4> kNames{"thumbs.db", ".ds_store", "desktop.ini",
                                                          "md5sums"};
  const std::string name = lower(file.filename().string());
  if (without_image_extension(name) != name) return false;
  if (std::ranges::count(kNames, name) > 0 || name.starts_with("._")) return true;
  return std::ranges::count(kExtensions, lower(file.extension().string())) > 0 ||
         begins_as_text(file);
}

/// Per file: is it left out?
std::vector<bool> are_left_out(const FileList& files) {
  std::vector<bool> out(files.paths.size());
  bool caught_slide = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i >= files.caught.size() || !files.caught[i]) continue;
    out[i] = is_no_slide(files.paths[i]);
    caught_slide = caught_slide || !out[i];
  }
  return caught_slide ? out : std::vector<bool>(out.size());
}

/// A folder for what is called `name`: none of those `taken`, and none outside of the output
/// folder, as that of a file called "...svs" would be.
std::string own_folder(const std::string& name, std::set<std::string>& taken) {
  const bool is_none = name.find_first_not_of('.') == std::string::npos;  // "", ".", ".."
  const std::string wanted = is_none ? "slide" + name : name;
  std::string folder = wanted;
  for (int copy = 2; !taken.insert(folder).second; ++copy)
    folder = wanted + "-" + std::to_string(copy);
  return folder;
}

}  // namespace

std::vector<Entry> entries(const FileList& files) {
  const auto skipped = are_left_out(files);
  std::vector<Entry> out;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < files.paths.size(); ++i) {
    if (skipped[i]) continue;
    const auto& path = files.paths[i];
    const std::string name = path.stem().string();
    const auto folder = own_folder(name, taken);
    out.push_back({path, utf8_text(files.single ? name : folder), files.single ? "" : folder});
  }
  return out;
}

std::vector<fs::path> left_out(const FileList& files) {
  const auto skipped = are_left_out(files);
  std::vector<fs::path> out;
  for (std::size_t i = 0; i < files.paths.size(); ++i)
    if (skipped[i]) out.push_back(files.paths[i]);
  out.insert(out.end(), files.folders.begin(), files.folders.end());
  return out;
}

std::string left_out_line(const FileList& files) {
  constexpr std::size_t kMostNames = 5;
  const auto out = left_out(files);
  if (out.empty()) return "";
  std::string names;
  for (std::size_t i = 0; i < std::min(out.size(), kMostNames); ++i)
    names += (i == 0 ? "" : ", ") + out[i].string();
  if (out.size() > kMostNames) names += fmt::format(" and {} more", out.size() - kMostNames);
  return fmt::format("no {}, left out: {}", out.size() == 1 ? "slide" : "slides", names);
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
  const auto he_entries = entries(he);
  const auto phh3_entries = entries(phh3);
  if (he_entries.size() != phh3_entries.size() || he_entries.empty())
    throw DataError(fmt::format("{} H&E slides, but {} PHH3 slides; each needs one of the other",
                                he_entries.size(), phh3_entries.size()));
  std::vector<PairEntry> out;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < he_entries.size(); ++i) {
    const auto name = shared_start(he_entries[i].name, phh3_entries[i].name);
    const auto folder = own_folder(name, taken);
    out.push_back(
        {he_entries[i], phh3_entries[i], he.single ? name : folder, he.single ? "" : folder});
  }
  return out;
}

std::uint64_t bytes(const Entry& entry) {
  std::uint64_t sum = 0;
  for (const auto& file : slide::files_of(entry.path)) {
    std::error_code unreadable;
    const auto size = fs::file_size(file, unreadable);
    if (!unreadable) sum += size;
  }
  return sum;
}

namespace {

/// The columns of a table that say how large pixels are.
struct SizeColumns {
  std::size_t x;
  std::size_t y;

  static std::optional<SizeColumns> find(const CsvTable& csv) {
    const auto x = csv.find_any({"mpp", "mpp_x"});
    if (!x) return std::nullopt;
    return SizeColumns{*x, csv.find("mpp_y").value_or(*x)};
  }
  PixelSize at(const CsvTable& csv, std::size_t row) const {
    return {csv.number(row, x), csv.number(row, y)};
  }
};

}  // namespace

void set_pixel_sizes(std::vector<Entry>& entries, const std::filesystem::path& table) {
  const auto csv = CsvTable::read(table);
  const auto slide = csv.find_any({"slide", "image"});
  const auto columns = SizeColumns::find(csv);
  if (!slide) csv.require("slide");
  if (!columns) csv.require("mpp");
  std::vector<std::string> names;
  std::vector<PixelSize> sizes;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    names.push_back(csv.text(row, *slide));
    sizes.push_back(columns->at(csv, row));
  }
  for (auto& entry : entries) {
    const auto rows = names_of_slide(names, entry.path);
    if (rows.size() > 1)
      throw DataError(fmt::format("{}: slide '{}' is listed a second time",
                                  to_string(csv.position(rows[1], *slide)), entry.name));
    if (rows.empty()) continue;
    const auto& size = sizes[rows.front()];
    if (entry.size && (entry.size->mpp_x != size.mpp_x || entry.size->mpp_y != size.mpp_y))
      throw DataError(fmt::format(
          "{}: another pixel size for slide '{}' than in the table that names it ({} um/px)",
          to_string(csv.position(rows.front(), columns->x)), entry.name,
          number_text(entry.size->mpp_x)));
    entry.size = size;
  }
}

namespace {

/// The file that a cell of a manifest names; paths are relative to the manifest.
fs::path named_file(const CsvTable& csv,
                    const fs::path& table,
                    std::size_t row,
                    std::size_t column) {
  const fs::path path = csv.text(row, column);
  return path.is_relative() ? (table.parent_path() / path).lexically_normal() : path;
}

fs::path tissue_file(const CsvTable& csv,
                     const fs::path& table,
                     std::size_t row,
                     std::size_t column) {
  auto path = named_file(csv, table, row, column);
  if (!fs::is_regular_file(path))
    throw DataError(fmt::format("{}: there is no mask '{}'", to_string(csv.position(row, column)),
                                path.string()));
  return path;
}

/// The columns that tell where a slide comes from.
std::map<std::string, std::size_t> about_columns(const CsvTable& csv) {
  std::map<std::string, std::size_t> columns;
  if (const auto found = csv.find("case")) columns["case"] = *found;
  if (const auto found = csv.find_any({"centre", "center"})) columns["centre"] = *found;
  if (const auto found = csv.find("scanner")) columns["scanner"] = *found;
  return columns;
}

}  // namespace

void take_from_manifests(std::vector<Entry>& entries, const FileList& files) {
  for (const auto& table : files.tables) {
    const auto csv = CsvTable::read(table);
    const auto slide = csv.find_any({"slide", "image", "file"});
    if (!slide) continue;
    std::map<fs::path, std::size_t> rows;
    for (std::size_t row = 0; row < csv.rows(); ++row)
      rows[named_file(csv, table, row, *slide)] = row;
    const auto size = SizeColumns::find(csv);
    const auto mask = csv.find("mask");
    const auto about = about_columns(csv);
    for (auto& entry : entries) {
      const auto found = rows.find(entry.path);
      if (found == rows.end()) continue;
      const auto row = found->second;
      if (size && !csv.text(row, size->x).empty()) entry.size = size->at(csv, row);
      if (mask && !csv.text(row, *mask).empty()) entry.tissue = tissue_file(csv, table, row, *mask);
      for (const auto& [name, column] : about)
        if (const auto& text = csv.text(row, column); !text.empty()) entry.about[name] = text;
    }
  }
}

namespace {

Beyond beyond_of(const Params& params) {
  return params.beyond == "mirrored" ? Beyond::Mirrored : Beyond::White;
}

}  // namespace

Slide open(const Entry& entry, const Params& params, const Sources& sources) {
  const auto& size = entry.size;
  return Slide::open(entry.path, {.assume_mpp = size ? size->mpp_x : params.assume_mpp,
                                  .assume_mpp_y = size ? std::optional(size->mpp_y) : std::nullopt,
                                  .assume_source = size ? "table" : "assume_mpp",
                                  .allow_objective_power = params.allow_objective_power,
                                  .allow_anisotropic = params.allow_anisotropic,
                                  .allow_upsampling = params.allow_upsampling,
                                  .digests = sources.digests,
                                  .copies = sources.copies,
                                  .beyond = beyond_of(params),
                                  .tissue = entry.tissue});
}

void prepare(const Entry& entry, const Sources& sources) {
  if (sources.copies != nullptr) sources.copies->prepare(slide::files_of(entry.path));
}

std::string identity(const Entry& entry, const Params& params, FileDigests* digests) {
  FileDigests nothing;
  try {
    auto& known = digests == nullptr ? nothing : *digests;
    auto text =
        slide::identity(entry.path, slide::content_digest(entry.path, known), beyond_of(params));
    if (entry.size)
      text += fmt::format("@{}x{}", number_text(entry.size->mpp_x), number_text(entry.size->mpp_y));
    if (!entry.tissue.empty()) text += "|mask " + known.of(entry.tissue);
    return text;
  } catch (const DataError&) {
    return "unreadable:" + entry.path.string();
  }
}

}  // namespace mito::slide_list
