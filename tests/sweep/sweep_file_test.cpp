#include "tools/sweep/sweep_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::sweep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> problems(const std::string& yaml, const std::string& preset = {}) {
  Diagnostics out;
  parse_sweep(yaml, "folder/s.yaml", out, preset);
  return out.lines();
}

SweepFile parsed(const std::string& yaml, const std::string& preset = {}) {
  Diagnostics out;
  auto sweep = parse_sweep(yaml, "folder/s.yaml", out, preset);
  EXPECT_THAT(out.lines(), IsEmpty());
  return sweep;
}

std::vector<std::string> names(const SweepFile& sweep) {
  std::vector<std::string> out;
  for (const auto& variant : sweep.variants) out.push_back(variant.name);
  return out;
}

TEST(SweepFile, NamesVariantsThenTheGridWhoseLastParameterVariesFastest) {
  const auto sweep = parsed(R"(base: ../p.yaml
variants:
  plain:
  dark: {c.t: 0.4}
grid:
  c.t: [0.5, 0.6]
  d.list: [[1, 2], [3]]
)");

  EXPECT_EQ(sweep.base.pipeline, "p.yaml");
  EXPECT_THAT(names(sweep), ElementsAre("plain", "dark", "t=0.5+list=1_2", "t=0.5+list=3",
                                        "t=0.6+list=1_2", "t=0.6+list=3"));
  EXPECT_EQ(sweep.variants[3].settings[0].value.scalar, "0.5");
  EXPECT_EQ(sweep.variants[3].settings[1].value.items.size(), 1U);
}

TEST(SweepFile, TheGridNamesTheNodeWhereTheParameterAloneIsNotClear) {
  EXPECT_THAT(names(parsed("base: p.yaml\ngrid: {a.seed: [1], b.seed: [2], t: [x/y]}\n")),
              ElementsAre("a.seed=1+b.seed=2+t=x_y"));
}

TEST(SweepFile, ReadsSeedsAndMetrics) {
  const auto sweep = parsed(R"(base: p.yaml
variants: {a: {}}
seeds: {values: [3, 1], set: [c.seed, d.seed]}
metrics:
  f1: {file: e.json, at: model.at_threshold.f1}
  dotted: {file: e.json, at: [slides, 0, a.b]}
  count: {file: sub/c.csv, at: candidates, row: {slide: s1}}
)");

  EXPECT_THAT(sweep.seeds.values, ElementsAre(3, 1));
  EXPECT_EQ(sweep.seeds.params[1].first, "d.seed");
  EXPECT_THAT(sweep.metrics[0].at, ElementsAre("model", "at_threshold", "f1"));
  EXPECT_THAT(sweep.metrics[1].at, ElementsAre("slides", "0", "a.b"));
  EXPECT_EQ(sweep.metrics[2].row_column, "slide");
  EXPECT_EQ(sweep.metrics[2].row_value, "s1");
}

TEST(SweepFile, ReadsTheBaselineAndWhereTheCasesOfAMetricAre) {
  const auto sweep = parsed(R"(base: p.yaml
variants: {a: {}, b: {}}
grid: {c.t: [0.4, 0.5], d.u: [x]}
baseline: t=0.4+u=x
metrics:
  f1: {file: e.json, at: f1, cases: {file: own/cases.csv, measure: f1}}
  recall: {file: e.json, at: r, better: lower, cases: {file: c.csv, by: slide, ratio: [found, all]}}
)");

  EXPECT_EQ(sweep.report.baseline, "t=0.4+u=x");
  EXPECT_EQ(sweep.metrics[0].cases.file, "own/cases.csv");
  EXPECT_EQ(sweep.metrics[0].cases.by, "case");
  EXPECT_THAT(sweep.metrics[0].cases.top, ElementsAre("tp", "tp"));
  EXPECT_THAT(sweep.metrics[0].cases.bottom, ElementsAre("tp", "tp", "fp", "fn"));
  EXPECT_TRUE(*sweep.metrics[0].higher_is_better);
  EXPECT_EQ(sweep.metrics[1].cases.by, "slide");
  EXPECT_THAT(sweep.metrics[1].cases.bottom, ElementsAre("all"));
  EXPECT_FALSE(*sweep.metrics[1].higher_is_better);
  EXPECT_THAT(sweep.axes[0].values, ElementsAre("0.4", "0.5"));
  EXPECT_THAT(sweep.variants[3].point, ElementsAre(1, 0));
  EXPECT_THAT(sweep.variants[0].point, IsEmpty());
}

TEST(SweepFile, ReportsWhatIsWrongWithBaselineAndCases) {
  EXPECT_THAT(
      problems(R"(base: p.yaml
variants: {plain: {}}
baseline: plane
metrics:
  a: {file: e.json, at: f1, better: more}
  b: {file: e.json, at: f1, cases: own.csv}
  c: {file: e.json, at: f1, cases: {file: own.json, measure: f1}}
  d: {file: e.json, at: f1, cases: {file: own.csv, measure: f2}}
  e: {file: e.json, at: f1, cases: {file: own.csv, measure: f1, ratio: [a, b]}}
  f: {file: e.json, at: f1, cases: {file: own.csv, ratio: [a], buy: slide}}
)"),
      ElementsAre(
          "folder/s.yaml:3:11: error: baseline: the sweep has no variant 'plane'; did you mean "
          "'plain'?",
          "folder/s.yaml:5:37: error: metric 'a': 'better' must be higher or lower, got 'more'",
          "folder/s.yaml:6:36: error: metric 'b': cases: must be a map with 'file' and 'measure' "
          "or "
          "'ratio', got 'own.csv'",
          "folder/s.yaml:7:43: error: metric 'c': cases: 'file' must name a .csv file in the "
          "folder "
          "of the run",
          "folder/s.yaml:8:61: error: metric 'd': cases: 'measure' must be f1, precision or recall",
          "folder/s.yaml:9:36: error: metric 'e': cases: must have either 'measure' (f1, "
          "precision, "
          "recall) or 'ratio' [COLUMN, COLUMN], whose sums are divided",
          HasSubstr("folder/s.yaml:10:36: error: metric 'f': cases: must have either 'measure'"),
          "folder/s.yaml:10:64: error: metric 'f': cases: unknown key 'buy'; did you mean 'by'?"));
}

TEST(SweepFile, ReportsEveryMistakeAtOnceWithItsPlace) {
  const auto found = problems(R"(bass: p.yaml
variants:
  a/b: {c.t: 1}
  seeded: {c.seed: 4}
grid: {c.t: 0.5}
seeds: {values: [1, 1, -2], set: [c.seed, c.seed]}
metrics:
  f1: {file: e.txt, at: x}
  seed: {file: e.json, at: x}
  out: {file: ../e.json, at: x}
  nowhere: {file: e.json}
  row: {file: e.csv, at: x, row: 3}
)");

  EXPECT_THAT(
      found,
      ElementsAre(
          "folder/s.yaml:1:1: error: sweep: unknown key 'bass'; did you mean 'base'?",
          "folder/s.yaml:1:1: error: 'base' must name the pipeline file that the variants run",
          "folder/s.yaml:3:3: error: variant 'a/b': a name has letters, digits and any of _-.+= "
          "only, and begins with a letter or digit; it becomes a folder",
          "folder/s.yaml:4:12: error: variant 'seeded': 'c.seed' is set by the seeds (line 6)",
          "folder/s.yaml:5:13: error: grid: 'c.t' must be a list of the values to take, got '0.5'",
          "folder/s.yaml:6:21: error: seeds: 1 is given twice",
          "folder/s.yaml:6:24: error: seeds: a seed is a whole number from 0 to 4294967295, got "
          "'-2'",
          "folder/s.yaml:6:43: error: seeds: 'c.seed' is named twice",
          "folder/s.yaml:8:14: error: metric 'f1': 'file' must name a .json or .csv file that a "
          "run writes",
          "folder/s.yaml:9:3: error: metric 'seed': a name has letters, digits, '_' and '-' only, "
          "and is none of variant, seed, state, seconds",
          "folder/s.yaml:10:15: error: metric 'out': 'file' must lie in the folder of the run",
          "folder/s.yaml:11:3: error: metric 'nowhere': 'at' must say where the number is, such "
          "as model.at_threshold.f1",
          "folder/s.yaml:12:34: error: metric 'row': 'row' must be {COLUMN: VALUE}, which finds "
          "one row"));
}

TEST(SweepFile, RefusesTwoVariantsOfOneName) {
  EXPECT_THAT(problems("base: p.yaml\nvariants:\n  a: {}\n  a: {}\n"),
              ElementsAre("folder/s.yaml:4:3: error: duplicate key 'a'; first given at line 3"));
  EXPECT_THAT(problems("base: p.yaml\nvariants:\n  t=1: {}\ngrid: {c.t: [1]}\n"),
              ElementsAre("folder/s.yaml:4:8: error: two variants are called 't=1'; the first is "
                          "at line 3"));
  EXPECT_THAT(problems("base: p.yaml\ngrid: {c.t: [0.5, 0.5]}\n"),
              ElementsAre(HasSubstr("two variants are called 't=0.5'")));
}

TEST(SweepFile, RefusesNamesThatTheOutputFolderNeeds) {
  for (const std::string name : {"store", "prepared", "sweep.csv", "a.part"}) {
    EXPECT_THAT(problems("base: p.yaml\nvariants:\n  " + name + ": {}\n"),
                ElementsAre(HasSubstr("the output folder has something else of this name")));
  }
}

TEST(SweepFile, WantsSomethingToVary) {
  EXPECT_THAT(problems("base: p.yaml\n"),
              ElementsAre("folder/s.yaml:1:1: error: nothing to vary: name 'variants', a 'grid', "
                          "or both"));
  EXPECT_THAT(problems("base: p.yaml\nvariants: {}\n"),
              ElementsAre("folder/s.yaml:2:11: error: 'variants' must be a map with at least one "
                          "entry, got none"));
  EXPECT_THAT(problems("[]"), Contains(HasSubstr("a sweep is a map")));
}

TEST(SweepFile, WantsBothHalvesOfTheSeeds) {
  EXPECT_THAT(
      problems("base: p.yaml\nvariants: {a: {}}\nseeds: {values: [1]}\n"),
      ElementsAre("folder/s.yaml:3:8: error: seeds: 'set' must be a list of the parameters that a "
                  "seed sets, got nothing"));
}

TEST(SweepFile, RefusesAGridThatNobodyCouldRun) {
  std::string values = "0";
  for (int i = 1; i < 101; ++i) values += ", " + std::to_string(i);

  EXPECT_THAT(problems("base: p.yaml\ngrid:\n  c.a: [" + values + "]\n  c.b: [" + values + "]\n"),
              ElementsAre("folder/s.yaml:4:3: error: grid: more than 10000 combinations"));
}

constexpr const char* kPresets = R"(base: p.yaml
set: {c.t: 0.4, a: x}
presets:
  small:
    base: q.yaml
    preset: tiny
    prepare: {base: draw.yaml, preset: few, set: {side: 3}}
    set: {c.t: 0.5, b: y}
    variants: {dark: {d.u: 7}}
    seeds: {values: [4], set: [c.seed]}
  large:
variants:
  dark: {d.t: 1, d.u: 2}
  light:
)";

TEST(SweepFile, APresetReplacesKeysAndAddsToWhatIsSet) {
  const auto sweep = parsed(kPresets, "small");

  EXPECT_EQ(sweep.base.pipeline, "folder/q.yaml");
  EXPECT_EQ(sweep.base.preset, "tiny");
  ASSERT_EQ(sweep.prepare.size(), 1U);
  EXPECT_EQ(sweep.prepare[0].name, "prepared");
  EXPECT_EQ(sweep.prepare[0].base.pipeline, "folder/draw.yaml");
  EXPECT_EQ(sweep.prepare[0].base.preset, "few");
  EXPECT_EQ(sweep.prepare[0].settings[0].name, "side");
  ASSERT_EQ(sweep.common.size(), 3U);
  EXPECT_EQ(sweep.common[0].value.scalar, "0.5");
  EXPECT_EQ(sweep.common[1].value.scalar, "x");
  EXPECT_EQ(sweep.common[2].name, "b");
  EXPECT_THAT(names(sweep), ElementsAre("dark", "light"));
  EXPECT_EQ(sweep.variants[0].settings[0].value.scalar, "1");
  EXPECT_EQ(sweep.variants[0].settings[1].value.scalar, "7");
  EXPECT_THAT(sweep.seeds.values, ElementsAre(4));
}

TEST(SweepFile, WithoutAPresetTheFileStandsAsItIs) {
  for (const char* preset : {"", "large"}) {
    const auto sweep = parsed(kPresets, preset);

    EXPECT_EQ(sweep.base.pipeline, "folder/p.yaml") << preset;
    EXPECT_EQ(sweep.common.size(), 2U) << preset;
    EXPECT_THAT(sweep.prepare, IsEmpty()) << preset;
    EXPECT_THAT(sweep.seeds.values, IsEmpty()) << preset;
  }
}

TEST(SweepFile, SeveralStepsHaveNamesAndKeepTheirOrder) {
  const char* text = R"(
base: p.yaml
prepare:
  slides: {base: draw.yaml, set: {side: 3, seed: 1}}
  labels: {base: label.yaml, preset: few}
presets:
  small:
    prepare:
      slides: {set: {side: 2}}
      labels: {base: other.yaml}
      more: {base: more.yaml}
variants: {a: }
)";

  const auto sweep = parsed(text);
  const auto small = parsed(text, "small");

  ASSERT_EQ(sweep.prepare.size(), 2U);
  EXPECT_EQ(sweep.prepare[0].name, "slides");
  EXPECT_EQ(sweep.prepare[1].base.pipeline, "folder/label.yaml");
  ASSERT_EQ(small.prepare.size(), 3U);
  ASSERT_EQ(small.prepare[0].settings.size(), 2U);
  EXPECT_EQ(small.prepare[0].settings[0].value.scalar, "2");
  EXPECT_EQ(small.prepare[0].base.pipeline, "folder/draw.yaml");
  EXPECT_EQ(small.prepare[1].base.pipeline, "folder/other.yaml");
  EXPECT_EQ(small.prepare[1].base.preset, "few");
  EXPECT_EQ(small.prepare[2].name, "more");
}

TEST(SweepFile, AStepNeedsAPipelineAndAFolderOfItsOwn) {
  EXPECT_THAT(problems("base: p.yaml\nprepare: {a: {bse: x.yaml}}\nvariants: {b: }\n"),
              ElementsAre(HasSubstr("step 'a': 'base' must name the pipeline file"),
                          HasSubstr("step 'a': unknown key 'bse'; did you mean 'base'?")));
  EXPECT_THAT(problems("base: p.yaml\nprepare: {a.b: {base: x.yaml}}\nvariants: {b: }\n"),
              ElementsAre(HasSubstr("s.yaml:2:11: error: step 'a.b': a name has letters")));
  EXPECT_THAT(problems("base: p.yaml\nprepare: {store: {base: x.yaml}}\nvariants: {b: }\n"),
              ElementsAre(HasSubstr("step 'store': the output folder has something else")));
  EXPECT_THAT(problems("base: p.yaml\nprepare: {a: x.yaml, b: {base: x.yaml}}\nvariants: {c: }\n"),
              ElementsAre(HasSubstr("step 'a': must be a map with 'base', got")));
  EXPECT_THAT(problems("base: p.yaml\nprepare: {a: {base: x.yaml}}\nvariants: {a: }\n"),
              ElementsAre(HasSubstr("variant 'a': the output folder has something else")));
}

TEST(SweepFile, AVariantMayNameAnotherPipeline) {
  const auto sweep = parsed(
      "base: p.yaml\npreset: small\nvariants:\n  a: {c.t: 1, base: ../q.yaml}\n  b: {c.t: 2}\n");

  EXPECT_EQ(sweep.base_of(sweep.variants[0]).pipeline, "q.yaml");
  EXPECT_EQ(sweep.base_of(sweep.variants[0]).preset, "small");
  EXPECT_EQ(sweep.base_of(sweep.variants[1]).pipeline, "folder/p.yaml");
  EXPECT_EQ(sweep.variants[0].settings.size(), 1U);
}

TEST(SweepFile, ReportsMistakesInPresetsBasesAndPreparationsWithTheirPlaces) {
  EXPECT_THAT(problems(kPresets, "smal"),
              ElementsAre("--preset smal: error: folder/s.yaml has no preset 'smal'; did you mean "
                          "'small'?"));
  EXPECT_THAT(problems("base: p.yaml\nvariants: {a: {}}\n", "small"),
              ElementsAre("--preset small: error: folder/s.yaml has no preset 'small'"));
  EXPECT_THAT(
      problems(R"(base: p.yaml
presets:
  one: {bas: q.yaml}
  two: 3
  three: {set: 4}
  four: {variants: {b: {c.t: 1}}}
prepare: {set: {}, bass: x}
variants:
  a: {base: [q.yaml]}
)",
               "four"),
      ElementsAre("folder/s.yaml:3:9: error: preset 'one': unknown key 'bas'; did you mean "
                  "'base'?",
                  "folder/s.yaml:4:8: error: preset 'two': must be a map of keys of a sweep, "
                  "got '3'",
                  "folder/s.yaml:5:16: error: preset 'three': 'set' must be a map, got '4'",
                  "folder/s.yaml:6:21: error: preset 'four': there is no variant 'b'",
                  "folder/s.yaml:7:10: error: prepare: 'base' must name the pipeline file "
                  "that runs first",
                  "folder/s.yaml:7:20: error: prepare: unknown key 'bass'; did you mean "
                  "'base'?",
                  "folder/s.yaml:9:13: error: variant 'a': 'base' must name the pipeline "
                  "file that it runs, got a list"));
}

TEST(SweepFile, ReadsFiguresPublishedNumbersAndLabels) {
  const auto report = parsed(R"(base: p.yaml
variants: {a: {}, b: {}}
metrics: {f1: {file: e.json, at: f1}}
figures:
  fig7: {title: Fig. 7, file: sub/c.csv, x: threshold, y: f1, band: [f1_low, f1_high], where: {rule: any_hit}}
  froc: {file: f.csv, x: fp, y: recall}
published: {source: "Table III", f1: {b: 0.5}}
labels:
  b: {Ensemble: 10, Augmentation: RSEB}
  a: {Parameters: "1,000", Ensemble:}
)")
                          .report;

  ASSERT_EQ(report.charts.size(), 2U);
  EXPECT_EQ(report.charts[0].title, "Fig. 7");
  EXPECT_EQ(report.charts[0].file, "sub/c.csv");
  EXPECT_EQ(report.charts[0].high, "f1_high");
  EXPECT_THAT(report.charts[0].where, ElementsAre(std::pair("rule", "any_hit")));
  EXPECT_EQ(report.charts[1].title, "froc");
  EXPECT_EQ(report.charts[1].low, "");
  EXPECT_EQ(report.published.source, "Table III");
  EXPECT_EQ(report.published.values.at("f1").at("b"), 0.5);
  EXPECT_THAT(report.labels.columns, ElementsAre("Ensemble", "Augmentation", "Parameters"));
  EXPECT_EQ(report.labels.texts.at("b").at("Ensemble"), "10");
  EXPECT_EQ(report.labels.texts.at("a").at("Ensemble"), "");
}

TEST(SweepFile, ReportsMistakesInTheKeysOfTheReport) {
  const auto found = problems(R"(base: p.yaml
variants: {base: {}, wide: {}}
metrics: {f1: {file: e.json, at: f1}}
figures:
  a/b: {file: c.csv, x: t, y: f}
  f1: {file: c.csv, x: t, y: f}
  json: {file: c.json, x: t, y: f}
  out: {file: ../c.csv, x: t, y: f}
  less: {file: c.csv, x: t}
  keys: {file: c.csv, x: t, y: f, bond: [a, b]}
  band: {file: c.csv, x: t, y: f, band: [a]}
  where: {file: c.csv, x: t, y: f, where: any_hit}
  list: [1]
published:
  f2: {base: 0.5}
  f1: {bass: 0.5, wide: high}
labels:
  wied: {A: 1}
  wide: {f1: 1, A: [1]}
)");

  EXPECT_THAT(
      found,
      ElementsAre(
          "folder/s.yaml:5:3: error: figure 'a/b': a name has letters, digits, '_' and '-' only, "
          "and begins with a letter or digit; it becomes a file",
          "folder/s.yaml:6:3: error: figure 'f1': a metric has this name, and a figure of its own",
          "folder/s.yaml:7:16: error: figure 'json': 'file' must name a .csv file, got 'c.json'",
          "folder/s.yaml:8:15: error: figure 'out': 'file' must lie in the folder of the run",
          "folder/s.yaml:9:3: error: figure 'less': 'y' must name a column, got nothing",
          "folder/s.yaml:10:35: error: figure 'keys': unknown key 'bond'; did you mean 'band'?",
          "folder/s.yaml:11:41: error: figure 'band': 'band' must be [COLUMN, COLUMN], the lower "
          "end first",
          "folder/s.yaml:12:43: error: figure 'where': 'where' must be {COLUMN: VALUE}, which "
          "chooses rows",
          "folder/s.yaml:13:9: error: figure 'list': must be a map with 'file', 'x' and 'y', got a "
          "list",
          "folder/s.yaml:15:3: error: published: 'source' must say where the numbers were "
          "published",
          "folder/s.yaml:15:3: error: published: the sweep has no metric 'f2'; did you mean 'f1'?",
          "folder/s.yaml:16:8: error: published 'f1': the sweep has no variant 'bass'; did you "
          "mean "
          "'base'?",
          "folder/s.yaml:16:25: error: published 'f1': 'wide' must be a number, got 'high'",
          "folder/s.yaml:18:3: error: labels: the sweep has no variant 'wied'; did you mean "
          "'wide'?",
          "folder/s.yaml:19:10: error: labels of 'wide': the table has a column 'f1' already",
          "folder/s.yaml:19:20: error: labels of 'wide': 'A' must be text or a number, got a "
          "list"));
}

}  // namespace
}  // namespace mito::sweep
