#include "engine/core/description.h"

#include <array>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/problem.h"

namespace mito {
namespace toy {

enum class Colour : std::uint8_t { Red, Green };
constexpr std::array<std::string_view, 2> kColours{"red", "green"};

struct Apple {
  double x = 0;
  double y = 0;
  Colour colour = Colour::Red;
  std::optional<double> weight;
  bool ripe = false;
  std::string name;
  bool operator==(const Apple&) const = default;
};

struct Size {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

struct Basket {
  Size size;
  std::string owner;
  int age = 0;
  std::vector<Apple> apples;
  std::vector<float> weave;  ///< [height][width]
};

}  // namespace toy

template <>
struct Payload<toy::Basket> {
  static constexpr TypeDesc kDesc{"Basket", 1};
  static void describe(Description<toy::Basket>& d) {
    using toy::Apple;
    using toy::Basket;
    d.about("Apples in a basket.");
    d.within(&Basket::size, [](Description<toy::Size>& size) {
      size.numbers("size", [](auto& s) { return std::tie(s.width, s.height); },
                   {"Width, height.", "cm"});
    });
    d.attribute("owner", &Basket::owner, {"Whose it is."});
    d.attribute("age", &Basket::age, {"How old it is.", "days"});
    d.derived("count", [](const Basket& basket) { return basket.apples.size(); },
              {"Apples in it."});
    d.rows(&Basket::apples, "N", "array {0} has {1} apples, not {2}")
        .column("at", [](auto& apple) { return std::tie(apple.x, apple.y); },
                {"Where it lies.", "cm"})
        .choice("colour", &Apple::colour, toy::kColours, "no such colour", {"Its colour."})
        .column("weight", &Apple::weight, {"NaN when it was not weighed.", "g"})
        .column("ripe", &Apple::ripe, {"1 when it is."})
        .texts("name", &Apple::name, {"Their names."});
    d.array("weave", &Basket::weave,
            [](const Basket& basket) {
              return std::vector{static_cast<std::uint64_t>(basket.size.height),
                                 static_cast<std::uint64_t>(basket.size.width)};
            },
            "[height, width]", "the weave does not fit the size", {"How tight it is."});
    d.brief("apples", [](const Basket& basket) { return basket.apples.size(); });
    d.brief("owner", &Basket::owner);
  }
};
template struct DescribedCodec<toy::Basket>;

namespace {

using Codec = mito::Codec<toy::Basket>;
using test::problem;
using ::testing::HasSubstr;

toy::Basket basket() {
  return {{2, 1},
          "Eve",
          3,
          {{1, 2, toy::Colour::Green, 80.5, true, "one"}, {3, 4, toy::Colour::Red, {}, false, ""}},
          {0.5F, 0.25F}};
}

TEST(Description, WritesAnArrayPerColumnAndAnAttributePerMember) {
  const Record record = Codec::encode(basket());

  EXPECT_EQ(record.array("at"), Array::of(std::vector<double>{1, 2, 3, 4}, {2, 2}));
  EXPECT_EQ(record.array("colour"), Array::of(std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(record.array("ripe"), Array::of(std::vector<std::uint8_t>{1, 0}));
  EXPECT_TRUE(std::isnan(record.array("weight").as<double>()[1]));
  EXPECT_EQ(record.array("weave").shape, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(record.numbers("size"), (std::vector<double>{2, 1}));
  EXPECT_EQ(record.text("owner"), "Eve");
  EXPECT_EQ(record.integer("age"), 3);
  EXPECT_EQ(record.integer("count"), 2);
}

TEST(Description, ReadsBackWhatItWrote) {
  const auto back = Codec::decode(Codec::encode(basket()));

  EXPECT_EQ(back.apples, basket().apples);
  EXPECT_EQ(back.size.width, 2);
  EXPECT_EQ(back.owner, "Eve");
  EXPECT_EQ(back.age, 3);
  EXPECT_EQ(back.weave, basket().weave);
}

TEST(Description, DoesNotReadWhatFollowsFromTheRest) {
  auto record = Codec::encode(basket());
  record.attributes.erase("count");
  EXPECT_EQ(Codec::decode(record).apples.size(), 2U);
}

TEST(Description, RefusesWhatDoesNotFitTogether) {
  const auto broken = [](auto change) {
    auto record = Codec::encode(basket());
    change(record);
    return problem([&] { Codec::decode(record); });
  };

  EXPECT_THAT(broken([](Record& r) { r.arrays["ripe"] = Array::of(std::vector<std::uint8_t>{1}); }),
              HasSubstr("array ripe has 1 apples, not 2"));
  EXPECT_THAT(broken([](Record& r) {
                r.arrays["at"] = Array::of(std::vector<double>{1, 2, 3}, {1, 3});
              }),
              HasSubstr("array at has 1 apples"));
  EXPECT_THAT(broken([](Record& r) {
                r.arrays["colour"] = Array::of(std::vector<std::uint8_t>{1, 2});
              }),
              HasSubstr("no such colour"));
  EXPECT_THAT(broken([](Record& r) {
                r.attributes["size"] = std::vector<double>{1, 2, 3};
              }),
              HasSubstr("attribute 'size' needs two numbers"));
  EXPECT_THAT(broken([](Record& r) {
                r.attributes["size"] = std::vector<double>{3, 3};
              }),
              HasSubstr("the weave does not fit the size"));
  EXPECT_THAT(broken([](Record& r) { r.attributes.erase("owner"); }),
              HasSubstr("attribute 'owner' is missing"));
}

TEST(Description, IsThePageOnTheLayout) {
  const Layout layout = Codec::layout();

  EXPECT_EQ(layout.about, "Apples in a basket.");
  const auto row = [&](std::string_view name) {
    for (const auto& r : layout.rows)
      if (r.name == name) return r.type + "; " + r.unit + "; " + r.help;
    return std::string("none");
  };
  EXPECT_EQ(row("size"), "float64 [2]; cm; Width, height.");
  EXPECT_EQ(row("age"), "int64; days; How old it is.");
  EXPECT_EQ(row("at"), "float64 [N, 2]; cm; Where it lies.");
  EXPECT_EQ(row("colour"), "uint8 [N]; ; Its colour: 0 red, 1 green.");
  EXPECT_EQ(row("name"), "N texts; ; Their names.");
  EXPECT_EQ(row("weave"), "float32 [height, width]; ; How tight it is.");
}

TEST(Description, SaysInShortWhatAResultIsAndLeavesEmptyTextsOut) {
  auto nobodys = basket();
  nobodys.owner.clear();

  EXPECT_EQ(Codec::summary(basket()),
            (Summary{{"apples", std::int64_t{2}}, {"owner", std::string("Eve")}}));
  EXPECT_EQ(Codec::summary(nobodys), (Summary{{"apples", std::int64_t{2}}}));
}

}  // namespace
}  // namespace mito
