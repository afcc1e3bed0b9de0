#include "tools/diff/run_folder.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "engine/core/text.h"
#include "engine/types/json_file.h"
#include "engine/types/points_csv.h"

namespace mito::diff {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDetections = "detections.csv";
constexpr const char* kResult = "result.json";

bool is_run(const fs::path& folder) {
  return fs::exists(folder / run_files::kManifest) || fs::exists(folder / run_files::kRecord);
}

/// Folders with a record of their own that lie in `folder`, relative to it.
std::vector<std::string> runs_in(const fs::path& folder) {
  std::vector<std::string> runs;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator();
       ++it) {
    if (!it->is_directory()) continue;
    if (!fs::exists(it->path() / run_files::kRecord)) continue;
    runs.push_back(it->path().lexically_relative(folder).string());
    it.disable_recursion_pending();
  }
  std::ranges::sort(runs);
  return runs;
}

/// "; did you mean 'out/b'?", where a folder of runs is near.
std::string nearest_run(const fs::path& folder) {
  const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  std::error_code error;
  std::vector<std::string> known;
  for (const auto& entry : fs::directory_iterator(parent, error))
    if (entry.is_directory() && is_run(entry.path()))
      known.push_back(entry.path().filename().string());
  std::ranges::sort(known);
  const auto name = nearest(folder.filename().string(), known);
  if (!name.empty())
    return fmt::format("; did you mean '{}'?", (parent / name).lexically_normal().string());
  return is_run(parent) ? fmt::format("; '{}' is one", parent.string()) : "";
}

/// The files of the run; folders of other runs in it are left out.
std::vector<fs::path> results_in(const fs::path& root, bool& has_manifest) {
  std::vector<fs::path> files;
  has_manifest = false;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::recursive_directory_iterator();
       ++it) {
    const auto& path = it->path();
    if (it->is_directory()) {
      if (path.filename().string().starts_with('.') || fs::exists(path / run_files::kRecord))
        it.disable_recursion_pending();
      continue;
    }
    has_manifest = has_manifest || path.filename() == run_files::kManifest;
    if (run_files::is_result(path)) files.push_back(path.lexically_relative(root));
  }
  std::ranges::sort(files);
  return files;
}

std::vector<Found> read_detections(const fs::path& file, std::string& slide) {
  const auto points = read_points(file);
  std::vector<Found> out;
  out.reserve(points.points.size());
  for (const auto& point : points.points) {
    if (!point.score) throw DataError(file.string() + ": has no score for every detection");
    out.push_back({point.at, *point.score});
    slide = point.slide;
  }
  return out;
}

void take_result(const fs::path& file, const Json& json, SlideFolder& slide) {
  const auto found = json.find("slide");
  if (found == json.end() || !found->is_object()) return;
  try {
    slide.name = found->at("name");
    slide.file = found->at("file");
    slide.identity = found->at("identity");
    slide.pixel = PixelSize{found->at("mpp_x"), found->at("mpp_y")};
    if (const auto bounds = found->find("bounds"); bounds != found->end())
      slide.bounds_corner = {bounds->at("x"), bounds->at("y")};
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{}: 'slide': {}", file.string(), error.what()));
  }
}

/// Does this folder hold the results of a slide?
std::optional<SlideFolder> slide_in(const RunFolder& run, const std::string& folder) {
  SlideFolder slide;
  slide.folder = folder;
  const auto file = [&](const char* name) { return (fs::path(folder) / name).generic_string(); };
  if (std::ranges::count(run.files, fs::path(file(kDetections))) > 0)
    slide.detections = read_detections(run.root / file(kDetections), slide.name);
  const auto result = run.json.find(file(kResult));
  if (result != run.json.end()) take_result(run.root / file(kResult), result->second, slide);
  if (slide.name.empty() && !slide.detections) return std::nullopt;
  if (slide.name.empty()) slide.name = folder;
  return slide;
}

std::vector<SlideFolder> slides_of(const RunFolder& run) {
  std::vector<std::string> folders;
  folders.reserve(run.files.size());
  for (const auto& file : run.files) folders.push_back(file.parent_path().generic_string());
  std::ranges::sort(folders);
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  std::vector<SlideFolder> slides;
  for (const auto& folder : folders)
    if (auto slide = slide_in(run, folder)) slides.push_back(std::move(*slide));
  std::map<std::string, int> times;
  for (const auto& slide : slides) ++times[slide.name];
  for (auto& slide : slides)
    if (times[slide.name] > 1) slide.name = slide.folder;
  std::ranges::sort(slides, {}, &SlideFolder::name);
  return slides;
}

/// Neither manifest nor record stands in `root` itself. That is so for several slides by a version
/// that wrote no record; else says what is wrong.
void refuse_folder(const fs::path& root, bool has_manifest_below) {
  const auto runs = runs_in(root);
  if (!runs.empty())
    throw DataError(fmt::format("{}: holds several runs; give one of them: {}", root.string(),
                                fmt::join(runs, ", ")));
  if (!has_manifest_below)
    throw DataError(fmt::format("{}: is not the output folder of a run: there is no {} in it{}",
                                root.string(), run_files::kManifest, nearest_run(root)));
}

std::optional<Json> read_record(const fs::path& root) {
  const fs::path file = root / run_files::kRecord;
  if (!fs::exists(file)) return std::nullopt;
  Json json = read_json(file);
  if (!json.is_object() || json.value("mitoloom_run", 0) != kRunRecordFormat)
    throw DataError(
        fmt::format("{}: 'mitoloom_run': expected {}; it was written by another version",
                    file.string(), kRunRecordFormat));
  return json;
}

}  // namespace

const SlideFolder* RunFolder::slide(const std::string& name) const {
  const auto found = std::ranges::find(slides, name, &SlideFolder::name);
  return found == slides.end() ? nullptr : &*found;
}

RunFolder read_run(const fs::path& given) {
  const fs::path root = given.filename().empty() ? given.parent_path() : given;
  if (!fs::exists(root))
    throw DataError(fmt::format("{}: there is no such folder{}", root.string(), nearest_run(root)));
  if (!fs::is_directory(root))
    throw DataError(
        fmt::format("{}: is a file; expected the output folder of a run", root.string()));
  RunFolder run;
  run.root = root;
  bool has_manifest = false;
  run.files = results_in(root, has_manifest);
  run.record = read_record(root);
  if (!is_run(root)) refuse_folder(root, has_manifest);
  for (const auto& file : run.files)
    if (file.extension() == ".json") run.json[file.generic_string()] = read_json(root / file);
  run.slides = slides_of(run);
  return run;
}

}  // namespace mito::diff
