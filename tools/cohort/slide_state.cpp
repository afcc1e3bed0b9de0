#include "tools/cohort/slide_state.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <fstream>
#include <system_error>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/run_files.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using How = SlideState::How;

constexpr int kFormat = 1;
constexpr std::array<std::pair<How, const char*>, 4> kWords{{{How::Running, "running"},
                                                             {How::Done, "done"},
                                                             {How::Failed, "failed"},
                                                             {How::Stopped, "stopped"}}};

How how_of(const std::string& word) {
  for (const auto& [how, text] : kWords)
    if (word == text) return how;
  return How::Running;
}

}  // namespace

const char* text_of(How how) {
  return std::ranges::find(kWords, how, &std::pair<How, const char*>::first)->second;
}

std::optional<SlideState> read_state(const fs::path& folder) {
  std::ifstream in(folder / run_files::kState);
  if (!in) return std::nullopt;
  try {
    const Json json = Json::parse(in);
    if (json.at("mitoloom_state") != kFormat) return std::nullopt;
    SlideState state;
    state.how = how_of(json.at("state"));
    state.slide = json.at("slide");
    state.attempt = json.at("attempt");
    state.lost = json.value("lost", 0);
    state.host = json.at("host");
    state.pid = json.at("pid");
    state.job = json.at("job");
    state.begun = json.at("begun");
    state.written = json.at("written");
    state.seconds = json.at("seconds");
    state.node = json.at("node");
    state.tile = json.at("tile");
    state.tiles = json.at("tiles");
    state.message = json.at("message");
    state.by_content = json.at("by_content");
    state.again = json.at("again");
    state.settings = json.at("settings");
    state.content = json.at("content");
    state.files = json.at("files").get<std::vector<std::string>>();
    return state;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

void write_state(const fs::path& folder, const SlideState& state) {
  Json json{
      {"mitoloom_state", kFormat}, {"slide", state.slide},       {"state", text_of(state.how)},
      {"attempt", state.attempt},  {"host", state.host},         {"pid", state.pid},
      {"job", state.job},          {"begun", state.begun},       {"written", state.written},
      {"seconds", state.seconds},  {"node", state.node},         {"tile", state.tile},
      {"tiles", state.tiles},      {"message", state.message},   {"by_content", state.by_content},
      {"again", state.again},      {"settings", state.settings}, {"content", state.content},
      {"files", state.files}};
  if (state.lost > 0) json["lost"] = state.lost;
  write_file(folder / run_files::kState, json_text(json));
}

std::vector<std::string> written_files(const fs::path& folder) {
  std::ifstream in(folder / run_files::kManifest);
  const Json json = Json::parse(in, nullptr, false);
  std::vector<std::string> files;
  if (!json.is_object()) return files;
  for (const auto& [node, entry] : json.items()) {
    if (!entry.is_object() || !entry.contains("file") || !entry.contains("bytes")) continue;
    if (!entry["file"].is_string() || !entry["bytes"].is_number_unsigned()) continue;
    const auto file = entry["file"].get<std::string>();
    std::error_code missing;
    if (fs::file_size(folder / file, missing) == entry["bytes"].get<std::uintmax_t>() && !missing)
      files.push_back(file);
  }
  std::ranges::sort(files);
  return files;
}

bool is_settled(const fs::path& folder,
                const SlideState& state,
                const std::string& settings,
                const std::string& content) {
  if (state.settings != settings || state.content != content) return false;
  if (state.how == How::Failed) return !state.again;
  return state.how == How::Done && std::ranges::includes(written_files(folder), state.files);
}

std::optional<std::time_t> time_of(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

std::string time_text() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
}

}  // namespace mito::cohort
