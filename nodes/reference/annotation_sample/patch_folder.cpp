#include "nodes/reference/annotation_sample/patch_folder.h"

#include <algorithm>
#include <fstream>
#include <numeric>
#include <regex>
#include <system_error>
#include <utility>

#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/image/codecs.h"
#include "engine/image/encode.h"

namespace mito::annotation_sample {
namespace {

namespace fs = std::filesystem;

std::string png_patch(const std::vector<std::uint8_t>& rgb) {
  cv::Mat view(kPatchPx, kPatchPx, CV_8UC3);
  std::ranges::copy(rgb, view.data);
  cv::cvtColor(view, view, cv::COLOR_RGB2BGR);
  return image::png_of(view, "a patch", 6);
}

/// Is this a file that an earlier draw may have written?
bool is_patch_name(const std::string& name) {
  static const std::regex kName("(s[0-9]+|[0-9a-f]{6}-[0-9]+)\\.png");
  return std::regex_match(name, kName);
}

[[noreturn]] void fail(const fs::path& path, const std::string& problem) {
  throw DataError(path.string() + ": " + problem);
}

/// Removes a folder of patches; refuses when there is anything else in it.
void remove_patches(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (!is_patch_name(entry.path().filename().string()))
      fail(entry.path(), "is in the way: the folder is for the patches of a label sheet only");
    files.push_back(entry.path());
  }
  for (const auto& file : files) fs::remove(file, error);
  fs::remove(folder, error);
  if (fs::exists(folder, error)) fail(folder, "cannot be replaced");
}

}  // namespace

PatchFolder::PatchFolder(fs::path target) : target_(std::move(target)), part_(target_) {
  part_ += ".part";
  remove_patches(part_);
  std::error_code error;
  fs::create_directories(part_, error);
  if (error) fail(part_, "cannot be created: " + error.message());
}

PatchFolder::~PatchFolder() {
  std::error_code ignored;
  fs::remove_all(part_, ignored);
}

void PatchFolder::write(const std::string& name, const std::string& bytes) const {
  std::ofstream out(part_ / name, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  if (!out) fail(part_ / name, "cannot be written");
  sync_to_disk(part_ / name);
}

void PatchFolder::commit() const {
  remove_patches(target_);
  publish(part_, target_);
}

Cut cut_patches(const std::vector<Draw::Source>& sources,
                const std::vector<Draw::Sample>& samples,
                const PatchFolder& folder,
                const std::function<std::string(std::size_t)>& name_of,
                const Hooks& hooks) {
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return samples[i].source; });
  Cut cut;
  cut.sheet.resize(samples.size());
  cut.page.resize(samples.size());
  std::size_t done = 0;
  for (const std::size_t i : order) {
    if (hooks.stop()) throw Interrupted("stopped while cutting patches");
    const auto& sample = samples[i];
    const Slide& slide = sources[sample.source].slide;
    const auto rgb = cut_patch(slide, sample.spot.center);
    const std::string name = name_of(i);
    const std::string file = name + ".png";
    const std::string png = png_patch(rgb);
    folder.write(file, png);
    cut.sheet[i] = {name,
                    slide.info().name,
                    sample.spot.center,
                    sample.spot.area_um2,
                    sample.spot.mean_dab,
                    sample.score,
                    file,
                    sha256(png)};
    cut.page[i] = {name, image::jpeg_of(image::view_of(rgb, kPatchPx, kPatchPx), kPageJpegQuality)};
    ++done;
    hooks.progress(fmt::format("cutting patches, slide {}", slide.info().name),
                   static_cast<double>(done) / static_cast<double>(samples.size()));
  }
  return cut;
}

}  // namespace mito::annotation_sample
