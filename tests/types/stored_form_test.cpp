// The stored form of every payload of engine/types, as it is in the stores that people have: bytes,
// shapes and attributes.
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "engine/types/annotations.h"
#include "engine/types/pathology.h"
#include "engine/types/restained.h"
#include "engine/types/spot_tile.h"
#include "engine/types/stain_tile.h"
#include "engine/types/standardisation.h"
#include "engine/types/training.h"
#include "engine/types/tuning.h"

namespace mito {
namespace {

constexpr Grid kGrid{2, 2.5, 0.25, 300, 200};

std::string digest_of(const Record& record) { return content_digest(record).substr(0, 16); }

/// Stored as it always was, and stored the same after it was read back.
template <class T>
void expect_form(const T& value, const std::string& digest) {
  const Record record = Codec<T>::encode(value);
  EXPECT_EQ(digest_of(record), digest) << Payload<T>::kDesc.name;
  EXPECT_EQ(digest_of(Codec<T>::encode(Codec<T>::decode(record))), digest)
      << Payload<T>::kDesc.name;
}

TEST(StoredForm, OfWhatIsFoundOnASlideStays) {
  expect_form(
      TissueMask{
          {32, 32, 8, 3, 2}, {1, 0, 1, 1, 1, 0}, 0.25, 2, 17.5, {1, 0, 1, 1, 1, 2}, "a doubt"},
      "732ad79dba318897");
  expect_form(CandidateSet{{{{1.5, 2}, 3, 4, 0.5F}, {{7, 8}, 9, 10, 0.75F}}, 0.25},
              "f1b1eaab0838a404");
  expect_form(CandidateSet{}, "fede0befe87d2c2f");
  expect_form(ProbabilityTile{kGrid, {8, 12, 8, 4}, {0.5F, 0.25F}, {}}, "390e45d4c267cee0");
  expect_form(ProbabilityTile{kGrid, {8, 12, 8, 4}, {}, {{9, 13, 0.125F}}}, "d80857da51b3b285");
  expect_form(DetectionSet{kGrid, {{{10, 20.5}, 0.75, 12}, {{30, 40}, 0.5, 3}}, 0.125, 5},
              "80b3466d334b1b9e");
  expect_form(Hotspot{12.5, 17, {100, 200.5}, 798, 2, 400, 0.97}, "80ea00b9c185c0a0");
  expect_form(Grade{2, 11.5}, "2c7105eb67f0f80a");
}

TEST(StoredForm, OfWhatANetworkIsTrainedOnStays) {
  const std::vector<PoolSlide> slides{{"a", "id;1", "case 1", CaseSet::Training},
                                      {"odd\nname", "id 2", "", CaseSet::Test}};
  expect_form(LabelledCandidates{kGrid,
                                 "slide",
                                 "identity",
                                 "case",
                                 {{1, 2}, {299, 199}},
                                 {1, 2},
                                 {7, 6, 5, 400, 9, 390, 1.5, 25, 7.5}},
              "3059da30b97e4e07");
  expect_form(CandidatePool{slides, {0, 1}, {{1, 2}, {3, 4}}, {0, 1}}, "7b5c3099ce66c69c");
  expect_form(CandidatePool{}, "8414975768e9b460");
  expect_form(PoolScores{{0.25F, std::numeric_limits<float>::quiet_NaN()}, "network"},
              "eb5b9f25a75a0c0d");
  expect_form(CandidateScores{{8, 3}, {0.5F, 0.75F}, "identity", "network"}, "1cf375bd2652e7f9");
  PatchSet set;
  set.slides = slides;
  set.slide = {0, 1};
  set.at = {{5, 6}, {700000, 8}};
  set.label = {1, 0};
  set.in_pool = {4, -1};
  set.seed = 17;
  set.member = 3;
  expect_form(set, "6de6988b4c6b27b9");
  EXPECT_EQ(content_digest(set).substr(0, 16), "d8550e31499820bd");
  set.size_px = 2;
  set.rgb.assign(24, 7);
  expect_form(set, "555fcceea1d1440d");
  EXPECT_EQ(content_digest(set).substr(0, 16), "d9ef31e89d802f8c");
}

TEST(StoredForm, OfARestainedPairStays) {
  expect_form(SpotSet{kGrid, 0.3, {{{12.5, 40}, 60, 15, {5, 18, 9, 8}, 0.71}}}, "cc52d104b337ff30");
  expect_form(SpotScores{{0.25F, 0.75F}, 0.5, "network"}, "92f9b48e71a3f695");
  expect_form(GlobalRegistration{"rigid",
                                 {0.9, 0.1, 30, -0.1, 0.9, 7},
                                 12,
                                 -8,
                                 4,
                                 true,
                                 0.4,
                                 21,
                                 9,
                                 {{{100, 200}, 11, -9, 0.3, 9}},
                                 48,
                                 40,
                                 1.5},
              "50ccefc172f7c10a");
  expect_form(
      LocalRegistration{
          {{3, {1, 2}, {4, 5}, 0.5, -0.25, 0.6, 8, RegisteredObject::Status::Neighbours}}},
      "150b47542e537ac3");
  expect_form(ReferenceStandard{kGrid,
                                {{3,
                                  {1, 2},
                                  {4, 5},
                                  0.9,
                                  RegisteredObject::Status::LowPsr,
                                  ReferenceObject::Verdict::Duplicate}},
                                7,
                                6},
              "e3f798138da42524");
}

TEST(StoredForm, OfStainsStays) {
  std::vector<std::int64_t> histogram(SpotTile::kBins);
  histogram[7] = 70;
  expect_form(SpotTile{kGrid, 0.2, {{3, 4, 2}, {9, 5, 1}}, {0.4F, 0.5F, 0.6F}, histogram},
              "1626e5458da90d96");
  StainTile tile{kGrid, {4, 8, 2, 1}, 1, {}, {}};
  tile.recipe = {"HED",
                 "paper",
                 {"haematoxylin", "eosin", "dab"},
                 {{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}},
                 0.01,
                 true,
                 2.5,
                 false};
  tile.amounts.assign(36, 0.5F);
  expect_form(tile, "145e308a3444dad6");
  Standardisation s{"wsics", "template", {255, 1}, WsicsStatistics{}, WsicsStatistics{}, {},
                    77,      {},         {}};
  std::get<WsicsStatistics>(s.source).classes[1].median = {0.5, 0.25};
  std::get<WsicsStatistics>(s.target).classes[2].density_sd = 3;
  s.classifier = {2, {0.5}, {0.25}, {0.5, 0.25}, {1, 2, 3, 4}};
  s.tiles = {{{1, 2, 3, 4}, 5, 6, 7, "glass"}, {{8, 9, 10, 11}, 12, 13, 14, ""}};
  s.warnings = {"one", "two"};
  expect_form(s, "1e77fa918dffad5e");
  s.source = s.target = MixtureStatistics{{{{1, 2, 3}, {4, 5, 6}}}, {7, 8}};
  expect_form(s, "dfaab3fa0496ab6a");
  s.source = s.target = LabStatistics{{1, 2, 3}, {4, 5, 6}};
  expect_form(s, "49222a47a38ee20c");
}

TEST(StoredForm, OfTablesStays) {
  expect_form(Tuning{"f1",
                     "a rule",
                     0.25,
                     0.75,
                     true,
                     6,
                     10,
                     0.5,
                     {"a", "b"},
                     {"plateau"},
                     {{"delta", "f1"}, {0.25, 0.75, 0.5, std::numeric_limits<double>::quiet_NaN()}},
                     {}},
              "e8f7257498aecf1d");
  const ImageAnnotations one{
      "04/01",
      "case 4",
      {{{1, 2.5}, "mitosis", 0.5, "7", false}, {{3, 4}, "hard_negative", {}, "", true}}};
  expect_form(one, "51ba6bb18c556f16");
  expect_form(
      AnnotationTable{
          {one, {"04/02", "", {}}, {"05", "case 5", {{{5, 6}, "other", {}, "x", false}}}}},
      "208bfe1bd1f5954c");
  expect_form(AnnotationTable{}, "43c55941550052a9");
}

}  // namespace
}  // namespace mito
