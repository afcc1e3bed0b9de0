#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "nodes/reference/annotation_import/observer_result.h"
#include "nodes/reference/annotation_import/observer_sheet.h"
#include "tests/support/problem.h"
#include "tests/support/temp_folder.h"

namespace mito::annotation_import {
namespace {

using nlohmann::json;
using test::problem;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class ObserverResult : public ::testing::Test {
 protected:
  std::string name(std::size_t i) const { return fmt::format("0a1b2c-{:04}", i + 1); }

  /// `references`: + true, - false, anything else: not known.
  fs::path key(const std::string& references) const {
    std::string text = "sample,slide,x,y,score,reference,patch,sha256\n";
    for (std::size_t i = 0; i < references.size(); ++i)
      text += fmt::format("{},s,{},5,0.95,{},p.png,0\n", name(i), i,
                          references[i] == '+'   ? "true"
                          : references[i] == '-' ? "false"
                                                 : "");
    write_file(folder_ / "key.csv", text);
    return folder_ / "key.csv";
  }
  /// One letter per sample: + mitotic, - non_mitotic, ? unsure, blank no answer.
  fs::path answers(const std::string& observer, const std::string& given) const {
    std::string text = "sample,observer,label\n";
    for (std::size_t i = 0; i < given.size(); ++i)
      if (given[i] != ' ')
        text += fmt::format("{},{},{}\n", name(i), observer,
                            given[i] == '+'   ? "mitotic"
                            : given[i] == '?' ? "unsure"
                                              : "non_mitotic");
    write_file(folder_ / (observer + ".csv"), text);
    return folder_ / (observer + ".csv");
  }
  fs::path sheet(const std::string& text) const {
    write_file(folder_ / "answers.csv", "sample,observer,label\n" + text);
    return folder_ / "answers.csv";
  }
  std::string refusal(const fs::path& sheet, const std::string& references = "..") const {
    return problem([&] { read_answers({}, key(references), {sheet}); });
  }
  json result(const ResultParams& params,
              const std::string& references,
              const std::vector<fs::path>& files) const {
    return json::parse(observer_report(params, read_answers(params, key(references), files)).json);
  }
  test::TempFolder folder_;
};

// Paper section VI-C: 128 of 181 confirmed, with recall 0.494. The paper prints F1 0.581.
TEST_F(ObserverResult, UnsureIsAnAnswerAndNoVote) {
  const auto found = result({}, "....", {answers("Ann", "+?-?"), answers("Bo", "++-?")});

  EXPECT_EQ(found["by_observer"][0]["mitotic"], 1);
  EXPECT_EQ(found["by_observer"][0]["not_mitotic"], 1);
  EXPECT_EQ(found["majority"]["mitotic"], 1);  // one vote of two decides nothing
  EXPECT_EQ(found["majority"]["not_mitotic"], 1);
}

TEST_F(ObserverResult, GivesTheNumbersOfThePaper) {
  const auto found = result({.recall = 0.494}, std::string(181, '.'),
                            {answers("ann", std::string(128, '+') + std::string(53, '-'))});

  const auto& majority = found["majority"];
  EXPECT_EQ(majority["mitotic"], 128);
  EXPECT_EQ(majority["not_mitotic"], 53);
  EXPECT_NEAR(majority["precision"].get<double>(), 0.707, 0.0005);
  EXPECT_NEAR(majority["interval95"][0].get<double>(), 0.6371340662454414, 1e-12);
  EXPECT_NEAR(majority["interval95"][1].get<double>(), 0.7686190612104173, 1e-12);
  EXPECT_NEAR(majority["f1"].get<double>(), 0.581, 0.001);
  EXPECT_NEAR(majority["f1"].get<double>(), 2 * 128. / 181 * 0.494 / (128. / 181 + 0.494), 1e-12);
}

TEST_F(ObserverResult, MajorityDecidesAndTiesDoNot) {
  const auto found = result({}, "....", {answers("ann", "++-+"), answers("bob", "+---")});

  EXPECT_EQ(found["need"], 2);
  EXPECT_EQ(found["undecided"], 2);
  EXPECT_EQ(found["majority"]["mitotic"], 1);
  EXPECT_EQ(found["majority"]["precision"], 0.5);
  EXPECT_TRUE(found["majority"]["f1"].is_null()) << "no recall was given";
  EXPECT_EQ(found["by_observer"][0]["observer"], "ann");
  EXPECT_EQ(found["by_observer"][0]["precision"], 0.75);
  EXPECT_EQ(found["by_observer"][1]["precision"], 0.25);
  EXPECT_EQ(found["agreement"]["mean_agreement"], 0.5);
  EXPECT_NEAR(found["agreement"]["pairs"][0]["cohen_kappa"].get<double>(), 0.2, 1e-12);
}

TEST_F(ObserverResult, SaysWhatObserversThinkOfWhatTheReferenceCallsFalse) {
  const ResultParams params;
  const auto read = read_answers(params, key("+--."), {answers("ann", "++-+")});
  const auto report = observer_report(params, read);
  const auto found = json::parse(report.json);

  EXPECT_EQ(found["reference"]["true"]["mitotic"], 1);
  EXPECT_EQ(found["reference"]["false"]["mitotic"], 1);
  EXPECT_EQ(found["reference"]["false"]["not_mitotic"], 1);
  ASSERT_EQ(found["reference"]["false_but_mitotic"].size(), 1U);
  EXPECT_EQ(found["reference"]["false_but_mitotic"][0]["sample"], name(1));
  EXPECT_EQ(found["reference"]["false_but_mitotic"][0]["x"], 1);
  EXPECT_THAT(report.markdown,
              HasSubstr("Of 2 decided detections that the reference calls false the "
                        "majority calls 1 mitotic."));
  EXPECT_THAT(report.answers, HasSubstr(name(1) + ",s,1,5,0.95,false,mitotic,1,0,0\n"));
}

// Fig. 8: what all observers call mitotic first, and the highest score first.
TEST_F(ObserverResult, GroupsDetectionsByTheirAnswers) {
  std::string text = "sample,slide,x,y,score,reference,patch,sha256\n";
  const std::vector<double> scores{0.91, 0.99, 0.95, 0.97};
  for (std::size_t i = 0; i < scores.size(); ++i)
    text += fmt::format("{},s,{},5,{},,p.png,0\n", name(i), i, scores[i]);
  write_file(folder_ / "key.csv", text);

  const auto groups = sheet_groups(
      read_answers({}, folder_ / "key.csv", {answers("ann", "+-+-"), answers("bob", "+-+-")}));

  ASSERT_EQ(groups.size(), 2U) << "nobody was alone";
  EXPECT_EQ(groups[0].mitotic, 2U);
  EXPECT_EQ(groups[0].samples, (std::vector<std::size_t>{2, 0}));
  EXPECT_EQ(groups[1].mitotic, 0U);
  EXPECT_EQ(groups[1].samples, (std::vector<std::size_t>{1, 3}));
}

TEST_F(ObserverResult, DrawsTheSheetFromThePatchesBesideTheKey) {
  fs::create_directories(folder_ / "patches");
  std::string text = "sample,slide,x,y,score,reference,patch,sha256\n";
  for (int i = 0; i < 2; ++i) {
    std::vector<std::uint8_t> png;
    cv::imencode(".png", cv::Mat(128, 128, CV_8UC3, cv::Scalar(10, 20, 200 - 100 * i)), png);
    const std::string bytes(png.begin(), png.end());
    write_file(folder_ / fmt::format("patches/{}.png", i), bytes);
    text += fmt::format("{},s,{},5,0.9,,patches/{}.png,{}\n", name(static_cast<std::size_t>(i)), i,
                        i, sha256(bytes));
  }
  write_file(folder_ / "key.csv", text);
  const auto read = read_answers({}, folder_ / "key.csv", {answers("ann", "-+")});

  const auto png = observer_sheet(read);

  const auto image =
      cv::imdecode(std::vector<std::uint8_t>(png.begin(), png.end()), cv::IMREAD_COLOR);
  ASSERT_FALSE(image.empty());
  const auto first_of = [&](const cv::Vec3b& colour) {
    for (int y = 0; y < image.rows; ++y)
      for (int x = 0; x < image.cols; ++x)
        if (image.at<cv::Vec3b>(y, x) == colour) return y;
    return -1;
  };
  const int confirmed = first_of({10, 20, 100});
  const int refused = first_of({10, 20, 200});
  EXPECT_GT(confirmed, 0);
  EXPECT_GT(refused, confirmed) << "what is called mitotic comes first";
  EXPECT_EQ(image.at<cv::Vec3b>(confirmed - 1, 20), (cv::Vec3b{178, 114, 0}));
  EXPECT_EQ(image.at<cv::Vec3b>(refused - 1, 20), (cv::Vec3b{0, 94, 213}));

  write_file(folder_ / "patches/0.png", "changed");
  EXPECT_THAT(problem([&] { observer_sheet(read); }), HasSubstr("is not the patch of sample"));
  fs::remove_all(folder_ / "patches");
  EXPECT_EQ(observer_sheet(read), "");
}

TEST_F(ObserverResult, WithoutReferenceSaysNothingOfIt) {
  EXPECT_TRUE(result({}, "..", {answers("ann", "+-")})["reference"].is_null());
}

TEST_F(ObserverResult, BadSheetsAreRefusedWithTheirLine) {
  EXPECT_THAT(refusal(sheet("0a1b2c-0001,ann,mitotic\nffffff-0002,ann,mitotic\n")),
              HasSubstr("answers.csv:3:1: sample 'ffffff-0002' is of study ffffff, but "));
  EXPECT_THAT(refusal(sheet("0a1b2c-0001,ann,mitotic\n0a1b2c-0009,ann,mitotic\n")),
              HasSubstr("answers.csv:3:1: sample '0a1b2c-0009' is not in the sheet "));
  EXPECT_THAT(refusal(sheet("0a1b2c-0001,ann,mitotic\n0a1b2c-0002,ann,\n")),
              HasSubstr("answers.csv:3:17: the answer to sample '0a1b2c-0002' is missing: expected "
                        "'mitotic', 'non_mitotic' or 'unsure'"));
  EXPECT_THAT(
      refusal(sheet("0a1b2c-0001,ann,mitotic\n0a1b2c-0001,ann,mitotic\n")),
      HasSubstr("answers.csv:3:1: observer 'ann' has already labelled sample '0a1b2c-0001' at "));
  EXPECT_THAT(refusal(sheet("0a1b2c-0001,ann,mitotik\n")),
              HasSubstr("answers.csv:2:17: unknown label 'mitotik': expected 'mitotic', "
                        "'non_mitotic' or 'unsure'; did you mean 'mitotic'?"));
  EXPECT_THAT(refusal(sheet("0a1b2c-0001,,mitotic\n")),
              HasSubstr("answers.csv:2:13: the observer has no name"));
}

TEST_F(ObserverResult, AnswersLeftOutAreRefusedUnlessAllowed) {
  const std::vector<fs::path> files{answers("ann", "+ - "), answers("bob", "+--+")};

  EXPECT_THAT(problem([&] { read_answers({}, key("...."), files); }),
              HasSubstr("observer 'ann' did not answer 2 of 4 samples of "));
  const auto found = result({.missing = "leave_out"}, "....", files);
  EXPECT_EQ(found["by_observer"][0]["precision"], 0.5);
  EXPECT_EQ(found["undecided"], 2);
}

TEST_F(ObserverResult, ADamagedKeyIsRefusedWithItsLine) {
  key("++");
  write_file(
      folder_ / "key.csv",
      "sample,slide,x,y,score,reference,patch,sha256\n0a1b2c-0001,s,1,2,0.9,maybe,p.png,0\n");

  EXPECT_THAT(problem([&] { read_answers({}, folder_ / "key.csv", {answers("ann", "+")}); }),
              HasSubstr("key.csv:2:23: expected 'true', 'false' or nothing, found 'maybe'"));
}

}  // namespace
}  // namespace mito::annotation_import
