#include "tools/view/slide_site.h"

#include <set>
#include <sstream>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/version.h"
#include "engine/report/template.h"
#include "engine/types/report.h"
#include "engine/types/seen_images.h"
#include "tools/cohort/slide_state.h"
#include "tools/cohort/slides_file.h"

namespace mito::view {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kAnswers = "answers.csv";

SlideOptions options_of(const Sources& sources) {
  SlideOptions options;
  options.assume_mpp = sources.mpp;
  options.allow_objective_power = true;
  options.allow_anisotropic = true;
  options.allow_upsampling = true;
  options.digests = sources.digests;
  return options;
}

/// When the page was written; none when there is none.
std::optional<fs::file_time_type> time_of_page(const Subject& subject) {
  const auto page = subject.page();
  std::error_code gone;
  const auto time = page ? fs::last_write_time(*page, gone) : fs::file_time_type{};
  return page && !gone ? std::optional(time) : std::nullopt;
}

}  // namespace

SlideSite::SlideSite(const Subject& subject, const Sources& sources, const SlideSite* before)
    : subject_(subject), page_time_(time_of_page(subject)) {
  if (before != nullptr) map_of_before_ = before->map_;
  if (const auto page = subject.page()) {
    take_page(*page);
    open_slide(sources);
  } else {
    take_slide_alone(sources);
  }
}

bool SlideSite::is_current() const { return time_of_page(subject_) == page_time_; }

void SlideSite::take_page(const fs::path& file) {
  auto content = report::content_of(cohort::bytes_of(file));
  if (!content) throw DataError(fmt::format("{}: is no page of a run", file.string()));
  data_ = std::move(content->data);
  seconds_ = std::move(content->seconds);
  std::set<std::string> samples;
  for (const auto& one : data_.at("objects")) samples.insert(one.at("sample").get<std::string>());
  answers_ = std::make_unique<Answers>(subject_.folder / kAnswers, std::move(samples));
}

void SlideSite::open_slide(const Sources& sources) {
  const auto& about = data_.at("slide");
  if (subject_.slide.empty()) {
    problem_ = fmt::format(
        "The slide {} was not found, so the pictures are those of the page: mitoloom view FOLDER "
        "SLIDE says where it is.",
        about.at("file").get<std::string>());
    return;
  }
  auto options = options_of(sources);
  options.assume_mpp = about.at("mpp_x").get<double>();
  options.assume_mpp_y = about.at("mpp_y").get<double>();
  auto slide = Slide::open(subject_.slide, options);
  if (content_of_identity(slide.info().identity) !=
      content_of_identity(about.at("identity").get<std::string>())) {
    problem_ = fmt::format(
        "{} is not the slide of this run: its content is another. The pictures are those of the "
        "page.",
        subject_.slide.filename().string());
    return;
  }
  tiles_ = std::make_unique<SlideTiles>(std::move(slide));
}

void SlideSite::take_slide_alone(const Sources& sources) {
  if (subject_.slide.empty())
    throw DataError(
        fmt::format("{} has no page yet, and the slide is not where it was, or that is not known: "
                    "mitoloom view FOLDER SLIDE",
                    subject_.name));
  const auto state = subject_.folder.empty() ? std::nullopt : cohort::read_state(subject_.folder);
  try {
    tiles_ = std::make_unique<SlideTiles>(Slide::open(subject_.slide, options_of(sources)));
  } catch (const DataError& error) {
    if (!state || state->message.empty()) throw;
    throw DataError(fmt::format("{}\nThe run failed at it (attempt {}): {}", error.what(),
                                state->attempt, state->message));
  }
  const auto& info = tiles_->slide().info();
  const auto& zoom = tiles_->zoom();
  const Grid& grid = tiles_->slide().analysis_grid();
  data_ = Json{{"version", std::string(version())},
               {"notice", kNotAMedicalDevice},
               {"slide",
                {{"name", info.name},
                 {"file", info.path.filename().string()},
                 {"mpp_x", info.mpp_x},
                 {"mpp_source", info.mpp_source}}},
               {"mpp", grid.mpp},
               {"result", nullptr},
               {"pyramid",
                {{"width", grid.width},
                 {"height", grid.height},
                 {"tile_px", DeepZoom::kTilePx},
                 {"min_level", zoom.one_tile_level()},
                 {"max_level", zoom.max_level()},
                 {"tiles", Json::object()}}}};
  if (subject_.folder.empty()) return;
  map_ = std::make_shared<LiveMap>(sources.store, subject_.name, grid,
                                   state ? cohort::time_of(state->begun).value_or(0) : 0);
}

std::string SlideSite::page() const {
  Json data = data_;
  Json given = Json::array();
  if (answers_)
    for (const auto& line : answers_->lines())
      given.push_back({line.sample, line.observer, line.label});
  data["view"] = {{"tiles", tiles_ != nullptr},
                  {"progress", map_ != nullptr},
                  {"answers", answers_ != nullptr},
                  {"given", std::move(given)},
                  {"problem", text_or_null(problem_)}};
  return report::filled(report::served_run_page(seconds_), data);
}

std::optional<std::string> SlideSite::tile(int level, std::int64_t x, std::int64_t y) {
  return tiles_ ? tiles_->tile(level, x, y) : std::nullopt;
}

Json SlideSite::progress(std::size_t after) {
  Json out{{"done", subject_.page().has_value()}, {"state", nullptr}, {"map", Json::array()}};
  if (!map_) return out;
  if (const auto state = cohort::read_state(subject_.folder)) {
    out["state"] = text_of(state->how);
    out["node"] = state->node;
    out["tile"] = state->tile;
    out["tiles"] = state->tiles;
    out["seconds"] = state->seconds;
    out["message"] = state->message;
  }
  for (const auto& tile : map_->tiles(after))
    out["map"].push_back({tile.part, tile.area.x, tile.area.y, tile.area.width, tile.area.height});
  return out;
}

std::optional<std::string> SlideSite::map_tile(std::uint32_t part) {
  const auto& map = map_ ? map_ : map_of_before_;
  return map ? map->png(part) : std::nullopt;
}

}  // namespace mito::view
