#include <algorithm>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/types/annotation.h"
#include "nodes/reference/annotation_sample/annotation_sample.h"
#include "nodes/reference/annotation_sample/label_page.h"
#include "nodes/reference/annotation_sample/patch_folder.h"

namespace mito::annotation_sample {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSheet = "sheet.csv";
constexpr const char* kPage = "label.html";
constexpr const char* kSummary = "sample.json";
constexpr const char* kReadme = "README.txt";

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
  return json_text(json);
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
  if (error)
    throw DataError(fmt::format("{}: cannot be created: {}", folder.string(), error.message()));
  PatchFolder patches(folder / kPatchesFolder);
  auto cut = cut_patches(
      draw.sources(), draw.samples(), patches,
      [](std::size_t i) { return fmt::format("s{:04}", i + 1); }, hooks);
  for (auto& sample : cut.sheet) sample.patch = fmt::format("{}/{}", kPatchesFolder, sample.patch);
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
