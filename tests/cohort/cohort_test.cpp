#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <span>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "tests/support/temp_folder.h"
#include "tools/cohort/attempts.h"
#include "tools/cohort/deal.h"
#include "tools/cohort/leases.h"
#include "tools/cohort/retry.h"
#include "tools/cohort/slide_state.h"
#include "tools/cohort/slides_file.h"
#include "tools/cohort/status.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using How = SlideState::How;
using Now = SlideStatus::Now;

/// The slides that `shard` begins with when nobody takes any of the others' away.
std::vector<std::uint32_t> own(const std::vector<std::uint64_t>& costs, std::size_t index) {
  std::vector<std::uint32_t> firsts;
  for (std::size_t other = 1; other <= 3; ++other)
    firsts.push_back(order_of(costs, {other, 3}).front());
  auto order = order_of(costs, {index, 3});
  const auto end = std::ranges::find_if(order, [&](auto slide) {
    return std::ranges::find(firsts, slide) != firsts.end() && slide != order.front();
  });
  return {order.begin(), end};
}

TEST(Deal, GivesEachTaskTheSameCostLargestFirst) {
  const std::vector<std::uint64_t> costs{10, 60, 20, 30, 50, 40};

  EXPECT_THAT(own(costs, 1), ElementsAre(1, 0));
  EXPECT_THAT(own(costs, 2), ElementsAre(4, 2));
  EXPECT_THAT(own(costs, 3), ElementsAre(5, 3));
}

TEST(Deal, EveryTaskMayTakeEverySlide) {
  const std::vector<std::uint64_t> costs{3, 0, 0, 7, 3, 3, 1};
  for (std::size_t index = 1; index <= 3; ++index) {
    const auto order = order_of(costs, {index, 3});
    EXPECT_EQ(std::set(order.begin(), order.end()).size(), costs.size());
  }
}

TEST(Deal, TakesFewSlidesAtATimeTowardsTheEnd) {
  std::vector<std::uint32_t> open(800);
  std::iota(open.begin(), open.end(), 0U);
  const std::vector<std::uint64_t> equal(800, 7);
  const auto size = [&](std::size_t left) {
    return batch_size(std::span(open).first(left), equal, {1, 4});
  };

  EXPECT_EQ(size(800), 16U);
  EXPECT_EQ(size(80), 5U);
  EXPECT_EQ(size(3), 1U);
  EXPECT_EQ(size(0), 0U);
}

TEST(Deal, TakesNoLessThanIsWorthABatch) {
  const std::vector<std::uint32_t> open{0, 1, 2, 3, 4, 5, 6, 7};
  const std::vector<std::uint64_t> costs(8, 5);

  EXPECT_EQ(batch_size(open, costs, {1, 1}), 2U);
  EXPECT_EQ(batch_size(open, costs, {1, 1}, 15), 3U);
  EXPECT_EQ(batch_size(open, costs, {1, 1}, 1000), 4U);
}

TEST(Deal, TakesALargeSlideAlone) {
  const std::vector<std::uint32_t> open{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::vector<std::uint64_t> costs{60, 20, 5, 5, 5, 5, 5, 5, 5, 5};

  EXPECT_EQ(batch_size(open, costs, {1, 2}), 1U);
  EXPECT_EQ(batch_size(std::span(open).subspan(2), costs, {1, 2}), 1U);
  EXPECT_EQ(batch_size(std::span(open).subspan(2), costs, {1, 1}), 2U);
}

TEST(Deal, ReadsShards) {
  EXPECT_EQ(parse_shard("2/3").index, 2U);
  EXPECT_EQ(parse_shard("2/3").count, 3U);
  for (const auto* text : {"0/3", "4/3", "1", "a/b", "1/", "-1/2", "1/2/3", ""})
    EXPECT_THROW(parse_shard(text), ConfigError) << text;
}

SlideState failed_state(bool by_content) {
  SlideState state;
  state.how = How::Failed;
  state.slide = "a";
  state.message = "no room";
  state.by_content = by_content;
  state.settings = "s";
  state.content = "c";
  return state;
}

TEST(SlideStates, AreReadAsTheyWereWritten) {
  const test::TempFolder folder;
  SlideState state = failed_state(true);
  state.attempt = 3;
  state.tile = 52;
  state.tiles = 98;
  state.job = "12_3";
  state.lost = 2;
  write_state(folder.path(), state);

  const auto read = read_state(folder.path());

  ASSERT_TRUE(read);
  EXPECT_EQ(read->how, How::Failed);
  EXPECT_EQ(read->attempt, 3);
  EXPECT_EQ(read->tile, 52U);
  EXPECT_EQ(read->job, "12_3");
  EXPECT_EQ(read->lost, 2);
  EXPECT_TRUE(read->by_content);
}

TEST(SlideStates, ADamagedOneIsNotThere) {
  const test::TempFolder folder;
  for (const auto* text : {"", "{", "[]", "{\"mitoloom_state\": 99}", "{\"mitoloom_state\": 1}"}) {
    write_file(folder / run_files::kState, text);
    EXPECT_FALSE(read_state(folder.path())) << text;
  }
}

TEST(SlideStates, ASlideIsDoneWhileItsFilesAreThere) {
  const test::TempFolder folder;
  write_file(folder / "a.csv", "12345");
  write_file(folder / run_files::kManifest,
             R"({"csv": {"file": "a.csv", "bytes": 5, "key": "k"}})");
  SlideState state = failed_state(false);
  state.how = How::Done;
  state.files = written_files(folder.path());
  EXPECT_THAT(state.files, ElementsAre("a.csv"));

  EXPECT_TRUE(is_settled(folder.path(), state, "s", "c"));
  EXPECT_FALSE(is_settled(folder.path(), state, "other", "c"));
  EXPECT_FALSE(is_settled(folder.path(), state, "s", "other"));

  write_file(folder / "a.csv", "1234");
  EXPECT_FALSE(is_settled(folder.path(), state, "s", "c"));
}

TEST(Cohort, SlidesAreStaleWithoutTheLeaseOfTheirProcess) {
  const test::TempFolder folder;
  write_slides(folder.path(), {"p.yaml", "s", {{"a", "a", 100}, {"b", "b", 100}}});
  SlideState state = failed_state(false);
  state.how = How::Running;
  state.host = host_name();
  state.pid = std::to_string(::getpid());
  fs::create_directories(folder / "a");
  write_state(folder / "a", state);
  const auto now = [&] { return read_status(folder.path()).slides.at(0).now; };

  EXPECT_EQ(now(), Now::Stale);
  {
    const auto lease = Lease::take(slide_lease(folder.path(), "a"), kAbandoned);
    EXPECT_EQ(now(), Now::Running);
  }
  EXPECT_EQ(now(), Now::Stale);
  EXPECT_EQ(read_status(folder.path()).slides.at(1).now, Now::Waiting);
}

TEST(Cohort, TimeLeftIsThatOfItsOwnSlides) {
  CohortStatus status;
  SlideState done;
  done.seconds = 30;
  SlideState running;
  running.tile = 50;
  running.tiles = 100;
  const auto add = [&](const char* name, std::uint64_t bytes, Now now,
                       const std::optional<SlideState>& state) {
    status.slides.push_back(
        {.slide = name, .folder = name, .bytes = bytes, .now = now, .state = state});
  };
  add("a", 300, Now::Done, done);
  add("b", 200, Now::Running, running);
  add("c", 500, Now::Waiting, {});
  add("d", 900, Now::Failed, done);

  EXPECT_NEAR(status.seconds_left().value(), 60, 1e-9);  // half of b and c, 0.1 s a byte
  status.slides.resize(1);
  EXPECT_FALSE(status.seconds_left());
}

TEST(Cohort, AByteTakesTheTimeInWhichSlidesWereWorkedOnHere) {
  CohortStatus status;
  const auto add = [&](const char* host, const char* begun, double seconds, std::uint32_t tile) {
    SlideState state;
    state.host = host;
    state.begun = begun;
    state.seconds = seconds;
    state.tile = tile;
    status.slides.push_back(
        {.slide = "a", .folder = "a", .bytes = 100, .now = Now::Done, .state = state});
  };
  EXPECT_FALSE(status.seconds_per_byte("here"));
  add("there", "2026-11-30T09:00:00Z", 1000, 5);
  add("here", "2026-11-30T09:00:00Z", 1000, 0);  // looked up
  EXPECT_FALSE(status.seconds_per_byte("here"));
  add("here", "2026-11-30T09:00:00Z", 40, 5);
  add("here", "2026-11-30T09:00:30Z", 30, 5);  // beside the one before
  add("here", "2026-11-30T12:00:00Z", 30, 5);

  EXPECT_NEAR(status.seconds_per_byte("here").value(), 90.0 / 300, 1e-9);
}

TEST(Cohort, ItemsInOneFolderHaveTheStateOfTheFirstThatFailed) {
  const test::TempFolder folder;
  Attempts attempts(folder.path(), "s", nullptr);
  const auto state = [&] { return read_state(folder.path()).value(); };
  const auto identity = [](const char* name) {
    return mito::graph::ItemIdentity{std::string("content of ") + name, name, ""};
  };

  attempts.begin(0, identity("a"), true);
  attempts.begin(1, identity("b"), true);
  attempts.end(0, identity("a"), {Attempts::End::Failed, "no room", false, {}});
  EXPECT_EQ(state().how, How::Running);
  EXPECT_EQ(state().slide, "b");
  attempts.end(1, identity("b"), {});

  EXPECT_EQ(state().how, How::Failed);
  EXPECT_EQ(state().slide, "a");
  EXPECT_EQ(state().message, "no room");
}

TEST(Cohort, LeasesThatAreKeptAreGivenBack) {
  const test::TempFolder folder;
  const auto file = folder / "one.lease";
  {
    std::vector<Lease> leases;
    leases.push_back(*Lease::take(file, kAbandoned));
    const KeptLeases kept(std::move(leases));
    EXPECT_TRUE(Lease::holder(file, kAbandoned));
  }
  EXPECT_FALSE(fs::exists(file));
}

TEST(Cohort, WhatFailedByItsContentIsTriedAgainOnlyWhenAsked) {
  const test::TempFolder folder;
  for (const auto* name : {"a", "b"}) {
    fs::create_directories(folder / name);
    write_state(folder / name, failed_state(std::string(name) == "a"));
  }
  const auto again = [&](const char* name) { return read_state(folder / name)->again; };

  retry(folder.path(), false);

  EXPECT_FALSE(again("a"));
  EXPECT_TRUE(again("b"));
  EXPECT_TRUE(is_settled(folder / "a", *read_state(folder / "a"), "s", "c"));
  EXPECT_FALSE(is_settled(folder / "b", *read_state(folder / "b"), "s", "c"));

  retry(folder.path(), true);

  EXPECT_TRUE(again("a"));
}

TEST(Cohort, WhatWasLeftByAKillGoesAndNothingElse) {
  const test::TempFolder folder;
  const auto left = AtomicFile(folder / "b.json").part();
  std::ofstream(left) << "half";
  for (const auto* name : {"b.json", "mine.part", "mine.tmp-1"}) write_file(folder / name, "whole");

  remove_temporaries(folder.path());

  EXPECT_FALSE(fs::exists(left));
  for (const auto* name : {"b.json", "mine.part", "mine.tmp-1"})
    EXPECT_TRUE(fs::exists(folder / name)) << name;
}

TEST(Cohort, ARunOfItsOwnIsAloneInItsFolder) {
  const test::TempFolder folder;
  const auto alone = take_alone(folder.path());

  try {
    take_alone(folder.path());
    FAIL() << "did not throw";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr(host_name()));
    EXPECT_THAT(error.what(), HasSubstr(std::to_string(::getpid())));
  }
  EXPECT_THROW(refuse_beside_lone_run(folder.path()), DataError);
}

TEST(Cohort, ARunOfItsOwnIsRefusedBesideTasks) {
  const test::TempFolder folder;
  const auto task = Lease::take(slide_lease(folder.path(), "a"), kAbandoned);

  EXPECT_THROW(take_alone(folder.path()), DataError);
  EXPECT_NO_THROW(refuse_beside_lone_run(folder.path()));
}

}  // namespace
}  // namespace mito::cohort
