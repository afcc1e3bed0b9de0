#include "nodes/reference/annotation_sample/annotation_sample.h"

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
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/types/annotation.h"
#include "nodes/reference/annotation_sample/label_page.h"
#include "tests/support/drawn_slide.h"

namespace mito::annotation_sample {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// Spots at x = 0, 1, 2, ... times 5; the score of spot i is i / count.
SlideSpots spots_on(const Slide& slide, int count, bool with_scores = false) {
  SlideSpots out{slide, {slide.grid(0.5), 0.3, {}}, std::nullopt};
  if (with_scores) out.scores = SpotScores{};
  for (int i = 0; i < count; ++i) {
    Spot spot;
    spot.center = {5.0 * i, 3.0 * i};
    spot.area_um2 = 10 + i;
    spot.mean_dab = 0.5;
    out.spots.items.push_back(spot);
    if (out.scores)
      out.scores->probability.push_back(static_cast<float>(i) / static_cast<float>(count));
  }
  return out;
}

class AnnotationSample : public ::testing::Test {
 protected:
  Slide slide(const std::string& name) {
    auto params = test::small_slide();
    params.name = name;
    return Slide::open(test::draw_slide(slides_.path(), params), {});
  }
  Written write_to(const fs::path& out, const Params& params, int spots, const Hooks& hooks = {}) {
    Draw draw(params, "sample");
    draw.add(0, spots_on(slide("case1_phh3"), spots));
    return write(draw, out, hooks);
  }

  test::TempFolder slides_;
  test::TempFolder out_;
};

TEST_F(AnnotationSample, TakesTheLowestKeysOfAllSlidesInTheirOrder) {
  const Slide a = slide("a");
  const Slide b = slide("b");
  Params params;
  params.count = 7;
  params.seed = 5;
  Draw draw(params, "round2");
  draw.add(0, spots_on(a, 20));
  draw.add(1, spots_on(b, 30));

  const auto samples = draw.samples();

  // The definition: a random key per (spot, slide), all sorted, the first seven taken.
  std::vector<std::tuple<std::uint64_t, std::size_t, double>> keys;
  for (std::uint32_t s = 0; s < 2; ++s)
    for (std::uint64_t i = 0; i < (s == 0 ? 20U : 30U); ++i) {
      RandomStream random(5, "round2", i, s);
      const std::uint64_t high = random.word();
      keys.emplace_back(high << 32U | random.word(), s, 5.0 * static_cast<double>(i));
    }
  std::ranges::sort(keys);
  ASSERT_EQ(samples.size(), 7U);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(samples[i].source, std::get<1>(keys[i]));
    EXPECT_EQ(samples[i].spot.center.x, std::get<2>(keys[i]));
  }
}

TEST_F(AnnotationSample, DrawsWithoutReplacementAndUniformly) {
  const Slide a = slide("a");
  std::vector<int> drawn(40);
  for (int seed = 0; seed < 500; ++seed) {
    Params params;
    params.count = 10;
    params.seed = seed;
    Draw draw(params, "sample");
    draw.add(0, spots_on(a, 40));
    std::set<double> different;
    for (const auto& sample : draw.samples()) {
      different.insert(sample.spot.center.x);
      ++drawn[static_cast<std::size_t>(sample.spot.center.x / 5)];
    }
    ASSERT_EQ(different.size(), 10U);
  }

  // 500 draws with p = 1/4: mean 125, sd 9.7; 4.5 sd for 40 counts.
  for (const int times : drawn) EXPECT_NEAR(times, 125, 44);
}

TEST_F(AnnotationSample, TakesOnlySpotsThatScoreEnough) {
  Params params;
  params.min_score = 0.5;
  Draw draw(params, "sample");
  draw.add(0, spots_on(slide("a"), 20, true));

  const auto samples = draw.samples();

  EXPECT_EQ(samples.size(), 10U);
  for (const auto& sample : samples) EXPECT_GE(*sample.score, 0.5);
  EXPECT_EQ(draw.sources()[0].candidates, 20);
  EXPECT_EQ(draw.sources()[0].eligible, 10);
}

TEST_F(AnnotationSample, SaysWhatCannotBeDrawn) {
  const Slide a = slide("a");
  Params strict;
  strict.min_score = 0.99;

  EXPECT_EQ(message_of([&] { (void)Draw({}, "n").samples(); }),
            "nothing to label: no candidates on 0 slides");
  EXPECT_EQ(message_of([&] {
              Draw draw(strict, "n");
              draw.add(0, spots_on(a, 10, true));
              (void)draw.samples();
            }),
            "nothing to label: none of 10 candidates on 1 slides has a score of 0.99 or more");
  EXPECT_EQ(message_of([&] { Draw(strict, "n").add(0, spots_on(a, 10)); }),
            "slide a: min_score is set, but its candidates have no scores; connect 'scores' of "
            "slide_spots or leave min_score out");
  EXPECT_EQ(message_of([&] {
              auto spots = spots_on(a, 10, true);
              spots.scores->probability.pop_back();
              Draw({}, "n").add(0, spots);
            }),
            "slide a: 9 scores for 10 candidates");
  EXPECT_THAT(message_of([&] {
                Draw draw({}, "n");
                draw.add(0, spots_on(a, 1));
                draw.add(1, spots_on(a, 1));
              }),
              HasSubstr("two slides are named 'a'"));
}

TEST_F(AnnotationSample, ParametersKeepTheFolderInside) {
  Params params;
  EXPECT_EQ(check(params), "");
  params.folder = "cnn1";
  EXPECT_EQ(check(params), "");
  params.folder = "../other";
  EXPECT_EQ(check(params), "parameter 'folder' must lie below the output folder, got '../other'");
  params.folder = "/tmp";
  EXPECT_NE(check(params), "");
}

// Method 6.1: columns x-64..x+63.
TEST_F(AnnotationSample, CutsPatchesWithTheObjectAtPixel64) {
  const Slide a = slide("a");
  const auto patch = cut_patch(a, {200.3, 149.6});
  const auto expected = a.read(a.analysis_grid(), {200 - 64, 150 - 64, 128, 128});

  EXPECT_EQ(patch, expected);
  const auto corner = cut_patch(a, {0, 0});
  EXPECT_EQ(corner[0], 255);  // off the slide
  const auto pixel = a.read(a.analysis_grid(), {0, 0, 1, 1});
  EXPECT_EQ(corner[3 * (64 * 128 + 64)], pixel[0]);
}

TEST_F(AnnotationSample, WritesSheetPatchesPageAndSummary) {
  Params params;
  params.count = 6;
  params.folder = "round1";

  const auto written = write_to(out_.path(), params, 12);

  EXPECT_EQ(written.path, "round1/sheet.csv");
  const fs::path folder = out_ / "round1";
  EXPECT_EQ(written.sha256, sha256_file(folder / "sheet.csv"));
  const auto sheet = LabelSheet::read(folder / "sheet.csv");
  ASSERT_EQ(sheet.samples().size(), 6U);
  const Slide same = slide("case1_phh3");
  for (std::size_t i = 0; i < 6; ++i) {
    const auto& sample = sheet.samples()[i];
    EXPECT_EQ(sample.sample, "s000" + std::to_string(i + 1));
    EXPECT_EQ(sample.slide, "case1_phh3");
    EXPECT_FALSE(sample.score.has_value());
    EXPECT_EQ(sample.sha256, sha256_file(sheet.patch_file(i)));
    const cv::Mat image = cv::imread(sheet.patch_file(i).string());
    const auto rgb = cut_patch(same, sample.center);
    ASSERT_EQ(image.rows, kPatchPx);
    EXPECT_EQ(image.at<cv::Vec3b>(100, 31)[0], rgb[3 * (100 * 128 + 31) + 2]);  // blue
    EXPECT_EQ(image.at<cv::Vec3b>(100, 31)[2], rgb[3 * (100 * 128 + 31)]);      // red
  }
  const auto summary = nlohmann::json::parse(read_file(folder / "sample.json"));
  EXPECT_EQ(summary["taken"], 6);
  EXPECT_EQ(summary["eligible"], 12);
  EXPECT_EQ(summary["slides"][0]["taken"], 6);
  EXPECT_TRUE(summary["min_score"].is_null());
  EXPECT_FALSE(summary.contains("note"));
  EXPECT_THAT(read_file(folder / "README.txt"), HasSubstr("6 patches to label: artefact or not"));
}

TEST_F(AnnotationSample, TakesAllAndSaysSoWhenThereAreTooFew) {
  Params params;
  params.count = 6;

  write_to(out_.path(), params, 4);

  const std::string note =
      "6 candidates were asked for, but there are only 4: all of them were taken";
  EXPECT_EQ(LabelSheet::read(out_ / "sheet.csv").samples().size(), 4U);
  EXPECT_EQ(nlohmann::json::parse(read_file(out_ / "sample.json"))["note"], note);
  EXPECT_THAT(read_file(out_ / "README.txt"), HasSubstr(note));
}

TEST_F(AnnotationSample, ThePageTellsTheObserverNothingButThePicture) {
  write_to(out_.path(), {}, 4);

  const std::string page = read_file(out_ / "label.html");

  EXPECT_THAT(page, Not(HasSubstr("case1_phh3")));
  EXPECT_THAT(page, Not(HasSubstr(R"({"placeholder": true})")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  EXPECT_THAT(page, HasSubstr(R"("samples":[["s0001","/9j/)"));  // a JPEG in base64
  EXPECT_THAT(page, HasSubstr(R"({"value":"non_artefact","text":"no artefact"})"));
}

TEST_F(AnnotationSample, ASecondDrawReplacesTheFirst) {
  Params params;
  params.count = 5;
  write_to(out_.path(), params, 20);
  params.count = 2;
  params.seed = 9;

  write_to(out_.path(), params, 20);

  const auto sheet = LabelSheet::read(out_ / "sheet.csv");
  EXPECT_EQ(sheet.samples().size(), 2U);
  EXPECT_EQ(sheet.samples()[1].sha256, sha256_file(sheet.patch_file(1)));
  EXPECT_FALSE(fs::exists(out_ / "patches/s0003.png"));
}

TEST_F(AnnotationSample, TheSameDrawGivesTheSameBytes) {
  test::TempFolder again;
  const auto first = write_to(out_.path(), {}, 5);
  const auto second = write_to(again.path(), {}, 5);

  EXPECT_EQ(first.sha256, second.sha256);
  EXPECT_EQ(sha256_file(out_ / "label.html"), sha256_file(again / "label.html"));
}

TEST_F(AnnotationSample, LeavesNothingBehindWhenStopped) {
  Hooks hooks;
  int asked = 0;
  hooks.stop = [&] { return ++asked > 3; };

  EXPECT_EQ(message_of([&] { write_to(out_.path(), {}, 10, hooks); }),
            "stopped while cutting patches");

  EXPECT_TRUE(fs::is_empty(out_.path()));
}

TEST_F(AnnotationSample, AStoppedDrawLeavesTheEarlierOneWhole) {
  write_to(out_.path(), {}, 5);
  const auto before = sha256_file(out_ / "sheet.csv");
  Hooks hooks;
  hooks.stop = [] { return true; };

  EXPECT_THROW(write_to(out_.path(), {}, 9, hooks), Interrupted);

  EXPECT_EQ(sha256_file(out_ / "sheet.csv"), before);
  EXPECT_TRUE(fs::exists(out_ / "patches/s0005.png"));
}

TEST_F(AnnotationSample, RefusesToReplaceForeignFiles) {
  fs::create_directories(out_ / "patches");
  write_file(out_ / "patches/my_notes.txt", "keep");

  EXPECT_THAT(message_of([&] { write_to(out_.path(), {}, 3); }),
              HasSubstr("patches/my_notes.txt: is in the way"));

  EXPECT_EQ(read_file(out_ / "patches/my_notes.txt"), "keep");
}

TEST(LabelPage, HoldsItsDataInEveryCase) {
  const std::string page =
      page_html({"d", "</script><b>", "&", {{"a", "A"}, {"b", "B"}}, 4, {{"s1", "x"}}});

  EXPECT_THAT(page, Not(HasSubstr("</script><b>")));
  EXPECT_THAT(page, HasSubstr("\\u003c/script>\\u003cb>"));
  EXPECT_THAT(page, HasSubstr(R"("samples":[["s1","eA=="]])"));
}

// RFC 4648, section 10.
}  // namespace
}  // namespace mito::annotation_sample
