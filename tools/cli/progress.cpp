#include "tools/cli/progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <system_error>

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace mito::cli {
namespace {

using namespace std::chrono_literals;

std::string clock_text(double seconds) {
  const auto s = std::lround(seconds);
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  const auto megabytes = static_cast<double>(bytes) / 1e6;
  return megabytes < 1000 ? fmt::format("{:.0f} MB", megabytes)
                          : fmt::format("{:.1f} GB", megabytes / 1000);
}

ProgressDisplay::ProgressDisplay(std::string mode,
                                 mito::graph::Progress& progress,
                                 const FileDigests& digests)
    : progress_(progress), digests_(digests), mode_(std::move(mode)) {
  if (mode_ == "auto") mode_ = ::isatty(STDERR_FILENO) != 0 ? "bar" : "plain";
  progress_.message = [this](const std::string& node, const std::string& text, double fraction) {
    report(node, text, fraction);
  };
  if (mode_ != "off") thread_ = std::thread([this] { loop(); });
}

ProgressDisplay::~ProgressDisplay() { finish(); }

void ProgressDisplay::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (done_) return;
    done_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProgressDisplay::loop() try {
  const auto interval = mode_ == "bar" ? 200ms : mode_ == "json" ? 1000ms : 10000ms;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return done_; })) show(false);
  show(true);
} catch (const std::system_error&) {  // standard error is full or closed: nobody looks
}

void ProgressDisplay::report(const std::string& node, const std::string& text, double fraction) {
  const std::lock_guard lock(mutex_);
  message_ = node + ": " + text;
  auto& one = reports_[node];
  // The first that this run hears of it, or it has begun again.
  if (one.since == Clock::time_point() || fraction < one.fraction)
    one = {fraction, fraction, Clock::now()};
  one.fraction = fraction;
  reported_ = &one;
}

void ProgressDisplay::begin(std::uint32_t item,
                            const mito::graph::ItemIdentity& identity,
                            bool has_work) {
  const std::lock_guard lock(mutex_);
  ++begun_;
  if (!has_work) return;
  if (computed_++ == 0) since_ = Clock::now();
  places_[item].slide = identity.name;
}

void ProgressDisplay::at(std::uint32_t item,
                         const std::string& node,
                         std::uint32_t part,
                         std::uint32_t parts) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(item);
  if (place == places_.end()) return;
  place->second.node = node;
  if (part == mito::graph::Key::kWhole) return;
  place->second.tile = part + 1;
  place->second.tiles = parts;
}

void ProgressDisplay::end(std::uint32_t item, const mito::graph::ItemIdentity&, const Ended&) {
  const std::lock_guard lock(mutex_);
  places_.erase(item);
}

/// By what this run computed itself; negative while nothing can be said.
double ProgressDisplay::seconds_left() const {
  const auto since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  if (reported_ != nullptr && reported_->fraction < 1) {
    const double done = reported_->fraction - reported_->first;
    return done > 0 ? since(reported_->since) * (1 - reported_->fraction) / done : -1;
  }
  const auto parts = static_cast<double>(progress_.parts);
  const auto parts_done = static_cast<double>(progress_.parts_done);
  const double done = parts_done - static_cast<double>(progress_.parts_cached);
  if (done < 1 || computed_ == 0) return -1;
  // Slides that were not begun yet are taken to be like those of which something was computed.
  const double waiting = static_cast<double>(progress_.items) - static_cast<double>(begun_);
  const double left =
      parts - parts_done + std::max(waiting, 0.0) * parts / static_cast<double>(computed_);
  return since(since_) / done * left;
}

/// Nothing while no file is being read for its digest.
std::string ProgressDisplay::hashing() const {
  const auto now = digests_.bytes_in_progress();
  if (now == 0) return {};
  return fmt::format("hashing {} of new files ({} done, {})", bytes_text(now),
                     digests_.files_read(), bytes_text(digests_.bytes_read()));
}

std::string ProgressDisplay::line() const {
  if (progress_.items == 0) return hashing();
  std::string text =
      fmt::format("slides {}/{}, tiles {}/{}", progress_.items_done.load(), progress_.items.load(),
                  progress_.parts_done.load(), progress_.parts.load());
  if (progress_.parts_cached > 0)
    text += fmt::format(" ({} cached)", progress_.parts_cached.load());
  const double left = seconds_left();
  if (left >= 0) text += fmt::format(", {} left", clock_text(left));
  if (!message_.empty()) text += ", " + message_;
  return text;
}

std::string ProgressDisplay::json() const {
  const std::lock_guard lock(mutex_);
  return json_now();
}

std::string ProgressDisplay::json_now() const {
  nlohmann::ordered_json j{
      {"slides_done", progress_.items_done.load()},    {"slides", progress_.items.load()},
      {"tiles_done", progress_.parts_done.load()},     {"tiles", progress_.parts.load()},
      {"tiles_cached", progress_.parts_cached.load()}, {"files_hashed", digests_.files_read()},
      {"bytes_hashed", digests_.bytes_read()},         {"message", message_}};
  const double left = seconds_left();
  if (left >= 0) j["seconds_left"] = left;
  j["working"] = nlohmann::ordered_json::array();
  for (const auto& [item, place] : places_)
    j["working"].push_back({{"slide", place.slide},
                            {"node", place.node},
                            {"tile", place.tile},
                            {"tiles", place.tiles}});
  return j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void ProgressDisplay::show(bool last) {
  if (mode_ == "json") {
    fmt::print(stderr, "{}\n", json_now());
    return;
  }
  const std::string text = line();
  if (text.empty() && !last) return;
  if (mode_ == "plain") {
    if (text != shown_ && !last) fmt::print(stderr, "{}\n", text);
    shown_ = text;
    return;
  }
  const std::uint64_t total = progress_.parts;
  const double share = reported_ != nullptr ? reported_->fraction
                       : total == 0
                           ? 0
                           : static_cast<double>(progress_.parts_done) / static_cast<double>(total);
  const auto filled = static_cast<std::size_t>(share * 24);
  fmt::print(stderr, "\r\x1b[K[{}{}] {}", std::string(filled, '#'), std::string(24 - filled, '.'),
             text);
  if (last) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace mito::cli
