#include "nodes/outcome/export_result/export_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace mito::export_result {
namespace {

nlohmann::json result(double tissue_mm2, std::int64_t count_max) {
  SlideInfo slide;
  slide.path = "folder/case.svs";
  slide.name = "case";
  slide.mpp_x = 0.25;
  slide.mpp_y = 0.25;
  slide.mpp_source = "assume_mpp";
  slide.identity = "abc:12";
  slide.bounds = {10, 20, 300, 200};
  TissueMask mask;
  mask.area_mm2 = tissue_mm2;
  DetectionSet detections;
  detections.items.resize(5);
  detections.min_probability = 0.919;
  const Hotspot hotspot{4.5, count_max, {10, 20}, 797.885, 2, 100, 0.97};
  const Grade grade{2, 4.5};
  return nlohmann::json::parse(
      to_json({slide, mask, detections, hotspot, grade, nullptr, {{"objects", 1.5}}}));
}

TEST(ExportResult, HoldsWhatWasFoundAndHow) {
  const auto json = result(2.5, 7);

  EXPECT_EQ(json["slide"]["name"], "case");
  EXPECT_EQ(json["slide"]["file"], "case.svs");
  EXPECT_EQ(json["slide"]["mpp_source"], "assume_mpp");
  EXPECT_EQ(json["slide"]["bounds"],
            (nlohmann::json{{"x", 10}, {"y", 20}, {"width", 300}, {"height", 200}}));
  EXPECT_EQ(json["detections"], 5);
  EXPECT_EQ(json["per_mm2"], 2.0);
  EXPECT_EQ(json["hotspot"]["count_p95"], 4.5);
  EXPECT_EQ(json["hotspot"]["count_max"], 7);
  EXPECT_EQ(json["hotspot"]["x"], 10.0);
  EXPECT_EQ(json["hotspot"]["min_probability"], 0.97);
  EXPECT_EQ(json["grade"], 2);
  EXPECT_EQ(json["min_probability"], 0.919);
  EXPECT_EQ(json["seconds"]["objects"], 1.5);
}

TEST(ExportResult, SaysThatItIsNoMedicalDevice) {
  EXPECT_THAT(result(1, 1)["not_a_medical_device"].get<std::string>(),
              ::testing::HasSubstr("Research use only"));
}

TEST(ExportResult, WhatCannotBeHadIsNull) {
  const auto json = result(0, 0);

  EXPECT_TRUE(json["per_mm2"].is_null());
  EXPECT_TRUE(json["hotspot"]["x"].is_null());
  EXPECT_TRUE(json["model"].is_null());
}

}  // namespace
}  // namespace mito::export_result
