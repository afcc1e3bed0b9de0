#include "tools/view/subject.h"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "tools/cohort/status.h"

namespace mito::view {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kPage = "run.html";

/// The input files of a run that is done; none when it does not say.
std::vector<fs::path> inputs_of(const fs::path& out) {
  std::ifstream in(out / run_files::kRecord);
  const Json json = Json::parse(in, nullptr, false);
  std::vector<fs::path> files;
  if (!json.is_object() || !json.contains("inputs")) return files;
  for (const auto& [name, input] : json["inputs"].items())
    if (input.is_object() && input.contains("files"))
      for (const auto& file : input["files"])
        if (file.is_string()) files.emplace_back(file.get<std::string>());
  return files;
}

/// The slide of this name; of several none.
fs::path named(const std::string& name, const std::vector<fs::path>& files) {
  fs::path found;
  for (const auto& file : files) {
    if (file.stem() != name || !fs::exists(file)) continue;
    if (!found.empty() && !fs::equivalent(found, file)) return {};
    found = file;
  }
  return found;
}

}  // namespace

std::optional<fs::path> Subject::page() const {
  if (folder.empty() || !fs::exists(folder / kPage)) return std::nullopt;
  return folder / kPage;
}

Subjects subjects_of(const std::vector<fs::path>& paths) {
  Subjects found;
  fs::path out;
  std::vector<fs::path> slides;
  for (const auto& path : paths) {
    if (!fs::exists(path))
      throw DataError(fmt::format("{}: there is no such file or folder", path.string()));
    // A slide of several files is named by one of them, or by its folder's.
    if (!fs::is_directory(path)) {
      slides.push_back(path);
    } else if (out.empty()) {
      out = path;
    } else {
      throw DataError(fmt::format("{}: one folder of results at a time, this is beside {}",
                                  path.string(), out.string()));
    }
  }
  if (out.empty()) {
    for (const auto& slide : slides) found.slides.push_back({slide.stem().string(), {}, slide});
    return found;
  }
  const auto status = cohort::read_status(out);
  const auto recorded = inputs_of(out);
  for (const auto& slide : status.slides) {
    Subject one{slide.slide, slide.folder.empty() ? out : out / slide.folder, {}};
    one.slide = named(one.name, slides);
    if (one.slide.empty() && status.slides.size() == 1 && slides.size() == 1)
      one.slide = slides.front();  // its content is looked at
    if (one.slide.empty() && fs::exists(slide.file)) one.slide = slide.file;
    if (one.slide.empty()) one.slide = named(one.name, recorded);
    found.slides.push_back(std::move(one));
  }
  if (status.slides.size() > 1) found.cohort = out;
  return found;
}

}  // namespace mito::view
