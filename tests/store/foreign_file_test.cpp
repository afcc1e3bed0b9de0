#include "engine/hdf5/foreign_file.h"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/error.h"
#include "engine/hdf5/record_file.h"
#include "tests/store/store_support.h"

namespace mito::store {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// A file, and a script in the place of the program that reads it.
class ForeignFile : public ::testing::Test {
 protected:
  void SetUp() override {
    Record record;
    record.attributes["kind"] = std::string("model");
    record.arrays["weights"] = Array::of(std::vector<float>{1, 2, 3});
    write_record(file(), record);
  }
  void TearDown() override { ::unsetenv("MITO_HDF5_READER"); }

  fs::path file() const { return folder_ / "model.h5"; }
  void read_by(const std::string& commands) const {
    std::ofstream(folder_ / "reader") << "#!/bin/sh\n" << commands << "\n";
    fs::permissions(folder_ / "reader", fs::perms::owner_all);
    ::setenv("MITO_HDF5_READER", (folder_ / "reader").c_str(), 1);
  }
  void expect_problem(const std::string& words) const {
    EXPECT_THAT([&] { read_record(file()); },
                ThrowsMessage<DataError>(AllOf(HasSubstr("model.h5'"), HasSubstr(words))));
  }

  test::TempFolder folder_;
};

TEST_F(ForeignFile, ACrashOfTheReaderIsAMessage) {
  read_by("kill -SEGV $$");

  expect_problem("the HDF5 library crashed on it (Segmentation fault)");
}

TEST_F(ForeignFile, AReaderThatTakesTooLongIsGivenUp) {
  read_by("kill -XCPU $$");

  expect_problem("it takes more than 60 s");
}

TEST_F(ForeignFile, ARecordThatIsCutOffIsNone) {
  read_by("printf 'a'");

  expect_problem("its reader ended with code 0 before it was done");
}

TEST_F(ForeignFile, WhatAReaderSaysOfSizesIsNotBelieved) {
  read_by("printf 'd\\377\\377\\377\\377\\377\\377\\377\\377'");

  expect_problem("before it was done");
}

TEST_F(ForeignFile, SaysWhereTheReaderWasLookedFor) {
  ::setenv("MITO_HDF5_READER", "/nowhere/reader", 1);

  EXPECT_THAT([&] { read_record(file()); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("mito_read_hdf5"), HasSubstr("not there"),
                                             HasSubstr("/nowhere/reader"))));
}

TEST_F(ForeignFile, TheAttributesComeWithoutTheArrays) {
  EXPECT_EQ(read_attributes(file()).at("kind"), Attribute(std::string("model")));
  EXPECT_TRUE(read_foreign(file(), Wanted::Attributes).arrays.empty());
  EXPECT_EQ(read_foreign(file(), Wanted::Nothing), Record());
}

TEST_F(ForeignFile, APipeIsNoFile) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe.h5").c_str(), 0600), 0);

  EXPECT_THAT([&] { read_record(folder_ / "pipe.h5"); },
              ThrowsMessage<DataError>(HasSubstr("it is no file")));
}

class ForeignFileH5py : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_h5py()) GTEST_SKIP() << "python3-h5py is not installed";
  }
  void make(const std::string& line) {
    run_python("import sys, h5py\nwith h5py.File(sys.argv[1], 'w') as f:\n    " + line,
               {folder_ / "a.h5"});
  }
  void expect_problem(const std::string& words) const {
    for (const auto wanted : {Wanted::Record, Wanted::Nothing})
      EXPECT_THAT([&] { read_foreign(folder_ / "a.h5", wanted); },
                  ThrowsMessage<DataError>(AllOf(HasSubstr("a.h5'"), HasSubstr(words))));
  }
  test::TempFolder folder_;
};

TEST_F(ForeignFileH5py, RefusesAShapeThatIsImpossible) {
  for (const std::string rows : {"1 << 40", "1 << 12"}) {
    make("f.create_dataset('w', (" + rows + ", 1 << 20, 16), 'f8', chunks=(1, 1, 16))");

    EXPECT_THROW(read_foreign(folder_ / "a.h5", Wanted::Record), DataError);
    EXPECT_THAT([&] { read_foreign(folder_ / "a.h5", Wanted::Nothing); },
                ThrowsMessage<DataError>(HasSubstr("impossibly large")));
  }
}

TEST_F(ForeignFileH5py, RefusesMoreThanTheMemoryThereIs) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers end a process that asks for that much";
#endif
  make("f.create_dataset('w', (1 << 8, 1 << 33), 'u1', chunks=(1, 1 << 20))");

  EXPECT_THAT([&] { read_foreign(folder_ / "a.h5", Wanted::Record); },
              ThrowsMessage<DataError>(
                  HasSubstr("loading it takes at least 4096.0 GiB of memory, but there are")));
}

TEST_F(ForeignFileH5py, RefusesMoreThanTheBudgetBeforeItIsRead) {
  make("f['w'] = __import__('numpy').zeros(80 << 20, 'u1')");
  ::setenv("MITOLOOM_MEMORY", "150M", 1);

  EXPECT_THAT([&] { read_foreign(folder_ / "a.h5", Wanted::Record); },
              ThrowsMessage<DataError>(HasSubstr("loading it takes at least 0.2 GiB of memory")));
  EXPECT_NO_THROW(read_foreign(folder_ / "a.h5", Wanted::Attributes));

  ::unsetenv("MITOLOOM_MEMORY");
}

TEST_F(ForeignFileH5py, ReadsNoOtherFiles) {
  make("f.create_dataset('w', (4,), 'u1', external=[('/etc/passwd', 0, 4)])");

  expect_problem("its values are in other files");
}

}  // namespace
}  // namespace mito::store
