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
