#include "engine/types/seen_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kA(64, 'a');
const std::string kB(64, 'b');

Measured::Seen training(std::string not_known = "") {
  Measured::Seen out{
      "training",
      {"H03", "H04"},
      seen_files({{kB, 20, "H04_01", "H04"}, {kA, 10, "H03_01", "H03"}}, std::move(not_known))};
  out.files.listed_in = "net.h5";
  return out;
}

TEST(SeenImages, TheContentIsTheBeginningOfAnIdentity) {
  EXPECT_EQ(content_of_identity(kA), kA);
  EXPECT_EQ(content_of_identity(kA + "|mirrored"), kA);
  EXPECT_EQ(content_of_identity(kA + "|mirrored+recolouring"), kA);
  EXPECT_EQ(content_of_identity(kA + "+recolouring"), kA);
  EXPECT_EQ(content_of_identity(kA + "a"), "") << "longer than a SHA-256";
  EXPECT_EQ(content_of_identity(kA.substr(1)), "");
  EXPECT_EQ(content_of_identity("identity_case0"), "");
  EXPECT_EQ(content_of_identity(""), "");
}

TEST(SeenImages, ACopyUnderAnotherNameIsRefused) {
  EXPECT_EQ(test::problem([] {
              refuse_seen({training()}, {"field", "field", kB});
            }),
            "slide 'field' of the evaluation set is, by its content, 'H04_01' of case 'H04' of "
            "the training set (net.h5); sets must not share cases");
  EXPECT_EQ(test::problem([] {
              refuse_seen({training()}, {"H04", "H04", ""});
            }),
            "case 'H04' is in the training set and in the evaluation set; sets must not share "
            "cases");
}

TEST(SeenImages, WhatHasNoContentOrAnotherPasses) {
  auto changed = kB;
  changed[5] = '0';
  EXPECT_NO_THROW(refuse_seen({training()}, {"field", "field", changed}));
  EXPECT_NO_THROW(refuse_seen({training()}, {"field", "field", ""}));
}

TEST(SeenImages, ListsAreSortedAndHoldEachOnce) {
  const auto both = united(seen_files({{kB, 20, "b", "B"}}, "of one, nothing"),
                           seen_files({{kA, 10, "a", "A"}, {kB, 20, "copy of b", "B"}}, ""));
  ASSERT_EQ(both.files.size(), 2U);
  EXPECT_EQ(both.files[0].name, "a");
  EXPECT_EQ(both.files[1].name, "b");
  EXPECT_EQ(both.not_known, "of one, nothing");
  EXPECT_EQ(united(both, {{}, "of another, nothing"}).not_known,
            "of another, nothing; of one, nothing");
  EXPECT_EQ(united(both, both).not_known, "of one, nothing");
}

TEST(SeenImages, LinesAreReadBack) {
  const auto seen = training().files;
  const auto lines = seen_file_lines(seen);
  EXPECT_EQ(lines.at(0), kA + "\t10\tH03\tH03_01");
  EXPECT_EQ(read_seen_files(lines, "here"), seen.files);
  EXPECT_EQ(read_seen_files({kA + "\t10\t\ta\tb"}, "here").at(0).name, "a\tb");
}

TEST(SeenImages, LinesThatAreNoneAreNamed) {
  for (const auto& line : {kA + "\t10\tH03", kA.substr(2) + "\t10\tH03\tH03_01",
                           kA + "\tten\tH03\tH03_01", kA + "\t-1\tH03\tH03_01", std::string()})
    EXPECT_THAT(test::problem([&] {
                  read_seen_files({seen_file_lines(training().files)[0], line}, "net.h5");
                }),
                AllOf(StartsWith("net.h5: entry 2: expected a SHA-256 of 64 hex digits"),
                      HasSubstr("found '" + line.substr(0, 100))));
}

TEST(LeakCheck, ByContentNoneIsNeverMoreThanWhatWasWrittenDown) {
  const auto out = leak_check({training()}, {{"c", "case 7", std::string(64, 'c')}});
  EXPECT_EQ(out.names, "none of the cases measured (1) is among the 2 of training");
  EXPECT_EQ(out.content,
            "none of the slides measured (1) is one of the 2 files of training; not known: whether "
            "one was "
            "encoded anew, cut out of one of these or scanned again");
  EXPECT_TRUE(out.warnings.empty());
  EXPECT_THAT(
      leak_check({training("there may be others")}, {{"c", "", std::string(64, 'c')}}).content,
      HasSubstr("not known: of training, there may be others; whether one"));
}

TEST(LeakCheck, WhatNobodyWroteDownIsNotKnown) {
  const MeasuredImage image{"c", "case 7", std::string(64, 'c')};
  const Measured::Seen old{"training", {"H03"}, {{}, "the model file was written before"}};
  EXPECT_EQ(leak_check({old}, {image}).content,
            "not known: of training, the model file was written before");
  EXPECT_THAT(leak_check({}, {image}).content, StartsWith("not known: neither a network"));
  EXPECT_THAT(leak_check({}, {image}).names, StartsWith("not known: neither a network"));
  EXPECT_EQ(leak_check({{"training", {}, {{}, ""}}}, {image}).names,
            "not known: no cases of training and tuning are named");
  EXPECT_EQ(leak_check({{"training", {}, {{}, ""}}}, {image}).content,
            "not known: no image of training and tuning is written down");
  EXPECT_EQ(leak_check({training()}, {{"c", "case 7", ""}}).content,
            "not known: 1 of 1 measured images come without their file");
}

TEST(LeakCheck, TheNameOfASlideIsNoCase) {
  const auto out = leak_check({training(), {"tuning", {}, {{}, ""}}},
                              {{"c", "c", kA.substr(1) + "0"}, {"d", "D", ""}});
  EXPECT_EQ(
      out.names,
      "none of the cases measured (2) is among the 2 of training; no case of tuning is named; not "
      "known: the cases of 1 of 2 slides, whose names stand for them");
  EXPECT_THAT(out.content, HasSubstr("1 of 2 measured images come without their file"));
}

TEST(LeakCheck, ASlideThatIsCalledAfterASeenCaseIsWarnedOf) {
  const auto warnings = [](const std::string& name, const std::string& case_id) {
    return leak_check({training()}, {{name, case_id, ""}}).warnings;
  };
  EXPECT_THAT(warnings("H04_04", "H04_04"),
              ElementsAre(HasSubstr("slide 'H04_04' is called after case 'H04' of the training")));
  EXPECT_THAT(warnings("H04_04", "patient 9"), ElementsAre()) << "its case is stated";
  EXPECT_THAT(warnings("H042", "H042"), ElementsAre());
  EXPECT_THAT(leak_check({training()}, {{"H04_04", "H04_04", ""}}).names,
              HasSubstr("is called after case 'H04'"));
}

}  // namespace
}  // namespace mito
