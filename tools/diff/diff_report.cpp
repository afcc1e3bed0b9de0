#include "tools/diff/diff_report.h"

#include <algorithm>
#include <map>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"
#include "engine/types/report.h"
#include "nodes/exchange/export_geojson/export_geojson.h"

namespace mito::diff {
namespace {

constexpr std::array kChanges{Change::Kept, Change::Moved, Change::ChangedScore, Change::Appeared,
                              Change::Vanished};

std::int64_t count(const SlideDiff& slide, Change change) {
  return slide.counts[static_cast<std::size_t>(change)];
}

// ----------------------------------------------------------------------- for people

std::string shown(const std::string& text) {
  constexpr std::size_t kMost = 60;
  if (text.empty()) return "-";
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

std::string line_of(const ValueChange& change) {
  const std::string difference =
      change.difference
          ? fmt::format("  ({}{})", *change.difference > 0 ? "+" : "",
                        number_text(std::stod(fmt::format("{:.6g}", *change.difference))))
          : "";
  return fmt::format("  {} {}: {} -> {}{}\n", change.where, change.name, shown(change.a),
                     shown(change.b), difference);
}

/// At most `most` lines of a section, and how many there are more.
template <class List, class Line>
std::string section(const std::string& title, const List& list, std::size_t most, Line line) {
  if (list.empty()) return "";
  std::string text = title + "\n";
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i) text += line(list[i]);
  if (list.size() > most)
    text += fmt::format("  ... and {} more; --out writes all\n", list.size() - most);
  return text;
}

std::string detections_text(const RunDiff& diff, const DetectionOptions& options) {
  if (diff.slides.empty()) return "";
  std::size_t width = 5;
  for (const auto& slide : diff.slides) width = std::max(width, slide.name.size());
  std::string text =
      fmt::format("detections, paired within {} um\n  {:<{}}", options.radius_um, "slide", width);
  for (const auto change : kChanges) text += fmt::format("  {:>13}", name(change));
  text += "\n";
  for (const auto& slide : diff.slides) {
    text += fmt::format("  {:<{}}", slide.name, width);
    for (const auto change : kChanges) text += fmt::format("  {:>13}", count(slide, change));
    text += "\n";
  }
  return text;
}

std::string places_text(const TruthDiff& truth, bool by_a, std::size_t most) {
  std::string text;
  std::size_t listed = 0;
  std::size_t all = 0;
  for (const auto& change : truth.only_one) {
    if (change.found_by_a != by_a) continue;
    if (++all > most) continue;
    ++listed;
    text += fmt::format(" ({:.0f}, {:.0f})", change.at.x, change.at.y);
  }
  if (listed < all) text += " ...";
  return fmt::format("{}{}{}", all, text.empty() ? "" : " at", text);
}

std::string truth_text(const RunDiff& diff) {
  std::string text;
  for (const auto& slide : diff.slides) {
    if (!slide.truth) continue;
    const auto& truth = *slide.truth;
    text += fmt::format(
        "  {}: {} true, {} found by both, {} by neither; only by A: {}; only by B: {}\n",
        slide.name, truth.objects, truth.both, truth.neither, places_text(truth, true, 5),
        places_text(truth, false, 5));
  }
  return text.empty() ? "" : "true mitoses\n" + text;
}

// ------------------------------------------------------------------------------ CSV

std::string values_csv(const std::vector<const std::vector<ValueChange>*>& lists) {
  std::string text = "where,name,a,b,difference\n";
  for (const auto* list : lists) {
    for (const auto& change : *list)
      text +=
          fmt::format("{},{},{},{},{}\n", csv_field(change.where), csv_field(change.name),
                      csv_field(change.a), csv_field(change.b), number_or_empty(change.difference));
  }
  return text;
}

std::string found_csv(const std::optional<Found>& found) {
  if (!found) return ",,";
  return fmt::format("{},{},{}", number_text(found->at.x), number_text(found->at.y),
                     number_text(found->score));
}

std::string detections_csv(const RunDiff& diff) {
  std::string text = "slide,x,y,label,x_a,y_a,score_a,x_b,y_b,score_b,distance_um\n";
  for (const auto& slide : diff.slides) {
    for (const auto& change : slide.detections) {
      if (change.change == Change::Kept) continue;
      text += fmt::format("{},{},{},{},{},{},{}\n", csv_field(slide.name),
                          number_text(change.shown().at.x), number_text(change.shown().at.y),
                          csv_field(name(change.change)), found_csv(change.a), found_csv(change.b),
                          change.a && change.b ? number_text(change.distance_um) : "");
    }
  }
  return text;
}

std::string truth_csv(const RunDiff& diff) {
  std::string text = "slide,x,y,found_by\n";
  for (const auto& slide : diff.slides) {
    if (!slide.truth) continue;
    for (const auto& change : slide.truth->only_one)
      text += fmt::format("{},{},{},{}\n", csv_field(slide.name), number_text(change.at.x),
                          number_text(change.at.y), change.found_by_a ? "a" : "b");
  }
  return text;
}

// -------------------------------------------------------------------------- GeoJSON

std::array<int, 3> color_of(Change change) {
  switch (change) {
    case Change::Appeared:
      return {0, 150, 60};
    case Change::Moved:
      return {0, 90, 200};
    case Change::ChangedScore:
      return {230, 140, 0};
    case Change::Kept:
    case Change::Vanished:
      break;
  }
  return {200, 0, 0};
}

std::string geojson(const SlideDiff& slide) {
  std::vector<export_geojson::Marker> markers;
  for (const auto& change : slide.detections) {
    if (change.change == Change::Kept) continue;
    export_geojson::Marker marker{
        change.shown().at, std::string(name(change.change)), color_of(change.change), {}};
    if (change.a) marker.measurements.emplace_back("probability in A", change.a->score);
    if (change.b) marker.measurements.emplace_back("probability in B", change.b->score);
    if (change.a && change.b) marker.measurements.emplace_back("moved um", change.distance_um);
    markers.push_back(std::move(marker));
  }
  return export_geojson::points_geojson(markers, slide.identity, slide.bounds_corner);
}

/// A slide in a nested folder has a name with slashes.
std::string geojson_name(std::string slide) {
  std::ranges::replace(slide, '/', '_');
  return fmt::format("diff_{}.geojson", slide);
}

// ----------------------------------------------------------------------------- JSON

Json values_json(const std::vector<ValueChange>& list) {
  Json out = Json::array();
  for (const auto& change : list) {
    Json one{{"where", change.where}, {"name", change.name}, {"a", change.a}, {"b", change.b}};
    if (change.difference) one["difference"] = *change.difference;
    out.push_back(std::move(one));
  }
  return out;
}

Json found_json(const std::optional<Found>& found) {
  if (!found) return nullptr;
  return {{"x", found->at.x}, {"y", found->at.y}, {"score", found->score}};
}

Json truth_json(const TruthDiff& truth) {
  Json places = Json::array();
  for (const auto& change : truth.only_one)
    places.push_back(
        {{"x", change.at.x}, {"y", change.at.y}, {"found_by", change.found_by_a ? "a" : "b"}});
  return {{"objects", truth.objects},
          {"found_by_both", truth.both},
          {"found_by_neither", truth.neither},
          {"found_by_one", places}};
}

Json slide_json(const SlideDiff& slide) {
  Json counts = Json::object();
  for (const auto change : kChanges) counts[std::string(name(change))] = count(slide, change);
  Json changes = Json::array();
  for (const auto& change : slide.detections) {
    if (change.change == Change::Kept) continue;
    Json one{
        {"change", name(change.change)}, {"a", found_json(change.a)}, {"b", found_json(change.b)}};
    if (change.a && change.b) one["distance_um"] = change.distance_um;
    changes.push_back(std::move(one));
  }
  return {{"slide", slide.name},
          {"counts", counts},
          {"changes", changes},
          {"truth", slide.truth ? truth_json(*slide.truth) : Json()}};
}

}  // namespace

std::string to_text(const RunDiff& diff, const DetectionOptions& options, std::size_t most) {
  std::string notes;
  for (const auto& note : diff.notes) notes += "note: " + note + "\n";
  if (diff.same()) return "no difference\n" + notes;
  const auto file_line = [](const std::string& file) { return "  " + file + "\n"; };
  return fmt::format("A {}\nB {}\n", diff.a, diff.b) +
         section("pipeline and inputs", diff.pipeline, most, line_of) +
         section("parameters", diff.parameters, most, line_of) +
         section(fmt::format("metrics, of {} numbers", diff.numbers), diff.metrics, most, line_of) +
         detections_text(diff, options) + truth_text(diff) +
         section("files only in A", diff.only_a, most, file_line) +
         section("files only in B", diff.only_b, most, file_line) +
         section("other files that differ", diff.other_content, most, file_line) + notes;
}

std::string to_json(const RunDiff& diff, const DetectionOptions& options) {
  Json slides = Json::array();
  for (const auto& slide : diff.slides) slides.push_back(slide_json(slide));
  const Json json{{"a", diff.a},
                  {"b", diff.b},
                  {"same", diff.same()},
                  {"radius_um", options.radius_um},
                  {"moved_um", options.moved_um},
                  {"score", options.score},
                  {"pipeline", values_json(diff.pipeline)},
                  {"parameters", values_json(diff.parameters)},
                  {"numbers", diff.numbers},
                  {"metrics", values_json(diff.metrics)},
                  {"slides", slides},
                  {"only_a", diff.only_a},
                  {"only_b", diff.only_b},
                  {"other_content", diff.other_content},
                  {"notes", diff.notes}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::vector<std::string> write(const RunDiff& diff,
                               const DetectionOptions& options,
                               const std::filesystem::path& folder) {
  std::map<std::string, std::string> files{
      {"diff.json", to_json(diff, options)},
      {"diff_parameters.csv", values_csv({&diff.pipeline, &diff.parameters})},
      {"diff_metrics.csv", values_csv({&diff.metrics})},
      {"diff_detections.csv", detections_csv(diff)}};
  const bool has_truth = std::ranges::any_of(
      diff.slides, [](const SlideDiff& slide) { return slide.truth.has_value(); });
  if (has_truth) files["diff_truth.csv"] = truth_csv(diff);
  for (const auto& slide : diff.slides) {
    const auto [file, is_new] = files.emplace(geojson_name(slide.name), geojson(slide));
    if (!is_new) throw DataError(fmt::format("two slides would be written as {}", file->first));
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw DataError(fmt::format("{}: cannot be created: {}", folder.string(), error.message()));
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& [name, content] : files) {
    write_file(folder / name, content);
    names.push_back(name);
  }
  return names;
}

}  // namespace mito::diff
