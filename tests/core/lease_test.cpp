#include "engine/core/lease.h"

#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// As another machine leaves it.
void write_foreign(const fs::path& file, std::chrono::seconds ago) {
  write_file(file, "elsewhere/pid:[1] 77 123");
  const std::time_t then = std::time(nullptr) - ago.count();
  const timespec times[2]{{then, 0}, {then, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
}

class LeaseTest : public ::testing::Test {
 protected:
  test::TempFolder folder_;
  fs::path file_ = folder_.path() / "leases" / "slide.lease";
};

TEST_F(LeaseTest, OneHasItUntilItIsGivenBack) {
  auto first = Lease::take(file_, 30s);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_held());
  EXPECT_FALSE(Lease::take(file_, 30s));
  const auto holder = Lease::holder(file_, 30s);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->host, host_name());
  EXPECT_EQ(holder->pid, std::to_string(::getpid()));

  first.reset();

  EXPECT_FALSE(fs::exists(file_));
  EXPECT_TRUE(Lease::take(file_, 30s));
}

TEST_F(LeaseTest, ThatOfADeadProcessOfThisMachineIsTakenAtOnce) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto lease = Lease::take(file_, 30s);
    ::_exit(lease ? 0 : 1);  // as a kill: nothing is given back
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_TRUE(fs::exists(file_));

  EXPECT_FALSE(Lease::holder(file_, 30s));
  EXPECT_TRUE(Lease::take(file_, 30s));
}

TEST_F(LeaseTest, HalfATextIsNobodys) {
  for (const std::string text : {"", "elsewhere/pid:[1] 7"}) {
    fs::create_directories(file_.parent_path());
    write_file(file_, text);

    EXPECT_FALSE(Lease::holder(file_, 3600s)) << text;
    EXPECT_TRUE(Lease::take(file_, 3600s)) << text;
  }
}

TEST_F(LeaseTest, ThatOfAnotherMachineIsTakenWhenItIsNotTouchedAnyMore) {
  fs::create_directories(file_.parent_path());
  write_foreign(file_, 20s);
  EXPECT_FALSE(Lease::take(file_, 30s));
  EXPECT_EQ(Lease::holder(file_, 30s)->host, "elsewhere");

  write_foreign(file_, 40s);

  EXPECT_FALSE(Lease::holder(file_, 30s));
  EXPECT_TRUE(Lease::take(file_, 30s));
}

TEST_F(LeaseTest, WhoLostItKnowsAndLeavesItToTheOther) {
  auto lease = Lease::take(file_, 30s);
  ASSERT_TRUE(lease);
  write_foreign(file_, 0s);

  EXPECT_FALSE(lease->is_held());
  lease.reset();

  EXPECT_TRUE(fs::exists(file_));
}

TEST_F(LeaseTest, ALinkIsNotFollowed) {
  fs::create_directories(file_.parent_path());
  const auto elsewhere = folder_.path() / "elsewhere";
  fs::create_symlink(elsewhere, file_);

  EXPECT_FALSE(Lease::take(file_, 30s));
  EXPECT_FALSE(fs::exists(elsewhere));
}

}  // namespace
}  // namespace mito
