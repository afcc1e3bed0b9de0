#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/input_files.h"
#include "engine/graph/inputs.h"
#include "tests/graph/toy.h"
#include "tests/support/temp_folder.h"

namespace mito::graph {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace fs = std::filesystem;

std::vector<std::string> problems(const std::string& yaml,
                                  const std::vector<Override>& overrides = {},
                                  bool require_inputs = false) {
  Diagnostics out;
  const Pipeline pipeline = parse_pipeline(yaml, "p.yaml", overrides, out);
  Graph::build(pipeline, toy::registry(), out, require_inputs);
  return out.lines();
}

const std::string kHead = R"(inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: items, in: {cohort: $cohort}}
)";

TEST(Pipeline, ReportsEveryMistakeAtOnceInFileOrder) {
  const auto found = problems(R"(inputs: {cohort: {type: Cohort}}
nodes:
  items: {use: itms, in: {cohort: $cohort}}
  parts: {use: parts, in: {item: items}, params: {fail_at: -7, dely_s: 1}}
  total: {use: sum, in: {number: partz}}
outputs: [totl]
)");

  EXPECT_THAT(
      found,
      ElementsAre(
          "p.yaml:3:16: error: node 'items': no node type 'itms'; did you mean 'items'?",
          "p.yaml:4:3: error: node 'parts': nothing uses its result; connect it, list it under "
          "'outputs', or remove it",
          "p.yaml:4:60: error: node 'parts': parameter 'fail_at' must be in [-1, 1000000], got -7",
          "p.yaml:4:64: error: node 'parts' has no parameter 'dely_s'; did you mean 'delay_s'?",
          "p.yaml:5:3: error: node 'total': nothing uses its result; connect it, list it under "
          "'outputs', or remove it",
          "p.yaml:5:34: error: node 'total': input 'number' refers to 'partz', which is not a "
          "node; "
          "did you mean 'parts'?",
          "p.yaml:6:11: error: output 'totl' is not a node; did you mean 'total'?"));
}

TEST(Pipeline, FindsDuplicateKeys) {
  EXPECT_THAT(
      problems(kHead + "  items: {use: constant}\noutputs: []\n"),
      Contains(HasSubstr("p.yaml:4:3: error: duplicate key 'items'; first given at line 3")));
}

TEST(Pipeline, RefusesLoops) {
  EXPECT_THAT(problems(R"(nodes:
  a: {use: square, in: {number: b}}
  b: {use: square, in: {number: a}}
outputs: [a]
)"),
              Contains(HasSubstr("node 'a' needs its own result: a -> b -> a")));
}

TEST(Pipeline, RefusesWrongPortTypes) {
  EXPECT_THAT(problems(kHead + "  sq: {use: square, in: {number: items}}\noutputs: [sq]\n"),
              Contains("p.yaml:4:34: error: node 'sq': input 'number' expects Number, but 'items' "
                       "produces Item"));
}

TEST(Pipeline, RefusesToReduceARunValue) {
  EXPECT_THAT(
      problems("nodes:\n  five: {use: constant}\n  s: {use: sum, in: {number: five}}\n"
               "outputs: [s]\n"),
      Contains(HasSubstr("node 's' reduces a stream, but its input has one value per run")));
}

TEST(Pipeline, RefusesAStreamThatWouldWaitForItself) {
  EXPECT_THAT(problems(kHead + R"(  parts: {use: parts, in: {item: items}}
  per_item: {use: sum, in: {number: parts}}
  bad: {use: join, in: {number: parts, item: items, extra: per_item}}
  all: {use: sum, in: {number: bad}}
outputs: [all]
)"),
              Contains(HasSubstr("is computed from the same 'parts' stream it would accompany")));
}

TEST(Pipeline, RefusesToStoreWhatHasNoCodec) {
  EXPECT_THAT(problems(kHead + R"(  parts: {use: parts, in: {item: items}}
  listed: {use: list, in: {number: parts, item: items}, store: true}
outputs: [listed]
)"),
              Contains(HasSubstr("a Numbers cannot be stored")));
}

TEST(Pipeline, StoresYesNoOrUntilUsed) {
  const std::string rest = R"(  parts: {use: parts, in: {item: items}}
  squares: {use: square, in: {number: parts}, store: %}
  per_item: {use: sum, in: {number: squares}}
outputs: [per_item]
)";
  const auto with = [&](const std::string& value) {
    std::string text = rest;
    return problems(kHead + text.replace(text.find('%'), 1, value));
  };

  EXPECT_THAT(with("until_used"), IsEmpty());
  EXPECT_THAT(with("yes"), IsEmpty());
  EXPECT_THAT(with("untill_used"), Contains(HasSubstr("node 'squares': 'store' must be yes, no or "
                                                      "until_used, got 'untill_used'")));
  EXPECT_THAT(problems("nodes:\n  five: {use: constant, store: until_used}\noutputs: [five]\n"),
              ElementsAre("p.yaml:2:32: error: node 'five' is an output, which stays; expected "
                          "'store: yes', got 'store: until_used'"));
}

TEST(Pipeline, AnInputSaysWhetherToStore) {
  const std::string text =
      "inputs:\n  keep: {type: text, default: until_used}\nnodes:\n"
      "  five: {use: constant, store: $keep}\noutputs: [five]\n";

  EXPECT_THAT(problems(text), Contains(HasSubstr("which stays")));
  EXPECT_THAT(problems(text, {{"keep", "yes"}}), IsEmpty());
  EXPECT_THAT(problems(text, {{"keep", "'yes'"}}), IsEmpty());
}

TEST(Pipeline, NamesTheUnconnectedInput) {
  EXPECT_THAT(problems(kHead + "  parts: {use: parts, in: {itm: items}}\noutputs: []\n"),
              Contains(HasSubstr("node 'parts' (parts) has no input 'itm'; did you mean 'item'?")));
}

TEST(Pipeline, ANodeOfOptionalInputsWantsOneOfThem) {
  EXPECT_THAT(problems("nodes:\n  e: {use: either}\noutputs: [e]\n"),
              ElementsAre("p.yaml:2:3: error: node 'e': connect at least one of its inputs: one, "
                          "other"));
  EXPECT_THAT(problems("nodes:\n  five: {use: constant}\n  e: {use: either, in: {other: five}}\n"
                       "outputs: [e]\n"),
              IsEmpty());
}

TEST(Pipeline, AnOverrideReplacesAParameterAndIsChecked) {
  const std::string yaml = "nodes:\n  five: {use: constant}\noutputs: [five]\n";

  EXPECT_THAT(problems(yaml, {{"five.value", "7"}}), IsEmpty());
  EXPECT_THAT(problems(yaml, {{"five.value", "x"}}),
              ElementsAre("--set five.value: error: node 'five': parameter 'value' must be an "
                          "integer, got 'x'"));
  EXPECT_THAT(problems(yaml, {{"fiv.value", "7"}}),
              ElementsAre("--set fiv.value: error: the pipeline has no node 'fiv'; did you mean "
                          "'five'?"));
}

const std::string kPresets = R"(inputs: {n: {type: integer, default: 3}}
presets:
  small: {c.value: 7, n: 5}
  paper:
nodes:
  c: {use: constant}
  d: {use: constant, params: {value: $n}}
outputs: [c, d]
)";

std::vector<std::string> values_with(const std::string& preset, const std::vector<Override>& set) {
  Diagnostics out;
  const Pipeline pipeline = parse_pipeline(kPresets, "p.yaml", set, out, preset);
  const Graph graph = Graph::build(pipeline, toy::registry(), out);
  EXPECT_THAT(out.lines(), IsEmpty());
  std::vector<std::string> values;
  for (const auto& node : graph.nodes())
    values.push_back(node.id + "=" + node.params.at(0).value + " " + node.params.at(0).set_by);
  return values;
}

TEST(Pipeline, APresetWinsOverTheFileAndLosesAgainstSet) {
  EXPECT_THAT(values_with("", {}), UnorderedElementsAre("c=5 ", "d=3 file"));
  EXPECT_THAT(values_with("paper", {}), UnorderedElementsAre("c=5 ", "d=3 file"));
  EXPECT_THAT(values_with("small", {}),
              UnorderedElementsAre("c=7 preset small", "d=5 preset small"));
  EXPECT_THAT(values_with("small", {{"n", "9"}}),
              UnorderedElementsAre("c=7 preset small", "d=9 --set"));
}

TEST(Pipeline, APresetReachesIncludedFilesAndTheOuterFileWins) {
  const test::TempFolder folder;
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(folder.path() / name) << text;
  };
  write("deep.yaml",
        "presets: {small: {c.value: 1}, large: {c.value: 9}}\nnodes:\n  c: {use: constant}\n");
  write("part.yaml",
        "inputs: {n: {type: integer, default: 3}, m: {type: integer, default: 4}}\n"
        "presets: {small: {n: 6, m: 7, inner.c.value: 2}}\nnodes:\n"
        "  inner: {include: deep.yaml}\n  d: {use: constant, params: {value: $n}}\n"
        "  e: {use: constant, params: {value: $m}}\n");
  write("outer.yaml",
        "presets: {small: {a.d.value: 8}}\nnodes:\n  a: {include: part.yaml, with: {m: 5}}\n"
        "  b: {include: deep.yaml}\noutputs: [a.inner.c, a.d, a.e, b.c]\n");
  const auto values = [&](const std::string& preset) {
    Diagnostics out;
    const auto pipeline = load_pipeline(folder.path() / "outer.yaml", {}, out, preset);
    const Graph graph = Graph::build(pipeline, toy::registry(), out);
    EXPECT_THAT(out.lines(), IsEmpty()) << preset;
    std::vector<std::string> found;
    for (const auto& node : graph.nodes()) found.push_back(node.id + "=" + node.params.at(0).value);
    return found;
  };

  EXPECT_THAT(values(""), UnorderedElementsAre("a.inner.c=5", "a.d=3", "a.e=5", "b.c=5"));
  EXPECT_THAT(values("small"), UnorderedElementsAre("a.inner.c=2", "a.d=8", "a.e=5", "b.c=1"));
  EXPECT_THAT(values("large"), UnorderedElementsAre("a.inner.c=9", "a.d=3", "a.e=5", "b.c=9"));

  Diagnostics out;
  write("deep.yaml", "presets: {small: {x.value: 1}}\nnodes:\n  c: {use: constant}\n");
  load_pipeline(folder.path() / "outer.yaml", {}, out, "large");
  EXPECT_THAT(out.lines(),
              Contains(HasSubstr("deep.yaml:1:19: error: the pipeline has no node 'a.inner.x'")));
}

TEST(Pipeline, AFileThatMovedIsFoundByItsOldPath) {
  const test::TempFolder folder;
  fs::create_directories(folder.path() / "new");
  std::ofstream(folder.path() / "MOVED") << "# old new\nold/p.yaml new/q.yaml\n";
  std::ofstream(folder.path() / "new/q.yaml") << "nodes:\n  c: {use: constant}\noutputs: [c]\n";
  Diagnostics out;

  EXPECT_EQ(load_pipeline(folder.path() / "old/p.yaml", {}, out).nodes.size(), 1U);
  EXPECT_THAT(out.lines(), IsEmpty());
  load_pipeline(folder.path() / "old/r.yaml", {}, out);
  EXPECT_THAT(out.lines(), ElementsAre(HasSubstr("cannot read the pipeline file")));
}

/// A value as a sweep file gives it, at line 4 of it.
Override written(const std::string& name, const std::string& value) {
  return {name, "", config::Value::text(value, {"s.yaml", 4, 9}), {"s.yaml", 4, 3}, "folder"};
}

TEST(Pipeline, AValueOfAnotherFileIsReportedAtItsPlaceThere) {
  const std::string yaml = "nodes:\n  five: {use: constant}\noutputs: [five]\n";

  EXPECT_THAT(problems(yaml, {written("five.value", "7")}), IsEmpty());
  EXPECT_THAT(problems(yaml, {written("five.value", "x")}),
              ElementsAre("s.yaml:4:9: error: node 'five': parameter 'value' must be an integer, "
                          "got 'x'"));
  EXPECT_THAT(problems(yaml, {written("five.value", "10000000000000000000")}),
              ElementsAre("s.yaml:4:9: error: node 'five': parameter 'value' must be an integer "
                          "from -9223372036854775808 to 9223372036854775807, got "
                          "10000000000000000000"));
  EXPECT_EQ(config::convert<int>(config::Value::text("3000000000", {})), std::nullopt);
  EXPECT_EQ(config::convert<int>(config::Value::text("2e9", {})), 2000000000);
  EXPECT_THAT(problems(yaml, {written("five.valu", "7")}),
              ElementsAre("s.yaml:4:3: error: node 'five' has no parameter 'valu'; did you mean "
                          "'value'?"));
}

TEST(Pipeline, APathOfAnotherFileStartsFromItsFolder) {
  const std::string yaml =
      "inputs:\n  f: {type: file}\nnodes:\n  r: {use: read, in: {file: $f}}\noutputs: [r]\n";
  Diagnostics out;

  const Pipeline pipeline = parse_pipeline(yaml, "p.yaml", {written("f", "x.csv")}, out);

  EXPECT_EQ(pipeline.input("f")->base, "folder");
}

/// The definition of a pipeline with one parameter or one more node.
std::string definition(const std::string& params, const std::string& outputs = "[c]") {
  Diagnostics out;
  const auto yaml =
      "nodes:\n  c: {use: constant, params: {" + params + "}}\noutputs: " + outputs + "\n";
  return Graph::build(parse_pipeline(yaml, "p.yaml", {}, out), toy::registry(), out).definition();
}

TEST(Definition, ChangesWithParametersAndOutputsOnly) {
  EXPECT_EQ(definition("value: 7"), definition("value: 07"));
  EXPECT_EQ(definition("value: 5"), definition(""));  // the default
  EXPECT_NE(definition("value: 7"), definition("value: 8"));
  EXPECT_NE(definition("value: 7"), definition("value: 7", "[]"));
}

TEST(Pipeline, EveryPresetIsCheckedForWhatItNames) {
  const auto with = [](const std::string& preset, const std::string& chosen) {
    std::string text = kPresets;
    text.replace(text.find("  paper:"), 8, "  paper: " + preset);
    Diagnostics out;
    Graph::build(parse_pipeline(text, "p.yaml", {}, out, chosen), toy::registry(), out, false);
    return out.lines();
  };

  EXPECT_THAT(with("{cc.value: 1}", ""),
              ElementsAre("p.yaml:4:11: error: the pipeline has no node 'cc'; did you mean 'c'?"));
  EXPECT_THAT(with("{m: 1}", "small"),
              ElementsAre("p.yaml:4:11: error: the pipeline has no input 'm'; it has n"));
  EXPECT_THAT(with("7", ""), ElementsAre(HasSubstr("p.yaml:4:10: error: preset 'paper': must be a "
                                                   "map of NODE.PARAM or INPUT to a value")));
  EXPECT_THAT(with("{c.value: x}", "paper"),
              ElementsAre("p.yaml:4:20: error: node 'c': parameter 'value' must be an integer, got "
                          "'x'"));
  EXPECT_THAT(with("{}", "smal"), ElementsAre("--preset smal: error: the pipeline has no preset "
                                              "'smal'; did you mean 'small'?"));
}

TEST(Pipeline, AScalarInputBecomesAParameter) {
  const std::string yaml =
      "inputs: {n: {type: integer, default: 3}}\nnodes:\n  c: {use: constant, params: {value: "
      "$n}}\n"
      "outputs: [c]\n";
  Diagnostics out;

  const Pipeline pipeline = parse_pipeline(yaml, "p.yaml", {{"n", "12"}}, out);
  const auto report = Graph::build(pipeline, toy::registry(), out).run({});

  EXPECT_THAT(out.lines(), IsEmpty());
  EXPECT_EQ(static_cast<const toy::Number*>(report.outputs.at("c")[0].data.get())->value, 12);
}

TEST(Pipeline, AsksForAMissingInputByName) {
  EXPECT_THAT(
      problems("inputs: {f: {type: files, help: slides}}\nnodes:\n  c: {use: constant}\n"
               "outputs: [c]\n",
               {}, true),
      Contains(HasSubstr("input 'f' (files) has no value; give it with --set f=... (slides)")));
}

TEST(Pipeline, AnOptionalInputWithoutAValueLeavesAnOptionalPortOpen) {
  const std::string head = "inputs: {cohort: {type: Cohort}, n: {type: file, optional: yes}}\n";

  EXPECT_THAT(
      problems(head + "nodes:\n  c: {use: square, in: {number: $n}}\noutputs: [c]\n", {}, false),
      Contains(HasSubstr("input 'number' needs a value, but '$n' is optional")));
}

TEST(Pipeline, IncludesASubGraphWithParameters) {
  const test::TempFolder folder;
  std::ofstream(folder / "inner.yaml") << R"(
inputs: {start: {type: Number}, factor: {type: number, default: 2}}
nodes:
  once: {use: square, in: {number: $start}, params: {scale: $factor}}
  twice: {use: square, in: {number: once}}
)";
  Diagnostics out;
  const Pipeline pipeline = parse_pipeline(R"(
nodes:
  c: {use: constant, params: {value: 3}}
  sub: {include: inner.yaml, with: {start: c, factor: 4}}
outputs: [sub.twice]
)",
                                           (folder / "outer.yaml").string(), {}, out);

  Graph graph = Graph::build(pipeline, toy::registry(), out);

  ASSERT_THAT(out.lines(), IsEmpty());
  EXPECT_EQ(
      static_cast<const toy::Number*>(graph.run({}).outputs.at("sub.twice")[0].data.get())->value,
      36 * 36);
}

TEST(Pipeline, AnIncludedFileMayHaveOptionalInputs) {
  const test::TempFolder folder;
  std::ofstream(folder / "outer.yaml") << R"(
inputs: {number: {type: Number}, item: {type: Item}, extra: {type: Number, optional: yes}}
nodes:
  sub: {include: inner.yaml, with: {number: $number, item: $item, extra: $extra}}
)";
  std::ofstream(folder / "inner.yaml") << R"(
inputs: {number: {type: Number}, item: {type: Item}, extra: {type: Number, optional: yes}}
nodes:
  joined: {use: join, in: {number: $number, item: $item, extra: $extra}}
)";
  const auto connected = [&](const std::string& with) {
    Diagnostics out;
    const Pipeline pipeline = parse_pipeline(kHead + R"(
  five: {use: constant}
  parts: {use: parts, in: {item: items}}
  one: {include: outer.yaml, with: {number: parts, item: items)" +
                                                 with + R"(}}
  all: {use: sum, in: {number: one.sub.joined}}
outputs: [all, five]
)",
                                             (folder / "top.yaml").string(), {}, out);
    const Graph graph = Graph::build(pipeline, toy::registry(), out, false);
    EXPECT_THAT(out.lines(), IsEmpty());
    for (const auto& node : graph.nodes()) {
      if (node.id == "one.sub.joined") return node.sources.size();
    }
    return std::size_t{0};
  };

  EXPECT_EQ(connected(""), 2U);
  EXPECT_EQ(connected(", extra: five"), 3U);
}

TEST(Pipeline, FoldersThatTellFilesApartArePartOfTheirIdentity) {
  const test::TempFolder folder;
  const auto digest = [&](const std::string& root) {
    InputDecl input;
    input.type = "files";
    input.value = config::Value::text((folder / root / "*/*.csv").string(), {});
    FileDigests digests;
    return input_digest(input, digests);
  };
  for (const auto* file : {"a/04/01.csv", "a/21/01.csv", "b/04/01.csv", "b/22/01.csv"}) {
    fs::create_directories((folder / file).parent_path());
    std::ofstream(folder / file) << "same";
  }
  const std::string before = digest("a");
  fs::create_directories(folder / "elsewhere");
  fs::rename(folder / "a", folder / "elsewhere" / "c");

  EXPECT_EQ(digest("elsewhere/c"), before);
  EXPECT_NE(digest("b"), before);
}

std::vector<std::string> mistakes_in(const std::string& yaml, const std::string& set = "") {
  Diagnostics out;
  const auto overrides = set.empty() ? std::vector<Override>{} : std::vector{parse_override(set)};
  parse_pipeline(yaml, "p.yaml", overrides, out);
  return out.lines();
}

TEST(Pipeline, AnAliasInsideItsOwnAnchorIsAMistakeWithItsPlace) {
  EXPECT_THAT(mistakes_in("nodes: &a [*a, *a]\n"),
              Contains("p.yaml:1:8: error: an alias (*name) stands inside its own anchor (&name): "
                       "without end"));
  const std::string slide = "inputs: {slide: {type: files}}\nnodes: {a: {use: constant}}\n";
  for (const char* set : {"slide=&a [*a]", "a.n=&a {b: [*a]}", "slide=[&a [*a]]"})
    EXPECT_THAT(mistakes_in(slide, set),
                Contains(AllOf(HasSubstr("--set "), HasSubstr("inside its own anchor"))))
        << set;
  EXPECT_THAT(mistakes_in(slide, "slide=& x"), ElementsAre());  // the name of a file
}

TEST(Pipeline, AliasesThatRepeatALongTextAreAMistakeWithItsPlace) {
  std::string yaml = "title: &a " + std::string(100'000, 'x') + "\nnodes: [";
  for (int i = 0; i < 1000; ++i) yaml += "*a,";
  EXPECT_THAT(mistakes_in(yaml + "]\n"),
              Contains(AllOf(HasSubstr("p.yaml:1:8: error: more than 64 MiB of text"),
                             HasSubstr("do aliases (*name) repeat it?"))));
}

TEST(Pipeline, FilesThatIncludeThemselvesAreAMistakeWithItsPlace) {
  const test::TempFolder folder;
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name) << text;
  };
  write("a.yaml", "nodes: {b: {include: b.yaml}}\n");
  write("b.yaml", "nodes: {x: {include: a.yaml}, y: {include: a.yaml}}\n");
  Diagnostics out;
  load_pipeline(folder / "a.yaml", {}, out);

  EXPECT_THAT(out.lines(),
              ElementsAre(HasSubstr("b.yaml:1:22: error: node 'b.x': '" +
                                    (folder / "a.yaml").string() + "' includes itself"),
                          HasSubstr("b.yaml:1:44: error: node 'b.y'")));
}

TEST(Pipeline, FilesThatIncludeTenTimesWhatIncludesTenTimesAreAMistake) {
  const test::TempFolder folder;
  for (int level = 0; level < 8; ++level) {
    std::string nodes;
    for (int i = 0; i < 10; ++i)
      nodes += fmt::format("{}n{}: {{include: l{}.yaml}}", i == 0 ? "" : ", ", i, level + 1);
    std::ofstream(folder / fmt::format("l{}.yaml", level)) << "nodes: {" << nodes << "}\n";
  }
  std::ofstream(folder / "l8.yaml") << "nodes: {a: {use: constant}}\n";
  Diagnostics out;
  load_pipeline(folder / "l0.yaml", {}, out);

  EXPECT_THAT(out.lines(), Contains(HasSubstr("more than 10000 files are included")));
}

/// What the values of an input are when `--set files=VALUE` is given.
FileList files_of(const std::string& value, std::vector<std::string>* lines = nullptr) {
  Diagnostics out;
  const auto pipeline =
      parse_pipeline("inputs: {files: {type: files}}\nnodes: {a: {use: constant}}\n", "p.yaml",
                     {parse_override("files=" + value)}, out);
  const auto* input = pipeline.input("files");
  check_input(*input, true, out);
  if (lines != nullptr) *lines = out.lines();
  const auto data = input_value(*input);
  return data == nullptr ? FileList{} : *static_cast<const FileList*>(data.get());
}

TEST(Pipeline, TheNameOfAnExistingFileIsThatFile) {
  const test::TempFolder folder;
  for (const std::string name :
       {"[x].svs",    "a [1].svs", "{a: b}.svs",    "'q'.svs", "\"q\".svs", "*.svs",        "?.svs",
        "a#b: c.svs", "&a.svs",    "!a.svs",        "%a.svs",  "@a.svs",    " a .svs",      "-a",
        "~",          "null",      "new\nline.svs", "a,b.svs", "a=b.svs",   "latin\xE9.svs"}) {
    std::ofstream(folder / name) << "x";
    std::vector<std::string> lines;

    const auto files = files_of((folder / name).string(), &lines);

    EXPECT_THAT(lines, IsEmpty()) << name;
    EXPECT_TRUE(files.single) << name;
    EXPECT_THAT(files.paths, ElementsAre(folder / name));
    std::filesystem::remove(folder / name);
  }
}

TEST(Pipeline, ANameThatBeginsLikeYamlIsThatFileInTheCurrentFolder) {
  const test::TempFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const std::string name : {"[x].svs", "{y}.svs", "'z'.svs", "null", "~"}) {
    std::ofstream(folder / name) << "x";
    EXPECT_THAT(files_of(name).paths, ElementsAre(std::filesystem::path(name)));
  }
  std::filesystem::current_path(before);
}

TEST(Pipeline, APatternLeavesFoldersOut) {
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "b");
  std::ofstream(folder / "a.mrxs") << "x";
  std::vector<std::string> lines;

  const auto files = files_of((folder / "*").string(), &lines);

  EXPECT_THAT(lines, IsEmpty());
  EXPECT_FALSE(files.single);
  EXPECT_THAT(files.paths, ElementsAre(folder / "a.mrxs"));
  EXPECT_THAT(files.caught, ElementsAre(true));
  EXPECT_THAT(files.folders, ElementsAre(folder / "b"));
  std::filesystem::remove(folder / "a.mrxs");
  files_of((folder / "*").string(), &lines);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is a folder; use a pattern")));
}

TEST(Pipeline, APatternInAFolderWhoseNameHoldsSigns) {
  const test::TempFolder folder;
  for (const std::string name : {"study [1]", "[x]", "a*b", "p?q", "b\\\\c"}) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "a.svs") << "x";
    std::vector<std::string> lines;

    EXPECT_THAT(files_of((folder / name / "*.svs").string(), &lines).paths,
                ElementsAre(folder / name / "a.svs"));
    EXPECT_THAT(lines, IsEmpty()) << name;
  }
  EXPECT_EQ(files_of((folder / "*" / "?.svs").string()).paths.size(), 5U);
}

TEST(Pipeline, APatternLeavesPipesOutAndAPipeIsNoFile) {
  const test::TempFolder folder;
  std::ofstream(folder / "a.svs") << "x";
  ASSERT_EQ(::mkfifo((folder / "b.svs").c_str(), 0600), 0);
  std::vector<std::string> lines;

  const auto files = files_of((folder / "*.svs").string(), &lines);

  EXPECT_THAT(lines, IsEmpty());
  EXPECT_THAT(files.paths, ElementsAre(folder / "a.svs"));
  EXPECT_THAT(files.folders, ElementsAre(folder / "b.svs"));
  files_of((folder / "b.svs").string(), &lines);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("is a pipe or a device, which cannot be read twice")));
}

TEST(Pipeline, AnInputWantsAsManyFilesAsItsTypeSays) {
  const test::TempFolder folder;
  std::ofstream(folder / "a.csv") << "x";
  const auto mistakes = [&](const std::string& type, const std::string& value) {
    Diagnostics out;
    const auto pipeline = parse_pipeline(
        fmt::format("inputs: {{f: {{type: {}}}}}\nnodes: {{a: {{use: constant}}}}\n", type),
        (folder / "p.yaml").string(), {parse_override("f=" + value)}, out);
    check_input(*pipeline.input("f"), true, out);
    return out.lines();
  };

  EXPECT_THAT(mistakes("files", "[]"),
              ElementsAre(HasSubstr("must name files, got an empty list")));
  EXPECT_THAT(mistakes("file", "[a.csv]"),
              ElementsAre(HasSubstr("must name one file, got a list")));
  const std::string pattern = (folder / "*.csv").string();
  EXPECT_THAT(mistakes("file", pattern), ElementsAre(HasSubstr("there is no file '" + pattern)));
  EXPECT_THAT(mistakes("file", folder.path().string()),
              ElementsAre(HasSubstr("is a folder; expected a file")));
}

TEST(Pipeline, NamesAFolderThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is closed to the superuser";
  const test::TempFolder folder;
  std::filesystem::create_directories(folder / "d");
  std::ofstream(folder / "d" / "a.svs") << "x";
  std::filesystem::permissions(folder / "d", std::filesystem::perms::none);
  std::vector<std::string> lines;

  for (const char* name : {"d/*.svs", "d/a.svs", "*/*.svs"}) {
    files_of((folder / name).string(), &lines);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("the folder '" + (folder / "d").string() +
                                             "' may not be read by this user")));
  }
  std::filesystem::permissions(folder / "d", std::filesystem::perms::owner_all);
}

TEST(Pipeline, ASecondDocumentIsAMistakeAtItsPlace) {
  const std::string yaml = "nodes:\n  five: {use: constant}\noutputs: [five]\n";
  const auto further = [](int line) {
    return fmt::format(
        "p.yaml:{}:1: error: a further YAML document begins here, which would be "
        "ignored: expected one",
        line);
  };

  EXPECT_THAT(problems(yaml + "---\nnodes:\n  five: {use: constant, params: {value: 2}}\n"),
              ElementsAre(further(4)));
  EXPECT_THAT(problems(yaml + "---\n---\n# note\na: 1\n"), ElementsAre(further(5)));
  EXPECT_THAT(problems(yaml + "--- text\n"), ElementsAre(further(4)));
  EXPECT_THAT(problems(yaml + "...\na: 1\n"),
              ElementsAre(HasSubstr("p.yaml:5:1: error: text behind the end of the value")));
  for (const auto* fine : {"---\n", "...\n", "---\n# only a note\n"})
    EXPECT_THAT(problems(yaml + fine), IsEmpty()) << fine;
  EXPECT_THAT(problems("---\n" + yaml), IsEmpty());
}

TEST(Pipeline, TextBehindAValueOfSetIsAMistakeAtItsPlace) {
  const std::string yaml = "nodes:\n  five: {use: constant}\noutputs: [five]\n";

  for (const std::string value :
       {"[1] 2", "\"1\" 2", "{a: 1} 2", "[1]  ,", "[1],", "{a: 1},", "\"1\","})
    EXPECT_THAT(problems(yaml, {{"five.value", value}}),
                Contains(HasSubstr(fmt::format("--set five.value:1:{}: error: text behind the end "
                                               "of the value",
                                               value.size()))))
        << value;
}

TEST(Pipeline, ASecondDocumentOfAnIncludedFileIsAMistake) {
  const test::TempFolder folder;
  std::ofstream(folder / "part.yaml") << "nodes:\n  five: {use: constant}\n---\na: 1\n";
  std::ofstream(folder / "p.yaml") << "nodes:\n  part: {include: part.yaml}\n";
  Diagnostics out;

  load_pipeline(folder / "p.yaml", {}, out);

  EXPECT_THAT(out.lines(), ElementsAre(HasSubstr("part.yaml:3:1: error: a further YAML document")));
}

TEST(Pipeline, AliasesThatMultiplyAreAMistake) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i)
    bomb +=
        fmt::format("a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i, i - 1);

  EXPECT_THAT(problems(bomb), Contains(HasSubstr("more than 100000 values")));
}

TEST(Pipeline, AFileThatIsNotYamlGetsOneMessage) {
  EXPECT_THAT(problems("nodes: [a: {"), ElementsAre(HasSubstr("p.yaml:1:")));
}

}  // namespace
}  // namespace mito::graph
