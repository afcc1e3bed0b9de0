// classify_candidates with a real network and a real slide.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/nn/dense.h"
#include "nodes/reference/classify_candidates/classify_candidates.h"
#include "tests/support/drawn_slide.h"

namespace mito::classify_candidates {
namespace {

class ClassifyCandidates : public ::testing::Test {
 protected:
  static nn::Model make_model(double mpp = 0.25) {
    nn::ModelInfo info;
    info.architecture = nn::cnn12(0.0625);
    info.mpp = mpp;
    info.threshold = 0.37;
    return {info, nn::initial_tensors(info.architecture, 3, "test")};
  }

  ClassifyCandidates() : slide_(Slide::open(mito::test::draw_slide(folder_.path()), {})) {
    for (const PointL0 at : {PointL0{3, 2}, {598.6, 499.4}, {300.4, 250.5}, {310, 260}, {20, 480}})
      spots_.items.push_back({at, 1, 1, {}, 0});
  }

  mito::test::TempFolder folder_;
  Slide slide_;
  SpotSet spots_;
};

TEST_F(ClassifyCandidates, GivesWhatTheNetworkSaysOfThePatchOnTheAnalysisGrid) {
  const auto model = make_model();

  const auto scores = classify({}, slide_, spots_, model, nn::Device::Cpu, {});

  const Grid& grid = slide_.analysis_grid();
  const auto rgb = slide_.read(grid, grid.bounds());
  const std::vector<std::int64_t> points{3, 2, 599, 499, 300, 251, 310, 260, 20, 480};
  EXPECT_EQ(scores.probability,
            nn::patch_probabilities(model.network(nn::Device::Cpu), {grid.bounds(), rgb}, points));
  EXPECT_EQ(scores.threshold, 0.37);
  EXPECT_EQ(scores.model, model.digest());
}

TEST_F(ClassifyCandidates, TakesTheThresholdAskedFor) {
  Params params;
  params.threshold = 0.9;
  EXPECT_EQ(classify(params, slide_, {}, make_model(), nn::Device::Cpu, {}).threshold, 0.9);
}

TEST_F(ClassifyCandidates, RefusesAModelOfAnotherResolutionAndNamesTheSlide) {
  try {
    classify({}, slide_, spots_, make_model(0.5), nn::Device::Cpu, {});
    FAIL() << "a model of 0.5 um/px was used";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr(slide_.info().path.string()),
                                               ::testing::HasSubstr("trained at 0.5 um/px")));
  }
}

TEST_F(ClassifyCandidates, NamesTheSlideWhenASpotIsOffIt) {
  spots_.items.push_back({{700, 10}, 1, 1, {}, 0});
  try {
    classify({}, slide_, spots_, make_model(), nn::Device::Cpu, {});
    FAIL() << "a spot off the slide was scored";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr(slide_.info().path.string()),
                                               ::testing::HasSubstr("lies off the slide")));
  }
}

}  // namespace
}  // namespace mito::classify_candidates
