#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"
#include "engine/types/annotation.h"
#include "engine/types/points_csv.h"
#include "nodes/reference/annotation_sample/observer_study.h"
#include "tests/support/drawn_slide.h"
#include "tests/support/problem.h"

namespace mito::annotation_sample {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
namespace fs = std::filesystem;

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ObserverStudy : public ::testing::Test {
 protected:
  SlideDetections found_on(const std::string& name, int count) {
    auto params = test::small_slide();
    params.name = name;
    const Slide slide = Slide::open(test::draw_slide(slides_.path(), params), {});
    SlideDetections out{slide, {slide.analysis_grid(), {}, 0.9, 0}};
    for (int i = 0; i < count; ++i)
      out.detections.items.push_back({{40.0 * i, 30.0 * i}, 0.9 + 0.005 * i, 9});
    return out;
  }
  Study study(const StudyParams& params = {}, const fs::path& truth = {}) {
    Study out(params, "study", truth);
    out.add(0, found_on("north_he", 10));
    out.add(1, found_on("south_he", 10));
    return out;
  }
  fs::path at(const std::string& name) const { return out_.path() / name; }
  test::TempFolder slides_;
  test::TempFolder out_;
};

TEST_F(ObserverStudy, ShowsEveryDetectionOnceAsAPictureOf128Pixels) {
  const auto written = write_study(study(), out_.path(), {});

  EXPECT_EQ(written.path, "key.csv");
  const auto key = LabelSheet::read(at("key.csv"));
  ASSERT_EQ(key.samples().size(), 20U);
  std::set<std::pair<std::string, double>> shown;
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& sample = key.samples()[i];
    EXPECT_THAT(sample.sample, MatchesRegex("[0-9a-f]{6}-[0-9]{4}"));
    EXPECT_EQ(sample.sha256, sha256_file(key.patch_file(i)));
    const cv::Mat image = cv::imread(key.patch_file(i).string());
    EXPECT_EQ(image.rows, 128);
    EXPECT_EQ(image.cols, 128);
    EXPECT_NEAR(*sample.score, 0.9 + 0.005 * sample.center.x / 40, 1e-6);
    shown.emplace(sample.slide, sample.center.x);
  }
  EXPECT_EQ(shown.size(), 20U);
}

TEST_F(ObserverStudy, MixesSlidesAndScoresAtRandom) {
  write_study(study(), out_.path(), {});
  const auto key_file = LabelSheet::read(at("key.csv"));
  std::string slides;
  std::vector<double> scores;
  for (const auto& sample : key_file.samples()) {
    slides += sample.slide[0];
    scores.push_back(*sample.score);
  }
  EXPECT_THAT(slides, Not(HasSubstr("nnnnnnnn")));
  EXPECT_FALSE(std::ranges::is_sorted(scores));
  EXPECT_FALSE(std::ranges::is_sorted(scores, std::greater{}));

  const std::string key = read_text(at("key.csv"));
  write_study(study(), out_.path(), {});
  EXPECT_EQ(read_text(at("key.csv")), key) << "the same study twice";
  write_study(study({.seed = 2}), out_.path(), {});
  EXPECT_NE(read_text(at("key.csv")).substr(45, 6), key.substr(45, 6))
      << "another order, another name";
}

TEST_F(ObserverStudy, GivesObserversNothingButThePictures) {
  write_study(study(), out_.path(), {});

  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(at("observers")))
    if (entry.is_regular_file() && entry.path().extension() != ".png") {
      files.insert(entry.path().filename().string());
      for (const char* secret : {"north_he", "south_he", "score"})
        EXPECT_EQ(read_text(entry.path()).find(secret), std::string::npos)
            << entry.path() << secret;
    }
  EXPECT_EQ(files, (std::set<std::string>{"README.txt", "answers.csv", "label.html"}));
  const auto answers = CsvTable::read(at("observers/answers.csv"));
  EXPECT_EQ(answers.header(), (std::vector<std::string>{"sample", "observer", "label"}));
  EXPECT_EQ(answers.rows(), 20U);
  EXPECT_EQ(answers.text(0, 2), "");
}

// The first detection lies at (0, 0): its patch starts at -64.
TEST_F(ObserverStudy, IsWhiteBesideTheSlide) {
  write_study(study(), out_.path(), {});
  const auto key = LabelSheet::read(at("key.csv"));
  for (std::size_t i = 0; i < key.samples().size(); ++i) {
    if (key.samples()[i].center.x > 0) continue;
    const cv::Mat image = cv::imread(key.patch_file(i).string());
    EXPECT_EQ(image.at<cv::Vec3b>(10, 10), cv::Vec3b(255, 255, 255));
    EXPECT_EQ(image.at<cv::Vec3b>(100, 63), cv::Vec3b(255, 255, 255));
  }
}

TEST_F(ObserverStudy, SaysInTheKeyWhatTheReferenceSays) {
  write_file(at("truth.csv"),
             "slide,x,y\nnorth_he,46,36\nnorth_he,300,300\n");  // 2.1 um from (40, 30)
  write_study(study({}, at("truth.csv")), out_.path(), {});

  const auto key = CsvTable::read(at("key.csv"));
  for (std::size_t row = 0; row < key.rows(); ++row) {
    const bool first = key.text(row, key.require("slide")) == "north_he";
    const double x = key.number(row, key.require("x"));
    EXPECT_EQ(key.text(row, key.require("reference")), !first    ? ""
                                                       : x == 40 ? "true"
                                                                 : "false")
        << x;
  }
}

TEST_F(ObserverStudy, DrawsSoManyAsAreAskedFor) {
  write_study(study({.count = 5}), out_.path(), {});

  EXPECT_EQ(LabelSheet::read(at("key.csv")).samples().size(), 5U);
  const auto summary = nlohmann::json::parse(read_text(at("study.json")));
  EXPECT_EQ(summary["detections"], 20);
  EXPECT_EQ(summary["shown"], 5);
}

TEST_F(ObserverStudy, WithoutDetectionsIsRefused) {
  Study none({}, "study");
  none.add(0, found_on("north_he", 0));

  EXPECT_THAT(test::problem([&] { write_study(none, out_.path(), {}); }),
              HasSubstr("nothing to label: no candidates on 1 slides"));
  EXPECT_FALSE(fs::exists(at("key.csv")));
}

}  // namespace
}  // namespace mito::annotation_sample
