#include "engine/types/annotations.h"

#include <cstdint>

#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/core/text_arrays.h"

namespace mito {
namespace {

AnnotationTable sample() {
  return {{{"04/01", "04", {{{1.5, 2.25}, "mitosis", 0.125, "a\nb"}, {{3, 4}, "hard_negative"}}},
           {"empty", "", {}},
           {"other", "P9", {{{-0.5, 1e5 + 1.0 / 3}, "Kernteilung \xC3\xA4", {}, ""}}}}};
}

TEST(Annotations, TableKeepsEverythingInItsRecord) {
  const auto table = sample();

  EXPECT_EQ(Codec<AnnotationTable>::decode(Codec<AnnotationTable>::encode(table)), table);
  EXPECT_EQ(Codec<AnnotationTable>::decode(Codec<AnnotationTable>::encode({})), AnnotationTable{});
}

TEST(Annotations, ImageKeepsEverythingInItsRecord) {
  for (const auto& image : sample().images)
    EXPECT_EQ(Codec<ImageAnnotations>::decode(Codec<ImageAnnotations>::encode(image)), image);
}

TEST(Annotations, RefusesARecordWhoseColumnsDoNotFit) {
  auto record = Codec<AnnotationTable>::encode(sample());
  record.arrays["score"] = Array::of(std::vector<double>{1});
  EXPECT_THROW(Codec<AnnotationTable>::decode(record), DataError);

  record = Codec<AnnotationTable>::encode(sample());
  record.arrays["image"] = Array::of(std::vector<std::uint32_t>{0, 0, 3});
  EXPECT_THROW(Codec<AnnotationTable>::decode(record), DataError);

  record = Codec<AnnotationTable>::encode(sample());
  record.arrays["label_end"] = Array::of(std::vector<std::uint64_t>{7, 99, 100});
  EXPECT_THROW(Codec<AnnotationTable>::decode(record), DataError);

  EXPECT_THROW(Codec<ImageAnnotations>::decode(Codec<AnnotationTable>::encode(sample())),
               DataError);
}

TEST(Annotations, FindsAnImageByItsWholeName) {
  const auto table = sample();

  ASSERT_NE(table.find("empty"), nullptr);
  EXPECT_EQ(table.find("04/01")->case_id, "04");
  EXPECT_EQ(table.find("01"), nullptr);
  EXPECT_EQ(table.find("zebra"), nullptr);
}

TEST(TextArrays, KeepEmptyTextsAndLists) {
  Record record;
  put_texts(record, "t", {"", "x", ""});
  put_texts(record, "none", {});

  EXPECT_EQ(get_texts(record, "t"), (std::vector<std::string>{"", "x", ""}));
  EXPECT_TRUE(get_texts(record, "none").empty());
  EXPECT_THROW(get_texts(record, "missing"), DataError);
}

}  // namespace
}  // namespace mito
