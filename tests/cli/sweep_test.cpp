// Sweeps through the program: a small drawn slide, candidates of it, and a seeded drawing.
#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>

#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::Outcome;
using test::read_file;
using test::signalled;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr const char* kPipeline = R"(inputs:
  slide: {type: files}
  annotations: {type: files}
nodes:
  slide: {use: slide, in: {files: $slide}}
  table: {use: annotations, in: {files: $annotations}}
  mask: {use: tissue_mask, in: {slide: slide}, store: true}
  tiles: {use: tiles, in: {slide: slide, mask: mask}}
  cells: {use: he_candidates, in: {tile: tiles, slide: slide, mask: mask}, store: true}
  candidates: {use: collect_candidates, in: {candidates: cells, slide: slide}, store: true}
  marked: {use: slide_annotations, in: {slide: slide, annotations: table}}
  labelled: {use: label_candidates, in: {candidates: candidates, annotations: marked, slide: slide}}
  report: {use: candidate_report, in: {labelled: labelled}}
  drawing:
    use: synthetic_slide
    params: {name: drawing, width_px: 512, height_px: 512, mitoses: 1, lookalikes: 0}
)";

/// `variants` as they stand below `variants:`.
std::string sweep_text(const std::string& variants, const std::string& metric = "candidates") {
  return R"(title: Candidates
base: pipeline.yaml
set:
  slide: drawn/synthetic.svs
  annotations: drawn/synthetic.csv
variants:
)" + variants +
         R"(
grid: {cells.max_intensity: [0.4, 0.5]}
seeds: {values: [1, 2], set: [drawing.seed]}
metrics:
  candidates: {file: candidates.json, at: total.)" +
         metric + R"(}
  found: {file: candidates.csv, at: found_wide, row: {slide: synthetic}}
  x: {file: drawing.csv, at: x}
figures:
  place: {title: Place of the mitosis, file: drawing.csv, x: x, y: y}
published:
  source: A paper
  candidates: {max_intensity=0.4: 123}
labels:
  max_intensity=0.4: {Darkness: low}
)";
}

const std::string kVariants =
    "  plain: {}\n  near: {labelled.positives: nearest}\n  wide: {cells.diameter_um: 30}\n";
constexpr int kRuns = 10;  // (3 variants + 2 points of the grid) x 2 seeds

class SweepJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn_ = new test::TempFolder;
    std::ofstream(drawn_->path() / "draw.yaml")
        << "nodes:\n  drawn: {use: synthetic_slide, params: {width_px: 2048, height_px: 2048, "
           "mitoses: 8, lookalikes: 6}}\noutputs: [drawn]\n";
    const auto result = mitoloom(
        fmt::format("run {0}/draw.yaml --no-store --out {0}/drawn", drawn_->path().string()));
    ASSERT_EQ(result.code, 0) << result.err;
  }
  static void TearDownTestSuite() {
    delete drawn_;
    drawn_ = nullptr;
  }

  SweepJob() {
    fs::create_symlink(drawn_->path() / "drawn", folder_.path() / "drawn");
    std::ofstream(folder_.path() / "pipeline.yaml") << kPipeline;
    write_sweep(sweep_text(kVariants));
  }
  void write_sweep(const std::string& text) const {
    std::ofstream(folder_.path() / "sweep.yaml") << text;
  }
  std::string arguments(const std::string& out, const std::string& more = "") const {
    return fmt::format(
        "sweep {0}/sweep.yaml --progress off --store {0}/{1}-store --out {0}/{1} {2}",
        folder_.path().string(), out, more);
  }
  Outcome sweep(const std::string& out, const std::string& more = "") const {
    return mitoloom(arguments(out, more));
  }
  /// Of a shard, with a store of its own.
  Outcome shard(const std::string& out, const std::string& which) const {
    return mitoloom(fmt::format("sweep {0}/sweep.yaml --progress off --out {0}/{1} --shard {2}",
                                folder_.path().string(), out, which));
  }
  Outcome merge(const std::string& folders, const std::string& more = "") const {
    return mitoloom(fmt::format("merge {0}/sweep.yaml {1} --out {0}/merged {2}",
                                folder_.path().string(), folders, more));
  }
  std::string in(const std::string& name) const { return (folder_.path() / name).string(); }

  /// sweep.csv without its last columns, the seconds and the note, which is empty.
  std::string table(const std::string& out) const {
    std::istringstream lines(read_file(folder_.path() / out / "sweep.csv"));
    std::string text;
    for (std::string line; std::getline(lines, line);)
      text += line.substr(0, line.rfind(',', line.rfind(',') - 1)) + "\n";
    return text;
  }
  /// When the runs that are there were written; a run that is repeated changes its time.
  std::map<std::string, fs::file_time_type> times(const std::string& out) const {
    std::map<std::string, fs::file_time_type> found;
    if (!fs::exists(folder_.path() / out)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / out)) {
      if (entry.path().filename() == "sweep_run.json" &&
          read_file(entry.path()).find("\"state\": \"done\"") != std::string::npos)
        found[entry.path().string()] = entry.last_write_time();
    }
    return found;
  }

  static inline test::TempFolder* drawn_ = nullptr;
  test::TempFolder folder_;
};

TEST_F(SweepJob, RunsEveryVariantWithEverySeedAndSharesWhatTheyHaveInCommon) {
  const auto result = sweep("out");

  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("10 runs: 10 done now, 0 done before, 0 failed"));
  EXPECT_THAT(result.err, HasSubstr("plain, seed 1: done in"));
  EXPECT_THAT(result.err, HasSubstr("10 of 10 nodes ran\n2/10 plain, seed 2: done in"));
  EXPECT_THAT(result.err, HasSubstr("6 of 10 nodes ran\n3/10 near"));
  const auto rows = table("out");
  EXPECT_EQ(std::ranges::count(rows, '\n'), 1 + kRuns);
  EXPECT_THAT(rows, HasSubstr("variant,seed,state,candidates,found,x,labelled.positives,"
                              "cells.diameter_um,cells.max_intensity\n"));
  EXPECT_THAT(rows, HasSubstr("nearest,25,0.6\n"));
  const auto markdown = read_file(folder_.path() / "out/sweep.md");
  EXPECT_THAT(markdown, HasSubstr("| variant | Darkness | candidates (published) | candidates |"));
  EXPECT_THAT(markdown, HasSubstr("\n| max_intensity=0.4 | low | 123 |"));
  EXPECT_THAT(rows, Not(HasSubstr("123,")));
  for (const char* figure : {"place", "candidates", "found", "x"})
    EXPECT_TRUE(fs::exists(folder_.path() / fmt::format("out/sweep.{}.vl.json", figure)));
  // One mask; one set of cells each of 0.6 at 25 um, 0.6 at 30 um, 0.4 and 0.5.
  const auto stored = [&](const std::string& type) {
    const auto all = fs::directory_iterator(folder_.path() / "out-store" / type);
    return std::distance(fs::begin(all), fs::end(all));
  };
  EXPECT_EQ(stored("tissue_mask"), 1);
  EXPECT_EQ(stored("he_candidates"), 4);
}

TEST_F(SweepJob, IsCheckedListedAndPlannedBeforeItRuns) {
  const auto with = [&](const std::string& command, const std::string& more = "") {
    return mitoloom(fmt::format("{} {}/sweep.yaml {}", command, folder_.path().string(), more));
  };
  const auto at = fmt::format("--out {0}/out --store {0}/out-store", folder_.path().string());

  const auto valid = with("validate");
  EXPECT_EQ(valid.code, 0) << valid.err;
  EXPECT_THAT(valid.out, HasSubstr("sweep.yaml: ok, 10 runs of 5 variants with 2 seeds\n"));

  const auto params = with("params").out;
  EXPECT_THAT(params, HasSubstr("5 variants, which differ in 3 parameters\n"));
  EXPECT_THAT(params, HasSubstr("cells.diameter_um\n"));
  EXPECT_THAT(params, HasSubstr("plain, near, max_intensity=0.4, max_intensity=0.5\n"));
  EXPECT_THAT(params, Not(HasSubstr("drawing.seed")));  // seeds are no variants

  EXPECT_THAT(with("plan", at).out, HasSubstr("  plain, seed 1              to do: "));
  ASSERT_EQ(sweep("out").code, 0);
  EXPECT_THAT(with("plan", at).out, HasSubstr("  plain, seed 1              done\n"));
}

TEST_F(SweepJob, ValidateReportsWhatIsWrongWithTheFileAndWithEveryVariant) {
  write_sweep(
      "base: pipeline.yaml\nset: {slide: drawn/synthetic.svs, annotations: drawn/synthetic.csv}\n"
      "variants: {a: {cells.max_intensty: 0.4}, b: {cell.diameter_um: 3}, c: {mask.mpp: $x/y}}\n"
      "metrics: {f1: {file: a.txt, at: f1}}\nbaseline: d\n");

  const auto result = mitoloom("validate " + in("sweep.yaml"));

  EXPECT_EQ(result.code, 2);
  for (const char* problem :
       {"'file' must name a .json or .csv file", "baseline: the sweep has no variant 'd'",
        "node 'cells' has no parameter 'max_intensty'; did you mean 'max_intensity'?",
        "the pipeline has no node 'cell'; did you mean 'cells'?", "nothing is prepared"})
    EXPECT_THAT(result.err, HasSubstr(problem));
}

TEST_F(SweepJob, ComparesVariantsWithTheBaselineCaseByCase) {
  write_sweep(
      "base: pipeline.yaml\nset: {slide: drawn/synthetic.svs, annotations: drawn/synthetic.csv}\n"
      "variants: {plain: {}, dark: {cells.max_intensity: 0.2}}\nbaseline: plain\nmetrics:\n"
      "  recall: {file: candidates.json, at: total.recall_close, better: higher,\n"
      "    cases: {file: candidates.csv, by: slide, ratio: [found_close, references]}}\n");

  ASSERT_EQ(sweep("out").code, 0);

  EXPECT_THAT(read_file(folder_.path() / "out/sweep.compared.csv"),
              HasSubstr("\nrecall,dark,plain,1,"));
  EXPECT_THAT(read_file(folder_.path() / "out/sweep.ranks.csv"), HasSubstr("\nrecall,plain,1,1,"));
  EXPECT_THAT(read_file(folder_.path() / "out/sweep.md"), HasSubstr("## Compared with plain"));
}

TEST_F(SweepJob, ARunWithoutTheColumnOfAFigureHasFailedButIsNotRepeated) {
  write_sweep(
      "base: pipeline.yaml\nset: {slide: drawn/synthetic.svs, annotations: "
      "drawn/synthetic.csv}\nvariants: {plain: {}}\n"
      "figures: {place: {file: drawing.csv, x: x, y: z}}\n");
  const auto result = sweep("out");
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.err, HasSubstr("error: plain: figure 'place': "));
  EXPECT_THAT(result.err, HasSubstr("drawing.csv"));
  const auto before = times("out");

  write_sweep(
      "base: pipeline.yaml\nset: {slide: drawn/synthetic.svs, annotations: "
      "drawn/synthetic.csv}\nvariants: {plain: {}}\n"
      "figures: {place: {file: drawing.csv, x: x, y: y}}\n");

  EXPECT_EQ(sweep("out").code, 0);
  EXPECT_EQ(times("out"), before);
}

TEST_F(SweepJob, StartedAgainItRepeatsNothing) {
  ASSERT_EQ(sweep("out").code, 0);
  const auto before = times("out");
  const auto rows = read_file(folder_.path() / "out/sweep.csv");

  const auto again = sweep("out");

  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, HasSubstr("10 runs: 0 done now, 10 done before, 0 failed"));
  EXPECT_EQ(times("out"), before);
  EXPECT_EQ(read_file(folder_.path() / "out/sweep.csv"), rows);
}

TEST_F(SweepJob, AnAlteredAndAnAddedVariantCostOnlyThemselves) {
  ASSERT_EQ(sweep("out").code, 0);
  write_sweep(sweep_text(
      "  plain: {}\n  near: {labelled.positives: reference}\n  wide: {cells.diameter_um: 30}\n"
      "  new: {labelled.diameter_um: 20}\n"));

  const auto status = sweep("out", "--status");
  const auto again = sweep("out");

  EXPECT_THAT(status.out, HasSubstr("plain, seed 1              done\n"));
  EXPECT_THAT(status.out, HasSubstr("to do: was made with other values or inputs\n"));
  EXPECT_THAT(again.out, HasSubstr("12 runs: 4 done now, 8 done before, 0 failed"));
}

TEST_F(SweepJob, ALostFileIsMadeAgain) {
  ASSERT_EQ(sweep("out").code, 0);
  fs::remove(folder_.path() / "out/plain/seed-1/candidates.csv");

  const auto again = sweep("out");

  EXPECT_THAT(again.out, HasSubstr("10 runs: 1 done now, 9 done before, 0 failed"));
  EXPECT_TRUE(fs::exists(folder_.path() / "out/plain/seed-1/candidates.csv"));
}

TEST_F(SweepJob, KilledItGoesOnAndEndsWithTheSameTable) {
  ASSERT_EQ(sweep("whole").code, 0);
  int kills = 0;
  for (int after = 300; after < 4000 && table("killed") != table("whole"); after += 300) {
    const auto before = times("killed");
    if (signalled(arguments("killed"), SIGKILL, std::chrono::milliseconds(after)) == -1) ++kills;
    const auto now = times("killed");
    for (const auto& [file, time] : before) EXPECT_EQ(now.at(file), time) << file;
  }

  const auto last = sweep("killed");

  EXPECT_GT(kills, 0);
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(table("killed"), table("whole"));
}

TEST_F(SweepJob, StoppedPolitelyItLeavesATableAndGoesOn) {
  const int code = signalled(arguments("out"), SIGINT, std::chrono::milliseconds(1500));
  const auto rows = table("out");
  const auto done = times("out").size();

  const auto again = sweep("out");

  EXPECT_EQ(code, 130);
  EXPECT_EQ(std::ranges::count(rows, '\n'), 1 + kRuns);
  EXPECT_THAT(again.out, HasSubstr(fmt::format("{} done before, 0 failed", done)));
}

TEST_F(SweepJob, TwoSweepsDoNotWriteIntoOneFolder) {
  fs::create_directories(folder_.path() / "out");
  const int held = ::open(in("out/sweep.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(::flock(held, LOCK_EX | LOCK_NB), 0);

  const auto result = sweep("out");
  ::close(held);

  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "error: another sweep is writing into '" + in("out") +
                            "'; wait for it, or choose another --out\n");
}

TEST_F(SweepJob, AnUnreadableInputFailsItsVariantOnly) {
  std::ofstream(folder_.path() / "broken.svs") << "no slide";
  write_sweep(sweep_text("  plain: {}\n  broken: {slide: broken.svs}\n"));

  const auto result = sweep("out");

  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.out, HasSubstr("8 runs: 6 done now, 0 done before, 2 failed"));
  EXPECT_THAT(result.err, HasSubstr("error: broken, seed 2: "));
  EXPECT_THAT(result.err, HasSubstr(in("broken.svs") + ": not a slide"));
}

TEST_F(SweepJob, TheShippedSweepsAreValid) {
  const std::map<std::string, std::string> inputs{
      {"student_width.yaml", "--set slide={0} --set annotations={1}"},
      {"real_augmentation.yaml",
       "--set image={0} --set annotations={1} --set test_image={0} --set test_annotations={1} "
       "--set crops={0} --set crops_annotations={1}"}};
  for (const auto& [name, given] : inputs) {
    const auto result = mitoloom(fmt::format(
        "sweep pipelines/studies/{} --status {}", name,
        fmt::format(fmt::runtime(given), in("drawn/synthetic.svs"), in("drawn/synthetic.csv"))));
    EXPECT_EQ(result.code, 0) << name << "\n" << result.err;
  }
}

TEST_F(SweepJob, TheShippedSweepsThatDrawTheirSlidesAreValid) {
  for (const char* name : {"table3", "table4", "phh3_study"}) {
    const auto result = mitoloom(fmt::format(
        "sweep pipelines/studies/{}.yaml --preset small --status --out {}", name, in("nothing")));
    EXPECT_EQ(result.code, 0) << name << "\n" << result.err;
  }
}

TEST_F(SweepJob, OneFailingVariantDoesNotStopTheOthers) {
  write_sweep(sweep_text("  full: {drawing.mitoses: 500}\n  plain: {}\n"));

  const auto result = sweep("out");
  const auto status = sweep("out", "--status");

  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.out, HasSubstr("8 runs: 6 done now, 0 done before, 2 failed"));
  EXPECT_THAT(result.err, HasSubstr("\nerror: full, seed 1: node 'drawing' (synthetic_slide): a "
                                    "slide of 512x512 px has no room"));
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.out, HasSubstr("full, seed 2               failed: node 'drawing'"));
  EXPECT_THAT(table("out"), HasSubstr("full,1,failed,,,,"));

  write_sweep(sweep_text("  full: {drawing.width_px: 768}\n  plain: {}\n"));

  EXPECT_THAT(sweep("out").out, HasSubstr("8 runs: 2 done now, 6 done before, 0 failed"));
}

TEST_F(SweepJob, AMetricThatIsNotThereIsNamedAndCostsNoRun) {
  write_sweep(sweep_text(kVariants, "candidate"));

  const auto wrong = sweep("out");
  write_sweep(sweep_text(kVariants));
  const auto right = sweep("out");

  EXPECT_EQ(wrong.code, 3);
  EXPECT_THAT(wrong.err, HasSubstr("expected 'candidate' in 'total', found others; did you mean "
                                   "'candidates'?"));
  EXPECT_EQ(right.code, 0);
  EXPECT_THAT(right.out, HasSubstr("10 runs: 0 done now, 10 done before, 0 failed"));
}

TEST_F(SweepJob, StatusRunsNothing) {
  const auto result = sweep("out", "--status");

  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(std::ranges::count(result.out, '\n'), kRuns);
  EXPECT_THAT(result.out, HasSubstr("plain, seed 1              to do\n"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

/// Draws a slide and counts its candidates; a second pipeline looks at the tissue only.
std::string prepared_text() {
  return R"(base: pipeline.yaml
presets:
  drawn:
    prepare: {base: draw.yaml, set: {drawn.seed: 5}}
    set: {slide: $prepared/synthetic.svs, annotations: $prepared/*.csv}
    seeds: {values: [1], set: [drawing.seed]}
variants:
  plain:
  tissue: {base: tissue.yaml}
metrics:
  candidates: {file: candidates.json, at: total.candidates}
)";
}

class PreparedSweep : public SweepJob {
 protected:
  PreparedSweep() {
    write_sweep(prepared_text());
    std::ofstream(folder_.path() / "draw.yaml")
        << "nodes:\n  drawn: {use: synthetic_slide, params: {width_px: 768, height_px: 768, "
           "mitoses: "
           "2, lookalikes: 1}}\noutputs: [drawn]\n";
    std::string tissue = kPipeline;
    tissue.erase(tissue.find("  drawing:"));
    std::ofstream(folder_.path() / "tissue.yaml") << tissue;
  }
};

TEST_F(PreparedSweep, DrawsItsSlidesOnceAndRunsAPipelinePerVariant) {
  const auto first = sweep("out", "--preset drawn");
  const auto slide = folder_.path() / "out/prepared/synthetic.svs";
  ASSERT_EQ(first.code, 0) << first.err;
  const auto drawn = fs::last_write_time(slide);
  const auto again = sweep("out", "--preset drawn");

  EXPECT_THAT(first.err, HasSubstr("prepared: done in"));
  EXPECT_THAT(first.err, HasSubstr("1/2 plain, seed 1: done in"));
  EXPECT_THAT(first.err, HasSubstr("2/2 tissue, seed 1: done in"));
  EXPECT_THAT(first.err, HasSubstr(" 5 of 9 nodes ran"));  // its mask and candidates are known
  EXPECT_FALSE(fs::exists(folder_.path() / "out/tissue/seed-1/drawing.svs"));
  EXPECT_TRUE(fs::exists(folder_.path() / "out/plain/seed-1/drawing.svs"));
  EXPECT_THAT(again.out, HasSubstr("2 runs: 0 done now, 2 done before, 0 failed"));
  EXPECT_EQ(fs::last_write_time(slide), drawn);
}

TEST_F(PreparedSweep, StatusSaysWhetherItIsPrepared) {
  EXPECT_THAT(sweep("out", "--preset drawn --status").out,
              HasSubstr("prepared        to do\nplain, seed 1   to do\n"));
  ASSERT_EQ(sweep("out", "--preset drawn").code, 0);
  EXPECT_EQ(sweep("out", "--preset drawn --status").out,
            "prepared        done\nplain, seed 1   done\ntissue, seed 1  done\n");
}

TEST_F(PreparedSweep, AnotherDrawingIsANewSweep) {
  ASSERT_EQ(sweep("out", "--preset drawn").code, 0);
  auto text = prepared_text();
  text.replace(text.find("seed: 5"), 7, "seed: 6");
  write_sweep(text);

  EXPECT_THAT(sweep("out", "--preset drawn").out,
              HasSubstr("2 runs: 2 done now, 0 done before, 0 failed"));
}

TEST_F(PreparedSweep, WithoutThePresetItWantsSlides) {
  const auto result = sweep("out");

  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("input 'slide' (files) has no value"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

TEST_F(PreparedSweep, AFailingPreparationRunsNothing) {
  auto text = prepared_text();
  text.replace(text.find("drawn.seed: 5"), 13, "drawn.mitoses: 500");
  write_sweep(text);

  const auto result = sweep("out", "--preset drawn");

  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("error: nothing was run: 'prepare' failed: node 'drawn' "
                                    "(synthetic_slide): a slide of 768x768 px has no room"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out/plain"));
}

TEST_F(PreparedSweep, ShardsPrepareEachForItselfAndMerge) {
  for (const char* which : {"1", "2"}) {
    const auto result = mitoloom(fmt::format(
        "sweep {0}/sweep.yaml --preset drawn --progress off --out {0}/s{1} --shard {1}/2",
        folder_.path().string(), which));
    ASSERT_EQ(result.code, 0) << result.err;
  }

  const auto merged = merge(in("s1") + " " + in("s2"), "--preset drawn");

  EXPECT_EQ(merged.code, 0) << merged.err;
  EXPECT_THAT(merged.out, HasSubstr("2 runs of 2 folders"));
}

TEST_F(SweepJob, MistakesAreReportedTogetherBeforeAnythingRuns) {
  write_sweep(
      sweep_text("  a: {cells.max_intensty: 0.5}\n  b: {cell.max_intensity: 0.5}\n"
                 "  c: {cells.max_intensity: 5}\n"));

  const auto result = sweep("out");

  EXPECT_EQ(result.code, 2);
  const auto at = in("sweep.yaml");
  EXPECT_EQ(result.err,
            at +
                ":7:7: error: node 'cells' has no parameter 'max_intensty'; did you mean "
                "'max_intensity'?\n" +
                at + ":8:7: error: the pipeline has no node 'cell'; did you mean 'cells'?\n" + at +
                ":9:28: error: node 'cells': parameter 'max_intensity' must be in [0, 1], got 5\n");
  EXPECT_FALSE(fs::exists(folder_.path() / "out"));
}

TEST_F(SweepJob, ShardsMergedEqualTheWhole) {
  ASSERT_EQ(sweep("whole").code, 0);
  ASSERT_EQ(shard("s1", "1/2").code, 0);
  ASSERT_EQ(shard("s2", "2/2").code, 0);

  const auto merged = merge(in("s1") + " " + in("s2"));

  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(table("merged"), table("whole"));
  EXPECT_EQ(read_file(folder_.path() / "merged/wide/seed-2/candidates.json"),
            read_file(folder_.path() / "whole/wide/seed-2/candidates.json"));
  EXPECT_THAT(mitoloom("store --store " + in("merged/store") + " verify").out,
              HasSubstr("9 artefacts checked, 0 problem(s)"));
  // The joined store and results serve the whole sweep.
  const auto again = mitoloom(
      fmt::format("sweep {0}/sweep.yaml --progress off --out {0}/merged --store {0}/merged/store",
                  folder_.path().string()));
  EXPECT_THAT(again.out, HasSubstr("10 runs: 0 done now, 10 done before, 0 failed"));
}

TEST_F(SweepJob, MergeNamesWhatIsMissingOrOfAnotherFile) {
  ASSERT_EQ(shard("s1", "1/5").code, 0);
  ASSERT_EQ(shard("s2", "2/5").code, 0);
  write_sweep(
      sweep_text("  plain: {}\n  near: {labelled.positives: reference}\n"
                 "  wide: {cells.diameter_um: 30}\n"));

  const auto merged = merge(in("s1") + " " + in("s2"));

  EXPECT_EQ(merged.code, 1);
  EXPECT_THAT(merged.err, HasSubstr("nothing was merged:\n  near, seed 1: is in none of the "
                                    "folders\n  near, seed 2: is in none of the folders\n"));
  EXPECT_FALSE(fs::exists(folder_.path() / "merged"));

  ASSERT_EQ(shard("s3", "3/5").code, 0);
  write_sweep(sweep_text(kVariants));

  EXPECT_THAT(merge(in("s1") + " " + in("s3")).err,
              HasSubstr("near, seed 1: in " + in("s3") +
                        ": made by another sweep file, or with another --set\n"));
}

TEST_F(SweepJob, MergeNamesAFailedRun) {
  write_sweep(sweep_text("  full: {drawing.mitoses: 500}\n"));
  ASSERT_EQ(sweep("out").code, 3);

  EXPECT_THAT(merge(in("out")).err,
              HasSubstr("full, seed 1: in " + in("out") + ": failed: node 'drawing'"));
}

TEST_F(SweepJob, AShardOfAnImpossiblePartIsWrongUsage) {
  EXPECT_EQ(shard("s", "3/2").code, 2);
  EXPECT_THAT(shard("s", "11/11").err, HasSubstr("--shard 11/11: error: the sweep has fewer runs"));
}

TEST_F(SweepJob, MatchesItsJsonSchema) {
  std::ofstream(folder_.path() / "check.py") << R"(
import json, pathlib, sys
try:
    import jsonschema, yaml
except ImportError:
    sys.exit(77)
validator = jsonschema.Draft7Validator(json.load(open('schemas/sweep.schema.json')))
shipped = [f for f in pathlib.Path('pipelines').rglob('*.yaml') if 'variants' in (y := yaml.safe_load(open(f))) or 'grid' in y]
for file in [*shipped, sys.argv[1]]:
    good = yaml.safe_load(open(file))
    for error in validator.iter_errors(good):
        print(file, error.message); sys.exit(1)
for key, value in [('bass', 'x'), ('variants', {'a/b': {}}), ('grid', {'c.t': 1}), ('seeds', {'values': [-1], 'set': ['c.s']}),
                   ('figures', {'a.b': {'file': 'c.csv', 'x': 'x', 'y': 'y'}}), ('figures', {'a': {'file': 'c.csv', 'x': 'x'}}),
                   ('published', {'f1': {'a': 1}}), ('published', {'source': 'A', 'f1': {'a': 'high'}}), ('labels', {'a': 1}),
                   ('seeds', {'values': [1]}), ('metrics', {'f1': {'file': 'e.txt', 'at': 'x'}}), ('metrics', {'a.b': {'file': 'e.csv', 'at': 'x'}}),
                   ('presets', {'small': {'bas': 'x'}}), ('prepare', {'set': {}}), ('variants', {'a': {'base': 3}})]:
    if validator.is_valid({**good, key: value}):
        print('accepts', key, value); sys.exit(1)
)";

  const int status = std::system(fmt::format("cd {} && /usr/bin/python3 {} {}", MITO_SOURCE_DIR,
                                             in("check.py"), in("sweep.yaml"))
                                     .c_str());

  if (WEXITSTATUS(status) == 77)
    GTEST_SKIP() << "python3-jsonschema or python3-yaml is not installed";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace mito
