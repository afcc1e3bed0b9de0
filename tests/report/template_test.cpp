#include "engine/report/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/report/bundle.h"
#include "engine/report/texts.h"

namespace mito::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

TEST(PageTemplate, DataEndNoScriptAndBeginNoComment) {
  const auto text = script_json({{"name", "</script><script>alert(1)//<!--"}, {"odd", "caf\xe9"}});

  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_EQ(Json::parse(text)["name"], "</script><script>alert(1)//<!--");
}

TEST(PageTemplate, OnlyThePlaceOfTheDataChanges) {
  const Json data{{"name", R"({"placeholder": true} /* viewer.js */)"}};

  EXPECT_EQ(filled(R"(<a>{"placeholder": true}</a>{"placeholder": true})", data),
            "<a>" + script_json(data) + R"(</a>{"placeholder": true})");
  EXPECT_THROW(filled("<a></a>", data), Error);
}

TEST(PageTemplate, ThePageOfARunHasItsStyleItsScriptsAndNothingFromElsewhere) {
  const auto page = run_page({{"</script>", 1.5}});
  const auto own = run_page_text();

  EXPECT_THAT(page, HasSubstr(std::string(style())));
  EXPECT_THAT(page, HasSubstr("function findHotspot("));
  EXPECT_THAT(page, Not(HasSubstr("/* viewer.js */")));
  EXPECT_THAT(page, HasSubstr(R"(id="seconds">{"\u003c/script>":1.5}</script>)"));
  EXPECT_THAT(page, HasSubstr(std::string(viewer())));
  for (const char* outside : {" src=\"", " href=\"http", "@import", "<link"})
    EXPECT_THAT(std::string(own), Not(HasSubstr(outside))) << outside;
}

TEST(PageTemplate, EveryPageHasItsParts) {
  for (const auto text : {run_page_text(), cohort_page_text(), report_page_text()}) {
    EXPECT_THAT(std::string(text), HasSubstr("const pageData ="));
    EXPECT_THAT(std::string(text), HasSubstr(R"({"placeholder": true})"));
    for (const char* place : {"/* style.css */", "/* page.js */", ".css */", "/* run.js */"})
      EXPECT_THAT(std::string(text), Not(HasSubstr(place)));
  }
}

TEST(PageTemplate, GivesBackWhatAPageOfARunWasFilledWith) {
  const Json data{{"objects", Json::array()}, {"name", "</script><b>"}};
  const auto page = filled(run_page({{"node", 1.5}}), data);

  const auto content = content_of(page);

  ASSERT_TRUE(content);
  EXPECT_EQ(content->data, data);
  EXPECT_EQ(content->seconds, Json({{"node", 1.5}}));
  for (const std::string other :
       {"", "<html></html>", "<script type=\"application/json\" id=\"data\">"})
    EXPECT_FALSE(content_of(other));
}

TEST(PageTemplate, OnlyTheServedPageMayAskItsServer) {
  EXPECT_THAT(served_run_page({}), HasSubstr("img-src data: blob: 'self'; connect-src 'self';"));
  EXPECT_THAT(run_page({}), Not(HasSubstr("'self'")));
}

TEST(PageTemplate, EncodesBase64) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfb"), "//77");
  EXPECT_EQ(data_uri("png", "f"), "data:image/png;base64,Zg==");
}

}  // namespace
}  // namespace mito::report
