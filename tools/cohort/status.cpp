#include "tools/cohort/status.h"

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "tools/cohort/leases.h"
#include "tools/cohort/slides_file.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using How = SlideState::How;
using Now = SlideStatus::Now;

constexpr std::array<std::pair<Now, const char*>, 6> kWords{{{Now::Done, "done"},
                                                             {Now::Running, "running"},
                                                             {Now::Failed, "failed"},
                                                             {Now::Stopped, "stopped"},
                                                             {Now::Stale, "stale"},
                                                             {Now::Waiting, "waiting"}}};

bool is_alive(const fs::path& out, const std::string& folder, const SlideState& state) {
  for (const auto& lease : {slide_lease(out, folder), lone_lease(out), run_lease(out)}) {
    const auto holder = Lease::holder(lease, kAbandoned);
    if (holder && holder->host == state.host && holder->pid == state.pid) return true;
  }
  return false;
}

Now now_of(const fs::path& out, const std::string& folder, const SlideState& state) {
  switch (state.how) {
    case How::Done:
      return Now::Done;
    case How::Failed:
      return Now::Failed;
    case How::Stopped:
      return Now::Stopped;
    case How::Running:
      return is_alive(out, folder, state) ? Now::Running : Now::Stale;
  }
  return Now::Waiting;
}

/// Folders below `out` that hold a slide's state, and `out` itself where it does.
std::vector<std::string> folders_in(const fs::path& out) {
  std::vector<std::string> folders;
  if (fs::exists(out / run_files::kState)) folders.emplace_back();
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(out, unreadable))
    if (fs::exists(entry.path() / run_files::kState))
      folders.push_back(entry.path().filename().string());
  std::ranges::sort(folders);
  return folders;
}

}  // namespace

const char* text_of(Now now) {
  return std::ranges::find(kWords, now, &std::pair<Now, const char*>::first)->second;
}

std::size_t CohortStatus::count(Now now) const {
  return static_cast<std::size_t>(std::ranges::count(slides, now, &SlideStatus::now));
}

std::vector<std::string> CohortStatus::hosts() const {
  std::set<std::string> found;
  for (const auto& slide : slides)
    if (slide.now == Now::Running) found.insert(slide.state->host);
  return {found.begin(), found.end()};
}

std::optional<double> CohortStatus::seconds_left() const {
  double seconds = 0;
  double done = 0;
  double left = 0;
  for (const auto& slide : slides) {
    const auto bytes = static_cast<double>(std::max<std::uint64_t>(slide.bytes, 1));
    if (slide.now == Now::Done) {
      seconds += slide.state->seconds;
      done += bytes;
    } else if (slide.now == Now::Running) {
      const double share =
          slide.state->tiles == 0 ? 0 : static_cast<double>(slide.state->tile) / slide.state->tiles;
      left += bytes * (1 - share);
    } else if (slide.now != Now::Failed) {
      left += bytes;
    }
  }
  if (done == 0 || left == 0) return std::nullopt;
  const auto at_once = static_cast<double>(std::max<std::size_t>(count(Now::Running), 1));
  return seconds / done * left / at_once;
}

std::optional<double> CohortStatus::seconds_per_byte(const std::string& host) const {
  std::vector<std::pair<double, double>> spans;  // begin and end
  double bytes = 0;
  for (const auto& slide : slides) {
    if (slide.now != Now::Done || slide.state->host != host || slide.state->attempt != 1) continue;
    const auto begun = time_of(slide.state->begun);
    if (!begun || slide.state->tile == 0) continue;  // nothing was computed of it
    spans.emplace_back(*begun, static_cast<double>(*begun) + slide.state->seconds);
    bytes += static_cast<double>(slide.bytes);
  }
  if (bytes == 0) return std::nullopt;
  std::ranges::sort(spans);
  double busy = 0;
  double until = spans.front().first;
  for (const auto& [begin, end] : spans) {  // slides that were worked on together count once
    busy += std::max(end, until) - std::max(begin, until);
    until = std::max(end, until);
  }
  return busy / bytes;
}

CohortStatus read_status(const fs::path& out) {
  if (!fs::is_directory(out))
    throw DataError(fmt::format("{}: there is no such folder", out.string()));
  CohortStatus status;
  std::set<std::string> listed;
  if (const auto file = read_slides(out)) {
    status.pipeline = file->pipeline;
    status.knows_all = true;
    for (const auto& slide : file->slides) {
      status.slides.push_back({slide.name, slide.folder, slide.bytes, slide.file, slide.about});
      listed.insert(slide.folder);
    }
  }
  for (const auto& folder : folders_in(out))  // also of runs before, of other slides
    if (!listed.contains(folder)) status.slides.push_back({.slide = folder, .folder = folder});
  for (auto& slide : status.slides) {
    slide.state = read_state(slide.folder.empty() ? out : out / slide.folder);
    if (!slide.state) continue;
    slide.slide = slide.state->slide;
    slide.now = now_of(out, slide.folder, *slide.state);
  }
  if (status.slides.empty())
    throw DataError(fmt::format("{}: is not the output folder of a run: no slide has a {} in it",
                                out.string(), run_files::kState));
  return status;
}

}  // namespace mito::cohort
