// Files as published with the data sets: skipped where they are not there.
#include <algorithm>
#include <cstddef>

#include "engine/types/points_csv.h"
#include "tests/annotations/annotation_files.h"

namespace mito::annotations {
namespace {

namespace fs = std::filesystem;
const fs::path kData = MITO_SOURCE_DIR "/../shared/data";

#define SKIP_WITHOUT(where) \
  if (!fs::exists(where)) GTEST_SKIP() << "no annotation files at " << (where).string()

/// All files below a folder that end in `.extension`, sorted.
std::vector<fs::path> files_in(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == extension)
      files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::ptrdiff_t count(const AnnotationTable& table, std::string_view label) {
  std::ptrdiff_t n = 0;
  for (const auto& image : table.images)
    n += std::ranges::count(image.items, label, &Annotation::label);
  return n;
}

TEST(RealAnnotations, MidogJsonAndDatabaseAgree) {
  const auto folder = kData / "annotation-formats";
  SKIP_WITHOUT(folder);

  const auto json = read({folder / "MIDOG.json"}, {});
  const auto database = read({folder / "MIDOG.sqlite"}, {});

  EXPECT_EQ(json.images.size(), 200U);
  EXPECT_EQ(count(json, kMitosisLabel), 1721);
  EXPECT_EQ(count(json, kHardNegativeLabel), 2714);
  ASSERT_EQ(database.images.size(), 200U);
  for (std::size_t i = 0; i < json.images.size(); ++i) {
    EXPECT_EQ(json.images[i].name, database.images[i].name);
    ASSERT_EQ(json.images[i].items.size(), database.images[i].items.size());
    for (std::size_t j = 0; j < json.images[i].items.size(); ++j) {
      EXPECT_EQ(json.images[i].items[j].center, database.images[i].items[j].center);
      EXPECT_EQ(json.images[i].items[j].label, database.images[i].items[j].label);
    }
  }
}

TEST(RealAnnotations, StitchedTupacDatabase) {
  const auto file = kData / "annotation-formats" / "TUPAC_stitched.sqlite";
  SKIP_WITHOUT(file);

  const auto table = read({file}, {});

  EXPECT_EQ(table.images.size(), 73U);
  EXPECT_EQ(count(table, kMitosisLabel), 1552);
  EXPECT_NE(table.find("01_stitched1"), nullptr);
}

TEST(RealAnnotations, TupacAlternativeLabels) {
  const auto folder = kData / "annotation-formats" / "tupac16_alternative_labels";
  SKIP_WITHOUT(folder);
  const auto files = files_in(folder, ".csv");
  ASSERT_EQ(files.size(), 218U);

  const auto table = read(files, {});

  EXPECT_EQ(table.images.size(), 109U);
  EXPECT_EQ(count(table, kMitosisLabel), 719);
  EXPECT_EQ(count(table, kHardNegativeLabel), 3212);
  const auto* first = table.find("04/01");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->case_id, "04");
  EXPECT_EQ(first->items.at(0).center, (PointL0{487, 1437}));
}

TEST(RealAnnotations, VocBoxesAgreeWithTheirPoints) {
  const auto folder = kData / "mitos14-hamamatsu-frames";
  SKIP_WITHOUT(folder);

  const auto boxes = read(files_in(folder / "voc", ".xml"), {});
  const auto points = read({folder / "mitoses.csv"}, {});

  EXPECT_EQ(boxes.images.size(), 239U);
  EXPECT_EQ(count(boxes, kMitosisLabel), 456);
  EXPECT_EQ(count(points, kMitosisLabel), 456);
  EXPECT_EQ(points.find("H03_00Aa")->case_id, "H03");
  std::size_t off = 0;  // boxes cut at the border have another centre
  for (const auto& image : points.images) {
    const auto& cut = boxes.find(image.name)->items;
    ASSERT_EQ(cut.size(), image.items.size()) << image.name;
    for (std::size_t i = 0; i < cut.size(); ++i)
      off += cut[i].center == image.items[i].center ? 0U : 1U;
  }
  EXPECT_LT(off, 40U);
}

TEST(RealAnnotations, IcprPixelListsAgreeWithTheirCentroids) {
  const auto folder = kData / "icpr12-aperio-hpf";
  SKIP_WITHOUT(folder);

  const auto regions = read(files_in(folder / "masks_csv", ".csv"), {});
  const auto points = read({folder / "mitoses.csv"}, {.unlabelled = "mitosis"});

  EXPECT_EQ(count(regions, kMitosisLabel), 66);
  ASSERT_EQ(regions.images.size(), points.images.size());
  for (std::size_t i = 0; i < regions.images.size(); ++i) {
    ASSERT_EQ(regions.images[i].items.size(), points.images[i].items.size());
    for (std::size_t j = 0; j < regions.images[i].items.size(); ++j) {
      // the table has one decimal
      EXPECT_NEAR(regions.images[i].items[j].center.x, points.images[i].items[j].center.x, 0.0501);
      EXPECT_NEAR(regions.images[i].items[j].center.y, points.images[i].items[j].center.y, 0.0501);
    }
  }
}

TEST(RealAnnotations, TablesOfOneSlide) {
  SKIP_WITHOUT(kData / "wsi-cmc-no-mitosis");

  const auto lookalikes =
      read({files_in(kData / "wsi-cmc-no-mitosis", ".csv")}, {.name_suffix = "_lookalikes"});
  const auto mitoses = read({kData / "mitos14-hamamatsu-wsi" / "H04_04_mitoses.csv"},
                            {.unlabelled = "mitosis", .name_suffix = "_mitoses"});

  EXPECT_EQ(count(lookalikes, kHardNegativeLabel), 5);
  EXPECT_EQ(lookalikes.images.at(0).name, "2191a7aa287ce1d5dbc0_patch_0_36075");
  EXPECT_EQ(count(mitoses, kMitosisLabel), 47);
  EXPECT_EQ(mitoses.images.at(0).name, "H04_04");
}

TEST(RealAnnotations, MidogSurvivesEveryFormatThatNamesItsImages) {
  const auto file = kData / "annotation-formats" / "MIDOG.json";
  SKIP_WITHOUT(file);
  const auto table = read({file}, {});
  const fs::path folder = fs::path(::testing::TempDir()) / "midog_formats";
  fs::create_directories(folder);

  for (const auto* format : {"csv", "midog", "sliderunner"}) {
    const auto files = annotations::write(table, {.format = format, .image_extension = ".tiff"});
    const auto path = folder / files.at(0).path;
    std::ofstream(path, std::ios::binary) << files[0].bytes;
    EXPECT_EQ(read({path}, {}), table) << format;
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace mito::annotations
