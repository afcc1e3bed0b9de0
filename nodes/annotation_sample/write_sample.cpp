#include <algorithm>
#include <cctype>
#include <fstream>
#include <numeric>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/types/annotation.h"
#include "nodes/annotation_sample/annotation_sample.h"
#include "nodes/annotation_sample/label_page.h"

namespace mito::annotation_sample {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSheet = "sheet.csv";
constexpr const char* kPage = "label.html";
constexpr const char* kSummary = "sample.json";
constexpr const char* kReadme = "README.txt";
constexpr const char* kPatches = "patches";
constexpr int kPageJpegQuality = 90;

/// What is asked about a patch.
struct Question {
  std::string title;
  std::string hint;
  std::vector<PageLabel> labels;  ///< The class 1 of the network first.
};

Question question_of(const Params& params) {
  if (params.question == "mitotic or not")
    return {"Is the cell in the centre mitotic?",
            "A brown (PHH3-positive) cell in division, late prophase to telophase, is mitotic.",
            {{"mitotic", "mitotic"}, {"non_mitotic", "not mitotic"}}};
  return {"Is the brown spot in the centre an artefact?",
          "Dirt, pigment, folds and stain deposits are artefacts; a stained nucleus is not.",
          {{"non_artefact", "no artefact"}, {"artefact", "artefact"}}};
}

std::string encode(const std::vector<std::uint8_t>& rgb, const char* format) {
  cv::Mat view(kPatchPx, kPatchPx, CV_8UC3);
  std::ranges::copy(rgb, view.data);
  cv::cvtColor(view, view, cv::COLOR_RGB2BGR);
  const std::vector<int> options{cv::IMWRITE_JPEG_QUALITY, kPageJpegQuality,
                                 cv::IMWRITE_PNG_COMPRESSION, 6};
  std::vector<std::uint8_t> bytes;
  if (!cv::imencode(format, view, bytes, options))
    throw DataError(fmt::format("a patch cannot be encoded as {}", format));
  return {bytes.begin(), bytes.end()};
}

/// Is this a file that an earlier draw may have written?
bool is_patch_name(const std::string& name) {
  return name.size() > 5 && name.starts_with('s') && name.ends_with(".png") &&
         std::all_of(name.begin() + 1, name.end() - 4,
                     [](unsigned char c) { return std::isdigit(c) != 0; });
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

/// A folder that is filled under another name and takes its own at the end.
class PatchFolder {
 public:
  explicit PatchFolder(fs::path target) : target_(std::move(target)), part_(target_) {
    part_ += ".part";
    remove_patches(part_);
    std::error_code error;
    fs::create_directories(part_, error);
    if (error) fail(part_, "cannot be created: " + error.message());
  }
  PatchFolder(const PatchFolder&) = delete;
  PatchFolder& operator=(const PatchFolder&) = delete;
  ~PatchFolder() {
    std::error_code ignored;
    fs::remove_all(part_, ignored);
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream out(part_ / name, std::ios::binary | std::ios::trunc);
    out << bytes;
    out.close();
    if (!out) fail(part_ / name, "cannot be written");
  }
  void commit() const {
    remove_patches(target_);
    std::error_code error;
    fs::rename(part_, target_, error);
    if (error) fail(target_, "cannot be written: " + error.message());
  }

 private:
  fs::path target_;
  fs::path part_;
};

/// Everything that is made from pixels.
struct Cut {
  std::vector<SheetSample> sheet;  ///< In drawn order, as the page.
  std::vector<PageSample> page;
};

Cut cut_all(const Draw& draw, const PatchFolder& folder, const Hooks& hooks) {
  const auto samples = draw.samples();
  // Slide by slide: neighbouring tiles of one file are decoded once.
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
    const Slide& slide = draw.sources()[sample.source].slide;
    const auto rgb = cut_patch(slide, sample.spot.center);
    const std::string name = fmt::format("s{:04}", i + 1);
    const std::string png = encode(rgb, ".png");
    folder.write(name + ".png", png);
    cut.sheet[i] = {name,
                    slide.info().name,
                    sample.spot.center,
                    sample.spot.area_um2,
                    sample.spot.mean_dab,
                    sample.score,
                    fmt::format("{}/{}.png", kPatches, name),
                    sha256(png)};
    cut.page[i] = {name, encode(rgb, ".jpg")};
    ++done;
    hooks.progress(fmt::format("cutting patches, slide {}", slide.info().name),
                   static_cast<double>(done) / static_cast<double>(samples.size()));
  }
  return cut;
}

std::string shortage(const Draw& draw, std::size_t taken) {
  if (taken == static_cast<std::size_t>(draw.params().count)) return "";
  return fmt::format("{} candidates were asked for, but there are only {}: all of them were taken",
                     draw.params().count, taken);
}

std::string summary_json(const Draw& draw, const Cut& cut, const Question& question) {
  using nlohmann::ordered_json;
  const Params& params = draw.params();
  ordered_json slides = ordered_json::array();
  std::int64_t candidates = 0;
  std::int64_t eligible = 0;
  for (const auto& source : draw.sources()) {
    const std::string& name = source.slide.info().name;
    slides.push_back({{"slide", name},
                      {"candidates", source.candidates},
                      {"eligible", source.eligible},
                      {"taken", std::ranges::count(cut.sheet, name, &SheetSample::slide)}});
    candidates += source.candidates;
    eligible += source.eligible;
  }
  ordered_json json{{"question", params.question},
                    {"labels", {question.labels[0].value, question.labels[1].value}},
                    {"asked", params.count},
                    {"taken", cut.sheet.size()},
                    {"candidates", candidates},
                    {"eligible", eligible},
                    {"seed", params.seed},
                    {"min_score", params.min_score ? ordered_json(*params.min_score) : nullptr},
                    {"slides", slides}};
  const auto note = shortage(draw, cut.sheet.size());
  if (!note.empty()) json["note"] = note;
  // File names need not be UTF-8: what is not is shown as a replacement character.
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string readme(const Draw& draw, const Cut& cut, const Question& question) {
  const auto note = shortage(draw, cut.sheet.size());
  return fmt::format(
      "{} patches to label: {}\n{}\n"
      "Give label.html to every observer; it is one file and needs no network. Open it in a "
      "browser,\n"
      "enter a name, label with the keys 1 ({}), 2 ({}) and 0 (clear), and press \"Save CSV\".\n"
      "The browser keeps the work between sessions. Collect the labels_NAME.csv files and read "
      "them\n"
      "with the node annotation_import, together with sheet.csv and patches/.\n\n"
      "The page shows JPEG pictures of quality {}; the networks are trained on the PNG files in "
      "patches/,\n"
      "whose SHA-256 is in sheet.csv. Keep sheet.csv and sample.json from the observers: they say "
      "where\n"
      "each patch is from. Do not mix labels of different draws: the names s0001, s0002, ... are "
      "used anew.\n",
      cut.sheet.size(), draw.params().question, note.empty() ? "" : "Note: " + note + ".\n",
      question.labels[0].value, question.labels[1].value, kPageJpegQuality);
}

}  // namespace

Written write(const Draw& draw, const fs::path& out_folder, const Hooks& hooks) {
  const fs::path folder = out_folder / draw.params().folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, "cannot be created: " + error.message());
  PatchFolder patches(folder / kPatches);
  auto cut = cut_all(draw, patches, hooks);
  const Question question = question_of(draw.params());
  const std::string sheet = sheet_csv(cut.sheet);
  const std::string digest = sha256(sheet);
  const Page page{digest.substr(0, 16), question.title,        question.hint,
                  question.labels,      draw.params().columns, std::move(cut.page)};

  // From here to the new sheet there is none: never an old sheet beside new patches.
  fs::remove(folder / kSheet, error);
  patches.commit();
  write_file(folder / kReadme, readme(draw, cut, question));
  write_file(folder / kSummary, summary_json(draw, cut, question));
  write_file(folder / kPage, page_html(page));
  write_file(folder / kSheet, sheet);
  return {(fs::path(draw.params().folder) / kSheet).generic_string(), digest};
}

}  // namespace mito::annotation_sample
