#include "engine/types/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Cases, AreWhatIsStatedElseFoundInTheNameElseTheName) {
  EXPECT_EQ(case_of("A03_00Aa", "patient 3", "^(A[0-9]+)_"), "patient 3");
  EXPECT_EQ(case_of("A03_00Aa", "", "^(A[0-9]+)_"), "A03");
  EXPECT_EQ(case_of("A03_00Aa", "", ""), "A03_00Aa");
}

TEST(Cases, ANameThatDoesNotFitThePatternIsNamed) {
  try {
    case_of("slide7", "", "^(A[0-9]+)_");
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'slide7'"), HasSubstr("^(A[0-9]+)_")));
  }
}

TEST(Cases, APatternHasExactlyOneGroup) {
  EXPECT_EQ(check_case_pattern(""), "");
  EXPECT_EQ(check_case_pattern("^(?:TCGA)-(..)"), "");
  EXPECT_THAT(check_case_pattern("^A"), HasSubstr("has 0 groups"));
  EXPECT_THAT(check_case_pattern("(A)(B)"), HasSubstr("has 2 groups"));
  EXPECT_THAT(check_case_pattern("(A"), HasSubstr("no regular expression"));
}

TEST(Cases, SharedByTwoSetsAreRefusedByName) {
  const std::vector<std::string> trained{"c2", "c1", "", "c3"};
  const std::vector<std::string> tested{"c3", "c9", "", "c1"};
  try {
    refuse_shared_cases({"training", trained}, {"evaluation", tested});
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("cases 'c1', 'c3' are in the training set"),
                                    HasSubstr("evaluation set"), Not(HasSubstr("''"))));
  }
}

TEST(Cases, SetsWithoutACommonCaseAreFine) {
  const std::vector<std::string> unknown{""};
  const std::vector<std::string> trained{"c1", ""};
  const std::vector<std::string> tested{"c2"};

  EXPECT_NO_THROW(refuse_shared_cases({"training", trained}, {"evaluation", tested}));
  EXPECT_NO_THROW(refuse_shared_cases({"training", trained}, {"evaluation", unknown}));
}

}  // namespace
}  // namespace mito
