#include "tools/cli/progress.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mito::cli {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::chrono::milliseconds kWork{40};

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

TEST(ProgressDisplay, SaysTheTimeLeftByWhatThisRunComputed) {
  mito::graph::Progress progress;
  const FileDigests digests;
  ProgressDisplay display("off", progress, digests);
  const auto now = [&] { return json::parse(display.json()); };
  std::this_thread::sleep_for(kWork);  // before the first slide: no work of a slide
  progress.items = 4;
  display.begin(0, {"digest", "done", "done"}, false);
  display.end(0, {"digest", "done", "done"}, {});
  const auto before = Clock::now();
  display.begin(1, {"digest", "half", "half"}, true);
  const auto after = Clock::now();
  progress.parts = 10;
  progress.parts_done = 4;
  progress.parts_cached = 4;
  EXPECT_FALSE(now().contains("seconds_left"));
  std::this_thread::sleep_for(kWork);
  progress.parts_done = 6;

  const double least = seconds_since(after);
  const double left = now().at("seconds_left");
  const double most = seconds_since(before);

  // Two were computed; four of this slide and ten of each of two others are left.
  EXPECT_GE(left, least / 2 * 24);
  EXPECT_LE(left, most / 2 * 24);
}

TEST(ProgressDisplay, BelievesANodeThatReportsOnlyForWhatItDidInThisRun) {
  mito::graph::Progress progress;
  const FileDigests digests;
  const ProgressDisplay display("off", progress, digests);
  const auto now = [&] { return json::parse(display.json()); };

  const auto before = Clock::now();
  progress.message("network", "epoch 8 of 10", 0.8);
  const auto after = Clock::now();
  EXPECT_FALSE(now().contains("seconds_left"));
  std::this_thread::sleep_for(kWork);
  progress.message("network", "epoch 9 of 10", 0.9);

  const double least = seconds_since(after);
  const double left = now().at("seconds_left");
  EXPECT_GE(left, least * 0.999);  // a tenth was done, a tenth is left
  EXPECT_LE(left, seconds_since(before) * 1.001);
}

TEST(ProgressDisplay, NamesTheSlidesThatAreWorkedOn) {
  mito::graph::Progress progress;
  const FileDigests digests;
  ProgressDisplay display("off", progress, digests);
  const auto working = [&] { return json::parse(display.json()).at("working"); };
  display.begin(0, {"digest", "a", "a"}, true);
  display.begin(1, {"digest", "b", "b"}, false);

  display.at(0, "cells", 51, 98);

  EXPECT_EQ(working(),
            json::parse(R"([{"slide": "a", "node": "cells", "tile": 52, "tiles": 98}])"));
  display.end(0, {"digest", "a", "a"}, {});
  EXPECT_EQ(working(), json::array());
}

}  // namespace
}  // namespace mito::cli
