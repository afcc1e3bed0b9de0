#include "engine/report/template.h"

#include <cstdint>
#include <utility>

#include "engine/core/error.h"
#include "engine/report/bundle.h"
#include "engine/report/texts.h"

namespace mito::report {
namespace {

constexpr std::string_view kPlaceholder = "{\"placeholder\": true}";
constexpr std::string_view kSeconds = "{\"seconds\": true}";
constexpr std::string_view kFigures = "/* figures.js */";
constexpr std::string_view kViewer = "/* viewer.js */";

/// `text` with `part` in the place of the first `place`. Throws Error when there is none.
std::string put(std::string_view text, std::string_view place, std::string_view part) {
  const auto at = text.find(place);
  if (at == std::string_view::npos)
    throw Error("the page has no place for its data: " + std::string(place));
  std::string out;
  out.reserve(text.size() + part.size());
  out.append(text.substr(0, at)).append(part).append(text.substr(at + place.size()));
  return out;
}

}  // namespace

std::string script_json(const nlohmann::ordered_json& json) {
  const std::string text =
      json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

std::string run_page(const nlohmann::ordered_json& seconds) {
  return put(put(run_page_text(), kSeconds, script_json(seconds)), kViewer, viewer());
}

std::string served_run_page(const nlohmann::ordered_json& seconds) {
  // The content policy comes before anything a page holds, so the first place is its own.
  return put(run_page(seconds), "img-src data: blob:;",
             "img-src data: blob: 'self'; connect-src 'self';");
}

std::string report_page() { return put(report_page_text(), kFigures, bundle()); }

std::optional<RunPageContent> content_of(std::string_view page) {
  const auto element = [&](std::string_view begin) -> std::optional<nlohmann::ordered_json> {
    const auto at = page.find(begin);
    if (at == std::string_view::npos) return std::nullopt;
    const auto text = page.substr(at + begin.size());
    auto json = nlohmann::ordered_json::parse(text.substr(0, text.find('<')), nullptr, false);
    return json.is_object() ? std::optional(std::move(json)) : std::nullopt;
  };
  auto data = element("<script type=\"application/json\" id=\"data\">");
  auto seconds = element("<script type=\"application/json\" id=\"seconds\">");
  if (!data || !seconds || !data->contains("objects")) return std::nullopt;
  return RunPageContent{std::move(*data), std::move(*seconds)};
}

std::string filled(std::string_view page, const nlohmann::ordered_json& data) {
  return put(page, kPlaceholder, script_json(data));
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8U | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kDigits[group >> (18U - 6U * k) & 63U] : '=';
  }
  return out;
}

std::string data_uri(std::string_view type, std::string_view bytes) {
  return "data:image/" + std::string(type) + ";base64," + base64(bytes);
}

}  // namespace mito::report
