#include "tests/support/raw_tiff.h"

#include "engine/core/atomic_file.h"

namespace mito::test {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

std::string bytes_of(RawTiff::Type type, const std::vector<std::uint32_t>& values) {
  std::string out;
  const int size = type == RawTiff::kShort ? 2 : type == RawTiff::kText ? 1 : 4;
  for (const auto value : values) put(out, value, size);
  return out;
}

std::size_t count_of(RawTiff::Type type, const std::vector<std::uint32_t>& values) {
  return type == RawTiff::kRational ? values.size() / 2 : values.size();
}

/// Appends a page to the file; where its directory starts, and where the offset of the next is.
std::pair<std::size_t, std::size_t> append(std::string& out, RawTiff::Page page) {
  std::vector<std::uint32_t> offsets;
  std::vector<std::uint32_t> sizes;
  for (const auto& chunk : page.chunks) {
    offsets.push_back(chunk.empty() ? 0 : static_cast<std::uint32_t>(out.size()));
    sizes.push_back(static_cast<std::uint32_t>(chunk.size()));
    out += chunk;
  }
  page.tags[page.tiled ? 324 : 273] = {RawTiff::kLong, offsets};
  page.tags[page.tiled ? 325 : 279] = {RawTiff::kLong, sizes};
  if (!page.description.empty()) {
    std::vector<std::uint32_t> text;
    for (const char c : page.description) text.push_back(static_cast<unsigned char>(c));
    text.push_back(0);
    page.tags[270] = {RawTiff::kText, text};
  }
  std::vector<std::uint32_t> below;
  for (const auto& sub : page.below)
    below.push_back(static_cast<std::uint32_t>(append(out, sub).first));
  if (!below.empty()) page.tags[330] = {RawTiff::kLong, below};
  std::string entries;
  for (const auto& [tag, value] : page.tags) {
    std::string data = bytes_of(value.first, value.second);
    put(entries, tag, 2);
    put(entries, value.first, 2);
    put(entries, count_of(value.first, value.second), 4);
    if (data.size() > 4) {
      if (out.size() % 2 != 0) out += '\0';
      put(entries, out.size(), 4);
      out += data;
    } else {
      data.resize(4, '\0');
      entries += data;
    }
  }
  if (out.size() % 2 != 0) out += '\0';
  const std::size_t start = out.size();
  put(out, page.tags.size(), 2);
  out += entries;
  put(out, 0, 4);
  return {start, out.size() - 4};
}

}  // namespace

RawTiff::Page RawTiff::page(std::uint32_t width,
                            std::uint32_t height,
                            std::uint32_t channels,
                            std::uint32_t bits,
                            bool tiled,
                            std::uint32_t chunk) {
  Page out;
  out.tiled = tiled;
  const std::uint32_t colours = channels >= 3 ? 2 : 1;  // RGB, or grey with more being lighter
  out.tags = {{256, {kLong, {width}}},
              {257, {kLong, {height}}},
              {258, {kShort, std::vector<std::uint32_t>(channels, bits)}},
              {259, {kShort, {1}}},
              {262, {kShort, {colours}}},
              {277, {kShort, {channels}}},
              {284, {kShort, {1}}},
              {282, {kRational, {40000, 1}}},
              {283, {kRational, {40000, 1}}},
              {296, {kShort, {3}}}};
  if (tiled) {
    out.tags[322] = {kShort, {chunk}};
    out.tags[323] = {kShort, {chunk}};
  } else {
    out.tags[278] = {kLong, {chunk}};
  }
  return out;
}

void RawTiff::write(const std::filesystem::path& file, const std::vector<Page>& pages) {
  std::string out("II*\0\0\0\0\0", 8);
  std::size_t link = 4;
  for (const auto& page : pages) {
    const auto [start, next] = append(out, page);
    std::string offset;
    put(offset, start, 4);
    out.replace(link, 4, offset);
    link = next;
  }
  write_file(file, out);
}

}  // namespace mito::test
