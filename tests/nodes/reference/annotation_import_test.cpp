#include "nodes/reference/annotation_import/annotation_import.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito::annotation_import {
namespace {

using stats::Verdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class AnnotationImport : public ::testing::Test {
 protected:
  /// Five samples s1 .. s5 of two slides; the patch of s_k is filled with RGB (10 k, 20 k, 30 k).
  fs::path sheet(int size_of_last = 8) const {
    std::vector<SheetSample> samples;
    for (int k = 1; k <= 5; ++k) {
      const int size = k == 5 ? size_of_last : 8;
      const std::string name = fmt::format("s{}", k);
      const cv::Mat image(size, size, CV_8UC3, cv::Scalar(30 * k, 20 * k, 10 * k));
      cv::imwrite((folder_ / (name + ".png")).string(), image);
      samples.push_back({name,
                         k <= 3 ? "a" : "b",
                         {1.0 * k, 2.5},
                         10,
                         0.5,
                         std::nullopt,
                         name + ".png",
                         sha256_file(folder_ / (name + ".png"))});
    }
    write_file(folder_ / "sheet.csv", sheet_csv(samples));
    return folder_ / "sheet.csv";
  }
  /// One letter per sample: + mitotic, - non_mitotic, blank no label.
  fs::path labels(const std::string& observer, const std::string& votes) const {
    std::vector<std::pair<std::string, std::string>> lines;
    for (std::size_t i = 0; i < votes.size(); ++i)
      if (votes[i] != ' ')
        lines.emplace_back(fmt::format("s{}", i + 1), votes[i] == '+' ? "mitotic" : "non_mitotic");
    write_file(folder_ / (observer + ".csv"), labels_csv(observer, lines));
    return folder_ / (observer + ".csv");
  }
  Labelled four_observers() const {
    return combine({}, sheet(),
                   {labels("ann", "++-+ "), labels("bob", "++-- "), labels("cyd", "+-- "),
                    labels("dan", "-+-  ")});
  }
  std::string message(const std::function<void()>& action) const {
    try {
      action();
    } catch (const DataError& error) {
      std::string text = error.what();
      const std::string prefix = folder_.path().string() + "/";
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
        text.replace(at, prefix.size(), "");
      return text;
    }
    return "nothing was thrown";
  }

  test::TempFolder folder_;
};

TEST_F(AnnotationImport, KeepsWhatMoreThanHalfAgreeOn) {
  const auto labelled = four_observers();

  EXPECT_EQ(labelled.need, 3);
  EXPECT_THAT(labelled.verdicts, ElementsAre(Verdict::For, Verdict::For, Verdict::Against,
                                             Verdict::Undecided, Verdict::Undecided));
}

TEST_F(AnnotationImport, GivesPixelsLabelsAndCasesInTheOrderOfTheSheet) {
  const auto out = patches({}, four_observers());

  EXPECT_EQ(out.size, 8);
  EXPECT_THAT(out.samples, ElementsAre("s1", "s2", "s3"));
  EXPECT_THAT(out.labels, ElementsAre(1, 1, 0));
  EXPECT_THAT(out.cases, ElementsAre("a", "a", "a"));
  ASSERT_EQ(out.rgb.size(), 3U * 8 * 8 * 3);
  EXPECT_EQ(out.rgb[2 * 192], 30);  // red of the third
  EXPECT_EQ(out.rgb[2 * 192 + 1], 60);
  EXPECT_EQ(out.rgb[2 * 192 + 2], 90);
}

TEST_F(AnnotationImport, KeepsOneClassOnRequest) {
  ImportParams params;
  params.keep = "positive";
  EXPECT_THAT(patches(params, four_observers()).samples, ElementsAre("s1", "s2"));
  params.keep = "negative";
  EXPECT_THAT(patches(params, four_observers()).samples, ElementsAre("s3"));
}

TEST_F(AnnotationImport, OneObserverDecidesAlone) {
  const auto labelled = combine({}, sheet(), {labels("ann", "+-+-+")});

  EXPECT_EQ(labelled.need, 1);
  EXPECT_THAT(patches({}, labelled).labels, ElementsAre(1, 0, 1, 0, 1));
  EXPECT_THAT(patches({}, labelled).cases, ElementsAre("a", "a", "a", "b", "b"));
}

TEST_F(AnnotationImport, RefusesANeedThatDecidesNothingOrBothWays) {
  Params params;
  params.need = 1;
  const auto combined = [&] { combine(params, sheet(), {labels("ann", "+"), labels("bob", "-")}); };

  EXPECT_EQ(message(combined),
            "votes needed: must be more than half of the 2 observers and at most all of them, "
            "got 1");
  params.need = 3;
  EXPECT_THAT(message(combined), HasSubstr("got 3"));
}

TEST_F(AnnotationImport, ChecksItsParameters) {
  EXPECT_EQ(check(Params()), "");
  Params params;
  params.negative_label = "";
  EXPECT_EQ(check(params), "positive_label and negative_label must not be empty");
  params.negative_label = params.positive_label;
  EXPECT_EQ(check(params), "positive_label and negative_label must differ, both are 'mitotic'");
}

TEST_F(AnnotationImport, SaysWhenNothingIsKept) {
  ImportParams params;
  const auto split = [&] {
    return combine({}, sheet(), {labels("ann", "+-"), labels("bob", "-+")});
  };

  EXPECT_EQ(message([&] { patches(params, split()); }),
            "sheet.csv: none of 5 samples is kept: none has 2 equal votes of 2 observers");
  params.keep = "positive";
  EXPECT_EQ(message([&] { patches(params, split()); }),
            "sheet.csv: none of 5 samples is kept: none was decided to be 'mitotic'");
  params.keep = "negative";
  EXPECT_EQ(message([&] { patches(params, split()); }),
            "sheet.csv: none of 5 samples is kept: none was decided to be 'non_mitotic'");
}

TEST_F(AnnotationImport, RefusesPatchesThatAreNotThoseOfTheSheet) {
  const auto labelled = combine({}, sheet(), {labels("ann", "+++++")});
  const std::string third = sha256_file(folder_ / "s3.png");
  write_file(folder_ / "s3.png", "other");

  EXPECT_EQ(message([&] { patches({}, labelled); }),
            "s3.png: is not the patch of sample 's3': its SHA-256 is " + sha256("other") +
                ", but sheet.csv says " + third);
  fs::remove(folder_ / "s2.png");
  EXPECT_EQ(message([&] { patches({}, labelled); }),
            "s2.png: cannot be read; it is the patch of sample 's2' in sheet.csv");
}

TEST_F(AnnotationImport, RefusesPatchesThatAreNoImagesOrOfAnotherSize) {
  const auto other = combine({}, sheet(9), {labels("ann", "+++++")});
  EXPECT_EQ(message([&] { patches({}, other); }), "s5.png: is 9 x 9 px, expected 8 x 8");

  write_file(folder_ / "text.png", "text");
  write_file(folder_ / "sheet.csv",
             sheet_csv(std::vector<SheetSample>{
                 {"s1", "a", {}, 1, 1, std::nullopt, "text.png", sha256("text")}}));
  const auto text = combine({}, folder_ / "sheet.csv", {labels("ann", "+")});
  EXPECT_EQ(message([&] { patches({}, text); }), "text.png: is not an image");
}

TEST_F(AnnotationImport, ReportsVotesAndAgreement) {
  const auto labelled = four_observers();

  const auto written = report({}, labelled);

  const auto json = nlohmann::json::parse(written.json);
  EXPECT_EQ(json["samples"], 5);
  EXPECT_EQ(json["kept_for"], 2);
  EXPECT_EQ(json["kept_against"], 1);
  EXPECT_EQ(json["dropped"], 2);
  EXPECT_EQ(json["without_votes"], 1);
  EXPECT_EQ(json["fleiss_samples"], 3);
  ASSERT_EQ(json["undecided"].size(), 1U);
  EXPECT_EQ(json["undecided"][0]["sample"], "s4");
  EXPECT_EQ(json["undecided"][0]["votes"], nlohmann::json::parse("[1, 0, null, null]"));
  EXPECT_EQ(json["votes"]["s1"], nlohmann::json::parse("[1, 1, 1, 0]"));
  EXPECT_EQ(json["votes_table"][0]["samples"], 2);  // 3 for, 1 against
  EXPECT_EQ(json["votes_table"][0]["label"], "mitotic");
  EXPECT_EQ(json["pairs"][0]["observers"], nlohmann::json::parse(R"(["ann", "bob"])"));
  EXPECT_DOUBLE_EQ(json["pairs"][0]["agreement"].get<double>(), 0.75);
  // ann +++-, bob ++-- : Po 3/4, Pe (3*2 + 1*2)/16.
  EXPECT_DOUBLE_EQ(json["pairs"][0]["cohen_kappa"].get<double>(), 0.5);
  // Complete: s1 3:1, s2 3:1, s3 0:4. Pbar = (6+6+12)/36, p = 1/2.
  EXPECT_NEAR(json["fleiss_kappa"].get<double>(), 1.0 / 3, 1e-12);
  EXPECT_FALSE(json.contains("undefined"));
  EXPECT_THAT(written.markdown, HasSubstr("Kept: 3 (2 mitotic, 1 non_mitotic). Dropped: 2"));
  EXPECT_THAT(written.markdown, HasSubstr("| 3 | 1 | 0 | 2 | mitotic |"));
  EXPECT_THAT(written.markdown, HasSubstr("| ann, bob | 4 | 0.750 | 0.500 |"));
  EXPECT_THAT(written.markdown, HasSubstr("- s4: 1 for, 1 against, 2 missing"));
  EXPECT_EQ(written.merged,
            "sample,slide,x,y,label,for,against,missing\n"
            "s1,a,1,2.5,mitotic,3,1,0\ns2,a,2,2.5,mitotic,3,1,0\ns3,a,3,2.5,non_mitotic,0,4,0\n"
            "s4,b,4,2.5,undecided,1,1,2\ns5,b,5,2.5,undecided,0,0,4\n");
}

TEST_F(AnnotationImport, ReportsUndefinedNumbersAsNullWithTheReason) {
  const auto alone =
      nlohmann::json::parse(report({}, combine({}, sheet(), {labels("ann", "+-")})).json);
  EXPECT_TRUE(alone["fleiss_kappa"].is_null());
  EXPECT_EQ(alone["undefined"]["fleiss_kappa"], "there is one observer only");
  EXPECT_EQ(alone["undefined"]["mean_agreement"], "no two observers labelled the same sample");

  const auto same = nlohmann::json::parse(
      report({}, combine({}, sheet(), {labels("ann", "++"), labels("bob", "++")})).json);
  EXPECT_EQ(same["undefined"]["fleiss_kappa"], "all votes are equal, so chance alone would agree");
  EXPECT_EQ(same["pairs"][0]["undefined"]["cohen_kappa"],
            "both gave every sample the same label, so chance alone would agree");
  const auto others = same["by_observer"][0]["against_majority_of_others"];
  EXPECT_EQ(others["sensitivity"], 1.0);
  EXPECT_EQ(others["undefined"]["specificity"], "the others never agree on non_mitotic");

  const auto apart = nlohmann::json::parse(
      report({}, combine({}, sheet(), {labels("ann", "+"), labels("bob", " -")})).json);
  EXPECT_EQ(apart["pairs"][0]["undefined"]["agreement"], "no sample was labelled by both");
  EXPECT_EQ(apart["undefined"]["fleiss_kappa"], "no sample was labelled by all observers");
}

TEST_F(AnnotationImport, ReportStaysATableWithAnyName) {
  write_file(folder_ / "odd.csv", "sample,observer,label\ns1,a|b,mitotic\n");

  const auto written = report({}, combine({}, sheet(), {folder_ / "odd.csv"}));

  EXPECT_THAT(written.markdown, HasSubstr("| a\\|b | undefined | undefined |"));
}

}  // namespace
}  // namespace mito::annotation_import
