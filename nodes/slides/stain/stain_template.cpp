#include "nodes/slides/stain/stain_template.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numbers>
#include <sstream>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/text.h"
#include "engine/types/json_file.h"
#include "engine/types/sealed_json.h"
#include "nodes/slides/stain/wsics.h"

namespace mito::stain {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "mitoloom stain template";
constexpr int kVersion = 1;
constexpr std::array<const char*, WsicsStatistics::kClasses> kClasses{"haematoxylin", "eosin",
                                                                      "background"};
const std::vector<std::string> kMethods{"wsics", "macenko", "vahadane", "reinhard"};

/// A place in a template file; get() reads from there and names it when something is wrong.
class Place {
 public:
  Place(const Json& json, std::string where) : json_(json), where_(std::move(where)) {}

  Place at(const std::string& key) const {
    if (!json_.is_object() || !json_.contains(key)) fail("has no '" + key + "'");
    return {json_.at(key), where_ + "." + key};
  }
  double number() const {
    if (!json_.is_number()) fail("is " + json_.dump().substr(0, 40) + ", expected a number");
    const auto value = json_.get<double>();
    if (!std::isfinite(value)) fail("is not finite");
    return value;
  }
  template <std::size_t N>
  std::array<double, N> numbers() const {
    if (!json_.is_array() || json_.size() != N)
      fail(fmt::format("is {}, expected {} numbers", json_.dump().substr(0, 40), N));
    std::array<double, N> out{};
    for (std::size_t i = 0; i < N; ++i)
      out[i] = Place(json_[i], fmt::format("{}[{}]", where_, i)).number();
    return out;
  }
  [[noreturn]] void fail(const std::string& what) const { throw DataError(where_ + " " + what); }

 private:
  const Json& json_;
  std::string where_;
};

double not_negative(const Place& place) {
  const double value = place.number();
  if (value < 0) place.fail(fmt::format("is {}, expected 0 or more", value));
  return value;
}

ClassStatistics::Knots rising(const Place& place) {
  const auto knots = place.numbers<ClassStatistics::kPercents.size()>();
  if (!std::is_sorted(knots.begin(), knots.end())) place.fail("does not rise");
  return knots;
}

StainStatistics read_wsics(const Place& place) {
  WsicsStatistics out;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    const Place c = place.at(kClasses[i]);
    out.classes[i] = {c.at("median").numbers<2>(),
                      c.at("angle").number(),
                      rising(c.at("knots_u")),
                      rising(c.at("knots_v")),
                      not_negative(c.at("density_mean")),
                      not_negative(c.at("density_sd"))};
  }
  return out;
}

StainStatistics read_mixture(const Place& place) {
  MixtureStatistics out{{place.at(kClasses[0]).numbers<3>(), place.at(kClasses[1]).numbers<3>()},
                        place.at("max_concentration").numbers<2>()};
  for (const double top : out.max_concentration)
    if (!(top > 0)) place.at("max_concentration").fail("must be above 0");
  return out;
}

StainStatistics read_lab(const Place& place) {
  LabStatistics out{place.at("mean").numbers<3>(), place.at("sd").numbers<3>()};
  for (const double sd : out.sd)
    if (sd < 0) place.at("sd").fail("must not be negative");
  return out;
}

Json json_of(const WsicsStatistics& statistics) {
  Json out;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    const auto& c = statistics.classes[i];
    out[kClasses[i]] = {{"median", c.median},
                        {"angle", c.angle},
                        {"knots_u", c.knots_u},
                        {"knots_v", c.knots_v},
                        {"density_mean", c.density_mean},
                        {"density_sd", c.density_sd}};
  }
  return out;
}

Json json_of(const MixtureStatistics& statistics) {
  return {{kClasses[0], statistics.stains[0]},
          {kClasses[1], statistics.stains[1]},
          {"max_concentration", statistics.max_concentration}};
}

Json json_of(const LabStatistics& statistics) {
  return {{"mean", statistics.mean}, {"sd", statistics.sd}};
}

std::string known_methods(const StainTemplate& stain_template) {
  std::string out;
  for (const auto& [method, statistics] : stain_template.methods)
    out += (out.empty() ? "" : ", ") + method;
  return out.empty() ? "none" : out;
}

std::vector<double> csv_numbers(const std::string& line, const std::string& where) {
  std::vector<double> out;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) {
    const auto first = cell.find_first_not_of(" \t\r");
    const auto last = cell.find_last_not_of(" \t\r");
    const std::string text = first == std::string::npos ? "" : cell.substr(first, last - first + 1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
      throw DataError(where + ": '" + text + "' is not a number");
    out.push_back(value);
  }
  return out;
}

/// Adds `value` / n to `mean`, number by number.
template <std::size_t N>
void add_share(std::array<double, N>& mean, const std::array<double, N>& value, double n) {
  for (std::size_t i = 0; i < N; ++i) mean[i] += value[i] / n;
}

ClassStatistics pooled_class(std::span<const WsicsStatistics> slides, std::size_t index) {
  const ClassStatistics& first = slides.front().classes[index];
  const auto n = static_cast<double>(slides.size());
  ClassStatistics out;
  double x = 0;
  double y = 0;
  for (const auto& slide : slides) {
    const ClassStatistics c = aligned(slide, slides.front()).classes[index];
    add_share(out.median, c.median, n);
    add_share(out.knots_u, c.knots_u, n);
    add_share(out.knots_v, c.knots_v, n);
    out.density_mean += c.density_mean / n;
    out.density_sd += c.density_sd / n;
    x += std::cos(c.angle - first.angle);
    y += std::sin(c.angle - first.angle);
  }
  out.angle = first.angle + std::atan2(y, x);
  return out;
}

WsicsStatistics pool(std::span<const WsicsStatistics> slides) {
  WsicsStatistics out;
  for (std::size_t i = 0; i < out.classes.size(); ++i) out.classes[i] = pooled_class(slides, i);
  return out;
}

MixtureStatistics pool(std::span<const MixtureStatistics> slides) {
  const auto n = static_cast<double>(slides.size());
  const auto length = [](const std::array<double, 3>& v) { return std::hypot(v[0], v[1], v[2]); };
  MixtureStatistics out;
  for (std::size_t i = 0; i < 2; ++i) {
    double mean_length = 0;
    for (const auto& slide : slides) {
      add_share(out.stains[i], slide.stains[i], n);
      mean_length += length(slide.stains[i]) / n;
    }
    const double now = length(out.stains[i]);
    for (double& v : out.stains[i]) v *= mean_length / now;
  }
  for (const auto& slide : slides) add_share(out.max_concentration, slide.max_concentration, n);
  return out;
}

LabStatistics pool(std::span<const LabStatistics> slides) {
  LabStatistics out;
  const auto n = static_cast<double>(slides.size());
  for (const auto& slide : slides) {
    add_share(out.mean, slide.mean, n);
    add_share(out.sd, slide.sd, n);
  }
  return out;
}

}  // namespace

StainTemplate default_template() { return parse_template(kDefaultTemplate, "default template"); }

StainTemplate read_template(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw DataError(file.string() + ": cannot be read");
  std::string extension = file.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension == ".csv" ? parse_wsics_csv(text.str(), file.string())
                             : parse_template(text.str(), file.string());
}

StainTemplate parse_template(std::string_view text, const std::string& name) {
  const Json root = Json::parse(text, refuse_deep(name), false);
  if (root.is_discarded() || !root.is_object() || root.value("format", Json()) != kFormat)
    throw DataError(
        fmt::format("{}: not a stain template: expected JSON with \"format\": \"{}\", "
                    "as export_stain_template writes it",
                    name, kFormat));
  if (root.value("version", Json()) != kVersion)
    throw DataError(fmt::format("{}: version {} of a stain template, this program knows {}", name,
                                root.value("version", Json()).dump(), kVersion));
  StainTemplate out;
  if (const auto source = root.find("source"); source != root.end() && source->is_string())
    out.source = source->get<std::string>();
  for (const auto& [key, value] : root.items()) {
    if (key == "format" || key == "version" || key == "source" || key == "content_digest") continue;
    const Place place(value, name + ": " + key);
    if (key == "wsics") {
      out.methods.emplace(key, read_wsics(place));
    } else if (key == "macenko" || key == "vahadane") {
      out.methods.emplace(key, read_mixture(place));
    } else if (key == "reinhard") {
      out.methods.emplace(key, read_lab(place));
    } else {
      throw DataError(name + ": no method is called '" + key + "'" + did_you_mean(key, kMethods));
    }
  }
  if (out.methods.empty()) throw DataError(name + ": the stain template holds no statistics");
  check_seal(root, name);
  return out;
}

StainTemplate parse_wsics_csv(std::string_view text, const std::string& name) {
  constexpr std::array<std::size_t, 11> kNumbers{2, 2, 2, 7, 7, 7, 7, 1, 1, 1, 6};
  std::vector<std::vector<double>> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = fmt::format("{}:{}", name, lines.size() + 1);
    lines.push_back(csv_numbers(line, where));
    if (lines.size() <= kNumbers.size() && lines.back().size() != kNumbers[lines.size() - 1])
      throw DataError(fmt::format("{}: {} numbers, a WSICS template has {} there", where,
                                  lines.back().size(), kNumbers[lines.size() - 1]));
  }
  if (lines.size() != kNumbers.size())
    throw DataError(
        fmt::format("{}: {} lines, a WSICS template has {}", name, lines.size(), kNumbers.size()));
  WsicsStatistics out;
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    auto& c = out.classes[i];
    std::copy(lines[i].begin(), lines[i].end(), c.median.begin());
    c.angle = lines[7 + i][0] - std::numbers::pi;
    c.density_mean = lines[10][2 * i];
    c.density_sd = lines[10][2 * i + 1];
    if (i == 2) continue;  // background has no knots
    std::copy(lines[3 + 2 * i].begin(), lines[3 + 2 * i].end(), c.knots_u.begin());
    std::copy(lines[4 + 2 * i].begin(), lines[4 + 2 * i].end(), c.knots_v.begin());
  }
  return {"WSICS template " + name,
          {{"wsics", out}},
          name +
              ": a template of the public WSICS program is an approximation here, because its "
              "percentiles were taken after a faulty rotation (method 3.2)"};
}

const StainStatistics& statistics_for(const StainTemplate& stain_template,
                                      const std::string& method) {
  const auto found = stain_template.methods.find(method);
  if (found == stain_template.methods.end())
    throw DataError(
        fmt::format("the stain template '{}' has no statistics for method '{}'; it has: "
                    "{}",
                    stain_template.source, method, known_methods(stain_template)));
  return found->second;
}

std::string template_json(const StainTemplate& stain_template) {
  Json out{{"format", kFormat}, {"version", kVersion}, {"source", stain_template.source}};
  for (const auto& [method, statistics] : stain_template.methods)
    out[method] = std::visit([](const auto& kind) { return json_of(kind); }, statistics);
  seal(out);
  return json_text(out, 1);
}

StainStatistics pooled(std::span<const StainStatistics> slides) {
  if (slides.empty()) throw DataError("there is no slide to take a stain template from");
  if (slides.size() == 1) return slides.front();
  return std::visit(
      [&](const auto& first) -> StainStatistics {
        using Kind = std::decay_t<decltype(first)>;
        std::vector<Kind> kinds;
        for (const auto& slide : slides) {
          const Kind* kind = std::get_if<Kind>(&slide);
          if (kind == nullptr)
            throw DataError("slides standardised by different methods have no common template");
          kinds.push_back(*kind);
        }
        return pool(std::span<const Kind>(kinds));
      },
      slides.front());
}

}  // namespace mito::stain
