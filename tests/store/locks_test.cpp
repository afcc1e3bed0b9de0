// Locks on file systems that have none, or only some: flock and fcntl of this program fail on
// demand. They stand before those of the system, which is why this is a program of its own.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <ctime>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/hdf5/files.h"
#include "engine/store/hdf5_store.h"
#include "engine/store/maintenance.h"
#include "tests/store/store_support.h"

namespace {
std::atomic<int> flock_errno{0};
std::atomic<int> ofd_errno{0};
std::atomic<int> ofd_calls{0};
}  // namespace

extern "C" int flock(int file, int operation) noexcept {
  if (flock_errno == 0) return static_cast<int>(::syscall(SYS_flock, file, operation));
  errno = flock_errno;
  return -1;
}

extern "C" int fcntl(int file, int command, ...) {
  std::va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (command == F_OFD_SETLK) {
    ++ofd_calls;
    if (ofd_errno != 0) {
      errno = ofd_errno;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fcntl, file, command, argument));
}

namespace mito::store {
namespace {

namespace fs = std::filesystem;
using Mode = FileLock::Mode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Of flock and of OFD locks.
struct Failing {
  int flock = 0;
  int ofd = 0;
};

class Locks : public ::testing::TestWithParam<Failing> {
 protected:
  void SetUp() override {
    flock_errno = GetParam().flock;
    ofd_errno = GetParam().ofd;
    ofd_calls = 0;
  }
  void TearDown() override { flock_errno = ofd_errno = 0; }

  fs::path lock() const { return folder_ / "lock"; }
  fs::path lease() const { return folder_ / "lock.lease"; }
  test::TempFolder folder_;
};

TEST_P(Locks, OneAtATimeHoldsItAlone) {
  auto first = FileLock::try_lock(lock(), Mode::Exclusive);

  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());
  first.reset();
  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());
}

TEST_P(Locks, AnotherProcessCannotTakeItUntilTheFirstHasDied) {
  std::array<int, 2> ready{};
  std::array<int, 2> end{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  ASSERT_EQ(::pipe(end.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = FileLock::try_lock(lock(), Mode::Exclusive);
    char byte = held ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) == 1 && ::read(end[0], &byte, 1) == 1) ::_exit(0);
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');

  EXPECT_FALSE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());

  ASSERT_EQ(::write(end[1], &byte, 1), 1);  // it ends without letting go, as when it is killed
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());
  for (const int file : {ready[0], ready[1], end[0], end[1]}) ::close(file);
}

TEST_P(Locks, AStoreWorksAndVerifiesWithoutAProblem) {
  const graph::ArtefactInfo info{.key = std::string(64, 'a'),
                                 .node_type = "tile_node",
                                 .node_version = 1,
                                 .payload = "P",
                                 .payload_version = 1,
                                 .canonical = "",
                                 .inputs = {},
                                 .node_id = "n",
                                 .item = "s",
                                 .parts = 2,
                                 .per_part = true};
  Record record;
  record.arrays["x"] = Array::of(std::vector<float>{1, 2}, {2});
  const fs::path folder = folder_ / "tile_node" / info.key;
  {
    Hdf5Store store(folder_.path());
    const auto writer = store.open(info);
    Hdf5Store other(folder_.path());
    const auto second = other.open(info);  // computes without keeping
    writer->save(0, record);
    second->save(0, record);
    EXPECT_FALSE(second->has(0));
    writer->flush();
    EXPECT_THAT(verify(folder_.path(), true), IsEmpty());
    writer->save(1, record);
    EXPECT_THAT(writer->load(1).arrays, ::testing::SizeIs(1));
  }

  EXPECT_THAT(verify(folder_.path(), true), IsEmpty());
  EXPECT_THAT(names_in(folder), ElementsAre("artefact.json", "data.h5", "data.sha256", "lock"));
  EXPECT_TRUE(Hdf5Store(folder_.path()).complete("tile_node", info.key));
}

INSTANTIATE_TEST_SUITE_P(FileSystems,
                         Locks,
                         ::testing::Values(Failing{},
                                           Failing{ENOSYS, 0},
                                           Failing{ENOLCK, 0},
                                           Failing{EOPNOTSUPP, 0},
                                           Failing{ENOSYS, ENOSYS},
                                           Failing{ENOLCK, ENOLCK},
                                           Failing{EOPNOTSUPP, EINVAL}));

class NoLocks : public Locks {};

TEST_P(NoLocks, AreOfdLocksWhereThoseWork) {
  const auto held = FileLock::try_lock(lock(), Mode::Exclusive);

  EXPECT_GE(ofd_calls, 1);
  EXPECT_EQ(fs::exists(lease()), ofd_errno != 0);
}
INSTANTIATE_TEST_SUITE_P(FileSystems,
                         NoLocks,
                         ::testing::Values(Failing{ENOSYS, 0}, Failing{ENOSYS, ENOSYS}));

class Leases : public Locks {
 protected:
  void leave_lease(const std::string& owner, std::time_t age) const {
    std::ofstream(lease()) << owner;
    const timespec then{std::time(nullptr) - age, 0};
    const std::array<timespec, 2> times{then, then};
    ASSERT_EQ(::utimensat(AT_FDCWD, lease().c_str(), times.data(), 0), 0);
  }
};

TEST_P(Leases, OfAnotherMachineHoldForAnHour) {
  leave_lease("elsewhere/pid:[1] 1 1", 3000);
  EXPECT_FALSE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());

  leave_lease("elsewhere/pid:[1] 1 1", 4000);
  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());
}

TEST_P(Leases, HalfWrittenOnesAreOfNobody) {
  leave_lease("", 10);
  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());

  leave_lease("elsewhere/pid:[1]", 10);
  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Exclusive).has_value());
}

TEST_P(Leases, StayAliveWhenTouched) {
  auto held = FileLock::try_lock(lock(), Mode::Exclusive);
  ASSERT_TRUE(held.has_value());
  const timespec then{std::time(nullptr) - 4000, 0};
  const std::array<timespec, 2> times{then, then};
  ASSERT_EQ(::utimensat(AT_FDCWD, lease().c_str(), times.data(), 0), 0);

  held->touch();

  struct stat about {};
  ASSERT_EQ(::stat(lease().c_str(), &about), 0);
  EXPECT_LT(std::time(nullptr) - about.st_mtime, 60);
}

TEST_P(Leases, AreLetGoForReaders) {
  auto held = FileLock::try_lock(lock(), Mode::Exclusive);
  ASSERT_TRUE(held.has_value());

  held->share();

  EXPECT_TRUE(FileLock::try_lock(lock(), Mode::Shared).has_value());
  EXPECT_FALSE(fs::exists(lease()));
}
INSTANTIATE_TEST_SUITE_P(FileSystems, Leases, ::testing::Values(Failing{ENOSYS, ENOSYS}));

TEST(Verify, AFolderWhereAProcessHasJustBegunIsNoProblem) {
  const test::TempFolder folder;
  const fs::path begun = folder / "tile_node" / std::string(64, 'b');
  fs::create_directories(begun);
  std::ofstream(begun / "lock").close();

  EXPECT_THAT(verify(folder.path(), false), IsEmpty());
}

}  // namespace
}  // namespace mito::store
