#include "engine/store/maintenance.h"

#include <chrono>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/store/hdf5_store.h"
#include "tests/store/store_support.h"

namespace mito::store {
namespace {

namespace fs = std::filesystem;
using graph::ArtefactInfo;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ArtefactInfo info_of(char digit, std::uint32_t parts = 3) {
  return {.key = std::string("ab") + std::string(62, digit),
          .node_type = "he_candidates",
          .node_version = 1,
          .payload = "CandidateSet",
          .payload_version = 1,
          .canonical = "min_distance_um=25;label=\"a;b=\\\"c\\\"\";list=[1, 2];",
          .inputs = {{"tile", "tiles", "k1"}, {"model", "model", "k2"}},
          .node_id = "cells",
          .item = "slide.svs",
          .parts = parts,
          .per_part = true};
}

class Maintenance : public ::testing::Test {
 protected:
  /// Saves the first `count` parts.
  void save(const ArtefactInfo& info, std::uint32_t count) {
    Hdf5Store store(root_.path());
    const auto artefact = store.open(info);
    for (std::uint32_t part = 0; part < count; ++part) {
      Record record;
      record.arrays["coords"] = Array::of(std::vector<double>(2000, part), {1000, 2});
      artefact->save(part, record);
    }
  }
  fs::path folder(char digit) const { return root_ / "he_candidates" / info_of(digit).key; }
  /// As if it had last been used `days` ago.
  void age(char digit, int days) const {
    const auto then = fs::file_time_type::clock::now() - std::chrono::hours(24 * days);
    for (const char* name : {"lock", "data.h5"}) {
      if (fs::exists(folder(digit) / name)) fs::last_write_time(folder(digit) / name, then);
    }
  }
  test::TempFolder root_;
};

TEST_F(Maintenance, ListsWhatWasStored) {
  save(info_of('1'), 3);
  save(info_of('2'), 1);

  const auto entries = list(root_.path());

  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].info.key, info_of('1').key);
  EXPECT_EQ(entries[0].info.canonical, info_of('1').canonical);
  EXPECT_EQ(entries[0].info.inputs[1].port, "model");
  EXPECT_TRUE(entries[0].complete);
  EXPECT_FALSE(entries[1].complete);
  EXPECT_GT(entries[0].bytes, fs::file_size(folder('1') / "data.h5"));
}

TEST_F(Maintenance, ListsNothingWhereThereIsNoStore) {
  EXPECT_THAT(list(root_ / "nowhere"), IsEmpty());
}

TEST_F(Maintenance, FindsByTheStartOfAKey) {
  save(info_of('1'), 3);
  save(info_of('2'), 3);

  EXPECT_EQ(find(root_.path(), "ab2")->info.key, info_of('2').key);
  EXPECT_FALSE(find(root_.path(), "c").has_value());
  EXPECT_THAT([&] { find(root_.path(), "ab"); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr(info_of('1').key), HasSubstr(info_of('2').key))));
}

TEST_F(Maintenance, VerifiesAStoreWithoutFault) {
  save(info_of('1'), 3);
  save(info_of('2'), 1);

  EXPECT_THAT(verify(root_.path(), true), IsEmpty());
}

TEST_F(Maintenance, VerifyFindsChangedBytes) {
  save(info_of('1'), 3);
  std::fstream(folder('1') / "data.h5").seekp(-3, std::ios::end) << "x";

  const auto problems = verify(root_.path(), false);

  ASSERT_THAT(problems, Not(IsEmpty()));
  EXPECT_EQ(problems[0].path, folder('1') / "data.h5");
  EXPECT_THAT(problems[0].what, HasSubstr("data.sha256"));
}

TEST_F(Maintenance, VerifyFindsADamagedDescription) {
  save(info_of('1'), 3);
  std::ofstream(folder('1') / "artefact.json") << "{";

  const auto problems = verify(root_.path(), false);

  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_THAT(problems[0].what, AllOf(HasSubstr("artefact.json"), HasSubstr("damaged")));
  EXPECT_THAT(list(root_.path()), SizeIs(1));
}

TEST_F(Maintenance, VerifyFindsADamagedSegment) {
  save(info_of('1'), 1);
  fs::resize_file(folder('1') / "segments" / "segment-000000.h5", 700);

  EXPECT_THAT(verify(root_.path(), false), SizeIs(1));
}

TEST_F(Maintenance, GcRemovesTheOldestUsedUntilTheRestFits) {
  for (const char digit : {'1', '2', '3'}) save(info_of(digit), 3);
  age('2', 5);
  age('1', 3);
  const auto total = list(root_.path())[0].bytes * 3;

  const auto report = gc(root_.path(), {.max_bytes = total - 1});

  ASSERT_THAT(report.removed, SizeIs(1));
  EXPECT_EQ(report.removed[0].path, folder('2'));
  EXPECT_FALSE(fs::exists(folder('2')));
  EXPECT_TRUE(fs::exists(folder('1')));
}

TEST_F(Maintenance, GcRemovesWhatWasNotUsedForDays) {
  for (const char digit : {'1', '2'}) save(info_of(digit), 3);
  age('1', 10);

  const auto report = gc(root_.path(), {.keep_days = 7});

  EXPECT_FALSE(fs::exists(folder('1')));
  EXPECT_TRUE(fs::exists(folder('2')));
  EXPECT_GT(report.freed, 0U);
}

TEST_F(Maintenance, ADryRunRemovesNothing) {
  save(info_of('1'), 3);
  age('1', 10);

  const auto report = gc(root_.path(), {.keep_days = 7, .dry_run = true});

  EXPECT_THAT(report.removed, SizeIs(1));
  EXPECT_TRUE(fs::exists(folder('1') / "data.h5"));
}

TEST_F(Maintenance, OpeningAnArtefactCountsAsUse) {
  save(info_of('1'), 3);
  age('1', 10);
  Hdf5Store(root_.path()).open(info_of('1'));

  gc(root_.path(), {.keep_days = 7});

  EXPECT_TRUE(fs::exists(folder('1')));
}

TEST_F(Maintenance, GcLeavesWhatIsInUse) {
  save(info_of('1'), 3);
  Hdf5Store store(root_.path());
  const auto reader = store.open(info_of('1'));
  age('1', 10);

  const auto report = gc(root_.path(), {.keep_days = 7});

  EXPECT_THAT(report.in_use, SizeIs(1));
  EXPECT_EQ(reader->load(2).arrays.at("coords").rows(), 1000U);
}

TEST_F(Maintenance, GcKeepsUnfinishedWorkWhenSavingSpace) {
  save(info_of('1'), 1);

  gc(root_.path(), {.max_bytes = 0});

  EXPECT_TRUE(fs::exists(folder('1') / "segments" / "segment-000000.h5"));
}

TEST_F(Maintenance, GcRemovesTemporariesAndScratchOfFinishedWork) {
  save(info_of('1'), 3);
  save(info_of('2'), 1);
  std::ofstream(folder('2') / "segments" / "segment-000009.h5.tmp-1") << "half";
  for (const char digit : {'1', '2'})
    fs::create_directories(root_ / "scratch" / info_of(digit).key);

  const auto report = gc(root_.path(), {});

  EXPECT_THAT(report.removed, SizeIs(2));
  EXPECT_THAT(names_in(folder('2') / "segments"), SizeIs(1));
  EXPECT_EQ(names_in(root_ / "scratch"), std::vector<std::string>{info_of('2').key});
}

TEST_F(Maintenance, JoinAddsWhatIsCompleteAndWasNotThere) {
  save(info_of('1'), 3);
  save(info_of('2'), 3);
  save(info_of('3'), 1);
  const test::TempFolder other;

  const auto first = join(root_.path(), other.path());
  const auto again = join(root_.path(), other.path());

  EXPECT_EQ(first.added, 2U);
  EXPECT_EQ(again.added, 0U);
  EXPECT_EQ(again.there, 2U);
  EXPECT_THAT(list(other.path()), SizeIs(2));
  EXPECT_THAT(verify(other.path(), true), IsEmpty());
  EXPECT_THAT(names_in(other / "scratch"), IsEmpty());
}

TEST_F(Maintenance, JoinReplacesWhatIsUnfinishedButNotWhatIsBeingWritten) {
  const test::TempFolder other;
  Hdf5Store(other.path()).open(info_of('1'))->save(0, {});
  {
    save(info_of('1'), 3);
    Hdf5Store writing(other.path());
    const auto held = writing.open(info_of('1'));
    EXPECT_EQ(join(root_.path(), other.path()).added, 0U);
  }

  EXPECT_EQ(join(root_.path(), other.path()).added, 1U);
  EXPECT_THAT(verify(other.path(), true), IsEmpty());
}

TEST_F(Maintenance, JoinDoesNotSpreadDamage) {
  save(info_of('1'), 3);
  std::fstream(folder('1') / "data.h5").seekp(-3, std::ios::end) << "x";
  const test::TempFolder other;

  EXPECT_THAT([&] { join(root_.path(), other.path()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr((folder('1') / "data.h5").string()), HasSubstr("data.sha256"))));
  EXPECT_THAT(list(other.path()), IsEmpty());
}

/// A file that HDF5 1.10 crashes on, in the place of a result, with the digest that goes with it.
class MadeToCrash : public Maintenance {
 protected:
  void SetUp() override {
    save(info_of('1'), 3);
    const fs::path data = folder('1') / "data.h5";
    fs::copy_file(fs::path(MITO_SOURCE_DIR) / "tests/fuzz/seeds/store/crash_2.h5", data,
                  fs::copy_options::overwrite_existing);
    digest_ = sha256_file(data);
  }
  void seal() { std::ofstream(folder('1') / "data.sha256") << digest_ << "  data.h5\n"; }
  std::string digest_;
};

TEST_F(MadeToCrash, IsNotMerged) {
  seal();
  const test::TempFolder other;

  EXPECT_THAT([&] { join(root_.path(), other.path()); },
              ::testing::ThrowsMessage<DataError>(
                  AllOf(HasSubstr((folder('1') / "data.h5").string()), HasSubstr("is not taken"))));
  EXPECT_THAT(list(other.path()), IsEmpty());
}

TEST_F(MadeToCrash, IsNotOpenedWithoutItsDigest) {
  const auto problems = verify(root_.path(), true);

  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].what, HasSubstr("do not match data.sha256"));
  Hdf5Store store(root_.path());
  EXPECT_THROW(store.open(info_of('1')), DataError);
}

class ExplainDifference : public ::testing::Test {
 protected:
  ExplainDifference() {
    wanted_.key = "new";
    stored_.info = info_of('1');
    stored_.complete = true;
  }
  std::string explain() const { return explain_difference(wanted_, {stored_}); }
  ArtefactInfo wanted_ = info_of('1');
  Entry stored_;
};

TEST_F(ExplainDifference, NamesAParameterWithOldAndNewValue) {
  wanted_.canonical = "min_distance_um=20;label=\"a;b=\\\"c\\\"\";list=[1, 2];";
  EXPECT_EQ(explain(), "parameter min_distance_um 25 -> 20");
}

TEST_F(ExplainDifference, ReadsQuotedValues) {
  wanted_.canonical = "min_distance_um=25;label=\"a;b=\\\"d\\\"\";list=[1, 2];";
  EXPECT_EQ(explain(), "parameter label \"a;b=\\\"c\\\"\" -> \"a;b=\\\"d\\\"\"");
}

TEST_F(ExplainDifference, NamesAParameterThatIsNew) {
  wanted_.canonical += "more=1;";
  EXPECT_EQ(explain(), "parameter more (none) -> 1");
}

TEST_F(ExplainDifference, NamesVersionsAndInputs) {
  wanted_.node_version = 2;
  wanted_.inputs[1].key = "k3";
  EXPECT_EQ(explain(), "node version 1 -> 2; input 'model' changed");
}

TEST_F(ExplainDifference, SaysThatAnotherSlideWasNeverComputed) {
  wanted_.item = "other.svs";
  EXPECT_EQ(explain(), "never computed");
}

TEST_F(ExplainDifference, KnowsWhatIsStoredOrUnfinished) {
  wanted_.key = stored_.info.key;
  EXPECT_EQ(explain(), "stored");
  stored_.complete = false;
  EXPECT_EQ(explain(), "unfinished");
}

TEST_F(ExplainDifference, ComparesWithTheClosest) {
  Entry far = stored_;
  far.info.canonical = "min_distance_um=1;";
  wanted_.node_version = 2;

  EXPECT_EQ(explain_difference(wanted_, {far, stored_}), "node version 1 -> 2");
}

}  // namespace
}  // namespace mito::store
