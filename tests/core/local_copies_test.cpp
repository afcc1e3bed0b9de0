#include "engine/core/local_copies.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LocalCopiesTest : public ::testing::Test {
 protected:
  /// A file of the slow storage.
  fs::path slide(const std::string& name) {
    fs::create_directories((far_ / name).parent_path());
    write_file(far_ / name, "pixels of " + name);
    return far_ / name;
  }
  /// What lies on the near disk, lease and folder of this process aside.
  std::vector<std::string> near() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(near_))
      if (entry.is_regular_file() && entry.path().extension() != ".lease")
        out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
  }

  test::TempFolder folder_;
  fs::path far_ = folder_.path() / "far";
  fs::path near_ = folder_.path() / "near";
  std::atomic<bool> stop_ = false;
  LocalCopies::Stop stopped_ = [this] { return stop_.load(); };
};

TEST_F(LocalCopiesTest, ACopyIsThereAsLongAsSomebodyHoldsIt) {
  LocalCopies copies(near_, 3, stopped_);

  auto copy = copies.take({slide("a.svs")});

  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(content_of(copy->file()), "pixels of a.svs");
  EXPECT_EQ(copy->file().filename(), "a.svs");
  EXPECT_EQ(copies.take({far_ / "a.svs"}), copy);
  copy.reset();
  EXPECT_THAT(near(), IsEmpty());
}

TEST_F(LocalCopiesTest, FilesOfASlideKeepTheirPlaces) {
  LocalCopies copies(near_, 3, stopped_);

  const auto copy = copies.take({slide("m.mrxs"), slide("m/Slidedat.ini"), slide("m/Data0.dat")});

  EXPECT_EQ(content_of(copy->file().parent_path() / "m/Data0.dat"), "pixels of m/Data0.dat");
}

TEST_F(LocalCopiesTest, WhatWasPreparedIsTaken) {
  LocalCopies copies(near_, 3, stopped_);

  copies.prepare({slide("b.svs")});
  const auto copy = copies.take({far_ / "b.svs"});

  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(content_of(copy->file()), "pixels of b.svs");
  EXPECT_THAT(near(), ElementsAre("b.svs"));
}

TEST_F(LocalCopiesTest, WhatWasPreparedInVainGivesWay) {
  LocalCopies copies(near_, 2, stopped_);
  copies.prepare({slide("a.svs")});
  copies.prepare({slide("b.svs")});

  const auto b = copies.take({far_ / "b.svs"});
  const auto c = copies.take({slide("c.svs")});

  EXPECT_THAT(near(), ElementsAre("b.svs", "c.svs"));
}

TEST_F(LocalCopiesTest, ThereAreNeverMoreThanAsked) {
  LocalCopies copies(near_, 2, stopped_);
  const auto a = copies.take({slide("a.svs")});
  const auto b = copies.take({slide("b.svs")});

  copies.prepare({slide("c.svs")});
  EXPECT_EQ(copies.take({far_ / "c.svs"}), nullptr);

  EXPECT_THAT(near(), ElementsAre("a.svs", "b.svs"));
}

TEST_F(LocalCopiesTest, WhatCannotBeReadIsNotCopied) {
  LocalCopies copies(near_, 2, stopped_);

  EXPECT_EQ(copies.take({far_ / "none.svs"}), nullptr);

  EXPECT_THAT(near(), IsEmpty());
}

TEST_F(LocalCopiesTest, NothingIsCopiedOnceItIsToStop) {
  LocalCopies copies(near_, 2, stopped_);
  copies.prepare({slide("b.svs")});
  stop_ = true;

  EXPECT_THROW(copies.take({slide("a.svs")}), Interrupted);
}

TEST_F(LocalCopiesTest, NothingIsLeftOfAProcess) {
  {
    LocalCopies copies(near_, 2, stopped_);
    copies.prepare({slide("a.svs")});
  }
  EXPECT_TRUE(fs::is_empty(near_));
}

TEST_F(LocalCopiesTest, WhatADeadProcessLeftIsRemovedAndNothingElse) {
  write_file(folder_.path() / "mine.txt", "of somebody else");
  fs::create_directories(near_);
  fs::copy_file(folder_.path() / "mine.txt", near_ / "mine.txt");
  const auto a = slide("a.svs");
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    LocalCopies copies(near_, 2, [] { return false; });
    const auto copy = copies.take({a});
    ::_exit(copy == nullptr ? 1 : 0);  // as if killed: nothing is cleaned up
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_THAT(near(), ElementsAre("a.svs", "mine.txt"));

  { const LocalCopies copies(near_, 2, stopped_); }

  EXPECT_THAT(near(), ElementsAre("mine.txt"));
  EXPECT_EQ(std::distance(fs::directory_iterator(near_), {}), 1);
}

}  // namespace
}  // namespace mito
