#include "tools/cohort/outcome_table.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/csv_table.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "tools/cohort/status.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Null when there is no such file. Throws DataError when it is damaged.
Json read(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return {};
  Json json = Json::parse(in, nullptr, false);
  if (json.is_discarded()) throw DataError(fmt::format("{}: is no JSON", file.string()));
  return json;
}

/// "hotspot/count_p95"; empty where it is not there.
std::string at(const Json& json, const std::string& path) {
  const Json::json_pointer pointer("/" + path);
  if (!json.is_object() || !json.contains(pointer)) return {};
  const auto& value = json.at(pointer);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return number_text(value.get<double>());
  return value.is_number() ? value.dump() : "";
}

std::string sum_at(const Json& json, const std::string& path) {
  const Json::json_pointer pointer("/" + path);
  if (!json.is_object() || !json.contains(pointer) || !json.at(pointer).is_object()) return {};
  double sum = 0;
  for (const auto& [name, value] : json.at(pointer).items())
    if (value.is_number()) sum += value.get<double>();
  return number_text(sum);
}

struct Found {
  const SlideStatus& status;
  Json result;
  Json counting;
};

struct Column {
  const char* name;
  bool is_number;
  std::string (*value)(const Found&);
};

std::string of_state(const Found& slide, std::string (*value)(const SlideState&)) {
  return slide.status.state ? value(*slide.status.state) : std::string();
}

std::string either(const Found& slide, const std::string& result, const std::string& counting) {
  auto text = at(slide.result, result);
  return text.empty() ? at(slide.counting, counting) : text;
}

std::string about(const Found& slide, const std::string& column) {
  const auto found = slide.status.about.find(column);
  return found == slide.status.about.end() ? std::string() : found->second;
}

constexpr std::array kColumns{
    Column{"slide", false, [](const Found& s) { return s.status.slide; }},
    Column{"file", false, [](const Found& s) { return s.status.file.string(); }},
    Column{"case", false, [](const Found& s) { return about(s, "case"); }},
    Column{"centre", false, [](const Found& s) { return about(s, "centre"); }},
    Column{"scanner", false, [](const Found& s) { return about(s, "scanner"); }},
    Column{"state", false, [](const Found& s) { return std::string(text_of(s.status.now)); }},
    Column{"attempt", true,
           [](const Found& s) {
             return of_state(s, [](const SlideState& t) { return std::to_string(t.attempt); });
           }},
    Column{"detections", true,
           [](const Found& s) { return either(s, "detections", "detections"); }},
    Column{"per_mm2", true, [](const Found& s) { return either(s, "per_mm2", "per_mm2"); }},
    Column{"mitoses_low", true,
           [](const Found& s) { return at(s.counting, "uncertainty/mitoses/0"); }},
    Column{"mitoses_high", true,
           [](const Found& s) { return at(s.counting, "uncertainty/mitoses/1"); }},
    Column{"hotspot_count", true,
           [](const Found& s) { return either(s, "hotspot/count_p95", "hotspot/count_p95"); }},
    Column{"hotspot_low", true,
           [](const Found& s) { return at(s.counting, "uncertainty/count_p95/0"); }},
    Column{"hotspot_high", true,
           [](const Found& s) { return at(s.counting, "uncertainty/count_p95/1"); }},
    Column{"grade", true, [](const Found& s) { return at(s.result, "grade"); }},
    Column{"mpp", true, [](const Found& s) { return at(s.result, "slide/mpp_x"); }},
    Column{"mpp_source", false, [](const Found& s) { return at(s.result, "slide/mpp_source"); }},
    Column{"tissue_mm2", true,
           [](const Found& s) { return either(s, "tissue_mm2", "tissue_mm2"); }},
    Column{"excluded_mm2", true,
           [](const Found& s) { return sum_at(s.result, "mask/excluded_mm2"); }},
    Column{"seconds", true,
           [](const Found& s) {
             return of_state(s,
                             [](const SlideState& t) { return fmt::format("{:.1f}", t.seconds); });
           }},
    Column{"model", false, [](const Found& s) { return at(s.result, "model/digest"); }},
    Column{"threshold", true, [](const Found& s) { return at(s.result, "min_probability"); }},
    Column{
        "message", false,
        [](const Found& s) { return of_state(s, [](const SlideState& t) { return t.message; }); }},
};

/// Refuses values of done slides that differ, and names them with a slide each.
void refuse_mixed(const std::vector<Found>& slides,
                  const char* what,
                  const std::function<std::string(const Found&)>& value) {
  std::map<std::string, std::string> first;
  for (const auto& slide : slides)
    if (slide.status.now == SlideStatus::Now::Done)
      first.try_emplace(value(slide), slide.status.slide);
  if (first.size() < 2) return;
  std::string list;
  for (const auto& [text, name] : first)
    list += fmt::format("{}{} of '{}'", list.empty() ? "" : ", ", text.substr(0, 12), name);
  throw DataError(fmt::format(
      "the slides have more than one {} ({}); run them again, or --mixed puts them in one table",
      what, list));
}

}  // namespace

CohortTable read_table(const fs::path& out, const CohortStatus& status, bool mixed) {
  std::vector<Found> slides;
  for (const auto& slide : status.slides) {
    const fs::path folder = slide.folder.empty() ? out : out / slide.folder;
    const bool is_done = slide.now == SlideStatus::Now::Done;
    slides.push_back({slide, is_done ? read(folder / "result.json") : Json(),
                      is_done ? read(folder / "counting.json") : Json()});
  }
  if (!mixed) {
    refuse_mixed(slides, "model", [](const Found& s) { return at(s.result, "model/digest"); });
    refuse_mixed(slides, "threshold",
                 [](const Found& s) { return at(s.result, "min_probability"); });
    refuse_mixed(slides, "set of parameters and inputs",
                 [](const Found& s) { return s.status.state->settings; });
  }
  CohortTable table;
  for (const auto& column : kColumns) {
    table.header.emplace_back(column.name);
    table.is_number.push_back(column.is_number);
  }
  for (const auto& slide : slides) {
    auto& row = table.rows.emplace_back();
    for (const auto& column : kColumns) row.push_back(column.value(slide));
  }
  return table;
}

std::string to_csv(const CohortTable& table) {
  const auto line = [](const std::vector<std::string>& fields) {
    std::string text;
    for (const auto& field : fields) text += csv_field(field) + ",";
    text.back() = '\n';
    return text;
  };
  std::string text = line(table.header);
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::string to_json(const CohortTable& table) {
  Json slides = Json::array();
  for (const auto& row : table.rows) {
    Json one = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty())
        one[table.header[i]] = nullptr;
      else
        one[table.header[i]] = table.is_number[i] ? Json::parse(row[i]) : Json(row[i]);
    }
    slides.push_back(std::move(one));
  }
  return json_text(Json{{"mitoloom_cohort", 1}, {"slides", std::move(slides)}});
}

}  // namespace mito::cohort
