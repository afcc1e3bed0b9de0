#include "engine/annotations/source.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text_file.h"

namespace mito::annotations {

namespace fs = std::filesystem;

fs::path without_gz(const fs::path& file) {
  const auto extension = file.extension();
  return extension == ".gz" || extension == ".GZ" ? file.parent_path() / file.stem() : file;
}

Source Source::read(const fs::path& path) {
  std::string bytes = read_unpacked(path, "a file of annotations");
  return {path,
          bytes.starts_with("SQLite format 3") ? std::move(bytes) : decoded_text(std::move(bytes))};
}

Source::Source(fs::path path, std::string text)
    : path_(std::move(path)), text_(std::move(text)), starts_{0} {
  for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', end + 1))
    starts_.push_back(end + 1);
}

std::string Source::at(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto line = std::ranges::upper_bound(starts_, offset) - starts_.begin();
  const auto column = offset - starts_[static_cast<std::size_t>(line - 1)] + 1;
  return fmt::format("{}:{}:{}", path_.string(), line, column);
}

void Source::fail(std::size_t offset, const std::string& problem) const {
  throw DataError(at(offset) + ": " + problem);
}

void Source::for_each_line(const std::function<void(std::string_view, std::size_t)>& take) const {
  if (const auto zero = text_.find('\0'); zero != std::string::npos)
    fail(zero, "expected text, found binary data");
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const std::size_t start = starts_[i];
    const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] - 1 : text_.size();
    std::string_view line = std::string_view(text_).substr(start, end - start);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t,;") != std::string_view::npos) take(line, start);
  }
}

std::string Naming::image_of(const fs::path& file) const {
  const fs::path plain = without_gz(file);
  const std::string stem = plain.stem().string();
  if (!stem.ends_with(suffix) || stem.size() == suffix.size())
    throw DataError(
        fmt::format("{}: names its image by its own name, expected it to end in '{}' (name_suffix)",
                    file.string(), suffix));
  std::string name = without_image_extension(stem.substr(0, stem.size() - suffix.size()));
  fs::path folder = fs::absolute(file).lexically_normal().parent_path();
  for (int i = 0; i < folders; ++i, folder = folder.parent_path()) {
    if (!folder.has_filename())
      throw DataError(
          fmt::format("{}: has no {} folders above it (name_folders)", file.string(), folders));
    name.insert(0, folder.filename().string() + '/');
  }
  return name;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

PointL0 centroid(const std::vector<SignedRing>& rings) {
  const PointL0 base = rings.front().ring.front();  // keeps differences small
  double area = 0;                                  // twice the area, and six times its moments
  PointL0 moment;
  PointL0 mean;
  std::size_t corners = 0;
  for (const auto& [ring, sign] : rings) {
    double own_area = 0;
    PointL0 own;
    const std::size_t n =
        ring.size() > 1 && ring.front() == ring.back() ? ring.size() - 1 : ring.size();
    for (std::size_t i = 0; i < n; ++i) {
      const PointL0 a{ring[i].x - base.x, ring[i].y - base.y};
      const PointL0 b{ring[(i + 1) % n].x - base.x, ring[(i + 1) % n].y - base.y};
      const double cross = a.x * b.y - b.x * a.y;
      own_area += cross;
      own.x += (a.x + b.x) * cross;
      own.y += (a.y + b.y) * cross;
      mean.x += a.x;
      mean.y += a.y;
    }
    corners += n;
    const double turn = (own_area < 0 ? -1 : 1) * sign;  // either direction is allowed
    area += turn * own_area;
    moment.x += turn * own.x;
    moment.y += turn * own.y;
  }
  if (std::abs(area) > 1e-9)
    return {base.x + moment.x / (3 * area), base.y + moment.y / (3 * area)};
  const auto n = static_cast<double>(corners);
  return {base.x + mean.x / n, base.y + mean.y / n};
}

}  // namespace mito::annotations
