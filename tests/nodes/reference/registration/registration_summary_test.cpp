#include "nodes/reference/registration/registration_summary.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mito::stats {
namespace {

using Status = RegisteredObject::Status;

TEST(RegistrationSummary, CountsStatusesAndTakesQuantilesOfKeptShifts) {
  GlobalRegistration global;
  global.shift_x_um = 10;
  global.trials = {{.he = {}, .dx_um = 13, .dy_um = 4, .peak = 0, .psr = 0}};
  LocalRegistration local;
  const auto add = [&](double dx, double dy, double psr, Status status) {
    RegisteredObject object;
    object.dx_um = dx;
    object.dy_um = dy;
    object.psr = psr;
    object.status = status;
    local.items.push_back(object);
  };
  add(3, -4, 20, Status::Accepted);
  add(0, 1, 30, Status::Accepted);
  add(15, 15, 3, Status::LowPsr);
  add(0, 0, 0, Status::OffSlide);

  const auto summary = summarise(global, &local);

  EXPECT_THAT(summary.per_status, ::testing::ElementsAre(2, 0, 1, 0, 1));
  EXPECT_EQ(summary.shift_um.count, 2);
  EXPECT_DOUBLE_EQ(summary.shift_um.values[2], 3);  // of 5 and 1
  EXPECT_DOUBLE_EQ(summary.dy_um.values[2], -1.5);
  EXPECT_EQ(summary.psr.count, 3);
  EXPECT_DOUBLE_EQ(summary.psr.values[2], 20);
  EXPECT_DOUBLE_EQ(summary.trials_um.values[4], 5);
}

TEST(RegistrationSummary, HasNoQuantilesOfNothing) {
  const auto summary = summarise({}, nullptr);

  EXPECT_EQ(summary.shift_um.count, 0);
  EXPECT_TRUE(std::isnan(summary.shift_um.values[2]));
}

TEST(RegistrationSummary, LandmarkErrorsAreMicrometresOnTheHeSlide) {
  const Grid grid{4, 4, 1, 100, 100};  // 0.25 um per level-0 pixel

  const auto errors =
      landmark_errors_um(std::vector<LandmarkPair>{{{13, 14}, {0, 0}}}, {1, 0, 10, 0, 1, 10}, grid);

  EXPECT_THAT(errors, ::testing::ElementsAre(::testing::DoubleEq(1.25)));
}

}  // namespace
}  // namespace mito::stats
