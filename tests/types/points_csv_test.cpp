#include "engine/types/points_csv.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito {
namespace {

class PointsCsv : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("csv_") + info->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& content) const {
    const auto file = folder_ / "points.csv";
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  std::string failure(const std::string& content) const {
    const auto file = write(content);
    try {
      static_cast<void>(read_points(file));
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
};

TEST_F(PointsCsv, ReadsItsOwnFormat) {
  const auto read = read_points(write("slide,x,y,score,label,id\nA,10.25,20,0.97,mitosis,7\n"));

  ASSERT_EQ(read.points.size(), 1U);
  EXPECT_TRUE(read.names_slides);
  EXPECT_TRUE(read.has_labels);
  EXPECT_EQ(read.points[0].slide, "A");
  EXPECT_EQ(read.points[0].at, (PointL0{10.25, 20}));
  EXPECT_EQ(read.points[0].score, 0.97);
  EXPECT_EQ(read.points[0].label, "mitosis");
  EXPECT_EQ(read.points[0].id, "7");
}

TEST_F(PointsCsv, IgnoresFurtherColumnsAndTheirOrder) {
  const auto read = read_points(write("case,y,image,x\nH03,2,H03_00Aa.jpg,1\n"));

  ASSERT_EQ(read.points.size(), 1U);
  EXPECT_EQ(read.points[0].slide, "H03_00Aa.jpg");
  EXPECT_EQ(read.points[0].at, (PointL0{1, 2}));
  EXPECT_FALSE(read.has_labels);
  EXPECT_EQ(read.points[0].score, std::nullopt);
}

TEST_F(PointsCsv, ReadsWindowsLineEndsByteOrderMarkAndBlankLines) {
  const auto read = read_points(write("\xEF\xBB\xBFx,y\r\n1,2\r\n\r\n3,4"));

  ASSERT_EQ(read.points.size(), 2U);
  EXPECT_EQ(read.points[1].at, (PointL0{3, 4}));
}

TEST_F(PointsCsv, ReadsQuotedFields) {
  const auto read = read_points(write("x,y,label\n1,2,\"a, \"\"b\"\"\"\n"));

  ASSERT_EQ(read.points.size(), 1U);
  EXPECT_EQ(read.points[0].label, "a, \"b\"");
}

TEST_F(PointsCsv, ARowWithoutXAndYListsASlideWithoutPoints) {
  const auto read = read_points(write("slide,x,y\nA,,\nB,1,2\n"));

  EXPECT_EQ(read.without_points, std::vector<std::string>{"A"});
  EXPECT_EQ(read.points.size(), 1U);
  EXPECT_NE(failure("slide,x,y\nA,,2\n"), "no error");
}

TEST_F(PointsCsv, NamesARowWithoutItsSlide) {
  EXPECT_THAT(failure("slide,x,y\nA,1,2\n,3,4\n"),
              ::testing::EndsWith(
                  "points.csv:3:1: expected the name of a slide, as the file has a column for it"));
}

TEST_F(PointsCsv, HeaderAloneMeansNoPoints) {
  EXPECT_TRUE(read_points(write("x,y\n")).points.empty());
}

TEST_F(PointsCsv, NamesFileLineAndColumnOfABadNumber) {
  EXPECT_THAT(failure("x,y\n1,2\n3,abc\n"),
              ::testing::AllOf(::testing::HasSubstr("points.csv:3:3:"),
                               ::testing::HasSubstr("column 'y': expected a number, found 'abc'")));
}

TEST_F(PointsCsv, RefusesInfinity) {
  EXPECT_THAT(failure("x,y\ninf,2\n"), ::testing::HasSubstr(":2:1: column 'x': expected a number"));
}

TEST_F(PointsCsv, NamesAMissingColumn) {
  EXPECT_THAT(failure("X1,y\n1,2\n"),
              ::testing::HasSubstr("expected a column 'x', found 'X1', 'y'"));
}

TEST_F(PointsCsv, NamesAColumnThatAppearsTwice) {
  EXPECT_THAT(failure("x,y,x\n"), ::testing::HasSubstr(":1:5: column 'x' appears twice"));
}

TEST_F(PointsCsv, NamesARowOfAnotherLength) {
  EXPECT_THAT(failure("x,y\n1,2,3\n"),
              ::testing::HasSubstr(":2:1: expected 2 fields as in the header, found 3"));
}

TEST_F(PointsCsv, NamesAnOpenQuote) {
  EXPECT_THAT(failure("x,y,label\n1,2,\"oh\n"),
              ::testing::HasSubstr(":2:5: a quote is never closed"));
}

TEST_F(PointsCsv, RefusesAnEmptyFile) {
  EXPECT_THAT(failure(""),
              ::testing::HasSubstr("is empty: expected a CSV file with a header line"));
}

TEST_F(PointsCsv, RefusesBinaryData) {
  EXPECT_THAT(failure(std::string("x,y\n1,\0\n", 8)), ::testing::HasSubstr("found binary data"));
}

TEST_F(PointsCsv, RefusesAMissingFile) {
  EXPECT_THROW(read_points(folder_ / "absent.csv"), DataError);
}

TEST_F(PointsCsv, ReadsSemicolonsAndDecimalCommas) {
  const auto read = read_points(write("slide;x;y;score\na;787,806;836,5;0,25\nb;-1;2;\n"));

  ASSERT_EQ(read.points.size(), 2U);
  EXPECT_EQ(read.points[0].at, (PointL0{787.806, 836.5}));
  EXPECT_EQ(read.points[0].score, 0.25);
  EXPECT_EQ(read.points[1].at.x, -1);
}

TEST_F(PointsCsv, ReadsTabsAndWhatTheFirstLineNames) {
  EXPECT_EQ(read_points(write("slide\tx\ty\na b\t1\t2,5\n")).points[0].at, (PointL0{1, 2.5}));
  EXPECT_EQ(read_points(write("sep=;\r\nx;y\r\n1;2\r\n")).points[0].at, (PointL0{1, 2}));
  EXPECT_EQ(read_points(write("\"sep=|\"\nx|y\n1|2\n")).points[0].at, (PointL0{1, 2}));
}

TEST_F(PointsCsv, ReadsUtf16AndLatin1AndTheLineEndsOfOldMacs) {
  const std::string text = "slide,x,y\nA,1,2\n";
  std::string low_first = "\xFF\xFE";
  std::string high_first = "\xFE\xFF";
  std::string unmarked;
  for (const char c : text) {
    low_first += std::string{c, '\0'};
    high_first += std::string{'\0', c};
    unmarked += std::string{c, '\0'};
  }

  for (const auto& content : {low_first, high_first, unmarked, std::string("slide,x,y\rA,1,2\r")})
    EXPECT_EQ(read_points(write(content)).points.at(0).slide, "A");
  EXPECT_EQ(read_points(write("slide,x,y\ncaf\xE9,1,2\n")).points.at(0).slide, "caf\xC3\xA9");
}

TEST_F(PointsCsv, SkipsRowsOfSeparatorsAndEmptyFieldsBehindTheLastColumn) {
  EXPECT_EQ(read_points(write("x,y\n,\n1,2,,\n,\n,,,\n")).points.size(), 1U);
  EXPECT_EQ(read_points(write("slide;x;y;;\na;1;2;;\n;;;;\n")).points.size(), 1U);
}

TEST_F(PointsCsv, ReadsLineBreaksInQuotes) {
  EXPECT_THAT(failure("slide,x,y\n\"a\nb\",1,2\nd,z,2\n"),
              ::testing::HasSubstr(":4:3: column 'x'"));

  const auto file = write("slide,x,y\n" + csv_field("a\nb,\"c\"") + ",1,2\nd,z,2\n");
  EXPECT_EQ(CsvTable::read(file).text(0, 0), "a\nb,\"c\"");
}

TEST_F(PointsCsv, WritesNoTextThatASpreadsheetComputes) {
  EXPECT_EQ(csv_field("=cmd()"), "'=cmd()");
  EXPECT_EQ(csv_field("-1.5"), "-1.5");
  for (const std::string name :
       {"=1+2", "@a", "+a, b", "-a", "'=a", "''-a", "\t=a", "'a", "-", "-2"}) {
    const auto file = write("slide,x,y\n" + csv_field(name) + ",1,2\n");
    EXPECT_EQ(CsvTable::read(file).text(0, 0), name);
  }
}

TEST_F(PointsCsv, DoesNotGuessWhatACommaInANumberIs) {
  EXPECT_THAT(failure("x,y\n\"1,234\",2\n"),
              ::testing::HasSubstr(":2:1: column 'x': expected a number with a decimal point and "
                                   "no other comma, found '1,234'"));
  EXPECT_THAT(failure("x;y\n1,234;2\n1.5;2\n"), ::testing::HasSubstr(":2:1: column 'x'"));
  EXPECT_THAT(failure("x;y\n1.234,5;2\n"), ::testing::HasSubstr(":2:1: column 'x'"));
}

TEST_F(PointsCsv, TellsTheSlidesThatItNames) {
  const auto points = read_points(write("slide,x,y\nb,1,2\na,,\nb,3,4\n"));

  EXPECT_EQ(named_slides(points), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(points_of_slide(points, "/x/b.svs")->size(), 2U);
  EXPECT_TRUE(points_of_slide(points, "/x/a.svs")->empty());
  EXPECT_FALSE(points_of_slide(points, "/x/c.svs").has_value());
}

TEST_F(PointsCsv, ReadsHeadersInUpperCaseSignsAndRepeatedEndsOfLines) {
  const auto points = read_points(write("Slide,X,Y,LABEL\r\r\nb,+1.5,2,mitosis\r\r\n"));

  ASSERT_EQ(points.points.size(), 1U);
  EXPECT_EQ(points.points[0].at, (PointL0{1.5, 2}));
  EXPECT_EQ(points.points[0].label, "mitosis");
  EXPECT_EQ(CsvTable::read(write("x,y,X\n1,2,3\n")).number(0, 2), 3);
}

}  // namespace
}  // namespace mito
