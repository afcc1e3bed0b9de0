// What is written in a format is read back from it, but for what the format cannot hold.
#include <cmath>
#include <functional>
#include <numeric>

#include <gmock/gmock.h>

#include "tests/annotations/annotation_files.h"

namespace mito::annotations {
namespace {

AnnotationTable sample() {
  return {{{"04/01",
            "04",
            {{{10.25, 20.5}, "mitosis", 0.97, "7"},
             {{1234.123456789, 65432.987654321}, "mitosis", {}, "8"},
             {{0, 0.1}, "hard_negative", 1.0 / 3, "12"}}},
           {"04/02", "04", {}},
           {"21/01", "21", {{{3.5, 4}, "mitosis", 0.5, "9"}}}}};
}

AnnotationTable without(AnnotationTable table, const std::function<void(Annotation&)>& what) {
  for (auto& image : table.images)
    for (auto& item : image.items) what(item);
  return table;
}

AnnotationTable without_cases(AnnotationTable table) {
  for (auto& image : table.images) image.case_id.clear();
  return table;
}

/// Equal, points to 1e-6 px.
void expect_same(const AnnotationTable& found, const AnnotationTable& expected) {
  ASSERT_EQ(found.images.size(), expected.images.size());
  for (std::size_t i = 0; i < found.images.size(); ++i) {
    const auto& a = found.images[i];
    auto b = expected.images[i];
    ASSERT_EQ(a.items.size(), b.items.size()) << b.name;
    for (std::size_t j = 0; j < a.items.size(); ++j) {
      EXPECT_NEAR(a.items[j].center.x, b.items[j].center.x, 1e-6);
      EXPECT_NEAR(a.items[j].center.y, b.items[j].center.y, 1e-6);
      b.items[j].center = a.items[j].center;
    }
    EXPECT_EQ(a, b) << b.name;
  }
}

class RoundTrip : public Files {
 protected:
  AnnotationTable through(const AnnotationTable& table,
                          const std::string& format,
                          ReadParams params = {}) const {
    return read(save(table, {.format = format}), params);
  }
};

TEST_F(RoundTrip, CsvKeepsEverything) { EXPECT_EQ(through(sample(), "csv"), sample()); }

TEST_F(RoundTrip, CsvKeepsQuotesAndForeignLabels) {
  AnnotationTable table = sample();
  table.images[0].items[0].label = "a \"b\", c";
  table.images[0].items[0].id = " x";

  EXPECT_EQ(through(table, "csv", {.other_labels = "keep"}), table);
}

TEST_F(RoundTrip, MidogLosesCases) {
  expect_same(through(sample(), "midog"), without_cases(sample()));
}

TEST_F(RoundTrip, MidogNumbersObjectsWhoseIdsAreNoNumbers) {
  AnnotationTable table = sample();
  table.images[2].items[0].id = "nine";

  const auto read = through(table, "midog");

  EXPECT_EQ(read.images[0].items[0].id, "1");
  EXPECT_EQ(read.images[2].items[0].id, "4");
}

TEST_F(RoundTrip, SlideRunnerLosesCasesAndScores) {
  EXPECT_EQ(through(sample(), "sliderunner"),
            without_cases(without(sample(), [](Annotation& item) { item.score.reset(); })));
}

TEST_F(RoundTrip, TupacLosesIds) {
  EXPECT_EQ(through(sample(), "tupac"),
            without(sample(), [](Annotation& item) { item.id.clear(); }));
}

TEST_F(RoundTrip, TupacTakesTheFolderFromTheCase) {
  const auto read = through({{{"a", "P9", {{{1, 2}}}}}}, "tupac", {.format = "tupac"});

  EXPECT_EQ(read, (AnnotationTable{{{"P9/a", "P9", {{{1, 2}}}}}}));
}

TEST_F(RoundTrip, AsapLosesCases) {
  EXPECT_EQ(through(sample(), "asap", {.name_folders = 1}), without_cases(sample()));
}

TEST_F(RoundTrip, GeojsonLosesCases) {
  EXPECT_EQ(through(sample(), "geojson", {.name_folders = 1}),
            from_bounds(without_cases(sample())));
}

TEST_F(RoundTrip, VocLosesCasesAndIds) {
  expect_same(through(sample(), "voc"),
              without_cases(without(sample(), [](Annotation& item) { item.id.clear(); })));
}

TEST_F(RoundTrip, IcprKeepsMitosesToTheNearestPixel) {
  AnnotationTable table = sample();
  table.images[0].items.pop_back();

  const auto read = through(table, "icpr", {.format = "icpr", .name_folders = 1});

  expect_same(read, without_cases(without(table, [](Annotation& item) {
                item = {{std::floor(item.center.x + 0.5), std::floor(item.center.y + 0.5)}};
              })));
}

TEST_F(RoundTrip, KeepsForeignLabelsWhereTheFormatNamesClasses) {
  const AnnotationTable table{{{"a", "", {{{1, 2}, "Apoptosis <&>"}, {{3, 4}, "x"}}}}};
  for (const auto* format : {"csv", "midog", "sliderunner", "asap", "geojson", "voc"}) {
    const auto read = through(table, format, {.other_labels = "keep"});
    ASSERT_EQ(read.images.size(), 1U) << format;
    EXPECT_EQ(read.images[0].items[0].label, "Apoptosis <&>") << format;
    EXPECT_EQ(read.images[0].items[1].label, "x") << format;
  }
}

TEST_F(RoundTrip, IsToldWithoutNamingTheFormat) {
  for (const auto* format : {"csv", "tupac", "midog", "asap", "geojson", "voc", "sliderunner"})
    EXPECT_EQ(format_of(save(sample(), {.format = format}).front()), format);
}

TEST_F(RoundTrip, NamesImageFilesWithTheirExtension) {
  for (const auto* format : {"csv", "midog", "voc", "sliderunner"}) {
    const auto files = annotations::write(sample(), {.format = format, .image_extension = ".tif"});
    EXPECT_THAT(files[0].bytes, ::testing::HasSubstr("04/01.tif")) << format;
    EXPECT_EQ(
        read(save(sample(), {.format = format, .image_extension = ".tif"}), {}).images[0].name,
        "04/01");
  }
}

TEST_F(RoundTrip, GivesTheSameBytesEachTime) {
  for (const auto* format : {"csv", "tupac", "midog", "asap", "geojson", "voc", "sliderunner"}) {
    const auto one = annotations::write(sample(), {.format = format});
    const auto two = annotations::write(sample(), {.format = format});
    ASSERT_EQ(one.size(), two.size());
    for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].bytes, two[i].bytes) << format;
  }
}

TEST_F(RoundTrip, RefusesWhatAFormatCannotHold) {
  const auto refusal = [](const AnnotationTable& table, const WriteParams& params) {
    try {
      static_cast<void>(annotations::write(table, params));
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const AnnotationTable other{{{"04/01", "", {{{1, 2}, "x"}}}}};

  EXPECT_EQ(refusal(other, {.format = "tupac"}),
            "image '04/01': tupac has no place for objects of class 'x', only for mitosis and "
            "hard_negative");
  EXPECT_EQ(refusal(other, {.format = "icpr"}),
            "image '04/01': icpr has no place for objects of class 'x', only for mitosis");
  EXPECT_EQ(refusal({{{"a", "", {{{-3, 2}}}}}}, {.format = "icpr"}),
            "image 'a': icpr has no place for an object off the image, at (-3, 2)");
  EXPECT_EQ(refusal({{{"a", "", {}}}}, {.format = "tupac"}),
            "image 'a': has no case, and the files of tupac are called CASE/IMAGE.csv");
  EXPECT_EQ(refusal({{{"04/01", "5", {}}}}, {.format = "tupac"}),
            "image '04/01' of case '5': cannot be called CASE/IMAGE.csv as the files of tupac are");
  EXPECT_EQ(refusal({{{"../a", "", {}}}}, {.format = "asap"}),
            "image '../a': the name cannot be that of a file");
  EXPECT_EQ(refusal({{{"a.tif", "", {}}}}, {.format = "csv"}),
            "image 'a.tif': would be written as 'a.tif', which is read as 'a'; set "
            "image_extension");
  EXPECT_EQ(refusal({{{"a", "", {{{1, 2}, "x\ny"}}}}}, {.format = "csv"}),
            "image 'a': 'x\ny' has a line break, csv has no place for it");
}

}  // namespace
}  // namespace mito::annotations
