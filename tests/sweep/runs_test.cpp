#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/input_files.h"
#include "tests/graph/toy.h"
#include "tests/sweep/sweep_support.h"
#include "tools/sweep/sweep_runs.h"

namespace mito::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;

/// The size of a file.
struct Read {
  static constexpr graph::NodeInfo kInfo{.type = "read",
                                         .version = 1,
                                         .paper = "-",
                                         .summary = "Measures a file.",
                                         .inputs = {"file"},
                                         .output = "number"};
  static toy::Number run(const File& file) {
    return {static_cast<std::int64_t>(std::filesystem::file_size(file.path))};
  }
};

graph::Registry registry() {
  auto all = toy::registry();
  all.add<Read>();
  return all;
}

class Runs : public ::testing::Test {
 protected:
  Runs() {
    write(folder_ / "p.yaml", R"(inputs: {n: {type: integer, default: 3}}
presets:
  small: {d.value: 7}
nodes:
  c: {use: constant, params: {value: $n}}
  d: {use: constant}
outputs: [c, d]
)");
  }
  std::vector<sweep::Run> make(const std::string& yaml,
                               const std::vector<graph::Override>& set = {}) {
    Diagnostics out;
    const auto sweep = parse_sweep(yaml, (folder_ / "s.yaml").string(), out);
    out.throw_if_any();
    return make_runs(sweep, set, registry(), true);
  }
  /// The message without the folder's name.
  std::string message(const std::string& yaml, const std::vector<graph::Override>& set = {}) {
    try {
      make(yaml, set);
    } catch (const ConfigError& error) {
      std::string text = error.what();
      const std::string folder = folder_.path().string() + "/";
      for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
        text.erase(at, folder.size());
      return text;
    }
    return "no error";
  }
  test::TempFolder folder_;
};

TEST_F(Runs, TakeValuesFromFileThenPresetThenSetThenVariantThenSeed) {
  const auto runs = make(
      "base: p.yaml\npreset: small\nset: {n: 1}\nvariants:\n  a: {}\n  b: {d.value: 9}\n"
      "seeds: {values: [5], set: [n]}\n");

  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[1].label(), "b, seed 5");
  EXPECT_EQ(runs[1].folder, "b/seed-5");
  EXPECT_EQ(value_in_effect(runs[0].graph, "c.value"), "5");
  EXPECT_EQ(value_in_effect(runs[0].graph, "d.value"), "7");
  EXPECT_EQ(value_in_effect(runs[1].graph, "d.value"), "9");
  EXPECT_EQ(value_in_effect(runs[1].graph, "n"), "5");
}

TEST_F(Runs, TheCommandLineWinsOverWhatAllVariantsShare) {
  const auto runs = make("base: p.yaml\nset: {n: 1}\nvariants: {a: {d.value: 2}}\n", {{"n", "8"}});

  EXPECT_EQ(value_in_effect(runs[0].graph, "c.value"), "8");
  EXPECT_EQ(runs[0].folder, "a");
}

TEST_F(Runs, TheCommandLineMayNotSetWhatVaries) {
  EXPECT_EQ(message("base: p.yaml\nvariants: {a: {n: 2}}\n", {{"n", "8"}}),
            "--set n: error: the sweep varies it (s.yaml:2:16); --set is for what all variants "
            "share");
}

TEST_F(Runs, MistakesOfAllVariantsAreReportedAtTheirPlaces) {
  EXPECT_EQ(message("base: p.yaml\nvariants:\n  a: {d.valu: 2}\n  b: {e.value: 1, m: 3}\n"
                    "  c: {d.value: x}\n"),
            "s.yaml:3:7: error: node 'd' has no parameter 'valu'; did you mean 'value'?\n"
            "s.yaml:4:7: error: the pipeline has no node 'e'\n"
            "s.yaml:4:19: error: the pipeline has no input 'm'; it has n\n"
            "s.yaml:5:16: error: node 'd': parameter 'value' must be an integer, got 'x'");
}

TEST_F(Runs, AMistakeOfThePipelineFileIsReportedOnce) {
  write(folder_ / "wrong.yaml", "nodes:\n  c: {use: constand}\noutputs: [c]\n");

  EXPECT_EQ(message("base: wrong.yaml\nvariants: {a: {}, b: {}}\n"),
            "wrong.yaml:2:12: error: node 'c': no node type 'constand'; did you mean 'constant'?");
}

TEST_F(Runs, AnUnknownBaseOrPresetIsReportedInTheSweepFile) {
  EXPECT_EQ(message("base: q.yaml\nvariants: {a: {}}\n"),
            "s.yaml:1:7: error: cannot read the pipeline file 'q.yaml'");
  EXPECT_EQ(message("base: p.yaml\npreset: smal\nvariants: {a: {}}\n"),
            "s.yaml:2:9: error: p.yaml has no preset 'smal'; did you mean 'small'?");
}

TEST_F(Runs, OfAVariantWithAnotherPipelineTakeWhatItHas) {
  write(folder_ / "q.yaml",
        "presets: {small: {f.value: 4}}\nnodes:\n  e: {use: constant}\n  f: {use: constant}\n"
        "outputs: [e, f]\n");

  const auto runs = make(
      "base: p.yaml\npreset: small\nset: {n: 1}\nvariants:\n  a: {d.value: 9}\n"
      "  b: {base: q.yaml}\nseeds: {values: [5], set: [c.value, f.value]}\n",
      {{"e.value", "8"}});

  EXPECT_EQ(value_in_effect(runs[0].graph, "c.value"), "5");
  EXPECT_EQ(value_in_effect(runs[1].graph, "f.value"), "5");
  EXPECT_EQ(value_in_effect(runs[1].graph, "e.value"), "8");
  EXPECT_EQ(message("base: p.yaml\nvariants:\n  a:\n  b: {base: q.yaml}\n"
                    "seeds: {values: [5], set: [g.value]}\n"),
            "s.yaml:5:28: error: the pipeline has no node 'g'");
  EXPECT_EQ(message("base: p.yaml\nvariants:\n  a:\n  b: {base: q.yaml}\n", {{"g.value", "1"}}),
            "--set g.value: error: the pipeline has no node 'g'");
  EXPECT_EQ(message("base: p.yaml\nvariants:\n  b: {base: r.yaml}\n"),
            "s.yaml:3:13: error: cannot read the pipeline file 'r.yaml'");
  write(folder_ / "q.yaml", "nodes:\n  e: {use: constant}\noutputs: [e]\n");
  EXPECT_EQ(message("base: p.yaml\npreset: small\nvariants:\n  b: {base: q.yaml}\n"),
            "s.yaml:2:9: error: q.yaml has no preset 'small'");
}

TEST_F(Runs, TakeWhatWasPreparedFromTheOutputFolder) {
  write(folder_ / "read.yaml",
        "inputs: {f: {type: file}}\nnodes:\n  r: {use: read, in: {file: $f}}\noutputs: [r]\n");
  write(folder_ / "out/prepared/x.csv", "x\n");
  Diagnostics problems;
  const auto sweep = parse_sweep(
      "base: read.yaml\nprepare: {base: p.yaml, preset: small, set: {n: 4}}\n"
      "set: {f: $prepared/x.csv}\nvariants: {a: {}}\n",
      (folder_ / "s.yaml").string(), problems);
  problems.throw_if_any();

  const auto first = make_step(sweep, 0, {}, registry(), true);
  const auto runs = make_runs(sweep, {}, registry(), true, folder_ / "out");
  const auto elsewhere = make_runs(sweep, {}, registry(), false, folder_ / "other");

  EXPECT_EQ(first.folder, "prepared");
  EXPECT_EQ(value_in_effect(first.graph, "c.value"), "4");
  EXPECT_EQ(value_in_effect(first.graph, "d.value"), "7");
  EXPECT_EQ(value_in_effect(runs[0].graph, "f"), (folder_ / "out/prepared/x.csv").string());
  EXPECT_EQ(runs[0].definition, elsewhere[0].definition);
  EXPECT_EQ(message("base: read.yaml\nset: {f: $prepared/x.csv}\nvariants: {a: {}}\n"),
            "s.yaml:2:7: error: 'f' takes files of $prepared, but nothing is prepared: the sweep, "
            "or the preset that was chosen, has no 'prepare'");
}

TEST_F(Runs, AStepTakesWhatStepsBeforeItWroteAndWhatTheCommandLineSaysOfIt) {
  write(folder_ / "read.yaml",
        "inputs: {f: {type: file}}\nnodes:\n  r: {use: read, in: {file: $f}}\noutputs: [r]\n");
  write(folder_ / "out/draw/x.csv", "x\n");
  Diagnostics problems;
  const auto sweep = parse_sweep(
      "base: read.yaml\nprepare:\n  draw: {base: p.yaml}\n"
      "  look: {base: read.yaml, set: {f: $draw/x.csv}}\n  late: {base: read.yaml, set: {f: "
      "$last/x}}\n"
      "  last: {base: p.yaml}\n"
      "set: {f: $draw/x.csv}\nvariants: {a: }\n",
      (folder_ / "s.yaml").string(), problems);
  problems.throw_if_any();
  const std::vector<mito::graph::Override> overrides{mito::graph::parse_override("draw/c.value=5"),
                                                     mito::graph::parse_override("f=p.yaml")};

  const auto draw = make_step(sweep, 0, overrides, registry(), true, folder_ / "out");
  const auto look = make_step(sweep, 1, overrides, registry(), true, folder_ / "out");
  const auto runs = make_runs(sweep, overrides, registry(), false, folder_ / "out");

  EXPECT_EQ(value_in_effect(draw.graph, "c.value"), "5");
  EXPECT_EQ(value_in_effect(look.graph, "f"), (folder_ / "out/draw/x.csv").string());
  EXPECT_EQ(value_in_effect(runs[0].graph, "f"), "p.yaml");
  const auto said = [](const auto& call) {
    try {
      call();
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(
      said([&] { make_step(sweep, 2, {}, registry(), true, folder_ / "out"); }),
      HasSubstr("s.yaml:5:33: error: 'f' takes files of $last, but step 'last' does not run "
                "before"));
  EXPECT_THAT(said([&] {
                make_runs(sweep, {mito::graph::parse_override("drawn/c.value=5")}, registry(),
                          false, folder_ / "out");
              }),
              HasSubstr("--set drawn/c.value: error: 'prepare' has no step 'drawn'; did you mean "
                        "'draw'?"));
  EXPECT_THAT(message("base: read.yaml\nprepare: {draw: {base: p.yaml}}\n"
                      "set: {f: $drew/x.csv}\nvariants: {a: }\n"),
              HasSubstr("'f' takes files of $drew, but 'prepare' has no step of this name; did you "
                        "mean 'draw'?"));
}

TEST_F(Runs, AreDefinedByTheirValuesAndByTheInputsThatTheFileNames) {
  write(folder_ / "read.yaml",
        "inputs: {f: {type: file}}\nnodes:\n  r: {use: read, in: {file: $f}}\n  c: {use: "
        "constant}\noutputs: [r, c]\n");
  write(folder_ / "x.csv", "x\n");
  write(folder_ / "y.csv", "y\n");
  const auto definition = [&](const std::string& values) {
    return make("base: read.yaml\nvariants: {a: {" + values + "}}\n")[0].definition;
  };

  EXPECT_EQ(definition("f: x.csv, c.value: 1"), definition("f: x.csv, c.value: 01"));
  EXPECT_NE(definition("f: x.csv, c.value: 1"), definition("f: x.csv, c.value: 2"));
  EXPECT_NE(definition("f: x.csv, c.value: 1"), definition("f: y.csv, c.value: 1"));
}

TEST_F(Runs, AreIdenticalWhenTheirFilesAre) {
  write(folder_ / "read.yaml",
        "inputs: {f: {type: file}}\nnodes:\n  r: {use: read, in: {file: $f}}\noutputs: [r]\n");
  write(folder_ / "x.csv", "x\n");
  write(folder_ / "same.csv", "x\n");
  const auto identity = [&](const std::string& file) {
    FileDigests digests;
    return make("base: read.yaml\nvariants: {a: {f: " + file + "}}\n")[0].graph.identity(digests);
  };
  const auto before = identity("x.csv");

  EXPECT_EQ(identity("same.csv"), before);
  write(folder_ / "x.csv", "z\n");
  EXPECT_NE(identity("x.csv"), before);
}

TEST_F(Runs, ShardsHoldEveryRunOnce) {
  const std::string yaml = "base: p.yaml\ngrid: {n: [0, 1, 2, 3, 4]}\n";
  std::vector<std::string> all;
  for (const char* text : {"1/2", "2/2"}) {
    auto runs = make(yaml);
    keep_shard(runs, parse_shard(text));
    for (const auto& run : runs) all.push_back(run.variant);
  }

  EXPECT_THAT(all, ElementsAre("n=0", "n=2", "n=4", "n=1", "n=3"));
}

TEST_F(Runs, AShardIsAPartOfAWhole) {
  for (const char* text : {"0/2", "3/2", "1", "1/2x", "a/b", ""})
    EXPECT_THROW(parse_shard(text), ConfigError) << text;
}

}  // namespace
}  // namespace mito::sweep
