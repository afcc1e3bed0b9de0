#include "nodes/reference/export_reference/export_reference.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/core/error.h"

namespace mito::export_reference {
namespace {

using ::testing::HasSubstr;
using Status = RegisteredObject::Status;
using Verdict = ReferenceObject::Verdict;

constexpr Grid kGrid{1, 1, 0.25, 4000, 4000};

/// Three spots: one mitosis with its own local shift, one flagged, one that is no mitosis.
struct Example {
  SlideInfo he;
  SlideInfo phh3;
  SpotSet spots{
      {2, 2, 0.5, 2000, 2000},
      0.3,
      {{{100, 200}, 40, 10, {}, 0.5}, {{300, 400}, 80, 20, {}, 0.25}, {{8, 9}, 8, 2, {}, 1}}};
  SpotScores mitoses{{0.75F, 0.5F, 0.25F}, 0.5, "cnn2"};
  GlobalRegistration global;
  LocalRegistration local{{{0, {100, 200}, {111, 202}, 1, 2, 0.5, 9, Status::Accepted},
                           {1, {300, 400}, {310, 400}, 7, 7, 0.1, 3, Status::LowPsr}}};
  ReferenceStandard reference{
      kGrid,
      {{0, {100, 200}, {111, 202}, 0.75, Status::Accepted, Verdict::Accepted},
       {1, {300, 400}, {310, 400}, 0.5, Status::LowPsr, Verdict::Unregistered}},
      3,
      -1};

  Example() {
    he.name = "case_he";
    phh3.name = "case_phh3";
    global.model = "shift";
    global.he_from_phh3 = {1, 0, 10, 0, 1, 0};
  }
  Parts parts() const { return {he, phh3, spots, mitoses, global, local, reference, nullptr}; }
};

TEST(ObjectsCsv, HasOneLinePerSpotWithItsVerdict) {
  const Example example;

  EXPECT_EQ(objects_csv(example.parts()),
            "id,x,y,x_phh3,y_phh3,area_um2,mean_dab,p_no_artefact,p_mitosis,verdict,registration,"
            "local_x_um,local_y_um,psr\n"
            "1,111,202,100,200,10,0.5,,0.75,accepted,accepted,1,2,9\n"
            "2,310,400,300,400,20,0.25,,0.5,unregistered,low_psr,7,7,3\n"
            "3,18,9,8,9,2,1,,0.25,not_mitotic,,,,\n");
}

TEST(Certificate, CountsFromCandidateToReference) {
  const Example example;

  const auto json = nlohmann::json::parse(certificate(example.parts()));

  EXPECT_EQ(json["counts"]["candidates"], 3);
  EXPECT_TRUE(json["counts"]["no_artefacts"].is_null());
  EXPECT_EQ(json["counts"]["mitotic"], 2);
  EXPECT_EQ(json["counts"]["accepted"], 1);
  EXPECT_EQ(json["counts"]["rejected"]["unregistered"], 1);
  EXPECT_EQ(json["registration"]["local"]["status"]["low_psr"], 1);
  EXPECT_DOUBLE_EQ(json["registration"]["local"]["accepted_shift_um"]["p50"], std::hypot(1.0, 2.0));
  EXPECT_EQ(json["registration"]["global"]["he_from_phh3"][0][2], 10);
  EXPECT_TRUE(json["registration"]["global"]["inliers"].is_null());
  EXPECT_THAT(json["warnings"].dump(), HasSubstr("1 of 2 objects"));
}

TEST(Certificate, SaysThatAReferenceIsEmpty) {
  Example example;
  example.spots.items.clear();
  example.mitoses.probability.clear();
  example.local.items.clear();
  example.reference = {kGrid, {}, 0, 0};

  const auto json = nlohmann::json::parse(certificate(example.parts()));

  EXPECT_THAT(json["warnings"].dump(), HasSubstr("no DAB-positive spot"));
  EXPECT_TRUE(json["registration"]["local"]["psr"]["p50"].is_null());
  EXPECT_TRUE(json["counts"]["artefact_share"].is_null());
}

TEST(Certificate, RefusesPartsOfAnotherSlide) {
  Example example;
  example.mitoses.probability.pop_back();

  EXPECT_THROW(certificate(example.parts()), DataError);
  EXPECT_THROW(objects_csv(example.parts()), DataError);
}

}  // namespace
}  // namespace mito::export_reference
