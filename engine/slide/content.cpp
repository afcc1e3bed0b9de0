#include "engine/slide/content.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/slide/pixel_source.h"

namespace mito::slide {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t kLargestIndex = 1 << 20;  // bytes of a .vms or .vmu

std::string start_of(const fs::path& file, std::size_t bytes) {
  std::string start(bytes, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(start.data(), static_cast<std::streamsize>(bytes));
  start.resize(static_cast<std::size_t>(in.gcount()));
  return start;
}

bool is_dicom(const fs::path& file) { return start_of(file, 132).substr(0, 132).ends_with("DICM"); }

/// Regular files below a folder for which `wanted` holds; none when it cannot be listed.
template <class Iterator, class Wanted>
std::vector<fs::path> files_in(const fs::path& folder, Wanted&& wanted) {
  std::vector<fs::path> files;
  std::error_code error;
  for (Iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && wanted(it->path())) files.push_back(it->path());
  }
  return files;
}

std::string lower_case(std::string text) {
  for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The files beside a .vms or .vmu that stand behind an equals sign in it.
std::vector<fs::path> named_in(const fs::path& index) {
  std::vector<fs::path> files;
  std::error_code error;
  if (fs::file_size(index, error) > kLargestIndex || error) return files;
  std::ifstream in(index);
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    const auto equals = line.find('=');
    if (equals == std::string::npos || equals + 1 == line.size()) continue;
    const fs::path file = index.parent_path() / line.substr(equals + 1);
    if (fs::is_regular_file(file, error)) files.push_back(file);
  }
  return files;
}

std::vector<fs::path> others_of(const fs::path& path) {
  const auto all = [](const fs::path&) { return true; };
  if (lower_case(path.extension().string()) == ".mrxs")
    return files_in<fs::recursive_directory_iterator>(fs::path(path).replace_extension(), all);
  const std::string start = start_of(path, 64);
  for (const std::string_view mark :
       {"[Virtual Microscope Specimen]", "[Uncompressed Virtual Microscope Specimen]"})
    if (start.starts_with(mark)) return named_in(path);
  if (!is_dicom(path)) return {};
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return files_in<fs::directory_iterator>(folder, [&](const fs::path& file) {
    return file.filename() != path.filename() && is_dicom(file);
  });
}

/// The name by which the slide finds one of its files: below the folder of a MIRAX slide, which is
/// called as the slide is, and beside any other.
std::string name_in_slide(const fs::path& path, const fs::path& file) {
  const fs::path folder = fs::path(path).replace_extension();
  const auto below = file.lexically_relative(folder);
  return (below.empty() || *below.begin() == ".." ? file.filename() : below).string();
}

}  // namespace

std::vector<fs::path> files_of(const fs::path& path) {
  auto files = others_of(path);
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  files.insert(files.begin(), path);
  return files;
}

std::string content_digest(const fs::path& path, FileDigests& digests) {
  const auto files = files_of(path);
  if (files.size() == 1) return digests.of(path);
  std::string list = digests.of(path) + "\n";
  for (std::size_t i = 1; i < files.size(); ++i)
    list += fmt::format("{}  {}\n", digests.of(files[i]), name_in_slide(path, files[i]));
  return sha256(list);
}

std::string identity(const fs::path& path, const std::string& content, Beyond beyond) {
  // Coarse resolutions are averages of the nearest level, so its levels are part of a slide.
  std::string out = content;
  if (!pyramid_images(path).empty()) out += "|sub-images";
  if (beyond == Beyond::Mirrored) out += "|mirrored";
  return out;
}

}  // namespace mito::slide
