#include "tools/diff/values.h"

#include <gtest/gtest.h>

namespace mito::diff {
namespace {

using Json = nlohmann::ordered_json;

std::vector<ValueChange> compare(const char* a, const char* b) {
  return compare_json("f.json", Json::parse(a), Json::parse(b));
}

TEST(CompareJson, FindsNumbersWithTheirDifference) {
  const auto found =
      compare(R"({"rules": {"f1": 0.5, "tp": 3}})", R"({"rules": {"f1": 0.75, "tp": 3}})");

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].where, "f.json");
  EXPECT_EQ(found[0].name, "rules.f1");
  EXPECT_EQ(found[0].a, "0.5");
  EXPECT_EQ(found[0].b, "0.75");
  EXPECT_EQ(found[0].difference, 0.25);
}

TEST(CompareJson, WhatOneLacksIsEmptyThere) {
  const auto found = compare(R"({"a": 1, "b": null})", R"({"b": 2, "c": "x"})");

  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].name + found[0].a + found[0].b, "a1");
  EXPECT_EQ(found[1].a, "null");
  EXPECT_FALSE(found[1].difference.has_value());
  EXPECT_EQ(found[2].b, "x");
  EXPECT_EQ(found[2].a, "");
}

TEST(CompareJson, ElementsOfListsAreToldApartByName) {
  const auto found = compare(R"([{"slide": "p", "n": 1}, {"slide": "q", "n": 2}])",
                             R"([{"slide": "q", "n": 5}, {"slide": "p", "n": 1}])");

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "[q].n");
  EXPECT_EQ(found[0].difference, 3);
}

TEST(CompareJson, OtherwiseByTheirPlace) {
  const auto found = compare(R"({"x": [1, 2], "y": [{"name": "p"}, {"name": "p"}]})",
                             R"({"x": [1, 3], "y": [{"name": "p"}, {"name": "q"}]})");

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "x[1]");
  EXPECT_EQ(found[1].name, "y[1].name");
}

TEST(CompareJson, SecondsAreNoResult) {
  EXPECT_TRUE(
      compare(R"({"seconds": {"x": 1}, "n": 1})", R"({"seconds": {"x": 2}, "n": 1})").empty());
  EXPECT_EQ(count_numbers(Json::parse(R"({"seconds": {"x": 1}, "n": 1, "m": [2, "t", null]})")),
            2U);
}

}  // namespace
}  // namespace mito::diff
