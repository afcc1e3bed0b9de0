#include "engine/types/slide_names.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/text.h"

namespace mito {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> found(const std::vector<std::string>& names, const std::string& slide) {
  std::vector<std::string> out;
  for (const auto i : names_of_slide(names, slide)) out.push_back(names[i]);
  return out;
}

TEST(SlideNames, AreFileNamesWithAndWithoutExtension) {
  EXPECT_TRUE(names_slide("H04_04", "/data/H04_04.tif"));
  EXPECT_TRUE(names_slide("H04_04.tif", "/data/H04_04.tif"));
  EXPECT_TRUE(names_slide("b.c", "/data/b.c.svs"));
  EXPECT_FALSE(names_slide("H04_0", "/data/H04_04.tif"));
  EXPECT_FALSE(names_slide("", "/data/H04_04.tif"));
  for (const char* name : {"a", "a.ome", "a.ome.tif", "a.ome.tiff", "A.OME.TIF"})
    EXPECT_TRUE(names_slide(name, "/data/a.ome.tif")) << name;
}

TEST(SlideNames, MayStandBehindFolders) {
  for (const char* name :
       {"/data/slides/base.svs", "slides/base.svs", "./base", "C:\\slides\\base.svs",
        "\\\\server\\slides\\base", "//server/slides/base.SVS"})
    EXPECT_TRUE(names_slide(name, "cases/base/base.svs")) << name;
}

TEST(SlideNames, InFoldersThatTellFilesApartNeedTheirFolder) {
  const std::vector<std::string> names{"/old/a/base.svs", "/old/b/base.svs", "D:\\c\\other.svs"};

  EXPECT_THAT(found(names, "/new/b/base.svs"), ElementsAre("/old/b/base.svs"));
  EXPECT_THAT(found(names, "/new/d/base.svs"), IsEmpty());
  EXPECT_THAT(found(names, "/new/d/other.svs"), ElementsAre("D:\\c\\other.svs"));
}

TEST(SlideNames, ThatAreNumbersMeanNothingWithoutTheirFolder) {
  EXPECT_TRUE(names_slide("04/01", "/data/04/01.tif"));
  EXPECT_TRUE(names_slide("D:/tupac/04/01.tif", "/data/04/01.tif"));
  EXPECT_FALSE(names_slide("04/01", "/data/05/01.tif"));
}

TEST(SlideNames, ThatFitBestWin) {
  EXPECT_THAT(found({"01", "04/01"}, "/data/04/01.tif"), ElementsAre("04/01"));
  EXPECT_THAT(found({"a", "a.svs"}, "/data/a.svs"), ElementsAre("a", "a.svs"));
  EXPECT_THAT(found({"a.svs", "a.tif"}, "/data/a.svs"), ElementsAre("a.svs"));
  EXPECT_THAT(found({"a.ndpi"}, "/data/a.svs"), ElementsAre("a.ndpi"));
  EXPECT_THAT(found({"a.ndpi", "a.tif"}, "/data/a.svs"), IsEmpty());
}

TEST(SlideNames, InUpperAndLowerCaseCountOnlyWhereOneOfThemDoes) {
  EXPECT_THAT(found({"CASE1"}, "/data/case1.svs"), ElementsAre("CASE1"));
  EXPECT_THAT(found({"CASE1", "case1"}, "/data/case1.svs"), ElementsAre("case1"));
  EXPECT_THAT(found({"CASE1", "Case1"}, "/data/case1.svs"), IsEmpty());
}

TEST(SlideNames, HaveLettersInEverySpelling) {
  const std::string composed = "caf\xC3\xA9";
  const std::string decomposed = "cafe\xCC\x81";
  const std::string latin1 = "caf\xE9";

  for (const auto& name : {composed, decomposed, latin1, utf8_text(latin1)})
    for (const auto& slide : {composed, decomposed, latin1})
      EXPECT_TRUE(names_slide(name, "/data/" + slide + ".svs")) << name << " " << slide;
  EXPECT_FALSE(names_slide("cafe", "/data/" + composed + ".svs"));
}

TEST(SlideNames, OfFilesThatAreNoUtf8AreShownWithTheirBytes) {
  EXPECT_EQ(utf8_text("latin\xE9.svs"), "latin\\xE9.svs");
  EXPECT_EQ(utf8_text("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  EXPECT_EQ(utf8_text("\xC0\xAF\xED\xA0\x80\xF5"), "\\xC0\\xAF\\xED\\xA0\\x80\\xF5");
}

TEST(SlideNames, LoseTheBlanksAroundThem) {
  for (const std::string name : {" base.svs ", "base\xC2\xA0", "\tbase"})
    EXPECT_TRUE(names_slide(name, "/data/base.svs")) << name;
  EXPECT_TRUE(names_slide("base", "/data/ base .svs"));
  EXPECT_FALSE(names_slide("ba se", "/data/base.svs"));
}

}  // namespace
}  // namespace mito
