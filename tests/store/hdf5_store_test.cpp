#include "engine/store/hdf5_store.h"

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "tests/store/store_support.h"

namespace mito::store {
namespace {

namespace fs = std::filesystem;
using graph::ArtefactInfo;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::uint32_t kParts = 60;
const SegmentLimits kSmallSegments{.parts = 7, .bytes = 1 << 20, .age = std::chrono::hours(1)};

ArtefactInfo tiles_info(std::uint32_t parts = kParts) {
  return {.key = std::string(64, 'a'),
          .node_type = "he_candidates",
          .node_version = 1,
          .payload = "CandidateSet",
          .payload_version = 1,
          .canonical = "diameter_um=25;",
          .inputs = {{"tile", "tiles", std::string(64, 'b')}},
          .node_id = "cells",
          .item = "H04_04.tif",
          .parts = parts,
          .per_part = true};
}

ArtefactInfo whole_info() {
  ArtefactInfo info = tiles_info(1);
  info.key = std::string(64, 'c');
  info.per_part = false;
  return info;
}

/// A part with a few points (none in every fifth part) and one map.
Record make_part(std::uint32_t part) {
  const std::uint64_t points = part % 5 == 0 ? 0 : 10 * (part % 7);
  std::vector<double> coords;
  std::vector<float> score;
  for (std::uint64_t i = 0; i < points; ++i) {
    coords.insert(coords.end(), {part + 0.5, static_cast<double>(i * i)});
    score.push_back(1.0F / static_cast<float>(i + part + 1));
  }
  std::vector<float> map(std::size_t{64} * 64);
  // hardly compressible, so that file sizes are like those of real maps
  for (std::size_t i = 0; i < map.size(); ++i)
    map[i] = static_cast<float>((i * 2654435761U + part * 40503U) % 16777259U);
  Record record;
  record.attributes = {{"mpp", 0.25}, {"level", std::int64_t{0}}, {"unset", std::nan("")}};
  record.arrays["coords"] = Array::of(coords, {points, 2});
  record.arrays["score"] = Array::of(score);
  record.arrays["probability"] = Array::of(map, {1, 64, 64});
  return record;
}

void save_all(Hdf5Store& store, const ArtefactInfo& info) {
  const auto artefact = store.open(info);
  for (std::uint32_t part = 0; part < info.parts; ++part) {
    if (!artefact->has(part)) artefact->save(part, make_part(part));
  }
}

fs::path folder_of(const fs::path& root, const ArtefactInfo& info) {
  return root / info.node_type / info.key;
}

/// The data file's digest after an uninterrupted run.
std::string expected_digest() {
  static const std::string digest = [] {
    const test::TempFolder root;
    Hdf5Store store(root.path());
    save_all(store, tiles_info());
    return sha256_file(folder_of(root.path(), tiles_info()) / "data.h5");
  }();
  return digest;
}

class Hdf5StoreTest : public ::testing::Test {
 protected:
  fs::path data() const { return folder_of(root_.path(), tiles_info()) / "data.h5"; }
  fs::path segments() const { return folder_of(root_.path(), tiles_info()) / "segments"; }
  test::TempFolder root_;
};

TEST_F(Hdf5StoreTest, GivesBackEveryPart) {
  {
    Hdf5Store store(root_.path(), kSmallSegments);
    save_all(store, tiles_info());
  }
  Hdf5Store store(root_.path());

  const auto artefact = store.open(tiles_info());

  for (std::uint32_t part = 0; part < kParts; ++part) {
    ASSERT_TRUE(artefact->has(part));
    const Record record = artefact->load(part);
    EXPECT_EQ(record.arrays, make_part(part).arrays) << "part " << part;
    EXPECT_EQ(record.number("mpp"), 0.25);
  }
}

TEST_F(Hdf5StoreTest, GivesBackARecordWithoutParts) {
  Record record = make_part(3);
  {
    Hdf5Store store(root_.path());
    store.open(whole_info())->save(0, record);
  }
  Hdf5Store store(root_.path());

  EXPECT_TRUE(store.complete("he_candidates", whole_info().key));
  EXPECT_EQ(store.open(whole_info())->load(0).arrays, record.arrays);
}

TEST_F(Hdf5StoreTest, LoadsPartsThatAreBufferedOrInSegments) {
  Hdf5Store store(root_.path(), kSmallSegments);
  const auto artefact = store.open(tiles_info());
  for (std::uint32_t part = 0; part < 10; ++part) artefact->save(part, make_part(part));

  for (std::uint32_t part = 0; part < 10; ++part)
    EXPECT_EQ(artefact->load(part).arrays, make_part(part).arrays) << "part " << part;
  EXPECT_FALSE(artefact->has(10));
  EXPECT_THROW(artefact->load(10), DataError);
}

TEST_F(Hdf5StoreTest, IsCompleteOnlyWithAllParts) {
  Hdf5Store store(root_.path(), kSmallSegments);
  const auto artefact = store.open(tiles_info());
  for (std::uint32_t part = 1; part < kParts; ++part) artefact->save(part, make_part(part));
  EXPECT_FALSE(store.complete("he_candidates", tiles_info().key));

  artefact->save(0, make_part(0));

  EXPECT_TRUE(store.complete("he_candidates", tiles_info().key));
}

TEST_F(Hdf5StoreTest, LeavesOnlyTheFinishedFilesBehind) {
  Hdf5Store store(root_.path(), kSmallSegments);

  save_all(store, tiles_info());

  EXPECT_THAT(names_in(data().parent_path()),
              ElementsAre("artefact.json", "data.h5", "data.sha256", "lock"));
}

TEST_F(Hdf5StoreTest, BytesDoNotDependOnTheOrderOfParts) {
  Hdf5Store store(root_.path(), kSmallSegments);
  const auto artefact = store.open(tiles_info());
  for (std::uint32_t i = 0; i < kParts; ++i) {
    const std::uint32_t part = (i * 37 + 11) % kParts;
    artefact->save(part, make_part(part));
  }

  EXPECT_EQ(sha256_file(data()), expected_digest());
}

TEST_F(Hdf5StoreTest, BytesDoNotDependOnThreads) {
  Hdf5Store store(root_.path(), kSmallSegments);
  const auto artefact = store.open(tiles_info());
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t t = 0; t < 4; ++t) {
      threads.emplace_back([&artefact, t] {
        for (std::uint32_t part = t; part < kParts; part += 4) {
          artefact->save(part, make_part(part));
          EXPECT_EQ(artefact->load(part).arrays, make_part(part).arrays);
        }
      });
    }
  }

  EXPECT_EQ(sha256_file(data()), expected_digest());
}

TEST_F(Hdf5StoreTest, ContinuesAfterAFlush) {
  {
    Hdf5Store store(root_.path());
    const auto artefact = store.open(tiles_info());
    for (std::uint32_t part = 20; part < 40; ++part) artefact->save(part, make_part(part));
    artefact->flush();
  }
  Hdf5Store store(root_.path());

  EXPECT_TRUE(store.open(tiles_info())->has(20));
  EXPECT_FALSE(store.open(tiles_info())->has(40));
  save_all(store, tiles_info());

  EXPECT_EQ(sha256_file(data()), expected_digest());
}

TEST_F(Hdf5StoreTest, CompletesAnArtefactWithoutPartsAtOnce) {
  Hdf5Store store(root_.path());

  store.open(tiles_info(0));

  EXPECT_TRUE(store.complete("he_candidates", tiles_info().key));
  Hdf5Store again(root_.path());
  EXPECT_FALSE(again.open(tiles_info(0))->has(0));
}

TEST_F(Hdf5StoreTest, KeepsAnArrayThatIsEmptyInEveryPart) {
  Record record;
  record.arrays["coords"] = Array::of(std::vector<double>{}, {0, 2});
  Hdf5Store store(root_.path());
  const auto artefact = store.open(tiles_info(2));

  artefact->save(0, record);
  artefact->save(1, record);

  EXPECT_EQ(artefact->load(1), record);
}

TEST_F(Hdf5StoreTest, RefusesPartsWithDifferentAttributes) {
  Hdf5Store store(root_.path());
  const auto artefact = store.open(tiles_info());
  artefact->save(0, make_part(0));
  Record other = make_part(1);
  other.attributes["mpp"] = 0.5;

  EXPECT_THAT([&] { artefact->save(1, other); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("part 1"), HasSubstr("attribute 'mpp' has another value"))));
}

TEST_F(Hdf5StoreTest, RefusesPartsWithDifferentRows) {
  Hdf5Store store(root_.path());
  const auto artefact = store.open(tiles_info());
  artefact->save(0, make_part(0));
  Record other = make_part(1);
  other.arrays["coords"] = Array::of(std::vector<double>(6), {2, 3});

  EXPECT_THAT([&] { artefact->save(1, other); },
              ::testing::ThrowsMessage<DataError>(HasSubstr("array 'coords'")));
}

TEST_F(Hdf5StoreTest, DropsADamagedSegmentAndRecomputesItsParts) {
  {
    Hdf5Store store(root_.path(), kSmallSegments);
    const auto artefact = store.open(tiles_info());
    for (std::uint32_t part = 0; part < 28; ++part) artefact->save(part, make_part(part));
  }
  ASSERT_EQ(names_in(segments()).size(), 4U);
  fs::resize_file(segments() / "segment-000001.h5", 5000);
  std::fstream(segments() / "segment-000002.h5").seekp(3000) << "flipped";
  Hdf5Store store(root_.path());

  const auto artefact = store.open(tiles_info());

  EXPECT_TRUE(artefact->has(0));
  EXPECT_FALSE(artefact->has(7));
  EXPECT_FALSE(artefact->has(14));
  EXPECT_TRUE(artefact->has(21));
  save_all(store, tiles_info());
  EXPECT_EQ(sha256_file(data()), expected_digest());
}

TEST_F(Hdf5StoreTest, DeletesLeftoverTemporaries) {
  fs::create_directories(segments());
  std::ofstream(segments() / "segment-000000.h5.tmp-1234") << "half";
  std::ofstream(data().parent_path() / "data.h5.tmp-1234") << "half";
  Hdf5Store store(root_.path());

  const auto artefact = store.open(tiles_info());

  EXPECT_TRUE(names_in(segments()).empty());
  EXPECT_THAT(names_in(data().parent_path()), ElementsAre("artefact.json", "lock", "segments"));
}

TEST_F(Hdf5StoreTest, ReportsADamagedDataFileAndWhatToDo) {
  {
    Hdf5Store store(root_.path());
    save_all(store, tiles_info());
  }
  std::fstream(data()).seekp(3000) << "flipped";
  Hdf5Store store(root_.path());

  EXPECT_THAT([&] { store.open(tiles_info()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("data.h5"), HasSubstr("mitoloom store verify"))));
}

TEST_F(Hdf5StoreTest, ReportsATruncatedDataFileWithoutItsDigest) {
  {
    Hdf5Store store(root_.path());
    save_all(store, tiles_info());
  }
  fs::remove(data().parent_path() / "data.sha256");
  fs::resize_file(data(), fs::file_size(data()) / 2);
  Hdf5Store store(root_.path());

  EXPECT_THAT([&] { store.open(tiles_info()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("data.h5"), HasSubstr("mitoloom store verify"))));
}

TEST_F(Hdf5StoreTest, ASecondWriterComputesWithoutSaving) {
  Hdf5Store first(root_.path());
  const auto writer = first.open(tiles_info());
  writer->save(0, make_part(0));
  Hdf5Store second(root_.path());

  const auto artefact = second.open(tiles_info());
  artefact->save(1, make_part(1));

  EXPECT_FALSE(artefact->has(0));
  EXPECT_FALSE(artefact->has(1));
}

TEST_F(Hdf5StoreTest, SharesOneArtefactWithinAProcess) {
  Hdf5Store store(root_.path());

  const auto one = store.open(tiles_info());
  const auto two = store.open(tiles_info());

  EXPECT_EQ(one, two);
}

TEST_F(Hdf5StoreTest, ReportsAFolderItCannotWrite) {
  std::ofstream(root_ / "file") << "in the way";
  Hdf5Store store(root_ / "file");

  EXPECT_THAT([&] { store.open(tiles_info()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr("file/he_candidates"), HasSubstr("Not a directory"))));
}

TEST_F(Hdf5StoreTest, ReportsAFullDiskAndContinuesLater) {
  const std::string message = in_child_with_file_limit(30000, [&] {
    Hdf5Store store(root_.path(), kSmallSegments);
    save_all(store, tiles_info());
  });
  EXPECT_THAT(message, AllOf(StartsWith("DataError"), HasSubstr(root_.path().string()),
                             HasSubstr("File too large")));

  Hdf5Store store(root_.path());
  save_all(store, tiles_info());

  EXPECT_EQ(sha256_file(data()), expected_digest());
}

TEST_F(Hdf5StoreTest, ReportsAFullDiskWhileMergingAndContinuesLater) {
  expected_digest();
  const std::size_t limit = 180000;  // between the size of a segment and of the data file
  const std::string message = in_child_with_file_limit(limit, [&] {
    Hdf5Store store(root_.path(), kSmallSegments);
    save_all(store, tiles_info());
  });
  EXPECT_THAT(message, AllOf(StartsWith("DataError"), HasSubstr("data.h5")));
  EXPECT_FALSE(fs::exists(data()));
  EXPECT_GT(names_in(segments()).size(), 5U);

  Hdf5Store store(root_.path());
  save_all(store, tiles_info());

  EXPECT_EQ(sha256_file(data()), expected_digest());
}

/// Runs a writer in a child process and kills it after `delay`. True when it was still at work.
bool kill_writer_after(const fs::path& root, std::chrono::microseconds delay) {
  const pid_t child = ::fork();
  if (child == 0) {
    Hdf5Store store(root, {.parts = 3, .bytes = 1 << 20, .age = std::chrono::hours(1)});
    save_all(store, tiles_info());
    ::_exit(0);
  }
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST_F(Hdf5StoreTest, AWriterKilledAtAnyMomentChangesNothing) {
  const std::string digest = expected_digest();
  int killed = 0;
  for (int round = 0; round < 8; ++round) {
    const test::TempFolder root;
    for (int attempt = 0; attempt < 12; ++attempt) {
      const std::chrono::microseconds delay{2000 + (round * 7919 + attempt * 104729) % 30000};
      killed += kill_writer_after(root.path(), delay) ? 1 : 0;
    }
    Hdf5Store store(root.path());
    save_all(store, tiles_info());

    const auto folder = folder_of(root.path(), tiles_info());
    ASSERT_EQ(sha256_file(folder / "data.h5"), digest) << "round " << round;
    ASSERT_THAT(names_in(folder), ElementsAre("artefact.json", "data.h5", "data.sha256", "lock"));
  }
  EXPECT_GT(killed, 20);
}

class Hdf5StoreH5py : public Hdf5StoreTest {
 protected:
  void SetUp() override {
    if (!has_h5py()) GTEST_SKIP() << "python3-h5py is not installed";
  }
};

/// The Python blocks of schemas/store/README.md, in order.
std::vector<std::string> documented_examples() {
  std::ifstream in(MITO_SOURCE_DIR "/schemas/store/README.md");
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```python") {
      inside = true;
      examples.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      examples.back() += line + "\n";
    }
  }
  return examples;
}

TEST_F(Hdf5StoreH5py, RunsTheExamplesOfTheDocumentation) {
  Hdf5Store store(root_.path(), kSmallSegments);
  save_all(store, tiles_info());
  store.open(whole_info())->save(0, make_part(3));
  ArtefactInfo unfinished = tiles_info();
  unfinished.key = std::string(64, 'd');
  const auto artefact = store.open(unfinished);
  for (std::uint32_t part = 0; part < 7; ++part) artefact->save(part, make_part(part));

  const auto examples = documented_examples();

  ASSERT_GE(examples.size(), 3U);
  std::string program = "import os, sys\nos.chdir(sys.argv[1])\n";
  for (const auto& example : examples) program += example;
  run_python(program, {root_.path()});
}

TEST_F(Hdf5StoreH5py, HasClamAttributesOnTablesOfPoints) {
  Hdf5Store store(root_.path());
  save_all(store, tiles_info());

  run_python(R"(
import sys, h5py
with h5py.File(sys.argv[1]) as f:
    a = f['coords'].attrs
    assert a['level'] == 0 and a['patch_level'] == 0 and a['mpp'] == 0.25
    assert a['name'] == 'H04_04.tif' and type(a['name']) is str
    assert f['probability'].chunks == (4, 64, 64), f['probability'].chunks
    assert list(f['parts/index']) == list(range(60))
    assert f['parts/rows/coords'][1] == 10 and f['parts/rows/probability'][59] == 1
    assert dict(f.attrs)['mpp'] == 0.25
)",
             {data()});
}

TEST(Hdf5Store, LetsGoOfWhatIsStoredUntilItIsUsed) {
  const test::TempFolder root;
  Hdf5Store store(root.path());
  ArtefactInfo info = tiles_info();
  info.until_used = true;
  {
    const auto artefact = store.open(info);
    for (std::uint32_t part = 0; part < info.parts; ++part) artefact->save(part, make_part(part));
    EXPECT_FALSE(store.release(info.node_type, info.key)) << "somebody reads it";
  }
  EXPECT_TRUE(store.complete(info.node_type, info.key));

  EXPECT_TRUE(store.release(info.node_type, info.key));

  EXPECT_FALSE(fs::exists(folder_of(root.path(), info)));
  EXPECT_FALSE(store.release(info.node_type, info.key));
  save_all(store, info);
  EXPECT_TRUE(store.complete(info.node_type, info.key));
}

TEST(Hdf5Store, KeepsForGoodWhatSomebodyOpensWhoWantsItKept) {
  const test::TempFolder root;
  ArtefactInfo passing = tiles_info();
  passing.until_used = true;
  const ArtefactInfo kept = tiles_info();
  Hdf5Store store(root.path());
  save_all(store, passing);

  store.open(kept)->load(0);

  EXPECT_FALSE(store.release(kept.node_type, kept.key));
  store.open(passing)->load(0);
  EXPECT_FALSE(store.release(kept.node_type, kept.key));
  EXPECT_TRUE(store.complete(kept.node_type, kept.key));
}

TEST(Hdf5Store, DoesNotLetGoOfWhatAnotherProcessReads) {
  const test::TempFolder root;
  ArtefactInfo info = tiles_info();
  info.until_used = true;
  Hdf5Store store(root.path());
  save_all(store, info);
  Hdf5Store other(root.path());  // has a lock of its own, as another process

  const auto reader = other.open(info);

  EXPECT_FALSE(store.release(info.node_type, info.key));
  EXPECT_EQ(reader->load(1).arrays.size(), 3U);
}

}  // namespace
}  // namespace mito::store
