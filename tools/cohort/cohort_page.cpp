#include "tools/cohort/cohort_page.h"

#include <cctype>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/version.h"
#include "engine/report/template.h"
#include "engine/report/texts.h"
#include "engine/types/report.h"
#include "tools/cohort/slides_file.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kPage = "run.html";
constexpr const char* kThumbnail = "thumbnail.jpg";

/// Why the tissue mask is doubtful; null: it is not.
Json doubt_of(const fs::path& folder) {
  const Json result = Json::parse(bytes_of(folder / "result.json"), nullptr, false);
  const Json::json_pointer doubt("/mask/doubt");
  return result.is_object() && result.contains(doubt) ? result.at(doubt) : Json();
}

/// A folder's name as part of an address.
std::string address_of(const std::string& folder) {
  std::string out;
  for (const unsigned char c : folder) {
    const bool is_plain = std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    if (is_plain)
      out += static_cast<char>(c);
    else
      out += fmt::format("%{:02X}", c);
  }
  return out;
}

std::string page(const std::string& title, Json rows) {
  return report::filled(report::cohort_page_text(), {{"version", std::string(version())},
                                                     {"notice", kNotAMedicalDevice},
                                                     {"title", utf8_text(title)},
                                                     {"slides", std::move(rows)}});
}

}  // namespace

std::string cohort_page(const fs::path& out,
                        const CohortStatus& status,
                        const CohortTable& table,
                        const std::function<std::string(std::size_t)>& link) {
  Json rows = std::move(Json::parse(to_json(table)).at("slides"));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& folder = status.slides.at(i).folder;
    const fs::path place = folder.empty() ? out : out / folder;
    const auto thumbnail = bytes_of(place / kThumbnail);
    rows[i]["thumbnail"] = thumbnail.empty() ? Json() : Json(report::data_uri("jpeg", thumbnail));
    rows[i]["doubt"] = doubt_of(place);
    rows[i]["link"] = text_or_null(link(i));
  }
  const std::string title = status.pipeline.empty()
                                ? fs::absolute(out).lexically_normal().filename().string()
                                : status.pipeline;
  return page(title, std::move(rows));
}

std::string slides_page(const std::vector<std::string>& names,
                        const std::function<std::string(std::size_t)>& link) {
  Json rows = Json::array();
  for (std::size_t i = 0; i < names.size(); ++i)
    rows.push_back({{"slide", utf8_text(names[i])}, {"state", nullptr}, {"link", link(i)}});
  return page("Slides", std::move(rows));
}

std::string cohort_page(const fs::path& out, const CohortStatus& status, const CohortTable& table) {
  return cohort_page(out, status, table, [&](std::size_t i) {
    const auto& folder = status.slides.at(i).folder;
    if (!fs::exists((folder.empty() ? out : out / folder) / kPage)) return std::string();
    return folder.empty() ? std::string(kPage) : address_of(folder) + "/" + kPage;
  });
}

}  // namespace mito::cohort
