#include "nodes/reference/annotation_sample/observer_study.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/types/seen_images.h"
#include "nodes/reference/annotation_sample/informed_draw.h"
#include "nodes/reference/annotation_sample/label_page.h"
#include "nodes/reference/annotation_sample/patch_folder.h"

namespace mito::annotation_sample {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKey = "key.csv";
constexpr const char* kStudyFile = "study.json";
constexpr const char* kObservers = "observers";
constexpr const char* kTitle = "Is the cell in the centre a mitotic figure?";
constexpr const char* kHint = "Late prophase to telophase is mitotic; a dead or dark cell is not.";

Params draw_params(const StudyParams& params) {
  Params out;
  out.count = params.count;
  out.seed = params.seed;
  return out;
}

/// Six digits that stand for what is shown and in which order.
std::string study_name(const Draw& draw, const std::vector<Draw::Sample>& samples) {
  std::string text;
  for (const auto& sample : samples)
    text += fmt::format("{} {} {}\n", draw.sources()[sample.source].slide.info().identity,
                        number_text(sample.spot.center.x), number_text(sample.spot.center.y));
  return sha256(text).substr(0, 6);
}

std::string reference_text(const std::optional<bool>& is_true) {
  if (!is_true) return "";
  return *is_true ? "true" : "false";
}

std::string key_csv(const Study& study,
                    const std::vector<Study::Shown>& shown,
                    const std::vector<SheetSample>& sheet) {
  const bool informed = study.params().draw == "informed";
  std::string text = "sample,slide,x,y,score,reference,patch,sha256";
  text += informed ? ",image,weight,disagreement\n" : "\n";
  for (std::size_t i = 0; i < sheet.size(); ++i) {
    const auto& s = sheet[i];
    text += fmt::format("{},{},{},{},{},{},{}/{}/{},{}", s.sample, csv_field(s.slide),
                        number_text(s.center.x), number_text(s.center.y), number_text(*s.score),
                        reference_text(study.is_true(shown[i].sample)), kObservers, kPatchesFolder,
                        s.patch, s.sha256);
    if (informed) {
      const auto& info = study.draw().sources()[shown[i].sample.source].slide.info();
      text += fmt::format(
          ",{},{},{}", content_of_identity(info.identity), number_text(1 / *shown[i].chance),
          shown[i].disagreement ? number_text(*shown[i].disagreement) : std::string());
    }
    text += '\n';
  }
  return text;
}

std::string answers_csv(const std::vector<SheetSample>& sheet) {
  std::string text = "sample,observer,label\n";
  for (const auto& sample : sheet) text += sample.sample + ",,\n";
  return text;
}

std::string summary_json(const Study& study,
                         const std::string& name,
                         const std::vector<Draw::Sample>& samples) {
  using nlohmann::ordered_json;
  ordered_json slides = ordered_json::array();
  std::int64_t detections = 0;
  for (std::size_t i = 0; i < study.draw().sources().size(); ++i) {
    const auto& source = study.draw().sources()[i];
    detections += source.candidates;
    slides.push_back({{"slide", source.slide.info().name},
                      {"detections", source.candidates},
                      {"shown", std::ranges::count(samples, i, &Draw::Sample::source)}});
  }
  ordered_json json{{"study", name},
                    {"question", kTitle},
                    {"labels", {"mitotic", "non_mitotic"}},
                    {"detections", detections},
                    {"shown", samples.size()},
                    {"seed", study.params().seed},
                    {"match_um", study.params().match_um},
                    {"slides", slides}};
  if (study.params().draw == "informed") {
    json["draw"] = study.params().draw;
    json["by_disagreement"] = study.params().by_disagreement;
  }
  // File names need not be UTF-8: what is not is shown as a replacement character.
  return json_text(json);
}

std::string readme(const std::string& name, std::size_t samples) {
  return fmt::format(
      "Study {}: {} pictures of 128 x 128 px, 0.25 um per px. {}\n\n"
      "Open label.html in a browser, enter your name, answer with the keys 1 (mitotic), 2 (not\n"
      "mitotic) and 0 (clear), and press \"Save CSV\"; the browser keeps the work between "
      "sessions.\n"
      "Or look at the PNG files in patches/ and fill in answers.csv: your name in every line, and\n"
      "mitotic or non_mitotic as label. Answer every picture, and return the CSV.\n",
      name, samples, kTitle);
}

}  // namespace

Study::Study(const StudyParams& params, const std::string& node, const fs::path& truth)
    : params_(params), node_(node), draw_(draw_params(params), node) {
  if (!truth.empty()) truth_ = read_points(truth);
  has_truth_ = !truth.empty();
}

void Study::add(std::uint32_t index, const SlideDetections& found) {
  SlideSpots spots{found.slide, {found.detections.grid, 0, {}}, SpotScores{}};
  for (const auto& detection : found.detections.items) {
    Spot spot;
    spot.center = detection.center;
    spots.spots.items.push_back(spot);
    spots.scores->probability.push_back(static_cast<float>(detection.score));
  }
  draw_.add(index, spots);
  if (params_.draw == "informed") {
    const bool asked = !found.disagreement.empty();
    if (asked && found.disagreement.size() != found.detections.items.size())
      throw DataError(fmt::format("slide {}: {} disagreements for {} detections",
                                  found.slide.info().name, found.disagreement.size(),
                                  found.detections.items.size()));
    for (std::size_t i = 0; i < spots.spots.items.size(); ++i) {
      Shown place{{true_.size(), spots.spots.items[i], found.detections.items[i].score}};
      if (asked) place.disagreement = static_cast<double>(found.disagreement[i]);
      places_.push_back(std::move(place));
    }
  }
  true_.push_back(has_truth_ ? true_mitoses(truth_, found.slide.info().path) : std::nullopt);
}

std::vector<Study::Shown> Study::informed() const {
  std::vector<double> scores;
  std::vector<float> disagreement;
  for (const auto& place : places_) {
    scores.push_back(place.sample.score.value_or(0));
    disagreement.push_back(static_cast<float>(place.disagreement.value_or(0)));
  }
  const auto chances = inclusion_chances(
      scores, disagreement, static_cast<std::size_t>(params_.count), params_.by_disagreement);
  RandomStream random(static_cast<std::uint64_t>(params_.seed), node_ + "/informed", 0);
  std::vector<Shown> out;
  for (const auto i : draw_systematic(chances, random)) {
    out.push_back(places_[i]);
    out.back().chance = chances[i];
  }
  return out;
}

std::vector<Study::Shown> Study::shown() const {
  const auto uniform = draw_.samples();  // throws when there is none
  if (params_.draw == "informed") return informed();
  std::vector<Shown> out;
  for (const auto& sample : uniform) out.push_back({sample});
  return out;
}

std::optional<bool> Study::is_true(const Draw::Sample& sample) const {
  const auto& mitoses = true_[sample.source];
  if (!mitoses) return std::nullopt;
  const Grid& grid = draw_.sources()[sample.source].slide.analysis_grid();
  return std::ranges::any_of(*mitoses, [&](const PointL0& at) {
    return distance_um(grid, at, sample.spot.center) <= params_.match_um;
  });
}

Written write_study(const Study& study, const fs::path& out_folder, const Hooks& hooks) {
  const auto shown = study.shown();
  std::vector<Draw::Sample> samples;
  for (const auto& one : shown) samples.push_back(one.sample);
  const std::string name = study_name(study.draw(), samples);
  const fs::path given = out_folder / kObservers;
  std::error_code error;
  fs::create_directories(given, error);
  if (error)
    throw DataError(fmt::format("{}: cannot be created: {}", given.string(), error.message()));
  PatchFolder patches(given / kPatchesFolder);
  auto cut = cut_patches(
      study.draw().sources(), samples, patches,
      [&](std::size_t i) { return fmt::format("{}-{:04}", name, i + 1); }, hooks);
  const Page page{name,
                  kTitle,
                  kHint,
                  {{"mitotic", "mitotic"}, {"non_mitotic", "not mitotic"}},
                  study.params().columns,
                  std::move(cut.page)};
  const std::string key = key_csv(study, shown, cut.sheet);

  // From here to the new key there is none: never an old key beside new patches.
  fs::remove(out_folder / kKey, error);
  patches.commit();
  write_file(given / "README.txt", readme(name, samples.size()));
  write_file(given / "answers.csv", answers_csv(cut.sheet));
  write_file(given / "label.html", page_html(page));
  write_file(out_folder / kStudyFile, summary_json(study, name, samples));
  write_file(out_folder / kKey, key);
  return {kKey, sha256(key)};
}

}  // namespace mito::annotation_sample
