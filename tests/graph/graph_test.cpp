#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/memory_limit.h"
#include "tests/graph/toy.h"
#include "tests/support/temp_folder.h"

namespace mito::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kPipeline = R"(
inputs:
  cohort: {type: Cohort}
nodes:
  total: {use: sum, in: {number: per_item}, store: true}      # order in the file does not matter
  per_item: {use: sum, in: {number: joined}, store: true}
  joined: {use: join, in: {number: squares, item: items}}
  squares: {use: square, in: {number: parts}, store: true}
  listed: {use: list, in: {number: squares, item: items}}
  parts: {use: parts, in: {item: items}}
  items: {use: items, in: {cohort: $cohort}}
outputs: [total, listed]
)";

Graph build(const std::string& yaml, const std::vector<Override>& overrides = {}) {
  Diagnostics out;
  const Pipeline pipeline = parse_pipeline(yaml, "test.yaml", overrides, out);
  Graph graph = Graph::build(pipeline, toy::registry(), out, false);
  out.throw_if_any();
  return graph;
}

TEST(NodeContextTest, PrefersTheDeviceOfTheCommandLine) {
  NodeContext context;
  EXPECT_EQ(context.device_or("cuda"), "cuda");
  context.device = "cpu";
  EXPECT_EQ(context.device_or("cuda"), "cpu");
}

class GraphTest : public ::testing::Test {
 protected:
  void SetUp() override {
    toy::counters().read = 0;
    toy::counters().squared = 0;
    options.out = folder_.path();
    options.inputs["cohort"] = toy::cohort({7, 0, 12});
  }

  static std::int64_t total(const RunReport& report) {
    return static_cast<const toy::Number*>(report.outputs.at("total").at(0).data.get())->value;
  }
  RunOptions options;

 private:
  test::TempFolder folder_;
};

TEST_F(GraphTest, MakesAFolderForEachPart) {
  NodeContext context;
  context.out_folder = options.out;
  const auto folder_of = [&](const char* node) {
    context.node = node;
    return context.part_folder();
  };

  EXPECT_EQ(folder_of("train"), options.out);
  EXPECT_EQ(folder_of("cnn3.members"), options.out / "cnn3");
  EXPECT_EQ(folder_of("detector.cnn5.model"), options.out / "cnn5");
  EXPECT_TRUE(std::filesystem::is_directory(options.out / "cnn3"));
  EXPECT_TRUE(std::filesystem::is_directory(options.out / "cnn5"));
}

TEST_F(GraphTest, GivesTheSameResultOnAnyNumberOfThreads) {
  std::vector<std::int64_t> totals;
  std::vector<std::vector<int>> first;
  for (const int threads : {1, 2, 4, 8}) {
    Graph graph = build(kPipeline);
    options.threads = threads;
    const auto report = graph.run(options);
    totals.push_back(total(report));
    first.push_back(
        static_cast<const toy::Numbers*>(report.outputs.at("listed").at(0).data.get())->values);
  }

  EXPECT_THAT(totals, ElementsAre(totals[0], totals[0], totals[0], totals[0]));
  EXPECT_THAT(first[3], ElementsAre(0, 0, 1, 4, 9, 16, 25, 36));
  EXPECT_EQ(first[0], first[3]);
}

TEST_F(GraphTest, AnItemWithoutPartsStillHasItsResult) {
  Graph graph = build(kPipeline);

  const auto report = graph.run(options);

  ASSERT_EQ(report.outputs.at("listed").size(), 3U);
  EXPECT_THAT(
      static_cast<const toy::Numbers*>(report.outputs.at("listed").at(1).data.get())->values,
      ElementsAre(-1));
}

TEST_F(GraphTest, AnEmptyCohortGivesAnEmptySum) {
  Graph graph = build(kPipeline);
  options.inputs["cohort"] = toy::cohort({});

  const auto report = graph.run(options);

  EXPECT_EQ(total(report), 0);
}

TEST_F(GraphTest, KeepsNoMorePartsAliveThanAllowed) {
  Progress progress;
  options.progress = &progress;
  options.parts_in_flight = 3;
  options.threads = 4;
  options.inputs["cohort"] = toy::cohort({200, 200});
  Graph graph = build(kPipeline);

  graph.run(options);

  EXPECT_LE(progress.parts_alive_peak, 3U);
  EXPECT_EQ(progress.parts_done, 400U);
  EXPECT_EQ(progress.items_done, 2U);
}

/// A budget for as long as it lives: so much more than the process has now.
class MemoryFor {
 public:
  explicit MemoryFor(std::uint64_t mib) {
    const auto bytes = (memory_in_use() + (mib << 20)) / 9 * 10;  // a tenth is not for elements
    ::setenv("MITOLOOM_MEMORY", (std::to_string(bytes >> 10) + "K").c_str(), 1);
  }
  MemoryFor(const MemoryFor&) = delete;
  MemoryFor& operator=(const MemoryFor&) = delete;
  ~MemoryFor() { ::unsetenv("MITOLOOM_MEMORY"); }
};

TEST_F(GraphTest, KeepsFewerPartsAliveWhereMemoryCarriesNoMore) {
  options.threads = 4;
  options.inputs["cohort"] = toy::cohort({60, 60});
  Graph graph = build(kPipeline, {{"parts.part_mib", "10"}, {"parts.delay_s", "0.001"}});
  std::set<std::int64_t> totals;
  const auto parts_alive_with = [&](std::uint64_t mib) {
    Progress progress;
    options.progress = &progress;
    const MemoryFor budget(mib);
    totals.insert(total(graph.run(options)));
    return progress.parts_alive_peak.load();
  };

  EXPECT_EQ(parts_alive_with(100'000), 10U);  // 2 * threads + 2
  EXPECT_EQ(parts_alive_with(800), 2U);
  EXPECT_EQ(parts_alive_with(0), 1U);
  EXPECT_EQ(totals.size(), 1U);
}

TEST_F(GraphTest, AFailureNamesNodeSlideTileAndCause) {
  Graph graph = build(kPipeline, {{"parts.fail_at", "9"}});

  try {
    graph.run(options);
    FAIL() << "did not throw";
  } catch (const NodeError& e) {
    EXPECT_EQ(explain(e),
              "node 'parts' (parts), items 'slide2', tile 10 of 12: cannot decode JPEG block");
  }
}

TEST_F(GraphTest, KeepGoingLeavesFailedItemsOut) {
  Graph graph = build(kPipeline, {{"parts.fail_at", "9"}});
  options.keep_going = true;

  const auto report = graph.run(options);

  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_EQ(report.failures[0].item, "slide2");
  EXPECT_THAT(report.failures[0].message, HasSubstr("tile 10 of 12"));
  EXPECT_EQ(report.outputs.at("listed").size(), 2U);
  EXPECT_EQ(report.outputs.at("total").size(), 1U);
}

TEST_F(GraphTest, KeepGoingSurvivesAnItemThatCannotBeOpened) {
  Graph graph = build(kPipeline, {{"items.fail_at", "0"}});
  options.keep_going = true;

  const auto report = graph.run(options);

  ASSERT_EQ(report.failures.size(), 1U);
  EXPECT_THAT(report.failures[0].message, HasSubstr("not a slide"));
  EXPECT_EQ(report.outputs.at("listed").size(), 2U);
}

/// Writes down what it is told.
class Diary final : public Watch {
 public:
  void begin(std::uint32_t item, const ItemIdentity& identity, bool has_work) override {
    const std::lock_guard lock(mutex_);
    begun.push_back(identity.name);
    work[item] = has_work;
  }
  void at(std::uint32_t item, const std::string&, std::uint32_t part, std::uint32_t) override {
    const std::lock_guard lock(mutex_);
    if (part != Key::kWhole) ++parts[item];
  }
  void end(std::uint32_t item, const ItemIdentity&, const Ended& how) override {
    const std::lock_guard lock(mutex_);
    ended[item] = how;
  }
  std::vector<std::string> begun;
  std::map<std::uint32_t, bool> work;
  std::map<std::uint32_t, int> parts;
  std::map<std::uint32_t, Ended> ended;

 private:
  std::mutex mutex_;
};

TEST_F(GraphTest, ARunOfSomeItemsLeavesOutTheOthersAndWhatIsMadeOfAll) {
  toy::MemoryStore store;
  options.store = &store;
  options.only = {2, 0};
  options.items_in_flight = 1;
  Diary diary;
  options.watch = &diary;

  const auto some = build(kPipeline).run(options);

  EXPECT_THAT(diary.begun, ElementsAre("slide2", "slide0"));
  EXPECT_EQ(some.items, 2U);
  EXPECT_EQ(some.outputs.count("total"), 0U);
  ASSERT_EQ(some.outputs.at("listed").size(), 2U);
  EXPECT_EQ(some.outputs.at("listed")[1].item, "slide2");
  EXPECT_EQ(toy::counters().read, 19);
}

TEST_F(GraphTest, ItemsAreToldThatTheyAreNext) {
  const std::string stored = R"(
inputs:
  cohort: {type: Cohort}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  squares: {use: square, in: {number: parts}}
  total: {use: sum, in: {number: squares}, store: true}
outputs: [total]
)";
  toy::MemoryStore store;
  options.store = &store;
  options.items_in_flight = 1;
  options.only = {0};
  build(stored).run(options);
  auto& prepared = toy::counters().prepared;
  prepared.clear();

  options.only = {1, 0};  // the second is in the store
  build(stored).run(options);
  EXPECT_THAT(prepared, ::testing::IsEmpty());

  options.store = nullptr;
  build(stored).run(options);
  EXPECT_THAT(prepared, ElementsAre(0));

  options.after = 2;
  build(stored).run(options);
  EXPECT_THAT(prepared, ElementsAre(0, 2));
}

TEST_F(GraphTest, WhatARunOfSomeItemsStoredServesARunOfAll) {
  const auto alone = build(kPipeline).run(options);
  toy::MemoryStore store;
  options.store = &store;
  options.only = {2};
  build(kPipeline).run(options);
  options.only = {0, 1};
  build(kPipeline).run(options);
  toy::counters().read = 0;
  options.only.reset();

  const auto all = build(kPipeline).run(options);

  EXPECT_EQ(total(all), total(alone));
  EXPECT_EQ(toy::counters().read, 0);
  EXPECT_EQ(all.runs.count("per_item"), 0U);
}

TEST_F(GraphTest, ARunOfSomeItemsRefusesItemsThatTheRunMakesOut) {
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}}
  sum: {use: sum, in: {number: per_item}}
  gathered: {use: gathering, in: {number: sum}}
  members: {use: items, in: {cohort: gathered}}
  their_parts: {use: parts, in: {item: members}}
  their_sum: {use: sum, in: {number: their_parts}}
outputs: [their_sum]
)";
  options.only = {0};

  try {
    build(yaml).run(options);
    FAIL() << "did not throw";
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("known only when other nodes have run"));
  }
}

TEST_F(GraphTest, AWatchIsToldOfEveryItem) {
  Graph graph = build(kPipeline, {{"items.fail_at", "0"}, {"parts.fail_at", "9"}});
  options.keep_going = true;
  Diary diary;
  options.watch = &diary;

  graph.run(options);

  ASSERT_EQ(diary.ended.size(), 3U);
  EXPECT_EQ(diary.ended[0].how, Watch::End::Failed);
  EXPECT_THAT(diary.ended[0].message, HasSubstr("not a slide"));
  EXPECT_TRUE(diary.ended[0].by_content);
  EXPECT_EQ(diary.ended[1].how, Watch::End::Done);
  EXPECT_EQ(diary.ended[2].how, Watch::End::Failed);
  EXPECT_FALSE(diary.ended[2].by_content);  // no DataError: another machine may do it
  EXPECT_GT(diary.parts[2], 0);
}

TEST_F(GraphTest, AWatchHearsThatAStoredItemHasNoWork) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}, store: true}
outputs: [per_item]
)";
  build(yaml).run(options);
  Diary diary;
  options.watch = &diary;

  build(yaml).run(options);

  ASSERT_EQ(diary.work.size(), 3U);
  EXPECT_FALSE(diary.work[0] || diary.work[1] || diary.work[2]);
  EXPECT_EQ(diary.ended[2].how, Watch::End::Done);
}

TEST_F(GraphTest, AWatchIsToldWhatWasStopped) {
  std::atomic<bool> stop{false};
  options.stop = &stop;
  options.inputs["cohort"] = toy::cohort({2000});
  Diary diary;
  options.watch = &diary;
  toy::counters().read = 0;
  std::thread interrupter([&] {
    for (int waited = 0; toy::counters().read == 0 && waited < 10000; ++waited)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop = true;
  });

  EXPECT_THROW(build(kPipeline, {{"parts.delay_s", "0.002"}}).run(options), Interrupted);
  interrupter.join();

  ASSERT_EQ(diary.ended.size(), 1U);
  EXPECT_EQ(diary.ended[0].how, Watch::End::Stopped);
}

TEST_F(GraphTest, ASecondRunReadsNothingThatIsStored) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string cached = std::string(kPipeline);
  const auto first = build(cached).run(options);
  toy::counters().read = 0;
  toy::counters().squared = 0;

  const auto second = build(cached).run(options);

  EXPECT_EQ(total(first), total(second));
  EXPECT_EQ(toy::counters().squared, 0);
  EXPECT_EQ(toy::counters().read, 0);
}

// The key of what reduces items is known only once the items are.
TEST_F(GraphTest, NothingRunsForAStoredResultOfAllItems) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}}
  total: {use: sum, in: {number: per_item}, store: true}
  squared: {use: square, in: {number: total}}
  file: {use: write, in: {number: squared}}
)";
  const auto first = build(yaml + "outputs: [total]\n").run(options);

  const auto kept = build(yaml + "outputs: [total]\n").run(options);
  const auto nothing = build(yaml).run(options);

  EXPECT_EQ(total(first), total(kept));
  EXPECT_THAT(kept.runs, ::testing::IsEmpty());
  EXPECT_THAT(nothing.runs, ::testing::IsEmpty());
}

TEST_F(GraphTest, NothingRunsWhereItemsAreMadeOutByTheRunItself) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}, store: true}
  sum: {use: sum, in: {number: per_item}}
  gathered: {use: gathering, in: {number: sum}}
  members: {use: items, in: {cohort: gathered}}
  their_parts: {use: parts, in: {item: members}}
  per_member: {use: sum, in: {number: their_parts}, store: true}
  total: {use: sum, in: {number: per_member}, store: true}
  file: {use: write, in: {number: total}}
outputs: [total]
)";
  const auto first = build(yaml).run(options);

  const auto second = build(yaml).run(options);
  std::filesystem::remove(options.out / "number.txt");
  const auto third = build(yaml).run(options);
  const auto other = build(yaml, {{"gathered.more", "1"}}).run(options);

  EXPECT_EQ(total(first), total(second));
  EXPECT_THAT(second.runs, ::testing::IsEmpty());
  EXPECT_THAT(third.runs, ElementsAre(std::pair<const std::string, std::uint64_t>("file", 1)));
  EXPECT_NE(total(other), total(first));
  EXPECT_EQ(other.runs.count("per_item"), 0U);
  EXPECT_EQ(other.runs.at("total"), 1U);
}

/// Items are known before the key of what they take from the run is.
TEST_F(GraphTest, AResultOfAllItemsIsNotThatOfAnotherRunWhoseKeyCameLater) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}, store: true}
  sum: {use: sum, in: {number: per_item}}
  gathered: {use: gathering, in: {number: sum}}
  members: {use: items, in: {cohort: gathered}}
  their_parts: {use: parts, in: {item: members}}
  per_member: {use: sum, in: {number: their_parts}}
  late: {use: sum, in: {number: per_member}}
  items_again: {use: items, in: {cohort: $cohort}}
  parts_again: {use: parts, in: {item: items_again}}
  again: {use: sum, in: {number: parts_again}, store: true}
  with_late: {use: either, in: {one: again, other: late}}
  total: {use: sum, in: {number: with_late}, store: true}
outputs: [total]
)";
  const auto first = build(yaml).run(options);
  const auto other = build(yaml, {{"gathered.more", "1"}}).run(options);
  const auto again = build(yaml).run(options);

  EXPECT_NE(total(other), total(first));
  EXPECT_EQ(total(again), total(first));
  EXPECT_THAT(again.runs, ::testing::IsEmpty());
}

TEST_F(GraphTest, StoredResultsOfKnownItemsAreLoadedForWhatIsNotStored) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
nodes:
  number: {use: constant, params: {value: 8}}
  gathered: {use: gathering, in: {number: number}}
  members: {use: items, in: {cohort: gathered}}
  parts: {use: parts, in: {item: members}}
  per_member: {use: sum, in: {number: parts}, store: true}
)";
  const std::string more = "  total: {use: sum, in: {number: per_member}}\noutputs: [total]\n";
  build(yaml + "outputs: [per_member]\n").run(options);
  toy::counters().read = 0;

  const auto report = build(yaml + more).run(options);

  EXPECT_EQ(toy::counters().read, 0);
  EXPECT_EQ(report.runs.at("total"), 1U);
  options.store = nullptr;
  EXPECT_EQ(total(report), total(build(yaml + more).run(options)));
}

TEST_F(GraphTest, NothingRunsWhereTheFirstItemsAreMadeOutByTheRun) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
nodes:
  number: {use: constant, params: {value: 8}}
  gathered: {use: gathering, in: {number: number}}
  members: {use: items, in: {cohort: gathered}}
  parts: {use: parts, in: {item: members}}
  per_member: {use: sum, in: {number: parts}, store: true}
  total: {use: sum, in: {number: per_member}}
  file: {use: write, in: {number: total}}
)";

  const auto first = build(yaml).run(options);
  const auto second = build(yaml).run(options);
  const Survey survey = build(yaml).survey(options);

  EXPECT_EQ(first.runs.at("file"), 1U);
  EXPECT_THAT(second.runs, ::testing::IsEmpty());
  EXPECT_THAT(survey.unknown, ::testing::IsEmpty());
}

TEST_F(GraphTest, ACheckpointGoesWhenItsResultIsStored) {
  toy::MemoryStore store;
  options.store = &store;
  options.inputs["cohort"] = toy::cohort({7});
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  total: {use: careful, in: {number: parts}, store: true}
outputs: [total]
)";
  const auto kept = [&] {
    const auto scratch = std::filesystem::path(store.scratch("x")).parent_path();
    const std::filesystem::recursive_directory_iterator files(scratch);
    return std::count_if(begin(files), end(files),
                         [](const auto& entry) { return entry.is_regular_file(); });
  };

  EXPECT_THROW(build(yaml, {{"total.fail_at", "4"}}).run(options), NodeError);
  EXPECT_EQ(kept(), 1);
  build(yaml).run(options);
  EXPECT_EQ(kept(), 0);
}

TEST_F(GraphTest, WhatWasMadeWithoutAFailedItemDoesNotStandForTheWhole) {
  toy::MemoryStore store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: careful, in: {number: parts}, store: true}
  total: {use: sum, in: {number: per_item}, store: true}
  squared: {use: square, in: {number: total}, store: true}
  file: {use: write, in: {number: squared}}
outputs: [total]
)";
  const auto whole = total(build(yaml).run(options));
  const auto written = [&] {
    std::ifstream in(options.out / "number.txt");
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto text = written();
  options.out /= "again";
  options.store = &store;
  options.keep_going = true;

  const auto without = build(yaml, {{"per_item.fail_at", "9"}}).run(options);
  const auto other = written();
  const auto again = build(yaml).run(options);

  ASSERT_EQ(without.failures.size(), 1U);
  EXPECT_NE(total(without), whole);
  EXPECT_NE(other, text);
  EXPECT_EQ(total(again), whole);
  EXPECT_EQ(written(), text);
}

// A cohort of large results is not read to say again what was said of each.
TEST_F(GraphTest, AnOutputOfWhichIsToldIsNotLoadedAgain) {
  toy::MemoryStore store;
  options.store = &store;
  options.tell = [](const NodeType&, const Data& data) {
    return std::to_string(static_cast<const toy::Number*>(data.get())->value);
  };
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}, store: true}
  total: {use: sum, in: {number: per_item}, store: true}
outputs: [per_item, total]
)";
  const auto texts = [](const RunReport& report, const char* node) {
    std::vector<std::string> out;
    for (const auto& told : report.told.at(node)) out.push_back(told.item + " " + told.text);
    return out;
  };
  const auto first = build(yaml).run(options);
  store.infos.clear();

  const auto second = build(yaml).run(options);

  EXPECT_THAT(first.outputs, ::testing::IsEmpty());
  EXPECT_EQ(texts(first, "per_item").size(), 3U);
  EXPECT_EQ(texts(first, "per_item"), texts(second, "per_item"));
  EXPECT_EQ(texts(first, "total"), texts(second, "total"));
  EXPECT_THAT(second.runs, ::testing::IsEmpty());
  EXPECT_THAT(store.infos, ::testing::IsEmpty()) << "nothing is opened";
}

constexpr const char* kUntilUsed = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  squares: {use: square, in: {number: parts}, store: until_used}
  per_item: {use: careful, in: {number: squares}, store: true}
  total: {use: sum, in: {number: per_item}}
outputs: [total]
)";

TEST_F(GraphTest, WhatIsStoredUntilUsedGoesWhenAllThatIsMadeOfItIsStored) {
  toy::MemoryStore store;
  options.store = &store;
  const auto first = build(kUntilUsed).run(options);
  EXPECT_THAT(store.released, ElementsAre("square", "square"));  // one of three has no parts
  EXPECT_EQ(first.runs.at("squares"), 19U);

  const auto second = build(kUntilUsed).run(options);

  EXPECT_EQ(total(first), total(second));
  EXPECT_EQ(second.runs.count("squares"), 0U);
  EXPECT_EQ(second.runs.count("per_item"), 0U);
}

TEST_F(GraphTest, WhatIsStoredUntilUsedStaysForWhatFailedAndIsNotMadeAgain) {
  toy::MemoryStore store;
  options.store = &store;
  options.keep_going = true;

  const auto failed = build(kUntilUsed, {{"per_item.fail_at", "9"}}).run(options);
  ASSERT_EQ(failed.failures.size(), 1U);  // the item of twelve parts
  EXPECT_EQ(store.released.size(), 1U);
  const auto again = build(kUntilUsed).run(options);

  EXPECT_EQ(again.runs.count("squares"), 0U);
  EXPECT_EQ(again.runs.at("per_item"), 1U);
  EXPECT_EQ(store.released.size(), 2U);
}

TEST_F(GraphTest, WhatTheRunTakesOfEveryItemStaysUntilTheRunIsDone) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}, store: until_used}
  total: {use: sum, in: {number: per_item}, store: true}
  file: {use: write, in: {number: total}}
outputs: [total]
)";
  EXPECT_THROW(build(yaml, {{"items.fail_at", "2"}}).run(options), NodeError);
  EXPECT_THAT(store.released, ::testing::IsEmpty());

  const auto done = build(yaml).run(options);

  EXPECT_EQ(store.released.size(), 3U);
  const auto again = build(yaml).run(options);
  EXPECT_THAT(again.runs, ::testing::IsEmpty());
  EXPECT_EQ(total(again), total(done));
}

TEST_F(GraphTest, WhatAnotherPipelineKeepsIsNotLetGo) {
  toy::MemoryStore store;
  options.store = &store;
  std::string kept = kUntilUsed;
  kept.replace(kept.find("until_used"), 10, "true");
  build(kept).run(options);

  build(kUntilUsed).run(options);

  EXPECT_THAT(store.released, ::testing::IsEmpty());
}

TEST_F(GraphTest, AChangedParameterRerunsOnlyWhatFollows) {
  toy::MemoryStore store;
  options.store = &store;
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  first: {use: square, in: {number: parts}, store: true}
  second: {use: square, in: {number: first}, store: true}
  total: {use: sum, in: {number: second}}
  all: {use: sum, in: {number: total}}
outputs: [all]
)";
  build(yaml).run(options);
  toy::counters().read = 0;
  toy::counters().squared = 0;

  build(yaml, {{"second.scale", "2"}}).run(options);

  EXPECT_EQ(toy::counters().read, 0);
  EXPECT_EQ(toy::counters().squared, 19);
}

TEST_F(GraphTest, AStoppedRunIsContinuedNotRepeated) {
  toy::MemoryStore store;
  options.store = &store;
  options.threads = 2;
  options.inputs["cohort"] = toy::cohort({100});
  std::atomic<bool> stop{false};
  options.stop = &stop;
  std::thread stopper([&] {
    while (toy::counters().squared < 20) std::this_thread::yield();
    stop = true;
  });
  EXPECT_THROW(build(kPipeline, {{"parts.delay_s", "0.001"}}).run(options), Interrupted);
  stopper.join();
  const int done = toy::counters().squared;
  EXPECT_LT(done, 100);

  stop = false;
  const auto resumed = build(kPipeline).run(options);

  EXPECT_EQ(toy::counters().squared, 100);
  options.store = nullptr;
  EXPECT_EQ(total(resumed), total(build(kPipeline).run(options)));
}

constexpr const char* kCareful = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  squares: {use: square, in: {number: parts}}
  careful: {use: careful, in: {number: squares}, store: true}
  total: {use: sum, in: {number: careful}}
outputs: [total]
)";

TEST_F(GraphTest, AReduceGoesOnFromItsCheckpoint) {
  toy::MemoryStore store;
  options.store = &store;
  options.inputs["cohort"] = toy::cohort({50});
  EXPECT_THROW(build(kCareful, {{"careful.fail_at", "30"}}).run(options), NodeError);
  toy::counters().read = 0;
  toy::counters().squared = 0;

  const auto resumed = build(kCareful).run(options);

  EXPECT_EQ(toy::counters().read, 20);
  EXPECT_EQ(toy::counters().squared, 20);
  toy::MemoryStore other;
  options.store = &other;
  EXPECT_EQ(total(build(kCareful).run(options)), total(resumed));
}

TEST_F(GraphTest, AReduceWhoseCheckpointHoldsEverythingAsksForNothing) {
  toy::MemoryStore store;
  options.store = &store;
  options.inputs["cohort"] = toy::cohort({12});
  EXPECT_THROW(build(kCareful, {{"careful.fail_at", "12"}}).run(options), NodeError);
  toy::counters().read = 0;

  const auto second = build(kCareful).run(options);

  EXPECT_EQ(toy::counters().read, 0);
  options.store = nullptr;
  EXPECT_EQ(total(second), total(build(kCareful).run(options)));
}

TEST_F(GraphTest, TwoReducesOfOneStreamGoOnFromWhereEachOfThemWas) {
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  squares: {use: square, in: {number: parts}}
  one: {use: careful, in: {number: squares}, store: true}
  two: {use: careful, in: {number: parts}, store: true}
  ones: {use: sum, in: {number: one}}
  twos: {use: sum, in: {number: two}}
  listed: {use: list, in: {number: squares, item: items}}
outputs: [ones, twos, listed]
)";
  toy::MemoryStore store;
  options.store = &store;
  options.threads = 1;
  options.inputs["cohort"] = toy::cohort({40});
  EXPECT_THROW(build(yaml, {{"two.fail_at", "10"}}).run(options), NodeError);

  const auto resumed = build(yaml).run(options);

  toy::MemoryStore other;
  options.store = &other;
  options.out = options.out / "again";
  const auto whole = build(yaml).run(options);
  for (const auto* node : {"ones", "twos"})
    EXPECT_EQ(static_cast<const toy::Number*>(resumed.outputs.at(node).at(0).data.get())->value,
              static_cast<const toy::Number*>(whole.outputs.at(node).at(0).data.get())->value);
  EXPECT_EQ(static_cast<const toy::Numbers*>(resumed.outputs.at("listed").at(0).data.get())
                ->values.size(),
            41U);
}

TEST_F(GraphTest, ADeviceNodeStaysOnOneThread) {
  options.threads = 4;
  Graph graph = build(R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  dev: {use: on_device, in: {number: parts}}
  total: {use: sum, in: {number: dev}}
  all: {use: sum, in: {number: total}}
outputs: [all]
)");

  EXPECT_NO_THROW(graph.run(options));
}

TEST_F(GraphTest, NodesWaitForTheDeviceThatTheCommandLineNames) {
  options.threads = 4;
  const auto most_at_once = [&](const std::string& own, const std::string& of_the_run) {
    toy::counters().at_once_most = 0;
    options.device = of_the_run;
    build(R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  dev: {use: accelerated, in: {number: parts}}
  total: {use: sum, in: {number: dev}}
outputs: [total]
)",
          {{"dev.device", own}})
        .run(options);
    return toy::counters().at_once_most.load();
  };

  EXPECT_EQ(most_at_once("auto", "cuda"), 1);
  EXPECT_EQ(most_at_once("cuda", "auto"), 1);
  EXPECT_GT(most_at_once("cuda", "cpu"), 1);
  EXPECT_GT(most_at_once("auto", "auto"), 1);
  options.auto_accelerates = true;
  EXPECT_EQ(most_at_once("auto", "auto"), 1);
  EXPECT_GT(most_at_once("cpu", "auto"), 1);
  EXPECT_GT(most_at_once("auto", "cpu"), 1);
}

TEST_F(GraphTest, JoinsRunItemAndPart) {
  Graph graph = build(R"(
inputs: {cohort: {type: Cohort}}
nodes:
  five: {use: constant}
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  sums: {use: join, in: {number: parts, item: items, extra: five}}
  listed: {use: list, in: {number: sums, item: items}}
outputs: [listed]
)");
  options.inputs["cohort"] = toy::cohort({2, 3});

  const auto report = graph.run(options);

  EXPECT_THAT(
      static_cast<const toy::Numbers*>(report.outputs.at("listed").at(1).data.get())->values,
      ElementsAre(-1, 1006, 1007, 1008));
}

TEST_F(GraphTest, ASinkIsLeftAloneWhenItsFileIsUpToDate) {
  const std::string yaml = R"(
inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}}
  total: {use: sum, in: {number: parts}}
  file: {use: write, in: {number: total}}
)";
  options.inputs["cohort"] = toy::cohort({3});
  build(yaml).run(options);
  const auto file = options.out / "slide0" / "number.txt";
  std::ifstream in(file);
  std::int64_t number = 0;
  EXPECT_TRUE(in >> number);
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path()))
    EXPECT_FALSE(is_temporary(entry.path())) << entry.path();
  toy::counters().read = 0;

  EXPECT_TRUE(build(yaml).run(options).runs.empty() || toy::counters().read == 0);

  std::filesystem::remove(file);
  build(yaml).run(options);
  EXPECT_TRUE(std::filesystem::exists(file));

  // A manifest that is damaged only means that the file is written again.
  for (const std::string text :
       {R"({"file": {"file": 7, "bytes": "1", "key": {}}})", R"({"file": [1]})", "[1]", "{"}) {
    write_file(file.parent_path() / "manifest.json", text);
    write_file(file, "?");
    build(yaml).run(options);
    std::ifstream again(file);
    EXPECT_TRUE(again >> number) << text;
  }
}

TEST_F(GraphTest, TheWatchdogNamesWhoIsRunning) {
  std::string stall;
  std::mutex mutex;
  options.stall_s = 0.05;
  options.threads = 1;
  options.on_stall = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    stall = text;
  };
  options.inputs["cohort"] = toy::cohort({1});

  build(kPipeline, {{"parts.delay_s", "0.4"}}).run(options);

  EXPECT_THAT(stall,
              HasSubstr("node 'parts' (parts), items 'slide0', tile 1 of 1 has been running"));
}

TEST_F(GraphTest, TheWatchdogIsQuietWhileANodeReportsProgress) {
  std::atomic<int> stalls = 0;
  options.stall_s = 0.2;
  options.on_stall = [&](const std::string&) { ++stalls; };
  options.inputs["cohort"] = toy::cohort({1});

  build(R"(
inputs:
  cohort: {type: Cohort}
nodes:
  items: {use: items, in: {cohort: $cohort}}
  patient: {use: patient, in: {item: items}}
outputs: [patient]
)")
      .run(options);

  EXPECT_EQ(stalls, 0);
}

TEST_F(GraphTest, ASurveySaysWhatIsCachedWithoutRunningBodies) {
  toy::MemoryStore store;
  options.store = &store;
  build(kPipeline).run(options);
  toy::counters().read = 0;

  const Survey survey = build(kPipeline, {{"squares.scale", "2"}}).survey(options);

  EXPECT_EQ(toy::counters().read, 0);
  ASSERT_EQ(survey.items.size(), 3U);
  for (const auto& node : survey.items[2].nodes) {
    if (node.id != "squares") continue;
    EXPECT_EQ(node.action, Action::Run);
    EXPECT_EQ(node.info.canonical, "scale=2;");
  }
  const Survey same = build(kPipeline).survey(options);
  for (const auto& node : same.items[2].nodes) {
    EXPECT_TRUE(node.id != "squares" || node.action == Action::Load);
  }
}

TEST_F(GraphTest, AnAdditionIsPartOfTheKeyOnlyAwayFromItsDefault) {
  const auto canonical = [&](const std::string& value) {
    toy::MemoryStore store;
    options.store = &store;
    const Survey survey = build(kPipeline, {{"squares.more", value}}).survey(options);
    for (const auto& node : survey.items.at(0).nodes)
      if (node.id == "squares") return node.info.canonical;
    return std::string("no such node");
  };

  EXPECT_EQ(canonical("0"), "scale=1;");
  EXPECT_EQ(canonical("3"), "scale=1;more=3;");
}

TEST_F(GraphTest, LetsGoOfTheArtefactsOfAnItemThatIsDone) {
  toy::MemoryStore store;
  options.store = &store;
  options.items_in_flight = 2;
  options.inputs["cohort"] = toy::cohort(std::vector<int>(40, 3));

  build(kPipeline).run(options);

  // Two of each item in flight, and that of the run.
  EXPECT_LE(store.open_most, 5);
  EXPECT_EQ(store.open_now, 0);
}

TEST_F(GraphTest, ASurveyShowsOneElementAtATime) {
  std::vector<std::size_t> seen;
  std::weak_ptr<const void> last;

  const auto survey = build(kPipeline).survey(
      options,
      [&](std::size_t place, const Survey::Item& item, const TypeDesc* type, const Data& e) {
        EXPECT_TRUE(last.expired());
        EXPECT_EQ(item.identity.name, "slide" + std::to_string(place));
        EXPECT_EQ(type, type_of<toy::Item>());
        seen.push_back(place);
        last = e;
      });

  EXPECT_THAT(seen, ElementsAre(0, 1, 2));
  EXPECT_EQ(survey.items.size(), 3U);
}

TEST_F(GraphTest, ASurveyEndsWhenItIsToldTo) {
  const std::atomic<bool> stop{true};
  options.stop = &stop;

  EXPECT_THROW(build(kPipeline).survey(options), Interrupted);
}

}  // namespace
}  // namespace mito::graph
