#include "engine/hdf5/record_file.h"

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "tests/store/store_support.h"

namespace mito::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Record full_record() {
  Record record;
  record.attributes = {{"count", std::int64_t{-3}},
                       {"mpp", 0.25},
                       {"name", std::string("Gr\u00f6\u00dfe \u00b5m")},
                       {"empty", std::string()},
                       {"scale", std::vector<double>{1.5, -2}},
                       {"none", std::vector<double>{}}};
  record.arrays["u8"] = Array::of(std::vector<std::uint8_t>{0, 255});
  record.arrays["u16"] = Array::of(std::vector<std::uint16_t>{1, 65535});
  record.arrays["i32"] = Array::of(std::vector<std::int32_t>{-1, 2});
  record.arrays["u32"] = Array::of(std::vector<std::uint32_t>{1, 4000000000U});
  record.arrays["i64"] = Array::of(std::vector<std::int64_t>{-1, 1LL << 40});
  record.arrays["u64"] = Array::of(std::vector<std::uint64_t>{1, 1ULL << 63});
  record.arrays["f64"] = Array::of(std::vector<double>{0.1, -1e300});
  record.arrays["no_rows"] = Array::of(std::vector<double>{}, {0, 2});
  record.arrays["layers/conv1.weight"] = Array::of(std::vector<float>(6, 0.5F), {1, 2, 3});
  std::vector<float> large(std::size_t{70} * 300);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<float>(i % 977);
  record.arrays["large"] = Array::of(large, {70, 300});
  return record;
}

TEST(RecordFile, ReadsBackEveryTypeAndShape) {
  const test::TempFolder folder;

  write_record(folder / "a.h5", full_record());

  EXPECT_EQ(read_record(folder / "a.h5"), full_record());
}

TEST(RecordFile, WritesTheSameBytesForTheSameRecord) {
  const test::TempFolder folder;

  write_record(folder / "a.h5", full_record());
  write_record(folder / "other_name.h5", full_record());

  EXPECT_EQ(sha256_file(folder / "a.h5"), sha256_file(folder / "other_name.h5"));
}

TEST(RecordFile, CompressesLargeArrays) {
  const test::TempFolder folder;
  Record record;
  record.arrays["zeros"] = Array::of(std::vector<double>(1000000), {1000, 1000});

  write_record(folder / "a.h5", record);

  EXPECT_LT(fs::file_size(folder / "a.h5"), 200000U);
}

TEST(RecordFile, LeavesNoTemporaryBehind) {
  const test::TempFolder folder;

  write_record(folder / "a.h5", full_record());

  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"a.h5"});
}

TEST(RecordFile, ReplacesAnOlderFileAsAWhole) {
  const test::TempFolder folder;
  write_record(folder / "a.h5", full_record());
  Record small;
  small.attributes["only"] = std::int64_t{1};

  write_record(folder / "a.h5", small);

  EXPECT_EQ(read_record(folder / "a.h5"), small);
}

TEST(RecordFile, NamesAMissingFile) {
  EXPECT_THAT([] { read_record("/nowhere/x.h5"); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("/nowhere/x.h5"), HasSubstr("no such file"))));
}

TEST(RecordFile, NamesAFileThatIsNotHdf5) {
  const test::TempFolder folder;
  std::ofstream(folder / "x.h5") << "hello";

  EXPECT_THAT(
      [&] { read_record(folder / "x.h5"); },
      ::testing::ThrowsMessage<DataError>(AllOf(HasSubstr("x.h5"), HasSubstr("not an HDF5 file"))));
}

TEST(RecordFile, RefusesAFileCutAtAnyPlace) {
  const test::TempFolder folder;
  write_record(folder / "a.h5", full_record());
  const auto size = fs::file_size(folder / "a.h5");

  for (const auto cut : {size / 10, size / 2, size - 1}) {
    fs::copy_file(folder / "a.h5", folder / "cut.h5", fs::copy_options::overwrite_existing);
    fs::resize_file(folder / "cut.h5", cut);
    EXPECT_THROW(read_record(folder / "cut.h5"), DataError) << cut << " of " << size;
  }
}

TEST(RecordFile, NamesAFolderItCannotWriteTo) {
  EXPECT_THAT([] { write_record("/nowhere/x.h5", full_record()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("/nowhere/x.h5"), HasSubstr("No such file or directory"))));
}

TEST(RecordFile, RefusesTextWithAZeroByte) {
  const test::TempFolder folder;
  Record record;
  record.attributes["name"] = std::string("a\0b", 3);

  EXPECT_THROW(write_record(folder / "a.h5", record), DataError);
}

TEST(RecordFile, ReportsAFullDisk) {
  const test::TempFolder folder;

  const std::string message = in_child_with_file_limit(20000, [&] {
    Record record;
    std::vector<double> noise(100000);
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = 1.0 / static_cast<double>(i + 3);
    record.arrays["noise"] = Array::of(noise);
    write_record(folder / "a.h5", record);
  });

  EXPECT_THAT(message,
              AllOf(StartsWith("DataError"), HasSubstr("a.h5"), HasSubstr("File too large")));
  EXPECT_TRUE(names_in(folder.path()).empty());
}

class RecordFileH5py : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_h5py()) GTEST_SKIP() << "python3-h5py is not installed";
  }
  test::TempFolder folder_;
};

TEST_F(RecordFileH5py, ReadsWhatH5pyMakes) {
  run_python(R"(
import sys, numpy as np, h5py
with h5py.File(sys.argv[1], 'w') as f:
    f['i8'] = np.array([-1, 2], 'i1')
    f['i16_big_endian'] = np.array([-300, 2], '>i2')
    f['half'] = np.array([0.5], 'f2')
    f['flags'] = np.array([True, False])
    f['scalar'] = 2.5
    f.create_dataset('growing', data=np.zeros((3, 2), 'u4'), maxshape=(None, 2), compression='gzip')
    f.attrs['int'] = np.int16(-7)
    f.attrs['bool'] = True
    f.attrs['float'] = np.float32(0.5)
    f.attrs['vlen'] = 'm\u00fc'
    f.attrs['fixed'] = np.bytes_(b'abc')
    f.attrs['ints'] = [1, 2]
)",
             {folder_ / "a.h5"});

  const Record record = read_record(folder_ / "a.h5");

  EXPECT_EQ(record.array("i8"), Array::of(std::vector<std::int32_t>{-1, 2}));
  EXPECT_EQ(record.array("i16_big_endian"), Array::of(std::vector<std::int32_t>{-300, 2}));
  EXPECT_EQ(record.array("half"), Array::of(std::vector<float>{0.5F}));
  EXPECT_EQ(record.array("flags"), Array::of(std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(record.array("scalar"), Array::of(std::vector<double>{2.5}, {}));
  EXPECT_EQ(record.array("growing"), Array::of(std::vector<std::uint32_t>(6), {3, 2}));
  EXPECT_EQ(record.integer("int"), -7);
  EXPECT_EQ(record.integer("bool"), 1);
  EXPECT_EQ(record.number("float"), 0.5);
  EXPECT_EQ(record.text("vlen"), "m\u00fc");
  EXPECT_EQ(record.text("fixed"), "abc");
  EXPECT_EQ(record.numbers("ints"), (std::vector<double>{1, 2}));
}

TEST_F(RecordFileH5py, NamesADatasetThatIsNotNumbers) {
  run_python("import sys, h5py\nh5py.File(sys.argv[1], 'w')['words'] = ['a', 'b']",
             {folder_ / "a.h5"});

  EXPECT_THAT([&] { read_record(folder_ / "a.h5"); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("'words'"), HasSubstr("not plain numbers"))));
}

TEST_F(RecordFileH5py, IsReadAsPlainArraysAndStr) {
  write_record(folder_ / "a.h5", full_record());

  run_python(R"(
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    assert type(f.attrs['name']) is str and f.attrs['name'] == 'Gr\u00f6\u00dfe \u00b5m'
    assert f.attrs['empty'] == '' and f.attrs['none'].shape == (0,)
    assert f.attrs['count'] == -3 and list(f.attrs['scale']) == [1.5, -2]
    assert f['no_rows'].shape == (0, 2) and f['u64'][1] == 1 << 63
    large = f['large']
    assert large.shuffle and large.compression == 'gzip' and large.compression_opts == 1
    assert large[3, 5] == 905
    assert f['u8'].chunks is None
)",
             {folder_ / "a.h5"});
}

}  // namespace
}  // namespace mito::store
