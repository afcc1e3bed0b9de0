#include "engine/core/child_process.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/system_failure.h"

namespace mito {
namespace {

using testing::HasSubstr;

std::string all_of(int descriptor) {
  std::string text;
  std::array<char, 256> some{};
  for (;;) {
    const auto count = ::read(descriptor, some.data(), some.size());
    if (count <= 0) return text;
    text.append(some.data(), static_cast<std::size_t>(count));
  }
}

std::string shell(const std::string& script, const ChildSurroundings& surroundings = {}) {
  ChildProcess child("sh", {"-c", script}, surroundings);
  return all_of(child.output());
}

TEST(ChildProcess, IsReadAndSaysHowItEnded) {
  ChildProcess child("sh", {"-c", "echo mitosis; exit 3"});
  EXPECT_EQ(all_of(child.output()), "mitosis\n");
  EXPECT_EQ(how_it_ended(child.wait()), "ended with exit code 3");
  EXPECT_EQ(child.wait(), child.wait());
}

TEST(ChildProcess, OfNoProgramIsRefused) {
  try {
    const ChildProcess child("/nowhere/reader", {});
    FAIL() << "started";
  } catch (const SystemFailure& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("the program reader cannot be run: No such file"));
  }
}

TEST(ChildProcess, FindsItsEnvironmentFirst) {
  ASSERT_EQ(setenv("MITO_CHILD_TEST", "ours", 1), 0);
  EXPECT_EQ(shell("echo $MITO_CHILD_TEST"), "ours\n");
  EXPECT_EQ(shell("echo $MITO_CHILD_TEST", {.environment = {"MITO_CHILD_TEST=its"}}), "its\n");
}

TEST(ChildProcess, FindsFilesUnderTheirNumbers) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  OpenFile reading(ends[0]);
  OpenFile writing(ends[1]);
  ChildProcess child("sh", {"-c", "echo of four >&4"}, {.files = {reading.get(), writing.get()}});
  child.wait();
  writing.close();
  EXPECT_EQ(all_of(reading.get()), "of four\n");
}

TEST(ChildProcess, IsKilledWithWhatItStarted) {
  ChildProcess child("sh", {"-c", "sleep 100 & echo begun; wait"});
  std::array<char, 6> begun{};
  ASSERT_EQ(::read(child.output(), begun.data(), begun.size()), 6);
  EXPECT_FALSE(child.ends_within(std::chrono::milliseconds(20)));
  child.kill();
  EXPECT_TRUE(child.ends_within(std::chrono::seconds(60)));
  EXPECT_EQ(all_of(child.output()), "");  // ends when nobody holds it open, `sleep` neither
  EXPECT_EQ(how_it_ended(child.wait()), "was killed by signal 9 (Killed)");
}

}  // namespace
}  // namespace mito
