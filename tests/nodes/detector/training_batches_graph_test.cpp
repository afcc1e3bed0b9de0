// training_batches and augment in a graph: what comes out, and in which order, is the same on any
// number of threads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/random.h"
#include "engine/graph/graph.h"
#include "engine/graph/node.h"
#include "engine/types/training.h"
#include "tests/support/drawn_slide.h"

namespace mito::nodes {
void register_training_batches(graph::Registry& registry);
void register_augment(graph::Registry& registry);
}  // namespace mito::nodes

namespace mito {
namespace {

struct Trace {
  std::vector<std::int64_t> batches;  ///< epoch * 1000 + batch, as they came.
  std::string digest;
};
struct Sets {
  std::vector<PatchSet> items;
  std::size_t size() const { return items.size(); }
};

}  // namespace

template <>
struct Payload<Trace> {
  static constexpr TypeDesc kDesc{"Trace", 1};
};
template <>
struct Payload<Sets> {
  static constexpr TypeDesc kDesc{"Sets", 1};
};

namespace {

struct Members {
  static constexpr graph::NodeInfo kInfo{.type = "members",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Sets, one by one.",
                                         .inputs = {"sets"},
                                         .output = "patches"};
  static Sets plan(const Sets& sets) { return sets; }
  static PatchSet element(const Sets& sets, std::uint32_t index) { return sets.items.at(index); }
};

struct Note {
  static constexpr graph::NodeInfo kInfo{.type = "note",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Notes what came.",
                                         .inputs = {"batches"},
                                         .output = "trace"};
  struct State {
    std::vector<std::int64_t> batches;
    Sha256 sha;
  };
  static State begin() { return {}; }
  static void add(State& state, const TrainingBatch& batch) {
    state.batches.push_back(batch.place.epoch * 1000 + batch.place.batch);
    state.sha.update(std::as_bytes(std::span(batch.patches)));
    state.sha.update(std::as_bytes(std::span(batch.target)));
  }
  static Trace finish(State state) { return {std::move(state.batches), state.sha.finish()}; }
};

constexpr const char* kPipeline = R"(
inputs:
  sets: {type: Sets}
nodes:
  members: {use: members, in: {sets: $sets}}
  batches: {use: training_batches, in: {patches: members}, params: {epochs: 2, batch: 4}}
  augmented: {use: augment, in: {batches: batches}}
  trace: {use: note, in: {batches: augmented}}
outputs: [trace]
)";

PatchSet set_of(std::uint64_t seed) {
  constexpr std::size_t kCount = 14;
  PatchSet set;
  set.slides = {{"s", "id", "case", CaseSet::Training}};
  set.size_px = 128;
  set.seed = seed;
  RandomStream random(seed, "graph_test", 0);
  for (std::size_t i = 0; i < kCount; ++i) {
    set.slide.push_back(0);
    set.at.push_back({});
    set.label.push_back(i < 3 ? 1 : 0);
    set.in_pool.push_back(-1);
  }
  set.rgb.assign(kCount * 3 * 128 * 128, 0);
  for (auto& v : set.rgb.edit()) v = static_cast<std::uint8_t>(random.below(256));
  return set;
}

std::vector<Trace> run(int threads, const std::filesystem::path& folder) {
  graph::Registry registry;
  registry.add<Members>();
  registry.add<Note>();
  nodes::register_training_batches(registry);
  nodes::register_augment(registry);
  Diagnostics problems;
  const auto pipeline = graph::parse_pipeline(kPipeline, "test.yaml", {}, problems);
  auto graph = graph::Graph::build(pipeline, registry, problems, false);
  problems.throw_if_any();
  graph::RunOptions options;
  options.threads = threads;
  options.out = folder;
  options.inputs["sets"] = {graph::seal(Sets{{set_of(1), set_of(2)}}), type_of<Sets>(), "sets"};
  const auto report = graph.run(options);
  std::vector<Trace> out;
  for (const auto& output : report.outputs.at("trace"))
    out.push_back(*static_cast<const Trace*>(output.data.get()));
  return out;
}

TEST(BatchGraph, TrainsOnTheSameBatchesInOrderOnAnyNumberOfThreads) {
  const test::TempFolder folder;
  const auto one = run(1, folder.path());
  ASSERT_EQ(one.size(), 2U);
  EXPECT_THAT(one[0].batches, ::testing::ElementsAre(0, 1, 2, 3, 1000, 1001, 1002, 1003));
  EXPECT_NE(one[0].digest, one[1].digest);

  for (const int threads : {2, 5}) {
    const auto many = run(threads, folder.path());
    ASSERT_EQ(many.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(many[i].batches, one[i].batches);
      EXPECT_EQ(many[i].digest, one[i].digest) << threads << " threads";
    }
  }
}

}  // namespace
}  // namespace mito
