// Stain templates as files, the stored form of a standardisation, and tables of colours.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/random.h"
#include "engine/types/standardisation.h"
#include "nodes/slides/stain/colour_map.h"
#include "nodes/slides/stain/colour_tables.h"
#include "nodes/slides/stain/mixture.h"
#include "nodes/slides/stain/stain_template.h"
#include "tests/nodes/slides/stain/stain_support.h"
#include "tests/support/drawn_slide.h"

namespace mito::stain {
namespace {

using test::data_error;
using ::testing::HasSubstr;

/// A standardisation of WSICS with a classifier of two bins.
Standardisation some_wsics() {
  Standardisation s;
  s.method = "wsics";
  s.target_name = "some template";
  auto target = std::get<WsicsStatistics>(statistics_for(default_template(), "wsics"));
  s.target = target;
  for (auto& c : target.classes) c.density_mean *= 1.2;
  s.source = target;
  s.classifier = {2,
                  {-0.5, 0, 0.1},
                  {0.5, 0.4, 0.3},
                  {0.3, 0.5, 0.2},
                  {.5, .5, .2, .8, .4, .6, .1, .9, .7, .3, .5, .5, .6, .4, .5, .5, .9, .1}};
  s.pixels = 12345;
  s.tiles = {{{1, 2, 3, 4}, 5, 6, 7, ""}, {{8, 9, 10, 11}, 0, 0, 0, "too white"}};
  s.warnings = {"one", "two"};
  return s;
}

TEST(Standardisation, IsStoredAndReadBack) {
  const auto before = some_wsics();

  const auto after = Codec<Standardisation>::decode(Codec<Standardisation>::encode(before));

  EXPECT_EQ(after.method, before.method);
  EXPECT_EQ(after.target_name, before.target_name);
  EXPECT_EQ(after.source, before.source);
  EXPECT_EQ(after.target, before.target);
  EXPECT_EQ(after.classifier, before.classifier);
  EXPECT_EQ(after.tiles, before.tiles);
  EXPECT_EQ(after.warnings, before.warnings);
  EXPECT_EQ(colour_digest(after), colour_digest(before));
}

TEST(Standardisation, IsReadBackForTheOtherKindsOfStatistics) {
  for (const StainStatistics& kind :
       {StainStatistics(macenko_target()), StainStatistics(LabStatistics{{1, 2, 3}, {4, 5, 6}})}) {
    Standardisation before;
    before.method = "any";
    before.source = kind;
    before.target = kind;

    const auto after = Codec<Standardisation>::decode(Codec<Standardisation>::encode(before));

    EXPECT_EQ(after.source, kind);
  }
}

TEST(Standardisation, HasAnotherDigestWhenColoursWouldDiffer) {
  const auto before = some_wsics();
  auto other_numbers = before;
  other_numbers.classifier.priors[0] += 1e-9;
  auto other_words = before;
  other_words.warnings.clear();

  EXPECT_NE(colour_digest(other_numbers), colour_digest(before));
  EXPECT_EQ(colour_digest(other_words), colour_digest(before));
}

TEST(Standardisation, RefusesARecordThatDoesNotFit) {
  auto record = Codec<Standardisation>::encode(some_wsics());
  record.attributes["source"] = std::vector<double>{1, 2, 3};
  EXPECT_THAT(data_error([&] { Codec<Standardisation>::decode(record); }),
              HasSubstr("attribute 'source' has too few numbers"));
}

TEST(StainTemplate, BuiltInHasAllMethods) {
  const auto built_in = default_template();

  for (const std::string method : {"wsics", "macenko", "vahadane", "reinhard"})
    EXPECT_NO_THROW(statistics_for(built_in, method)) << method;
  EXPECT_EQ(std::get<MixtureStatistics>(statistics_for(built_in, "macenko")), macenko_target());
  EXPECT_FALSE(built_in.source.empty());
}

TEST(StainTemplate, IsWrittenAndReadBack) {
  const auto before = default_template();
  const test::TempFolder folder;
  std::ofstream(folder / "t.json") << template_json(before);

  const auto after = read_template(folder / "t.json");

  EXPECT_EQ(after.methods, before.methods);
  EXPECT_EQ(after.source, before.source);
}

TEST(StainTemplate, SaysWhatIsWrongWithAFile) {
  const auto text = template_json(default_template());
  const auto with = [&](const std::string& from, const std::string& to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return data_error([&] { parse_template(changed, "t.json"); });
  };
  EXPECT_THAT(data_error([] { parse_template("{]", "t.json"); }),
              HasSubstr("t.json: not a stain template"));
  EXPECT_THAT(with("\"macenko\"", "\"macenco\""),
              HasSubstr("t.json: no method is called 'macenco'; did you mean 'macenko'?"));
  EXPECT_THAT(with("\"knots_u\"", "\"knots\""),
              HasSubstr("t.json: wsics.haematoxylin has no 'knots_u'"));
  EXPECT_THAT(with("\"version\": 1", "\"version\": 2"), HasSubstr("version 2 of a stain template"));
  EXPECT_THAT(with("\"mean\": [", "\"mean\": [7,"), HasSubstr("expected 3 numbers"));
  EXPECT_THAT(with("\"source\": \"", "\"source\": \"x"),
              HasSubstr("t.json: its content is not what it was when it was written"));
  EXPECT_THAT(data_error([] { read_template("/no/such/file.json"); }),
              HasSubstr("/no/such/file.json: cannot be read"));
  EXPECT_THAT(data_error([] {
                statistics_for({"mine", {{"reinhard", LabStatistics{}}}, ""}, "wsics");
              }),
              HasSubstr("'mine' has no statistics for method 'wsics'; it has: reinhard"));
}

constexpr std::string_view kCsv =
    "-0.1,0.5\n-0.5,0.4\n-0.2,0.1\n"
    "-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3\n-0.2, -0.15, -0.1, 0, 0.1, 0.15, 0.2\n"
    "-0.4, -0.2, -0.1, 0, 0.1, 0.2, 0.4\n-0.1, -0.08, -0.05, 0, 0.05, 0.08, 0.1\n"
    "2.5\n3.4\n3\n0.9, 0.2, 0.4, 0.1, 0.05, 0.02\n";

TEST(StainTemplate, ReadsTheCsvOfWsicsAsAnApproximation) {
  const auto read = parse_wsics_csv(kCsv, "t.csv");

  const auto& w = std::get<WsicsStatistics>(statistics_for(read, "wsics"));
  EXPECT_EQ(w.classes[1].median, (std::array{-0.5, 0.4}));
  EXPECT_EQ(w.classes[0].knots_v[6], 0.2);
  EXPECT_EQ(w.classes[1].knots_u[0], -0.4);
  EXPECT_NEAR(w.classes[0].angle, 2.5 - std::numbers::pi, 1e-12);
  EXPECT_EQ(w.classes[2].density_sd, 0.02);
  EXPECT_THAT(read.warning, HasSubstr("is an approximation"));
}

TEST(StainTemplate, NamesTheLineOfACsvThatIsWrong) {
  std::string text(kCsv);
  EXPECT_THAT(data_error([&] { parse_wsics_csv(text.substr(0, 60), "t.csv"); }),
              HasSubstr("a WSICS template has"));
  text.replace(text.find("-0.5,0.4"), 4, "half");
  EXPECT_THAT(data_error([&] { parse_wsics_csv(text, "t.csv"); }),
              HasSubstr("t.csv:2: 'half' is not a number"));
}

TEST(StainTemplate, PoolsSlides) {
  const auto one = std::get<WsicsStatistics>(statistics_for(default_template(), "wsics"));
  auto two = one;
  for (auto& c : two.classes) {
    c.median[0] += 0.2;
    c.angle += 0.1;
    c.density_sd *= 3;
  }
  const auto both = std::get<WsicsStatistics>(
      pooled(std::vector<StainStatistics>{StainStatistics(one), StainStatistics(two)}));

  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(both.classes[i].median[0], one.classes[i].median[0] + 0.1, 1e-12);
    EXPECT_NEAR(both.classes[i].angle, one.classes[i].angle + 0.05, 1e-12);
    EXPECT_NEAR(both.classes[i].density_sd, 2 * one.classes[i].density_sd, 1e-12);
  }
  EXPECT_EQ(pooled(std::vector<StainStatistics>{one}), StainStatistics(one));
  EXPECT_THAT(data_error([&] {
                pooled(std::vector<StainStatistics>{StainStatistics(one),
                                                    StainStatistics(macenko_target())});
              }),
              HasSubstr("different methods"));
}

/// Pixels of a few thousand colours, as many as wanted.
std::vector<std::uint8_t> noise(std::size_t pixels, std::uint64_t seed) {
  RandomStream random(seed, "noise", 0);
  std::vector<std::uint8_t> out(3 * pixels);
  for (auto& v : out) v = static_cast<std::uint8_t>(150 + random.below(24));
  return out;
}

TEST(ColourTables, GiveTheSameBytesWithAndWithoutATable) {
  const ColourMap map(some_wsics());
  ColourTables none(0);
  ColourTables tables(1);
  const std::size_t pixels = 100000;
  ASSERT_LT(pixels, std::size_t{ColourTables::kPixelsBeforeTable});
  for (std::uint64_t round = 0; round < 5; ++round) {
    auto direct = noise(pixels, round);
    auto by_table = direct;
    std::vector<std::uint8_t> expected;
    for (std::size_t i = 0; i < direct.size(); i += 3) {
      const auto rgb = map.map({direct[i], direct[i + 1], direct[i + 2]});
      expected.insert(expected.end(), rgb.begin(), rgb.end());
    }
    none.apply(map, "a", direct);
    tables.apply(map, "a", by_table);

    ASSERT_EQ(direct, expected) << "round " << round;
    ASSERT_EQ(by_table, expected) << "round " << round;
  }
  EXPECT_EQ(none.size(), 0U);
  EXPECT_EQ(tables.size(), 1U);
}

TEST(ColourTables, AreNoMoreThanAllowed) {
  const ColourMap map(some_wsics());
  ColourTables tables(2);
  auto pixels = noise(std::size_t{ColourTables::kPixelsBeforeTable}, 1);
  for (const std::string slide : {"a", "b", "c", "a", "d"}) {
    tables.apply(map, slide, pixels);
    EXPECT_LE(tables.size(), 2U);
  }
  EXPECT_EQ(tables.size(), 2U);
}

}  // namespace
}  // namespace mito::stain
