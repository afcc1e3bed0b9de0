#include "engine/hdf5/patch_file.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/hdf5/record_file.h"
#include "tests/store/store_support.h"

namespace mito::store {
namespace {

using ::testing::HasSubstr;

/// Patch i of a file: all bytes i.
std::vector<std::uint8_t> patches(std::uint8_t first, std::size_t count, std::size_t bytes) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < count; ++i)
    out.insert(out.end(), bytes, static_cast<std::uint8_t>(first + i));
  return out;
}

void write(const std::filesystem::path& file, const PatchFileInfo& info) {
  PatchFileWriter writer(file, info);
  for (std::uint64_t i = 0; i < info.count; ++i)
    writer.add(patches(static_cast<std::uint8_t>(i), 1, info.patch_bytes()));
  writer.finish();
}

TEST(PatchFile, GivesBackEveryPatchInAnyOrder) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 5, 16};
  PatchFileWriter writer(folder / "deep/p.h5", info);
  writer.add(patches(0, 3, info.patch_bytes()));
  writer.add(patches(3, 2, info.patch_bytes()));
  writer.finish();

  const auto file = PatchFile::open(folder / "deep/p.h5", info);

  ASSERT_NE(file, nullptr);
  std::vector<std::uint8_t> one(info.patch_bytes());
  for (const std::uint64_t row : {4U, 0U, 2U, 3U, 1U}) {
    file->read(row, one);
    EXPECT_THAT(one, ::testing::Each(row));
  }
  EXPECT_THROW(file->read(5, one), DataError);
  one.pop_back();
  EXPECT_THROW(file->read(0, one), DataError);
}

TEST(PatchFile, IsAnOrdinaryHdf5File) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 3, 4};
  write(folder / "p.h5", info);

  const auto record = read_record(folder / "p.h5");

  EXPECT_EQ(record.text("identity"), "these");
  EXPECT_EQ(record.array("rgb").shape, (std::vector<std::uint64_t>{3, 4, 4, 3}));
  EXPECT_EQ(record.array("rgb").as<std::uint8_t>()[2 * info.patch_bytes()], 2);
}

TEST(PatchFile, IsNotTheFileOfOtherPatches) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 3, 4};
  EXPECT_EQ(PatchFile::open(folder / "p.h5", info), nullptr);
  write(folder / "p.h5", info);

  EXPECT_EQ(PatchFile::open(folder / "p.h5", {"those", 3, 4}), nullptr);
  EXPECT_EQ(PatchFile::open(folder / "p.h5", {"these", 4, 4}), nullptr);
  EXPECT_EQ(PatchFile::open(folder / "p.h5", {"these", 3, 5}), nullptr);
  EXPECT_NE(PatchFile::open(folder / "p.h5", info), nullptr);
}

TEST(PatchFile, IsThereWholeOrNotAtAll) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 3, 4};
  {
    PatchFileWriter writer(folder / "p.h5", info);
    writer.add(patches(0, 2, info.patch_bytes()));
    EXPECT_THROW(writer.finish(), DataError);  // one is missing
    EXPECT_THROW(writer.add(patches(0, 2, info.patch_bytes())), DataError);
    EXPECT_THROW(writer.add(patches(0, 1, 5)), DataError);
  }
  EXPECT_THAT(names_in(folder.path()), ::testing::IsEmpty());
  EXPECT_THROW(PatchFileWriter(folder / "p.h5", {"none", 0, 4}), DataError);
}

TEST(PatchFile, SaysThatTheDiskIsFull) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 200, 32};

  const auto outcome = in_child_with_file_limit(100000, [&] { write(folder / "p.h5", info); });

  EXPECT_THAT(outcome, HasSubstr("DataError"));
  EXPECT_THAT(outcome, HasSubstr("p.h5"));
  EXPECT_THAT(names_in(folder.path()), ::testing::IsEmpty());
}

TEST(PatchFile, NamesAFileThatIsDamaged) {
  const test::TempFolder folder;
  const PatchFileInfo info{"these", 50, 32};
  write(folder / "p.h5", info);
  std::filesystem::resize_file(folder / "p.h5", 2000);
  try {
    PatchFile::open(folder / "p.h5", info);
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("p.h5"));
  }
  std::ofstream(folder / "p.h5") << "no HDF5 at all";
  EXPECT_THROW(PatchFile::open(folder / "p.h5", info), DataError);
}

}  // namespace
}  // namespace mito::store
