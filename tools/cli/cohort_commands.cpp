#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "tools/cli/commands.h"
#include "tools/cli/output.h"
#include "tools/cohort/cohort_page.h"
#include "tools/cohort/outcome_table.h"
#include "tools/cohort/retry.h"
#include "tools/cohort/status.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using cohort::CohortStatus;
using Now = cohort::SlideStatus::Now;

constexpr std::array kInOrder{Now::Done,  Now::Running, Now::Stopped,
                              Now::Stale, Now::Failed,  Now::Waiting};

Json to_json(const CohortStatus& status) {
  Json counts = Json::object();
  for (const auto now : kInOrder) counts[text_of(now)] = status.count(now);
  Json slides = Json::array();
  for (const auto& slide : status.slides) {
    Json one{{"slide", slide.slide}, {"state", text_of(slide.now)}};
    if (slide.state) {
      const auto& state = *slide.state;
      one["attempt"] = state.attempt;
      one["host"] = state.host;
      one["pid"] = state.pid;
      if (!state.job.empty()) one["job"] = state.job;
      one["begun"] = state.begun;
      one["written"] = state.written;
      one["seconds"] = state.seconds;
      one["node"] = state.node;
      one["tile"] = state.tile;
      one["tiles"] = state.tiles;
      if (!state.message.empty()) one["message"] = state.message;
    }
    slides.push_back(std::move(one));
  }
  const auto left = status.seconds_left();
  return {{"pipeline", status.pipeline},   {"slides", status.slides.size()},
          {"knows_all", status.knows_all}, {"states", std::move(counts)},
          {"hosts", status.hosts()},       {"seconds_left", left ? Json(*left) : Json()},
          {"by_slide", std::move(slides)}};
}

std::string place(const cohort::SlideState& state) {
  std::string text = fmt::format("on {}, process {}", state.host, state.pid);
  if (!state.job.empty()) text += fmt::format(", job {}", state.job);
  if (!state.node.empty()) text += fmt::format(", in '{}'", state.node);
  if (state.tiles > 0) text += fmt::format(", tile {} of {}", state.tile, state.tiles);
  return text;
}

void print(const CohortStatus& status) {
  std::string line;
  for (const auto now : kInOrder) {
    const auto count = status.count(now);
    if (count == 0) continue;
    line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count, text_of(now));
    const auto hosts = status.hosts().size();
    if (now == Now::Running) line += fmt::format(" on {} host{}", hosts, hosts == 1 ? "" : "s");
  }
  fmt::print("{} slides: {}\n", status.slides.size(), line);
  if (const auto left = status.seconds_left()) fmt::print("about {} left\n", duration_text(*left));
  if (!status.knows_all) fmt::print("slides that were never begun are not known here\n");
  for (const auto& slide : status.slides) {
    if (!slide.state || slide.now == Now::Done) continue;
    if (slide.now == Now::Failed)
      fmt::print("  {} failed (attempt {}{}): {}\n", slide.slide, slide.state->attempt,
                 slide.state->again ? ", to be tried again" : "", slide.state->message);
    else
      fmt::print("  {} {} {}\n", slide.slide, text_of(slide.now), place(*slide.state));
  }
}

}  // namespace

int cohort_status(const std::string& out, bool json, bool watch, const std::atomic<bool>& stop) {
  using namespace std::chrono_literals;
  while (true) {
    const auto status = cohort::read_status(out);
    if (json)
      fmt::print("{}", json_text(to_json(status), watch ? -1 : 2));
    else
      print(status);
    const auto over = status.count(Now::Done) + status.count(Now::Failed);
    if (!watch || over == status.slides.size()) return kOk;
    flush_printed();
    for (int i = 0; i < 50 && !stop; ++i) std::this_thread::sleep_for(100ms);
    if (stop) return kOk;
  }
}

int cohort_table(const std::string& out, bool mixed) {
  const auto status = cohort::read_status(out);
  const auto table = cohort::read_table(out, status, mixed);
  write_file(fs::path(out) / "cohort.csv", to_csv(table));
  write_file(fs::path(out) / "cohort.json", to_json(table));
  write_file(fs::path(out) / "cohort.html", cohort::cohort_page(out, status, table));
  fmt::print("{} slides in {}\n", table.rows.size(), (fs::path(out) / "cohort.csv").string());
  return kOk;
}

int cohort_retry(const std::string& out, bool all) {
  const auto found = cohort::retry(out, all);
  for (const auto& slide : found)
    fmt::print("{}: {}\n", slide.slide,
               slide.again ? "will be tried again"
                           : "failed by its content, --all tries it again: " + slide.message);
  if (found.empty()) fmt::print("no slide has failed\n");
  return kOk;
}

}  // namespace mito::cli
