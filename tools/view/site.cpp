#include "tools/view/site.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "tools/cohort/cohort_page.h"

namespace mito::view {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kJson = "application/json";
constexpr std::size_t kMostOpen = 8;  // slides at a time

Answer told(int status, const std::string& text) { return {status, kText, text + "\n"}; }
Answer nothing_here() { return told(404, "there is nothing here"); }

/// The whole of `text` as a number of digits.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string_view> without_end(std::string_view text, std::string_view end) {
  if (!text.ends_with(end)) return std::nullopt;
  return text.substr(0, text.size() - end.size());
}

/// "localhost:8642": this machine, by whatever port a tunnel has. A page of another site that has
/// its name point here (DNS rebinding) sends that name.
bool is_this_machine(std::string_view host) {
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"}) {
    if (!host.starts_with(name)) continue;
    const auto rest = host.substr(name.size());
    if (rest.empty() || (rest.front() == ':' && number_of<std::uint16_t>(rest.substr(1))))
      return true;
  }
  return false;
}

/// Takes as long for any text of this length.
bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |=
        static_cast<unsigned>(static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]));
  return difference == 0;
}

Answer tile_answer(SlideSite& slide, std::string_view level, std::string_view name) {
  const auto place = without_end(name, ".jpg");
  const auto parts = split(place.value_or(""), '_');
  const auto l = number_of<int>(level);
  if (parts.size() != 2 || !l) return nothing_here();
  const auto x = number_of<std::int64_t>(parts[0]);
  const auto y = number_of<std::int64_t>(parts[1]);
  if (!x || !y) return nothing_here();
  auto jpeg = slide.tile(*l, *x, *y);
  if (!jpeg) return nothing_here();
  return {200, "image/jpeg", std::move(*jpeg), {}, true};
}

Answer map_answer(SlideSite& slide, std::string_view name) {
  const auto part = number_of<std::uint32_t>(without_end(name, ".png").value_or(""));
  auto png = part ? slide.map_tile(*part) : std::nullopt;
  if (!png) return nothing_here();
  return {200, "image/png", std::move(*png), {}, true};
}

Answer put_answers(SlideSite& slide, const std::string& body) {
  if (slide.answers() == nullptr) return nothing_here();
  const Json given = Json::parse(body, nullptr, false);
  return {200, kJson, json_text(Json{{"answers", slide.answers()->put(given)}}, -1)};
}

}  // namespace

std::string random_token() {
  std::random_device device;
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", device());
  return token;
}

Site::Site(std::string token, Subjects subjects, Sources sources)
    : token_(std::move(token)), subjects_(std::move(subjects)), sources_(std::move(sources)) {}

std::unique_ptr<Answer> Site::refusal(const Request& request) const {
  const auto refuse = [](int status, const std::string& text) {
    return std::make_unique<Answer>(told(status, text));
  };
  if (!is_this_machine(request.host))
    return refuse(403, "this server answers to 127.0.0.1 and localhost only");
  std::string_view origin = request.origin;
  if (origin.starts_with("http://")) origin.remove_prefix(std::string_view("http://").size());
  if (!origin.empty() && !is_this_machine(origin)) return refuse(403, "not from another site");
  const std::string_view path = request.path;
  if (path.size() < token_.size() + 2 || path.front() != '/' ||
      !are_equal(path.substr(1, token_.size()), token_) || path[token_.size() + 1] != '/')
    return refuse(403, "the address is not that which mitoloom view has printed");
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads && !(request.method == "PUT" && path.ends_with("/answers")))
    return refuse(405, "nothing but answers can be changed here");
  return nullptr;
}

Answer Site::answer(const Request& request) {
  if (const auto refused = refusal(request)) return *refused;
  try {
    return route(request, request.path.substr(token_.size() + 2));
  } catch (const ConfigError& error) {
    return told(400, error.what());
  } catch (const DataError& error) {  // a slide that cannot be shown
    return told(404, error.what());
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
    return told(500, error.what());
  }
}

Answer Site::route(const Request& request, const std::string& rest) {
  const auto parts = split(rest, '/');
  const bool puts = request.method == "PUT";
  if (parts.size() == 1 && parts[0].empty() && !puts) return index();
  if (parts.size() < 3 || parts[0] != "slide") return nothing_here();
  const auto number = number_of<std::size_t>(parts[1]);
  if (!number || *number >= subjects_.slides.size()) return nothing_here();
  const auto shown = slide(*number);
  if (puts)
    return parts.size() == 3 && parts[2] == "answers" ? put_answers(*shown, request.body)
                                                      : nothing_here();
  if (parts.size() == 3 && parts[2].empty()) return {200, kHtml, shown->page()};
  if (parts.size() == 3 && parts[2] == "progress")
    return {200, kJson,
            json_text(shown->progress(number_of<std::size_t>(request.after).value_or(0)), -1)};
  if (parts.size() == 4 && parts[2] == "map") return map_answer(*shown, parts[3]);
  if (parts.size() == 5 && parts[2] == "tile") return tile_answer(*shown, parts[3], parts[4]);
  return nothing_here();
}

Answer Site::index() {
  if (subjects_.slides.size() == 1) return {302, kText, "", "slide/0/"};
  const auto address = [](std::size_t slide) { return fmt::format("slide/{}/", slide); };
  const auto& out = subjects_.cohort;
  if (!out.empty()) {
    const auto status = cohort::read_status(out);
    return {200, kHtml,
            cohort::cohort_page(out, status, cohort::read_table(out, status, true), address)};
  }
  std::vector<std::string> names;
  for (const auto& slide : subjects_.slides) names.push_back(slide.name);
  return {200, kHtml, cohort::slides_page(names, address)};
}

std::shared_ptr<SlideSite> Site::slide(std::size_t index) {
  const auto opened = recent(index);
  const std::scoped_lock guard(opened->mutex);
  if (!opened->site || !opened->site->is_current())
    opened->site =
        std::make_shared<SlideSite>(subjects_.slides[index], sources_, opened->site.get());
  return opened->site;
}

std::shared_ptr<Site::Opened> Site::recent(std::size_t index) {
  const std::scoped_lock guard(mutex_);
  auto place = std::ranges::find(open_, index, [](const auto& opened) { return opened->index; });
  if (place == open_.end()) {
    place = open_.insert(open_.end(), std::make_shared<Opened>());
    (*place)->index = index;
  }
  open_.splice(open_.begin(), open_, place);
  if (open_.size() > kMostOpen) open_.pop_back();
  return open_.front();
}

}  // namespace mito::view
