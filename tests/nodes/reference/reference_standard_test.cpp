#include "nodes/reference/reference_standard/reference_standard.h"

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::reference_standard {
namespace {

using Status = RegisteredObject::Status;
using Verdict = ReferenceObject::Verdict;

constexpr Grid kGrid{1, 1, 0.25, 4000, 4000};

SpotSet spots(std::size_t n) { return {kGrid, 0.3, std::vector<Spot>(n)}; }

RegisteredObject object(std::int64_t spot, double x, Status status = Status::Accepted) {
  return {spot, {x + 100, 50}, {x, 50}, 0, 0, 0.5, 9, status};
}

std::vector<Verdict> verdicts(const ReferenceStandard& reference) {
  std::vector<Verdict> out;
  for (const auto& item : reference.items) out.push_back(item.verdict);
  return out;
}

TEST(ReferenceStandard, HoldsWhatTheSecondNetworkCallsMitotic) {
  const SpotScores mitoses{{0.9F, 0.2F, 0.5F}, 0.5, "m"};
  const SpotScores artefacts{{0.1F, 0.8F, 0.9F}, 0.5, "a"};

  const auto found = build(spots(3), &artefacts, mitoses,
                           {{object(0, 10), object(1, 500), object(2, 900)}}, kGrid, {});

  ASSERT_EQ(found.items.size(), 2U);
  EXPECT_EQ(found.items[1].spot, 2);
  EXPECT_EQ(found.items[1].he, (PointL0{900, 50}));
  EXPECT_EQ(found.candidates, 3);
  EXPECT_EQ(found.no_artefacts, 2);
  EXPECT_EQ(found.accepted(), 2);
}

TEST(ReferenceStandard, GivesEveryRejectedObjectAReason) {
  const SpotScores mitoses{{0.9F, 0.9F, 0.9F}, 0.5, "m"};
  const LocalRegistration registration{
      {object(0, 10), object(1, 500, Status::LowPsr), object(2, 900, Status::OffSlide)}};

  const auto kept = build(spots(3), nullptr, mitoses, registration, kGrid, {});
  const auto strict =
      build(spots(3), nullptr, mitoses, registration, kGrid, {.keep_flagged = false});

  EXPECT_EQ(verdicts(kept), (std::vector{Verdict::Accepted, Verdict::Accepted, Verdict::OffSlide}));
  EXPECT_EQ(verdicts(strict),
            (std::vector{Verdict::Accepted, Verdict::Unregistered, Verdict::OffSlide}));
  EXPECT_EQ(kept.no_artefacts, -1);
}

TEST(ReferenceStandard, KeepsTheMoreProbableOfTwoCloseObjects) {
  const SpotScores mitoses{{0.7F, 0.9F, 0.8F}, 0.5, "m"};
  const LocalRegistration registration{{object(0, 0), object(1, 30), object(2, 60)}};

  const auto found =
      build(spots(3), nullptr, mitoses, registration, kGrid, {.min_distance_um = 10});

  EXPECT_EQ(verdicts(found),
            (std::vector{Verdict::Duplicate, Verdict::Accepted, Verdict::Duplicate}));
}

TEST(ReferenceStandard, ListsAcceptedMitosesMostProbableFirst) {
  const SpotScores mitoses{{0.7F, 0.9F, 0.8F}, 0.5, "m"};
  const LocalRegistration registration{
      {object(0, 0), object(1, 300), object(2, 600, Status::OffSlide)}};

  const auto points = accepted(build(spots(3), nullptr, mitoses, registration, kGrid, {}), 0.5);

  ASSERT_EQ(points.items.size(), 2U);
  EXPECT_EQ(points.items[0].center, (PointL0{300, 50}));
  EXPECT_EQ(points.items[1].center, (PointL0{0, 50}));
}

TEST(ReferenceStandard, RefusesInputsOfAnotherSlide) {
  const SpotScores mitoses{{0.7F}, 0.5, "m"};

  EXPECT_THROW(build(spots(2), nullptr, mitoses, {}, kGrid, {}), DataError);
  EXPECT_THROW(build(spots(1), nullptr, mitoses, {{object(4, 0)}}, kGrid, {}), DataError);
}

}  // namespace
}  // namespace mito::reference_standard
