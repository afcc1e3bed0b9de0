#include "tools/view/site.h"

#include <chrono>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/report/template.h"
#include "engine/store/hdf5_store.h"
#include "engine/types/pathology.h"
#include "tests/support/drawn_slide.h"
#include "tools/cohort/slide_state.h"
#include "tools/cohort/slides_file.h"

namespace mito::view {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::ordered_json;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";
constexpr const char* kPlanted = "<script>planted()</script>";

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A drawn slide, and the output folder of its run.
class ViewSite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn_ = new test::TempFolder;
    slide_ = new fs::path(test::draw_slide(drawn_->path()));
  }
  static void TearDownTestSuite() {
    delete slide_;
    delete drawn_;
  }

  fs::path out() const { return folder_ / "out"; }

  void begin_run(cohort::SlideState::How how = cohort::SlideState::How::Running) const {
    fs::create_directories(out());
    cohort::SlideState state;
    state.how = how;
    state.slide = slide_->stem().string();
    state.begun = "2020-01-01T00:00:00Z";
    state.node = "dense.probability";
    cohort::write_state(out(), state);
  }
  /// As run_page writes it, as far as the server looks at it.
  void end_run(const std::string& identity) const {
    begin_run(cohort::SlideState::How::Done);
    const Json data{{"slide",
                     {{"file", slide_->filename().string()},
                      {"mpp_x", 0.25},
                      {"mpp_y", 0.25},
                      {"identity", identity}}},
                    {"objects", {{{"sample", "ab-0001"}}, {{"sample", "ab-0002"}}}},
                    {"notice", kPlanted}};
    std::ofstream(out() / "run.html") << report::filled(report::run_page({{"a", 1}}), data);
  }
  std::string identity() const { return Slide::open(*slide_, {}).info().identity; }

  Site site(const std::vector<fs::path>& paths) const {
    return {kToken, subjects_of(paths), {folder_ / "store"}};
  }
  static Answer get(Site& site, const std::string& path, const std::string& method = "GET") {
    return site.answer({method, "/" + std::string(kToken) + path, "", "127.0.0.1:8642", "", ""});
  }
  static Answer put(Site& site, const std::string& body) {
    return site.answer({"PUT", "/" + std::string(kToken) + "/slide/0/answers", "", "localhost:9000",
                        "http://localhost:9000", body});
  }
  static Json data_of(const Answer& page) { return report::content_of(page.body)->data; }

  static test::TempFolder* drawn_;
  static fs::path* slide_;
  test::TempFolder folder_;
};

test::TempFolder* ViewSite::drawn_ = nullptr;
fs::path* ViewSite::slide_ = nullptr;

TEST_F(ViewSite, RefusesAnotherToken) {
  auto shown = site({*slide_});
  for (const std::string path :
       {"/", "/slide/0/", "/0123456789abcdef0123456789abcdee/", "/0123456789abcdef/",
        "/0123456789abcdef0123456789abcdef", "/0123456789abcdef0123456789abcdef0/", ""})
    EXPECT_EQ(shown.answer({"GET", path, "", "127.0.0.1", "", ""}).status, 403) << path;
}

TEST_F(ViewSite, RefusesNamesThatAreNotThisMachines) {
  auto shown = site({*slide_});
  const auto path = "/" + std::string(kToken) + "/slide/0/";
  for (const char* host : {"", "example.org", "example.org:8642", "127.0.0.1.example.org",
                           "localhost.example.org", "localhost:80@example.org", "192.168.0.7:8642"})
    EXPECT_EQ(shown.answer({"GET", path, "", host, "", ""}).status, 403) << host;
  for (const char* host : {"127.0.0.1:8642", "localhost", "localhost:1", "[::1]:65535"})
    EXPECT_EQ(shown.answer({"GET", path, "", host, "", ""}).status, 200) << host;
  EXPECT_EQ(shown.answer({"GET", path, "", "localhost", "http://example.org", ""}).status, 403);
  EXPECT_EQ(shown.answer({"GET", path, "", "localhost", "null", ""}).status, 403);
}

TEST_F(ViewSite, ChangesNothingButAnswers) {
  auto shown = site({*slide_});
  for (const char* method : {"POST", "DELETE", "PUT", "PATCH", "OPTIONS"})
    EXPECT_EQ(get(shown, "/slide/0/", method).status, 405) << method;
  EXPECT_EQ(get(shown, "/slide/0/answers", "PUT").status, 404);  // a slide alone has no place
  EXPECT_EQ(get(shown, "/slide/0/tile/0/answers", "PUT").status, 404);
}

TEST_F(ViewSite, OpensNoPathOfTheBrowser) {
  end_run(identity());
  auto shown = site({out(), *slide_});
  for (const char* path : {"/..",
                           "/../",
                           "/slide/0/../0/",
                           "/slide/0/..",
                           "/slide/0/../../run.html",
                           "/slide/0/run.html",
                           "/slide/0/state.json",
                           "/slide/..",
                           "/slide/0//etc/passwd",
                           "/etc/passwd",
                           "/slide/-1/",
                           "/slide/1/",
                           "/slide/00x/",
                           "/slide/0/tile/0/../../run.html",
                           "/slide/0/tile/0/0_0.jpg/..",
                           "/slide/0/tile/-1/0_0.jpg",
                           "/slide/0/tile/0/-1_0.jpg",
                           "/slide/0/tile/99/0_0.jpg",
                           "/slide/0/tile/0/0_0.png",
                           "/slide/0/tile/0/0_0",
                           "/slide/0/tile/0/0.jpg",
                           "/slide/0/tile/9223372036854775807/0_0.jpg",
                           "/slide/0/tile/10/9223372036854775807_0.jpg",
                           "/slide/0/map/0.png",
                           "/slide/99999999999999999999/"})
    EXPECT_EQ(get(shown, path).status, 404) << path;
}

TEST_F(ViewSite, ShowsASlideAloneWithTilesOfItself) {
  auto shown = site({*slide_});

  EXPECT_EQ(get(shown, "/").location, "slide/0/");
  const auto page = get(shown, "/slide/0/");
  EXPECT_THAT(page.body, HasSubstr("\"result\":null"));
  EXPECT_THAT(page.body, HasSubstr("connect-src 'self'"));
  const auto tile = get(shown, "/slide/0/tile/10/0_0.jpg");  // 600 x 500 px: level 10 is the grid

  EXPECT_EQ(tile.status, 200);
  EXPECT_EQ(tile.type, "image/jpeg");
  EXPECT_THAT(tile.body, StartsWith("\xff\xd8"));
  EXPECT_EQ(get(shown, "/slide/0/tile/10/2_1.jpg").status, 200);
  EXPECT_EQ(get(shown, "/slide/0/tile/10/3_0.jpg").status, 404);
  EXPECT_EQ(get(shown, "/slide/0/tile/10/0_0.jpg").body, tile.body);
}

TEST_F(ViewSite, ThePageOfARunKeepsItsDataAndNothingOfThemIsMarkup) {
  end_run(identity());
  auto shown = site({out(), *slide_});

  const auto page = get(shown, "/slide/0/");

  EXPECT_THAT(page.body, Not(HasSubstr(kPlanted)));
  EXPECT_EQ(data_of(page)["notice"], kPlanted);
  EXPECT_EQ(data_of(page)["view"]["tiles"], true);
  EXPECT_EQ(data_of(page)["view"]["answers"], true);
  EXPECT_EQ(get(shown, "/slide/0/tile/10/1_1.jpg").status, 200);
}

TEST_F(ViewSite, AnotherSlideIsNotShownInThePlaceOfThatOfTheRun) {
  end_run("sha256:of another");
  auto shown = site({out(), *slide_});

  const auto page = get(shown, "/slide/0/");

  EXPECT_EQ(data_of(page)["view"]["tiles"], false);
  EXPECT_THAT(data_of(page)["view"]["problem"].get<std::string>(),
              HasSubstr("is not the slide of this run"));
  EXPECT_EQ(get(shown, "/slide/0/tile/10/0_0.jpg").status, 404);
}

TEST_F(ViewSite, ARunIntoTheSameFolderIsShownAnew) {
  end_run("sha256:of another");
  auto shown = site({out(), *slide_});
  EXPECT_EQ(data_of(get(shown, "/slide/0/"))["view"]["tiles"], false);

  end_run(identity());
  fs::last_write_time(out() / "run.html",
                      fs::file_time_type::clock::now() + std::chrono::seconds(5));

  EXPECT_EQ(data_of(get(shown, "/slide/0/"))["view"]["tiles"], true);
}

TEST_F(ViewSite, AnswersOfAnObserverTakeThePlaceOfTheOldOnes) {
  end_run(identity());
  auto shown = site({out(), *slide_});

  EXPECT_EQ(put(shown, R"({"observer": "Ann, \"O\"", "labels": {"ab-0002": "unsure"}})").status,
            200);
  EXPECT_EQ(put(shown, R"({"observer": "Bo", "labels": {"ab-0001": "mitotic"}})").status, 200);
  EXPECT_EQ(
      put(shown, R"({"observer": "Ann, \"O\"", "labels": {"ab-0001": "non_mitotic"}})").status,
      200);

  EXPECT_EQ(bytes_of(out() / "answers.csv"),
            "sample,observer,label\nab-0001,Bo,mitotic\nab-0001,\"Ann, \"\"O\"\"\",non_mitotic\n");
  EXPECT_EQ(data_of(get(shown, "/slide/0/"))["view"]["given"].size(), 2U);
}

TEST_F(ViewSite, RefusesAnswersThatAreNone) {
  end_run(identity());
  auto shown = site({out(), *slide_});
  for (const char* body :
       {"", "[]", "{", R"({"observer": "Ann"})", R"({"observer": "", "labels": {}})",
        R"({"observer": "A\nB", "labels": {}})", R"({"observer": 1, "labels": {}})",
        R"({"observer": "Ann", "labels": {"../x": "mitotic"}})",
        R"({"observer": "Ann", "labels": {"ab-0001": "maybe"}})",
        R"({"observer": "Ann", "labels": {"ab-0001": 1}})"})
    EXPECT_EQ(put(shown, body).status, 400) << body;
  EXPECT_FALSE(fs::exists(out() / "answers.csv"));
}

TEST_F(ViewSite, TheMapOfARunAppearsTileByTile) {
  begin_run();
  auto shown = site({out(), *slide_});
  ASSERT_EQ(get(shown, "/slide/0/").status, 200);
  const auto slide = Slide::open(*slide_, {});
  store::Hdf5Store kept(folder_ / "store", {.parts = 1});
  const auto map = kept.open({.key = std::string(64, 'a'),
                              .node_type = "cnn_dense",
                              .node_version = 1,
                              .payload = "ProbabilityTile",
                              .payload_version = 1,
                              .canonical = "",
                              .inputs = {},
                              .node_id = "probability",
                              .item = slide.info().name,
                              .parts = 2,
                              .per_part = true});
  const auto progress = [&](const std::string& after) {
    return Json::parse(shown
                           .answer({"GET", "/" + std::string(kToken) + "/slide/0/progress", after,
                                    "localhost", "", ""})
                           .body);
  };
  EXPECT_THAT(progress("")["map"], IsEmpty());
  EXPECT_EQ(progress("")["state"], "running");
  ProbabilityTile tile{
      slide.analysis_grid(), {0, 0, 256, 128}, std::vector<float>(64 * 32, 0.9F), {}};

  map->save(1, Codec<ProbabilityTile>::encode(tile));

  EXPECT_EQ(progress("")["map"], Json::parse("[[1, 0, 0, 256, 128]]"));
  EXPECT_THAT(progress("1")["map"], IsEmpty());
  EXPECT_THAT(get(shown, "/slide/0/map/1.png").body, StartsWith("\x89PNG"));
  EXPECT_EQ(get(shown, "/slide/0/map/0.png").status, 404);
  tile.core.x = 256;
  map->save(0, Codec<ProbabilityTile>::encode(tile));  // complete: segments make way
  EXPECT_EQ(progress("1")["map"], Json::parse("[[0, 256, 0, 256, 128]]"));
  EXPECT_EQ(get(shown, "/slide/0/map/1.png").status, 200);
  EXPECT_EQ(progress("2")["done"], false);
  end_run(identity());
  EXPECT_EQ(progress("2")["done"], true);
  EXPECT_EQ(data_of(get(shown, "/slide/0/"))["view"]["progress"], false);
  // A browser that shows the run still draws its tiles, though the run has let the map go.
  fs::remove_all(folder_ / "store");
  EXPECT_EQ(get(shown, "/slide/0/map/1.png").status, 200);
}

TEST_F(ViewSite, ACohortHasAPageThatLeadsToItsSlides) {
  for (const char* name : {"a", "b"}) {
    fs::create_directories(out() / name);
    cohort::SlideState state;
    state.how = cohort::SlideState::How::Failed;
    state.slide = std::string(kPlanted) + name;
    state.message = kPlanted;
    cohort::write_state(out() / name, state);
  }
  auto shown = site({out()});

  const auto page = get(shown, "/");

  EXPECT_THAT(page.body, Not(HasSubstr(kPlanted)));
  EXPECT_THAT(page.body, HasSubstr("\"link\":\"slide/1/\""));
  const auto failed = get(shown, "/slide/0/");
  EXPECT_EQ(failed.status, 404);
  EXPECT_THAT(failed.body, HasSubstr("has no page yet"));
}

TEST_F(ViewSite, SlidesWithoutARunHaveAPageThatLeadsToThem) {
  const auto other = folder_ / "other.svs";
  fs::copy_file(*slide_, other);
  auto shown = site({*slide_, other});

  const auto page = get(shown, "/");

  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("\"slide\":\"other\",\"state\":null"));
  EXPECT_EQ(get(shown, "/slide/1/").status, 200);
}

TEST_F(ViewSite, TheSlidesOfARunThatGoesOnAreWhereItSays) {
  const auto lost = folder_ / "lost.svs";
  cohort::write_slides(out(), {"p.yaml", "s", {{"a", "a", 1, *slide_}, {"lost", "lost", 1, lost}}});
  auto shown = site({out()});

  EXPECT_EQ(get(shown, "/slide/0/").status, 200);
  EXPECT_EQ(get(shown, "/slide/1/").status, 404);
}

TEST_F(ViewSite, ASlideThatFailedSaysWhy) {
  begin_run();
  auto state = *cohort::read_state(out());
  state.how = cohort::SlideState::How::Failed;
  state.message = "cut short";
  cohort::write_state(out(), state);
  std::ofstream(folder_ / "cut.svs") << "no slide";
  auto shown = site({out(), folder_ / "cut.svs"});

  const auto page = get(shown, "/slide/0/");

  EXPECT_EQ(page.status, 404);
  EXPECT_THAT(page.body, HasSubstr("The run failed at it (attempt 1): cut short"));
}

TEST_F(ViewSite, SaysWhatIsWrongWithItsPaths) {
  EXPECT_THROW(subjects_of({folder_ / "nothing"}), DataError);
  EXPECT_THROW(subjects_of({folder_.path()}), DataError);  // no run
  begin_run();
  EXPECT_THROW(subjects_of({out(), folder_.path()}), DataError);
  EXPECT_EQ(subjects_of({out()}).slides.front().slide, "");
  EXPECT_EQ(subjects_of({out(), *slide_}).slides.front().slide, *slide_);
}

TEST(ViewToken, IsLongAndAnotherEachTime) {
  EXPECT_EQ(random_token().size(), 32U);
  EXPECT_NE(random_token(), random_token());
}

}  // namespace
}  // namespace mito::view
