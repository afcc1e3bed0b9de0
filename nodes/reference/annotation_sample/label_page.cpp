#include "nodes/reference/annotation_sample/label_page.h"

#include <cstdint>

#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::annotation_sample {
namespace {

constexpr std::string_view kPlaceholder = "{\"placeholder\": true}";

}  // namespace

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

std::string page_html(const Page& page) {
  nlohmann::ordered_json data{{"draw", page.draw},
                              {"question", page.question},
                              {"hint", page.hint},
                              {"columns", page.columns},
                              {"labels", nlohmann::ordered_json::array()},
                              {"samples", nlohmann::ordered_json::array()}};
  for (const auto& label : page.labels)
    data["labels"].push_back({{"value", label.value}, {"text", label.text}});
  for (const auto& sample : page.samples)
    data["samples"].push_back({sample.sample, base64(sample.jpeg)});
  std::string json = data.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  // "</script>" in a text would end the script that holds it.
  for (auto at = json.find('<'); at != std::string::npos; at = json.find('<', at))
    json.replace(at, 1, "\\u003c");

  std::string html(kLabelPage);
  const auto at = html.find(kPlaceholder);
  if (at == std::string::npos) throw Error("label_page.html has no placeholder for its data");
  return html.replace(at, kPlaceholder.size(), json);
}

}  // namespace mito::annotation_sample
