#include "engine/core/file_digests.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder with files that were written long enough ago to be remembered.
class FileDigestsTest : public ::testing::Test {
 protected:
  static constexpr int kFiles = 20;

  static void SetUpTestSuite() {
    settled = std::make_unique<test::TempFolder>();
    for (int i = 0; i < kFiles; ++i) std::ofstream(file(i)) << "content of file " << i;
    std::this_thread::sleep_for(2100ms);
  }
  static void TearDownTestSuite() { settled.reset(); }

  static fs::path file(int i) { return *settled / ("file" + std::to_string(i)); }
  static std::string digest(int i) { return sha256("content of file " + std::to_string(i)); }

  /// The journal after file `i` was read once.
  fs::path journal_with(int i) const {
    FileDigests digests(journal());
    digests.of(file(i));
    return journal();
  }
  fs::path journal() const { return folder_.path() / "store" / "digests"; }

  static std::unique_ptr<test::TempFolder> settled;
  test::TempFolder folder_;
};
std::unique_ptr<test::TempFolder> FileDigestsTest::settled;

TEST_F(FileDigestsTest, ReadsAFileOnce) {
  FileDigests digests;

  EXPECT_EQ(digests.of(file(0)), digest(0));
  EXPECT_EQ(digests.of(file(0)), digest(0));
  EXPECT_EQ(digests.files_read(), 1U);
  EXPECT_EQ(digests.bytes_read(), fs::file_size(file(0)));
  EXPECT_EQ(digests.bytes_in_progress(), 0U);
}

TEST_F(FileDigestsTest, SeveralThreadsReadAFileOnce) {
  FileDigests digests;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { EXPECT_EQ(digests.of(file(1)), digest(1)); });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(digests.files_read(), 1U);
}

TEST_F(FileDigestsTest, RemembersInTheJournal) {
  journal_with(2);

  FileDigests later(journal());

  EXPECT_EQ(later.of(file(2)), digest(2));
  EXPECT_EQ(later.files_read(), 0U);
}

TEST_F(FileDigestsTest, AnotherNameOfAFileIsKnown) {
  journal_with(2);
  fs::create_symlink(file(2), folder_ / "link");

  FileDigests later(journal());

  EXPECT_EQ(later.of(folder_ / "link"), digest(2));
  EXPECT_EQ(later.files_read(), 0U);
}

TEST_F(FileDigestsTest, AFileThatHasJustChangedIsNotWrittenDown) {
  std::ofstream(folder_ / "new") << "a";
  {
    FileDigests digests(journal());
    EXPECT_EQ(digests.of(folder_ / "new"), sha256("a"));
    EXPECT_EQ(digests.of(folder_ / "new"), sha256("a"));
    EXPECT_EQ(digests.files_read(), 1U);
  }

  EXPECT_FALSE(fs::exists(journal()));
}

TEST_F(FileDigestsTest, AChangedFileIsReadAgainThoughItsSizeAndTimeAreThoseOfBefore) {
  const fs::path changed = folder_ / "changed";
  std::ofstream(changed) << "before";
  const auto time = fs::last_write_time(changed);
  FileDigests digests;
  ASSERT_EQ(digests.of(changed), sha256("before"));
  std::this_thread::sleep_for(20ms);  // a tick of the file system's clock

  std::ofstream(changed) << "behind";
  fs::last_write_time(changed, time);

  EXPECT_EQ(digests.of(changed), sha256("behind"));
}

TEST_F(FileDigestsTest, DamagedLinesAreNotThere) {
  const std::string line = text_of(journal_with(3));
  const auto at = line.find(digest(3));
  ASSERT_NE(at, std::string::npos);
  std::string other = line;
  other[at] = other[at] == '0' ? '1' : '0';
  for (const std::string& damaged :
       {other, line.substr(0, line.size() - 3), std::string(300, '\0'), std::string("\n\n"),
        std::string("1 2 3\nnot a journal at all"), line.substr(at)}) {
    std::ofstream(journal(), std::ios::binary) << damaged;

    FileDigests digests(journal());

    EXPECT_EQ(digests.of(file(3)), digest(3)) << damaged;
    EXPECT_EQ(digests.files_read(), 1U) << damaged;
    // What is written behind a torn line is whole.
    FileDigests later(journal());
    EXPECT_EQ(later.of(file(3)), digest(3)) << damaged;
    EXPECT_EQ(later.files_read(), 0U) << damaged;
  }
}

TEST_F(FileDigestsTest, SeveralWritersLoseNothing) {
  std::vector<std::unique_ptr<FileDigests>> writers;  // as many processes
  for (int i = 0; i < 4; ++i) writers.push_back(std::make_unique<FileDigests>(journal()));
  std::vector<std::thread> threads;
  for (int w = 0; w < 4; ++w)
    threads.emplace_back([&, w] {
      for (int i = w; i < kFiles; i += 4) writers[static_cast<std::size_t>(w)]->of(file(i));
    });
  for (auto& thread : threads) thread.join();

  FileDigests later(journal());
  for (int i = 0; i < kFiles; ++i) EXPECT_EQ(later.of(file(i)), digest(i));

  EXPECT_EQ(later.files_read(), 0U);
}

/// The journal with another digest for file `i`, as if its content had changed without a trace.
void falsify(const fs::path& journal, const std::string& digest) {
  std::string line = text_of(journal);
  line.replace(line.find(digest), digest.size(), sha256("something else"));
  while (line.front() == '\n') line.erase(0, 1);
  line = line.substr(0, line.rfind(' '));
  std::ofstream(journal) << line << ' ' << sha256(line).substr(0, 8) << '\n';
}

TEST_F(FileDigestsTest, WithoutTrustReadsAgainAndPutsTheJournalRight) {
  falsify(journal_with(4), digest(4));
  ASSERT_EQ(FileDigests(journal()).of(file(4)), sha256("something else"));

  FileDigests digests(journal(), FileDigests::Trust::Nothing);

  EXPECT_EQ(digests.of(file(4)), digest(4));
  EXPECT_EQ(digests.of(file(4)), digest(4));
  EXPECT_EQ(digests.files_read(), 1U);
  EXPECT_EQ(FileDigests(journal()).of(file(4)), digest(4));
}

TEST_F(FileDigestsTest, WithoutTrustWritesNothingWhereTheJournalIsRight) {
  const std::string before = text_of(journal_with(5));

  FileDigests(journal(), FileDigests::Trust::Nothing).of(file(5));

  EXPECT_EQ(text_of(journal()), before);
}

TEST_F(FileDigestsTest, TheJournalDoesNotGrowWithoutEnd) {
  const std::string line = text_of(journal_with(6));
  {
    std::ofstream out(journal(), std::ios::app);
    for (int i = 0; i < 3000; ++i) out << line;
  }

  FileDigests digests(journal());

  EXPECT_EQ(digests.of(file(6)), digest(6));
  EXPECT_EQ(digests.files_read(), 0U);
  EXPECT_LE(fs::file_size(journal()), line.size());
}

TEST_F(FileDigestsTest, AJournalThatCannotBeWrittenIsDoneWithout) {
  std::ofstream(folder_ / "store") << "not a folder";

  FileDigests digests(journal());

  EXPECT_EQ(digests.of(file(7)), digest(7));
  EXPECT_EQ(digests.of(file(8)), digest(8));
}

TEST_F(FileDigestsTest, SaysWhichFileIsNotThere) {
  FileDigests digests;

  try {
    digests.of(folder_ / "nothing");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_EQ(error.what(),
              "cannot read '" + (folder_ / "nothing").string() + "': No such file or directory");
  }
}

}  // namespace
}  // namespace mito
