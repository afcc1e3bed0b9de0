#include "engine/stats/tuning_file.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/types/json_file.h"
#include "engine/types/sealed_json.h"
#include "engine/types/seen_images.h"

namespace mito::stats {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kWhat = "mitoloom tuning";
constexpr double kMostMitoses = 1e6;

/// The members of a file, with messages that name it.
class Members {
 public:
  Members(std::filesystem::path file, const Json& json) : file_(std::move(file)), json_(json) {}

  std::string text(const char* name) const {
    const auto& value = at(name);
    if (!value.is_string()) fail(name, "a text", value);
    return value.get<std::string>();
  }
  double number(const char* name, double low, double high) const {
    const auto& value = at(name);
    if (!value.is_number() || !(value.get<double>() >= low && value.get<double>() <= high))
      fail(name, fmt::format("a number from {} to {}", low, high), value);
    return value.get<double>();
  }
  std::vector<std::string> texts(const char* name) const {
    const auto& value = at(name);
    if (!value.is_array()) fail(name, "a list of texts", value);
    std::vector<std::string> out;
    for (const auto& one : value) {
      if (!one.is_string()) fail(name, "a list of texts", value);
      out.push_back(one.get<std::string>());
    }
    return out;
  }
  std::vector<SeenFile> files(const char* name) const {
    static constexpr const char* kExpected =
        "a list of objects with sha256 (64 hex digits), bytes, case and name";
    const auto& value = at(name);
    if (!value.is_array()) fail(name, kExpected, value);
    std::vector<SeenFile> out;
    for (const auto& one : value) {
      const auto is_text = [&one](const char* key) {
        return one.contains(key) && one.at(key).is_string();
      };
      if (!one.is_object() || !is_text("sha256") || !is_text("case") || !is_text("name") ||
          !one.contains("bytes") || !one.at("bytes").is_number_unsigned() ||
          !is_content_digest(one.at("sha256").get<std::string>()))
        fail(name, kExpected, one);
      out.push_back({one.at("sha256"), one.at("bytes"), one.at("name"), one.at("case")});
    }
    return out;
  }
  bool has(const char* name) const { return json_.contains(name) && !json_.at(name).is_null(); }

 private:
  const Json& at(const char* name) const {
    if (!json_.contains(name))
      throw DataError(
          fmt::format("{}: '{}' is missing; expected the tuning.json that export_tuning "
                      "writes",
                      file_.string(), name));
    return json_.at(name);
  }
  [[noreturn]] void fail(const char* name, const std::string& expected, const Json& found) const {
    throw DataError(fmt::format("{}: '{}': expected {}, found {}", file_.string(), name, expected,
                                found.dump().substr(0, 60)));
  }

  std::filesystem::path file_;
  const Json& json_;
};

Json images_json(const SeenFiles& seen) {
  Json out = Json::array();
  for (const auto& file : seen.files)
    out.push_back({{"sha256", file.digest},
                   {"bytes", file.bytes},
                   {"case", file.case_id},
                   {"name", file.name}});
  return out;
}

SeenFiles read_images(const Members& members) {
  return seen_files(members.files("images"), members.text("images_not_known"));
}

}  // namespace

std::string tuning_json(const Tuning& tuning) {
  Json out{{"what", kWhat},
           {"version", std::string(version())},
           {"measure", tuning.measure},
           {"rule", tuning.rule},
           {"min_probability", tuning.min_probability},
           {"value", tuning.value},
           {"grade1_max_count", tuning.has_grades ? Json(tuning.grade1_max_count) : Json()},
           {"grade2_max_count", tuning.has_grades ? Json(tuning.grade2_max_count) : Json()},
           {"kappa", tuning.has_grades ? Json(tuning.kappa) : Json()},
           {"cases", tuning.cases},
           {"images", images_json(tuning.images)},
           {"images_not_known", tuning.images.not_known},
           {"warnings", tuning.warnings},
           {"note",
            "chosen on these cases: what is measured on them is optimistic, and refused by the "
            "nodes that evaluate"}};
  seal(out);
  return json_text(out);
}

Tuning read_tuning(const std::filesystem::path& file) {
  const Json json = read_json(file);
  if (!json.is_object()) throw DataError(file.string() + ": expected a JSON object");
  const Members members(file, json);
  if (members.text("what") != kWhat)
    throw DataError(fmt::format("{}: 'what': expected '{}', found '{}'", file.string(), kWhat,
                                members.text("what")));
  Tuning tuning;
  tuning.measure = members.text("measure");
  tuning.rule = members.text("rule");
  tuning.min_probability = members.number("min_probability", 0, 1);
  tuning.value = members.number("value", -1, 1);
  tuning.cases = members.texts("cases");
  tuning.warnings = members.texts("warnings");
  tuning.images =
      members.has("images") ? read_images(members) : SeenFiles{{}, kTuningWithoutImages};
  tuning.images.listed_in = file.string();
  tuning.has_grades = members.has("grade1_max_count") || members.has("grade2_max_count");
  if (tuning.has_grades) {
    tuning.grade1_max_count = static_cast<int>(members.number("grade1_max_count", 0, kMostMitoses));
    tuning.grade2_max_count = static_cast<int>(
        members.number("grade2_max_count", tuning.grade1_max_count + 1, kMostMitoses));
    tuning.kappa = members.number("kappa", -1, 1);
  }
  check_seal(json, file.string());
  return tuning;
}

}  // namespace mito::stats
