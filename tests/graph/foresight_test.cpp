// What nodes say before anything is computed.
#include "engine/core/foresight.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/input_files.h"
#include "tests/graph/toy.h"
#include "tests/support/temp_folder.h"

namespace mito::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<const std::vector<std::string>> lines_of(const Foresight& ahead) {
  const auto file = ahead.at<File>("file");
  if (file == nullptr) return nullptr;
  auto lines = std::make_shared<std::vector<std::string>>();
  std::ifstream in(file->path);
  for (std::string line; std::getline(in, line);) lines->push_back(line);
  return lines;
}

/// A number that says what its file holds.
struct Told {
  static constexpr NodeInfo kInfo{.type = "told",
                                  .version = 1,
                                  .paper = "-",
                                  .summary = "Foretells the lines of a file.",
                                  .inputs = {"file"},
                                  .output = "number"};
  static inline int asked = 0;

  static std::shared_ptr<const std::vector<std::string>> foretell(const Foresight& ahead) {
    ++asked;
    return lines_of(ahead);
  }
  static toy::Number run(const File& /*file*/) { return {1}; }
};

/// A new node that measures: nothing but `measures` says so.
struct Measuring {
  static constexpr NodeInfo kInfo{.type = "measuring",
                                  .version = 1,
                                  .paper = "-",
                                  .summary = "Measures.",
                                  .inputs = {"number", "model"},
                                  .output = "number"};
  struct Params {
    std::string suffix;
    static void describe(auto& p, auto&& field) {
      field("suffix", p.suffix, {.doc = "Behind the name of every case."});
    }
  };
  static std::optional<Measured> measures(const Params& params, const Foresight& ahead) {
    const auto cases = ahead.at<std::vector<std::string>>("number");
    if (cases == nullptr) return std::nullopt;
    Measured out{*cases};
    for (auto& name : out.cases) name += params.suffix;
    if (const auto trained = ahead.at<std::vector<std::string>>("model"))
      out.seen.push_back({"training", *trained});
    return out;
  }
  static std::vector<std::string> warnings(const Params& params, const Foresight& ahead) {
    if (params.suffix.empty() || !ahead.connected("model")) return {};
    return {"cases end in " + params.suffix};
  }
  static toy::Number run(const Params& /*params*/,
                         const toy::Number& number,
                         const toy::Number* /*model*/) {
    return number;
  }
};

constexpr const char* kPipeline = R"(
inputs:
  cases: {type: file}
  seen: {type: file}
nodes:
  numbers: {use: told, in: {file: $cases}}
  squares: {use: square, in: {number: numbers}}
  model: {use: told, in: {file: $seen}}
  measured: {use: measuring, in: {number: squares, model: model}, params: {suffix: "-1"}}
  again: {use: measuring, in: {number: squares, model: model}, params: {suffix: "-1"}}
outputs: [measured, again]
)";

class ForesightTest : public ::testing::Test {
 protected:
  void SetUp() override { Told::asked = 0; }
  Graph build(const std::string& cases, const std::string& seen) {
    std::ofstream(folder_ / "cases.txt") << cases;
    if (!seen.empty()) std::ofstream(folder_ / "seen.txt") << seen;
    auto registry = toy::registry();
    registry.add<Told>();
    registry.add<Measuring>();
    Diagnostics out;
    const auto pipeline = parse_pipeline(
        kPipeline, "test.yaml",
        {{"cases", (folder_ / "cases.txt").string()}, {"seen", (folder_ / "seen.txt").string()}},
        out);
    Graph graph = Graph::build(pipeline, registry, out, false);
    out.throw_if_any();
    return graph;
  }
  test::TempFolder folder_;
};

TEST_F(ForesightTest, ANodeThatSaysThatItMeasuresIsLookedAt) {
  std::vector<Measured> found;

  build("a\nb\n", "b-1\n").look_at_measured([&](const Measured& m) { found.push_back(m); });

  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].cases, ElementsAre("a-1", "b-1"));
  ASSERT_EQ(found[0].seen.size(), 1U);
  EXPECT_EQ(found[0].seen[0].role, "training");
  EXPECT_THAT(found[0].seen[0].cases, ElementsAre("b-1"));
}

TEST_F(ForesightTest, AMapPassesOnWhatIsKnownAndEachNodeIsAskedOnce) {
  build("a\n", "b\n").look_at_measured([](const Measured&) {});

  EXPECT_EQ(Told::asked, 2);
}

TEST_F(ForesightTest, WhatComesFromAFileThatDoesNotExistIsNotKnown) {
  std::vector<Measured> found;

  build("a\n", "").look_at_measured([&](const Measured& m) { found.push_back(m); });

  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].seen, IsEmpty());
}

TEST_F(ForesightTest, AProblemNamesTheNodeThatMeasures) {
  const auto graph = build("a\n", "b\n");

  try {
    graph.look_at_measured([](const Measured&) { throw DataError("case seen"); });
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("(measuring): case seen"));
  }
}

TEST_F(ForesightTest, EqualWarningsAreGivenOnce) {
  EXPECT_THAT(build("a\n", "b\n").warnings(), ElementsAre("cases end in -1"));
}

/// Parameters whose names and units do not agree.
template <int kCase>
struct Misnamed {
  static constexpr NodeInfo kInfo{
      .type = "misnamed", .version = 1, .paper = "-", .summary = "Wrong.", .output = "number"};
  struct Params {
    double size = 1;
    double size_um = 1;
    double chance = 1;
    static void describe(auto& p, auto&& field) {
      if constexpr (kCase == 0) field("size", p.size, {.unit = Unit::Micron, .doc = "Unnamed."});
      if constexpr (kCase == 1) field("size_um", p.size_um, {.unit = Unit::Pixel, .doc = "Other."});
      if constexpr (kCase == 2) field("size_um", p.size_um, {.doc = "None."});
      if constexpr (kCase == 3)
        field("chance", p.chance, {.unit = Unit::Probability, .range = {0, 2}, .doc = "Above 1."});
      if constexpr (kCase == 4)
        field("size_um", p.size_um, {.unit = Unit::Micron, .doc = "As it should be."});
    }
  };
  static toy::Number run(const Params& /*params*/) { return {}; }
};

template <int kCase>
std::string refusal() {
  Registry registry;
  try {
    registry.add<Misnamed<kCase>>();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Units, AParameterIsNamedAfterItsUnit) {
  EXPECT_THAT(refusal<0>(), HasSubstr("'size': its unit is um: the name must end in _um"));
  EXPECT_THAT(refusal<1>(), HasSubstr("'size_um': its unit is px: the name must end in _px"));
  EXPECT_THAT(refusal<2>(), HasSubstr("'size_um': the name ends in _um, but its unit is not um"));
  EXPECT_THAT(refusal<3>(), HasSubstr("'chance': its range goes beyond [0, 1]"));
  EXPECT_EQ(refusal<4>(), "");
}

}  // namespace
}  // namespace mito::graph
