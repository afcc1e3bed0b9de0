#include "nodes/exchange/export_tupac/export_tupac.h"

#include <gtest/gtest.h>

namespace mito::export_tupac {
namespace {

TEST(ExportTupac, WritesALinePerCaseAndMinusOneForATaskLeftOut) {
  const std::vector<Grade> grades{{1, 2}, {3, 31.45}};

  EXPECT_EQ(outcome_csv({.tasks = "both"}, grades), "1,2\n3,31.45\n");
  EXPECT_EQ(outcome_csv({.tasks = "task1"}, grades), "1,-1\n3,-1\n");
  EXPECT_EQ(outcome_csv({.tasks = "task2"}, grades), "-1,2\n-1,31.45\n");
}

TEST(ExportTupac, WritesRowBeforeColumn) {
  const DetectionSet detections{{}, {{{100.5, 20}, 0.99, 4}, {{3, 4}, 0.95, 4}}, 0.9, 2};

  EXPECT_EQ(detections_csv(detections), "20,100.5,0.99\n4,3,0.95\n");
  EXPECT_EQ(detections_csv({}), "");
}

}  // namespace
}  // namespace mito::export_tupac
