#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/types/restained.h"

namespace mito {
namespace {

TEST(RestainedCodecs, SpotsComeBackAsTheyWere) {
  const SpotSet set{{2, 2, 0.5, 300, 200}, 0.3, {{{12.5, 40}, 60, 15, {5, 18, 9, 8}, 0.71}}};

  const auto back = Codec<SpotSet>::decode(Codec<SpotSet>::encode(set));

  EXPECT_EQ(back.grid, set.grid);
  EXPECT_EQ(back.dab_threshold, set.dab_threshold);
  EXPECT_EQ(back.items, set.items);
}

TEST(RestainedCodecs, NoSpotsAreAnEmptySet) {
  EXPECT_TRUE(Codec<SpotSet>::decode(Codec<SpotSet>::encode({})).items.empty());
}

TEST(RestainedCodecs, RegistrationsComeBackAsTheyWere) {
  GlobalRegistration global{"rigid", {0.9, 0.1, 30, -0.1, 0.9, 7},   12, -8, 4,  true, 0.4, 21,
                            9,       {{{100, 200}, 11, -9, 0.3, 9}}, 48, 40, 1.5};
  LocalRegistration local{
      {{3, {1, 2}, {4, 5}, 0.5, -0.25, 0.6, 8, RegisteredObject::Status::Neighbours}}};

  const auto g = Codec<GlobalRegistration>::decode(Codec<GlobalRegistration>::encode(global));
  const auto l = Codec<LocalRegistration>::decode(Codec<LocalRegistration>::encode(local));

  EXPECT_EQ(g.he_from_phh3, global.he_from_phh3);
  EXPECT_EQ(g.trials, global.trials);
  EXPECT_EQ(g.model, "rigid");
  EXPECT_TRUE(g.mirrored);
  EXPECT_EQ(g.agreeing, 9);
  EXPECT_EQ(g.inliers, 40);
  EXPECT_EQ(l.items, local.items);
  EXPECT_EQ(name_of(l.items[0].status), "neighbours");
}

TEST(RestainedCodecs, ColumnsOfDifferentLengthAreRefused) {
  auto record =
      Codec<SpotSet>::encode({{1, 1, 0.5, 9, 9}, 0.3, {{{1, 1}, 4, 1, {0, 0, 2, 2}, 0.4}}});
  record.arrays["mean_dab"] = Array::of(std::vector<double>{0.4, 0.5});

  EXPECT_THROW(Codec<SpotSet>::decode(record), DataError);
}

}  // namespace
}  // namespace mito
