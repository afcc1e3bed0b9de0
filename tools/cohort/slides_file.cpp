#include "tools/cohort/slides_file.h"

#include <fstream>
#include <iterator>
#include <map>

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/run_files.h"
#include "engine/core/text.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

using About = std::map<std::string, std::string>;

constexpr int kFormat = 1;

}  // namespace

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<SlidesFile> read_slides(const fs::path& out) {
  try {
    const Json json = Json::parse(bytes_of(out / run_files::kSlides));
    if (json.at("mitoloom_slides") != kFormat) return std::nullopt;
    SlidesFile file{json.at("pipeline"), json.at("settings"), {}};
    for (const auto& slide : json.at("slides"))
      file.slides.push_back({slide.at("slide"), slide.at("folder"), slide.at("bytes"),
                             slide.value("file", ""), slide.value("about", About())});
    return file;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void write_slides(const fs::path& out, const SlidesFile& file) {
  Json slides = Json::array();
  for (const auto& slide : file.slides) {
    Json one{{"slide", slide.name}, {"folder", slide.folder}, {"bytes", slide.bytes}};
    if (!slide.file.empty()) one["file"] = utf8_text(fs::absolute(slide.file).string());
    if (!slide.about.empty()) one["about"] = slide.about;
    slides.push_back(std::move(one));
  }
  const auto text = json_text(Json{{"mitoloom_slides", kFormat},
                                   {"pipeline", file.pipeline},
                                   {"settings", file.settings},
                                   {"slides", std::move(slides)}});
  const auto path = out / run_files::kSlides;
  if (bytes_of(path) == text) return;
  fs::create_directories(out);
  write_file(path, text);
}

fs::path folder_of(const fs::path& out, const mito::graph::ItemName& slide) {
  return slide.folder.empty() ? out : out / slide.folder;
}

}  // namespace mito::cohort
