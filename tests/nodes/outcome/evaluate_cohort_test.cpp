#include "nodes/outcome/evaluate_cohort/evaluate_cohort.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"
#include "engine/types/points_csv.h"
#include "nodes/outcome/evaluate_cohort/evaluation_page.h"
#include "nodes/outcome/evaluate_cohort/mistakes.h"
#include "nodes/outcome/study/study_data.h"
#include "nodes/outcome/study/study_origin.h"
#include "tests/support/problem.h"

namespace mito::evaluate_cohort {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

/// `hits` mitoses found at 0.95, `missed` ones, and `wrong` claims at 0.85, all far apart.
stats::CohortSlide slide(const std::string& name, int hits, int missed, int wrong) {
  stats::CohortSlide out;
  out.name = out.identity = name;
  out.case_id = "case-" + name;
  out.lowest_score = 0.8;
  out.tissue_mm2 = 2;
  double x = 0;
  for (int i = 0; i < hits + missed; ++i) out.image.truths.push_back({x += 100, 0});
  for (int i = 0; i < hits; ++i) out.image.claims.push_back({100.0 * (i + 1) + 7, 0, 0.95});
  for (int i = 0; i < wrong; ++i) out.image.claims.push_back({100.0 * (i + 1), 500, 0.85});
  return out;
}

std::vector<stats::CohortSlide> study() {
  auto a = slide("a", 3, 1, 2);
  auto b = slide("b", 1, 1, 0);
  auto c = slide("c", 4, 0, 5);
  a.centre = b.centre = "Utrecht";
  c.centre = "Nijmegen";
  a.scanner = "XR";
  return {a, b, c};
}

const Params kLow{.min_probability = 0.8, .threshold_chosen_on = "elsewhere", .replicates = 300};

/// The section of a page by its title. Throws std::out_of_range.
report::Section section(const report::Page& page, const std::string& title) {
  for (const auto& one : page.sections)
    if (one.title == title) return one;
  throw std::out_of_range("the page has no section " + title);
}

TEST(EvaluateCohort, SaysWhichDataAndHowLargeANetwork) {
  const CohortTable table{"study.csv",
                          {{"a", "1", "Nijmegen", "P250", {}, {}, "training", "PHH3"},
                           {"b", "2", "", "", {}, {}, "test", ""}}};
  const auto report = measure(kLow, study(), nullptr, {"digest", 9530274, &table});
  const auto json = Json::parse(report.json);

  EXPECT_EQ(json["model_parameters"], 9530274);
  ASSERT_EQ(json["data"].size(), 2U);
  EXPECT_EQ(json["data"][0]["purpose"], "training");
  EXPECT_EQ(json["data"][0]["reference"], "PHH3");
  EXPECT_EQ(json["data"][1]["slides"], 1);
  EXPECT_TRUE(json["data"][1]["centre"].is_null());
  EXPECT_THAT(section(report.page, "Data of the study (Table I)").table->rows[0],
              ::testing::ElementsAre("training", "Nijmegen", "P250", "PHH3", "1", "1"));
  EXPECT_THAT(section(report.page, "What was measured").table->rows[2],
              ::testing::ElementsAre("model", "digest, 9.53 million parameters"));

  const auto bare = measure(kLow, study(), nullptr);
  EXPECT_TRUE(Json::parse(bare.json)["model_parameters"].is_null());
  EXPECT_THROW(section(bare.page, "Data of the study (Table I)"), std::out_of_range);
}

TEST(EvaluateCohort, SumsCountsPerSlideCentreScannerAndInTotal) {
  const auto json = Json::parse(measure(kLow, study(), nullptr).json);

  const auto& total = json["total"]["rules"]["any_hit"];
  EXPECT_EQ(total["tp"], 8);
  EXPECT_EQ(total["fp"], 7);
  EXPECT_EQ(total["fn"], 2);
  EXPECT_DOUBLE_EQ(total["f1"]["value"], 16.0 / 25);
  EXPECT_DOUBLE_EQ(total["fp_per_mm2"], 7.0 / 6);
  ASSERT_EQ(json["centres"].size(), 2U);
  EXPECT_EQ(json["centres"][1]["centre"], "Utrecht");
  EXPECT_EQ(json["centres"][1]["rules"]["optimal"]["tp"], 4);
  ASSERT_EQ(json["scanners"].size(), 1U);
  EXPECT_EQ(json["scanners"][0]["slides"], 1);
  EXPECT_EQ(json["per_slide"].size(), 3U);
}

TEST(EvaluateCohort, ShufflingSlidesChangesNoByte) {
  auto shuffled = study();
  std::ranges::reverse(shuffled);

  const auto a = measure(kLow, study(), nullptr);
  const auto b = measure(kLow, shuffled, nullptr);

  EXPECT_EQ(a.json, b.json);
  EXPECT_EQ(a.table, b.table);
  EXPECT_EQ(a.cases, b.cases);
  EXPECT_EQ(a.details, b.details);
  EXPECT_EQ(a.curve, b.curve);
  EXPECT_EQ(a.froc, b.froc);
  EXPECT_EQ(a.calibration, b.calibration);
}

TEST(EvaluateCohort, IntervalsAreOverCasesAndNeedTwo) {
  const auto all = Json::parse(measure(kLow, study(), nullptr).json);
  const auto& interval = all["total"]["rules"]["any_hit"]["f1"]["interval95"];
  EXPECT_LT(interval[0], 0.64);
  EXPECT_GT(interval[1], 0.64);

  auto one_case = study();
  for (auto& s : one_case) s.case_id = "the same";
  const auto one = Json::parse(measure(kLow, one_case, nullptr).json);
  EXPECT_TRUE(one["total"]["rules"]["any_hit"]["f1"]["interval95"].is_null());
  EXPECT_EQ(one["cases"], 1);
}

TEST(EvaluateCohort, EveryRowSaysWhatItWasMeasuredOn) {
  auto params = kLow;
  params.data_set = "a study";
  params.threshold_chosen_on = "case-b";

  const auto report = measure(params, study(), nullptr);

  EXPECT_THAT(report.table, HasSubstr("\"a study\",3,3,10,any_hit,7.5,case-b,yes\n"));
  EXPECT_THAT(report.curve, HasSubstr("\"a study\",3,3,10,any_hit,7.5,\"same data\",yes\n"));
  EXPECT_THAT(report.froc, HasSubstr("\"a study\",3,3,10,any_hit,7.5"));
  EXPECT_THAT(report.calibration, HasSubstr("\"a study\",3,3,10,any_hit,7.5"));
  EXPECT_EQ(Json::parse(report.json)["optimistic"], true);
  EXPECT_THAT(report.json, HasSubstr("not a medical device"));
}

std::ptrdiff_t lines(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST(EvaluateCohort, AStudyIsOneRowAndItsDetailsLieBeside) {
  const auto report = measure(kLow, study(), nullptr, {});

  EXPECT_EQ(lines(report.table), 1 + 1);
  EXPECT_THAT(report.table, HasSubstr("\ntotal,,"));
  EXPECT_THAT(report.details, HasSubstr("\ncase,"));
  EXPECT_EQ(lines(report.details), 1 + 4 * (1 + 2 + 1 + 3 + 3));  // by rule: total, centres, ...
}

TEST(EvaluateCohort, CasesAddUpToTheStudy) {
  auto slides = study();
  slides[1].case_id = slides[0].case_id;
  const auto report = measure(kLow, slides, nullptr, {});
  const auto table = CsvTable::parse(report.table, "table");
  const auto cases = CsvTable::parse(report.cases, "cases");

  ASSERT_EQ(cases.rows(), 2U);
  for (const char* column : {"tp", "fp", "fn"}) {
    const auto of_cases = cases.require(column);
    EXPECT_EQ(cases.integer(0, of_cases) + cases.integer(1, of_cases),
              table.integer(0, table.require(column)))
        << column;
  }
  EXPECT_EQ(Json::parse(report.json)["per_case"].size(), 2U);
}

TEST(EvaluateCohort, AnIntervalOverFewCasesSaysSo) {
  auto two = study();
  two[1].case_id = two[0].case_id;
  const auto report = measure(kLow, two, nullptr, {});
  const auto json = Json::parse(report.json);

  EXPECT_EQ(json["total"]["interval95_note"],
            "the interval is one over two cases: it ends at the values of the two");
  const auto& interval = json["total"]["rules"]["any_hit"]["f1"]["interval95"];
  std::vector<double> values;
  for (const auto& one : json["per_case"]) values.push_back(one["rules"]["any_hit"]["f1"]["value"]);
  std::ranges::sort(values);
  EXPECT_DOUBLE_EQ(interval[0], values[0]);
  EXPECT_DOUBLE_EQ(interval[1], values[1]);
  EXPECT_THAT(section(report.page, "Results").paragraphs,
              Contains("total: the interval is one over two cases: it ends at the values of the "
                       "two."));
  EXPECT_EQ(Json::parse(measure(kLow, study(), nullptr, {}).json)["total"]["interval95_note"],
            "the interval is one over 3 cases, and too narrow");
  EXPECT_EQ(study::interval_note(6), "");
}

TEST(EvaluateCohort, TheCurveHasTheBestThresholdAndStartsWhereObjectsAreKnown) {
  const auto report = measure(kLow, study(), nullptr);
  const auto json = Json::parse(report.json);

  EXPECT_EQ(json["curve"]["best_threshold"], 0.95);
  EXPECT_DOUBLE_EQ(json["curve"]["best_f1"], 16.0 / 18);
  EXPECT_EQ(json["curve"]["optimistic"], true);
  EXPECT_THAT(report.curve, HasSubstr("\n0.8,8,7,2,"));
  EXPECT_THAT(report.curve, Not(HasSubstr("\n0.79,")));
  EXPECT_THAT(report.froc, HasSubstr("\n0.95,0.8,0,0,"));
}

TEST(EvaluateCohort, ThePageIsNamedByTheModelAndTheData) {
  auto params = kLow;
  params.data_set = "a study";
  const Background known{.model_digest = "3f2a9c1b00ff"};

  EXPECT_EQ(measure(params, study(), nullptr, known).page.title, "Model 3f2a9c1b on a study");
  EXPECT_EQ(measure(params, study(), nullptr).page.title, "Detections on a study");
  // Nobody said what the data are called.
  EXPECT_THAT(measure(kLow, study(), nullptr, known).page.title,
              AllOf(StartsWith("Model 3f2a9c1b on "), Not(HasSubstr("not stated"))));
}

TEST(EvaluateCohort, ThePageBeginsWithTheAnswer) {
  auto params = kLow;
  params.threshold_chosen_on = "case-b";
  auto slides = study();
  slides.resize(1);
  slides.front().image.truths.resize(1);

  const auto page = measure(params, study(), nullptr).page;
  const auto alone = measure(kLow, slides, nullptr).page;

  EXPECT_EQ(page.answer.front().what, "F1");
  EXPECT_EQ(page.answer.front().value, "0.640");
  EXPECT_THAT(page.answer.front().more, StartsWith("95 % interval 0."));
  EXPECT_EQ(page.answer[3].more, "8 found, 2 missed, 7 false");
  EXPECT_THAT(page.paragraphs, ElementsAre(StartsWith("Optimistic: ")));
  EXPECT_EQ(alone.answer.front().more, "no interval: it needs two cases");
  EXPECT_EQ(alone.answer.back().value, "1 case");
  EXPECT_THAT(alone.paragraphs, IsEmpty());
}

TEST(EvaluateCohort, ThePageShowsTheSameNumbersAsTheFiles) {
  auto params = kLow;
  params.data_set = "a study";
  params.threshold_chosen_on = "case-b";

  const auto page = measure(params, study(), nullptr).page;

  ASSERT_EQ(page.sections.size(), 5U);
  const auto flags = section(page, "What was measured");
  EXPECT_TRUE(flags.folded);
  EXPECT_THAT(
      flags.table->rows,
      Contains(ElementsAre("optimistic", "yes: it was chosen on data that are measured here")));
  const auto groups = section(page, "Results").table->rows;
  ASSERT_EQ(groups.size(), 4U);  // total, two centres, one scanner
  EXPECT_THAT(groups[0][11], StartsWith("0.640 (0."));
  EXPECT_EQ(groups[0][12], "1.167");
  EXPECT_EQ(section(page, "All slides under each matching rule").table->rows.size(), 4U);
  const auto slides = section(page, "Cases and slides");
  EXPECT_EQ(slides.table->rows.size(), 6U);  // three cases, three slides
  EXPECT_TRUE(slides.folded);

  const auto figures = section(page, "Figures").figures;
  ASSERT_EQ(figures.size(), 3U);
  EXPECT_EQ(figures[0].name, "evaluation_curve");
  const auto& at_start = figures[0].spec["data"]["values"][0];
  EXPECT_EQ(at_start["x"], 0.8);
  EXPECT_DOUBLE_EQ(at_start["y"], 0.64);
  EXPECT_LT(at_start["low"], 0.64);
  EXPECT_EQ(figures[1].spec["data"]["values"][1]["threshold"], 0.95);
  EXPECT_EQ(figures[1].spec["data"]["values"][1]["recall"], 0.8);
  EXPECT_EQ(figures[1].spec["layer"][0]["encoding"]["x"]["title"],
            "false positives per mm² of tissue");
  EXPECT_EQ(figures[2].spec["data"]["values"].size(), 2U);  // scores of two ranges
}

TEST(EvaluateCohort, ThePageSaysWhatCannotBeDrawn) {
  const auto page = measure(kLow, {slide("empty", 0, 0, 0)}, nullptr).page;

  const auto drawn = section(page, "Figures");
  EXPECT_TRUE(drawn.figures.empty());
  ASSERT_EQ(drawn.paragraphs.size(), 3U);
  EXPECT_THAT(drawn.paragraphs[0], HasSubstr("F1 against the threshold (Fig. 7): not defined"));
}

TEST(EvaluateCohort, ThePageCountsPerSlideWhereTheTissueIsNotKnown) {
  auto slides = study();
  slides[1].tissue_mm2.reset();

  const auto page = measure(kLow, slides, nullptr).page;

  const auto froc = section(page, "Figures").figures[1].spec;
  EXPECT_EQ(froc["layer"][0]["encoding"]["x"]["title"], "false positives per slide");
  EXPECT_DOUBLE_EQ(froc["data"]["values"][0]["fp"], 7.0 / 3);
}

TEST(EvaluateCohort, ATuningDecidesTheThreshold) {
  Tuning tuning;
  tuning.measure = "f1";
  tuning.min_probability = 0.9;
  tuning.cases = {"x", "y"};

  const auto json = Json::parse(measure(kLow, study(), &tuning).json);

  EXPECT_EQ(json["threshold"], 0.9);
  EXPECT_EQ(json["threshold_chosen_on"], "tuning on 2 cases by f1: x y");
  EXPECT_EQ(json["optimistic"], false);
  EXPECT_EQ(json["total"]["rules"]["any_hit"]["fp"], 0);
}

TEST(EvaluateCohort, RefusesACaseThatChoseTheThresholdByName) {
  Tuning tuning;
  tuning.cases = {"case-b"};
  const auto seen = nn::study_origin(nullptr, &tuning, nullptr).seen;

  EXPECT_NO_THROW(refuse_seen(seen, slide("a", 1, 0, 0).measured()));
  EXPECT_THAT(test::problem([&] { refuse_seen(seen, slide("b", 1, 0, 0).measured()); }),
              HasSubstr("case 'case-b' is in the tuning set"));
}

TEST(EvaluateCohort, RefusesASlideThatChoseTheThresholdUnderAnotherName) {
  const std::string content(64, 'c');
  Tuning tuning;
  tuning.cases = {"case-b"};
  tuning.images = seen_files({{content, 7, "b", "case-b"}}, "");
  tuning.images.listed_in = "out/tuning.json";
  const auto seen = nn::study_origin(nullptr, &tuning, nullptr).seen;
  auto copy = slide("copy", 1, 0, 0);
  copy.identity = content;

  EXPECT_EQ(test::problem([&] { refuse_seen(seen, copy.measured()); }),
            "slide 'copy' of the evaluation set is, by its content, 'b' of case 'case-b' of the "
            "tuning set (out/tuning.json); sets must not share cases");
  copy.identity[0] = 'd';
  EXPECT_NO_THROW(refuse_seen(seen, copy.measured()));
}

TEST(EvaluateCohort, SaysWhatIsKnownOfLeaks) {
  Background background;
  background.leaks = {"none: by name", "not known: by content"};
  const auto report = measure(kLow, study(), nullptr, background);

  const auto json = Json::parse(report.json);
  EXPECT_EQ(json["leak_check"]["names"], "none: by name");
  EXPECT_EQ(json["leak_check"]["content"], "not known: by content");
  EXPECT_TRUE(Json::parse(measure(kLow, study(), nullptr).json)["leak_check"]["content"].is_null());
  const auto html = report::files(report.page, kPageFile).back().bytes;
  EXPECT_THAT(
      html, AllOf(HasSubstr("leaks, by the content of files"), HasSubstr("not known: by content")));
}

TEST(EvaluateCohort, RefusesTheThresholdOfAnotherTask) {
  Tuning tuning;
  tuning.measure = "spearman";
  tuning.min_probability = 0.9;

  EXPECT_THAT(test::problem([&] { measure(kLow, study(), &tuning); }),
              HasSubstr("chosen by 'spearman', but what is measured here needs a choice by 'f1'"));
}

TEST(EvaluateCohort, RefusesAThresholdBelowWhatIsKnown) {
  auto params = kLow;
  params.min_probability = 0.7;

  try {
    measure(params, study(), nullptr);
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("slide 'a' has only detections from 0.8 on"));
  }
  EXPECT_THROW(measure(kLow, {}, nullptr), DataError);
}

TEST(EvaluateCohort, UndefinedIsNullWithAReason) {
  const auto json = Json::parse(measure(kLow, {slide("a", 0, 0, 0)}, nullptr).json);

  const auto& rule = json["total"]["rules"]["any_hit"];
  EXPECT_TRUE(rule["f1"]["value"].is_null());
  EXPECT_EQ(rule["undefined"]["recall"], "no true mitosis");
  EXPECT_TRUE(json["calibration"]["expected_error"].is_null());
  EXPECT_TRUE(json["curve"]["best_threshold"].is_null());
  EXPECT_TRUE(json["curve"]["best_f1"].is_null());
}

TEST(EvaluateCohort, WithoutDetectionsEveryF1IsZero) {
  const auto json = Json::parse(measure(kLow, {slide("a", 0, 3, 0)}, nullptr).json);

  EXPECT_EQ(json["total"]["rules"]["any_hit"]["f1"]["value"], 0.0);
  EXPECT_EQ(json["curve"]["best_f1"], 0.0);
  EXPECT_TRUE(json["curve"]["best_threshold"].is_null());
  EXPECT_TRUE(json["curve"]["width_within_95_percent"].is_null());
}

/// A network whose own threshold was chosen by cross-validation.
nn::StudyOrigin of_network(double threshold) {
  nn::StudyOrigin origin;
  origin.model_threshold = threshold;
  origin.model_threshold_source = "cross-validation";
  return origin;
}

TEST(EvaluateCohort, TheThresholdOfTheModelIsMeasuredUnlessAnotherIsTold) {
  const auto own = nn::for_model(Params{}, of_network(0.7));
  EXPECT_EQ(own.min_probability, 0.7);
  EXPECT_EQ(own.threshold_chosen_on, "cross-validation (model file)");

  const auto told = nn::for_model(Params{.min_probability = 0.9}, of_network(0.7));
  EXPECT_EQ(told.min_probability, 0.9);
  EXPECT_EQ(told.threshold_chosen_on, stats::kNotStated);
}

TEST(Mistakes, AreWhatTheCountsCountByFallingScore) {
  auto slides = study();
  stats::sort_slides(slides);
  slides[2].image.claims.push_back({400 + 5, 0, 0.7});  // near the mitosis that c has as its fourth
  slides[2].image.claims.erase(slides[2].image.claims.begin() + 3);

  const auto cases = mistakes_of(slides, 0.8, 7.5);

  ASSERT_EQ(cases.size(), 3U);
  EXPECT_EQ(cases[0].name, "case-c");  // most of them
  ASSERT_EQ(cases[0].missed.size(), 1U);
  EXPECT_EQ(cases[0].missed[0].score, 0.7);
  EXPECT_EQ(cases[0].missed[0].x_um, 400);
  EXPECT_EQ(cases[0].false_alarms.size(), 5U);
  EXPECT_EQ(cases[1].name, "case-a");
  EXPECT_FALSE(cases[1].missed[0].score);
  std::size_t missed = 0;
  std::size_t false_alarms = 0;
  for (const auto& one : cases) {
    missed += one.missed.size();
    false_alarms += one.false_alarms.size();
  }
  const auto total = Json::parse(measure(kLow, slides, nullptr).json)["total"]["rules"]["any_hit"];
  EXPECT_EQ(total["fn"], missed);
  EXPECT_EQ(total["fp"], false_alarms);
}

/// Two slides with three missed mitoses and three false alarms each, whose pictures take 1000
/// bytes.
class Gallery : public ::testing::Test {
 protected:
  Gallery() {
    for (const char* name : {"a", "b"}) {
      stats::CohortSlide one;
      one.name = one.identity = name;
      one.case_id = std::string("case ") + name;
      for (const double x : {20, 60, 100}) {
        one.image.truths.push_back({x, 30});
        one.image.claims.push_back({x, 90, x / 100});
      }
      one.picture = [](double x_um, double y_um, double um) {
        EXPECT_EQ(um, 32);
        return stats::PlacePicture{std::string(1000, 'p'), {4 * x_um, 4 * y_um}};
      };
      slides_.push_back(one);
    }
  }
  std::optional<report::Section> section(const GallerySize& size) const {
    constexpr double kThreshold = 0.1;
    Album album(size, kThreshold, 7.5, 2);
    for (const auto& slide : slides_) album.add(slide, [] { return false; });
    return album.section(mistakes_of(slides_, kThreshold, 7.5), slides_);
  }

  std::vector<stats::CohortSlide> slides_;
};

TEST_F(Gallery, ShowsMissedAndFalseOfEveryCase) {
  const auto shown = section({}).value();

  ASSERT_EQ(shown.galleries.size(), 2U);
  EXPECT_EQ(shown.galleries[0].title, "case a: 3 missed, 3 false alarms");
  const auto& pictures = shown.galleries[0].pictures;
  ASSERT_EQ(pictures.size(), 6U);
  EXPECT_EQ(pictures[0].mark, "missed");
  EXPECT_EQ(pictures[0].caption, "missed, nothing near");
  EXPECT_EQ(pictures[3].mark, "false");
  EXPECT_EQ(pictures[3].caption, "false, 1.000");
  EXPECT_EQ(pictures[3].place, "a: 400, 360");
  EXPECT_EQ(pictures[5].caption, "false, 0.200");
  EXPECT_THAT(shown.paragraphs, ElementsAre(HasSubstr("12 of 12 mistakes are shown")));
}

TEST_F(Gallery, KeepsToItsSizeAndGivesEveryCaseAPictureFirst) {
  const auto few = section({.per_case = 3}).value();
  ASSERT_EQ(few.galleries[1].pictures.size(), 3U);
  EXPECT_EQ(few.galleries[1].pictures[1].mark, "missed");
  EXPECT_EQ(few.galleries[1].pictures[2].caption, "false, 1.000");
  EXPECT_THAT(few.galleries[1].title, HasSubstr("; 3 of 6 shown"));

  const auto small = section({.max_mb = 0.0015}).value();
  ASSERT_EQ(small.galleries.size(), 2U);
  EXPECT_EQ(small.galleries[0].pictures.size(), 1U);
  EXPECT_EQ(small.galleries[1].pictures.size(), 1U);
  EXPECT_THAT(small.paragraphs, ElementsAre(HasSubstr("2 of 12 mistakes are shown")));

  EXPECT_FALSE(section({.per_case = 0}));
  EXPECT_FALSE(section({.max_mb = 0}));
}

TEST_F(Gallery, CutsNoMoreThanItCanShow) {
  int cut = 0;
  Album album({.per_case = 24, .max_mb = 0.011}, 0.1, 7.5, 2);
  slides_[0].picture = [&](double, double, double) {
    ++cut;
    return stats::PlacePicture{};
  };

  album.add(slides_[0], [] { return false; });

  EXPECT_EQ(cut, 2);  // of 11 kB half is this slide's share: one picture, and one more
}

TEST_F(Gallery, StopsWhenAskedAndKeepsNoSlideOpen) {
  Album album({}, 0.1, 7.5, 2);
  EXPECT_THROW(album.add(slides_[0], [] { return true; }), Interrupted);

  std::vector<stats::CohortSlide> cohort;
  stats::add_slide(cohort, slides_[0]);
  EXPECT_FALSE(cohort.front().picture);
}

}  // namespace
}  // namespace mito::evaluate_cohort
