#include "engine/core/digest.h"

#include <cerrno>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/errno_text.h"
#include "engine/core/error.h"
#include "tests/support/temp_folder.h"

namespace mito {
namespace {

using ::testing::HasSubstr;

// FIPS 180-2, appendix B.
TEST(Digest, IsThatOfTheStandard) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, DoesNotDependOnThePiecesItIsGiven) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 7);

  for (const std::size_t piece : {1U, 63U, 64U, 65U, 999U}) {
    Sha256 digest;
    for (std::size_t at = 0; at < text.size(); at += piece)
      digest.update(std::string_view(text).substr(at, piece));
    EXPECT_EQ(digest.finish(), sha256(text)) << piece;
  }
}

TEST(Digest, OfAFileIsThatOfItsBytes) {
  const test::TempFolder folder;
  const std::string bytes((std::size_t{1} << 20) + 17, 'x');
  std::ofstream(folder / "file") << bytes;

  EXPECT_EQ(sha256_file(folder / "file"), sha256(bytes));
}

TEST(Digest, SaysWhichFileCannotBeRead) {
  const test::TempFolder folder;

  for (const auto& file : {folder / "nothing", folder.path()}) {
    try {
      sha256_file(file);
      FAIL() << file;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), HasSubstr("cannot read '" + file.string() + "'"));
    }
  }
}

TEST(ErrnoText, NamesTheLimitWhereFilesRanOut) {
  EXPECT_EQ(errno_text(ENOSPC), "No space left on device");
  EXPECT_THAT(errno_text(EMFILE), HasSubstr("Too many open files (this process may open "));
  EXPECT_THAT(errno_text(EMFILE), HasSubstr("`ulimit -n`"));
}

}  // namespace
}  // namespace mito
