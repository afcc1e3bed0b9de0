// pipelines/reference/phh3_candidates.yaml from the command line, on a small slide with drawn brown
// spots.
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/tiff/pyramid_writer.h"
#include "engine/types/points_csv.h"
#include "tests/cli/program.h"

namespace mito {
namespace {

using test::mitoloom;
using test::read_file;
using ::testing::HasSubstr;
namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Drawn {
  double x, y, radius;
};

/// In level-0 pixels of 0.25 um; on seams and a corner of tiles of 256 and 512 px of 0.5 um.
const std::vector<Drawn> kDrawn{{512, 300, 20}, {1024, 1024, 24}, {700, 512, 16}, {1300, 900, 30}};

/// Pale tissue on glass, brown discs in it and one on the glass.
void draw(const fs::path& file) {
  constexpr std::int64_t kSide = 1536;
  constexpr std::int64_t kTile = tiff::PyramidWriter::kTile;
  tiff::PyramidWriter writer(file, {.width = kSide,
                                    .height = kSide,
                                    .format = tiff::PyramidSpec::Format::Aperio,
                                    .mpp_x = 0.25,
                                    .mpp_y = 0.25});
  const auto in_disc = [](double x, double y, const Drawn& d) {
    return std::hypot(x - d.x, y - d.y) <= d.radius;
  };
  for (std::int64_t row = 0; row < writer.rows(); ++row) {
    for (std::int64_t column = 0; column < writer.columns(); ++column) {
      std::vector<std::byte> pixels;
      for (std::int64_t y = row * kTile; y < (row + 1) * kTile; ++y) {
        for (std::int64_t x = column * kTile; x < (column + 1) * kTile; ++x) {
          const auto px = static_cast<double>(x);
          const auto py = static_cast<double>(y);
          bool brown = in_disc(px, py, {1500, 1500, 20});  // on glass
          for (const auto& d : kDrawn) brown = brown || in_disc(px, py, d);
          const bool tissue = x > 160 && y > 160 && x < 1408 && y < 1408;
          const std::array<int, 3> glass{247, 247, 247};
          const std::array<int, 3> blue{190, 198, 224};
          const std::array<int, 3> dab{150, 104, 78};
          for (const int v : brown ? dab : tissue ? blue : glass) pixels.push_back(std::byte(v));
        }
      }
      writer.write_tile(column, row, pixels);
    }
  }
  writer.finish();
}

class Phh3Candidates : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new test::TempFolder;
    draw(folder_->path() / "brown.svs");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::string arguments(const std::string& name, const std::string& more) {
    const fs::path base = folder_->path();
    return fmt::format(
        "pipelines/reference/phh3_candidates.yaml --set phh3_slide={} --out {} --store {} {}",
        (base / "brown.svs").string(), (base / name / "out").string(),
        (base / name / "store").string(), more);
  }
  static test::Outcome run(const std::string& name, const std::string& more = "") {
    return mitoloom("run " + arguments(name, "--progress off " + more));
  }
  static fs::path out(const std::string& name) { return folder_->path() / name / "out"; }

  static test::TempFolder* folder_;
};

test::TempFolder* Phh3Candidates::folder_ = nullptr;

TEST_F(Phh3Candidates, AreWrittenWhereTheyWereDrawn) {
  const auto result = run("plain");
  ASSERT_EQ(result.code, 0) << result.err;

  const auto points = read_points(out("plain") / "spots.csv");
  const auto table = CsvTable::read(out("plain") / "spots.csv");
  ASSERT_EQ(points.points.size(), kDrawn.size());
  std::size_t seen = 0;
  for (const auto& d : kDrawn) {
    for (std::size_t i = 0; i < points.points.size(); ++i) {
      const auto& p = points.points[i];
      // 8-bit averages of 2 x 2 px: half a pixel of the grid.
      if (std::hypot(p.at.x - d.x, p.at.y - d.y) > 1) continue;
      ++seen;
      const double area = 3.14159265 * d.radius * d.radius / 16;
      EXPECT_NEAR(table.number(i, table.require("area_um2")), area, 0.1 * area);
      EXPECT_EQ(p.slide, "brown");
      EXPECT_EQ(p.label, "candidate");
      EXPECT_FALSE(p.score);
    }
  }
  EXPECT_EQ(seen, kDrawn.size());
  const Json features = Json::parse(read_file(out("plain") / "spots.geojson"))["features"];
  ASSERT_EQ(features.size(), kDrawn.size());
  EXPECT_EQ(features[0]["properties"]["classification"]["name"], "Candidate");
  EXPECT_DOUBLE_EQ(features[0]["geometry"]["coordinates"][0].get<double>(), points.points[0].at.x);
}

TEST_F(Phh3Candidates, DoNotDependOnThreadsOrTileSize) {
  ASSERT_EQ(run("reference", "--jobs 1").code, 0);
  for (const char* more :
       {"--jobs 3 --set phh3.tiles.size_px=256", "--jobs 2 --set phh3.tiles.size_px=512"}) {
    const auto result = run("variant", more);
    ASSERT_EQ(result.code, 0) << result.err;

    for (const char* file : {"spots.csv", "spots.geojson"})
      EXPECT_EQ(read_file(out("variant") / file), read_file(out("reference") / file)) << more;
  }
}

TEST_F(Phh3Candidates, AnotherThresholdReadsNoTileAgain) {
  ASSERT_EQ(run("cached").code, 0);

  const auto planned =
      mitoloom("plan " + arguments("cached", "--set phh3.spots.dab_threshold=auto"));
  const auto result = run("cached", "--set phh3.spots.dab_threshold=auto --json");

  EXPECT_THAT(planned.out, HasSubstr("parameter dab_threshold 0.3 -> auto"));
  ASSERT_EQ(result.code, 0) << result.err;
  const Json runs = Json::parse(result.out)["node_runs"];
  EXPECT_EQ(runs["phh3.spots"], 1);
  EXPECT_FALSE(runs.contains("phh3.brown"));
  EXPECT_FALSE(runs.contains("phh3.tiles"));
}

TEST_F(Phh3Candidates, MistakesAreNamedBeforeAPixelIsRead) {
  const auto result = run("wrong", "--set phh3.spots.dab_threshold=otsu");

  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("dab_threshold must be auto or a number in [0.05, 5]"));
}

TEST_F(Phh3Candidates, TooManyNameTheSlideAndTheThreshold) {
  const auto result = run("many", "--set phh3.spots.max_candidates=3");

  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("brown: 4 PHH3 candidates, more than 3: raise dab_threshold"));
  EXPECT_FALSE(fs::exists(out("many") / "spots.csv"));
}

}  // namespace
}  // namespace mito
