#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/digest.h"
#include "tests/sweep/sweep_support.h"
#include "tools/sweep/results.h"
#include "tools/sweep/sweep_record.h"

namespace mito::sweep {
namespace {

class Record : public ::testing::Test {
 protected:
  Record() {
    write(folder_ / "e.json", "{}");
    write(folder_ / "slide" / "cnn5.h5", "model");
    write(folder_ / "slide" / "manifest.json",
          R"({"save": {"file": "cnn5.h5", "bytes": 5, "key": "k"}})");
    write(folder_ / ".scratch-1" / "checkpoint.h5", "half");
    record_.state = RunRecord::State::Done;
    record_.definition = "d";
    record_.identity = "i";
    record_.seconds = 1.5;
    record_.nodes = 4;
    record_.nodes_run = 3;
    record_.files = written_files(folder_.path(), {"save"});
    write_record(folder_.path(), record_);
  }
  RunState state(const std::string& identity = "i") const {
    return state_of(folder_.path(), &RunRecord::identity, identity);
  }
  test::TempFolder folder_;
  RunRecord record_;
};

TEST_F(Record, ListsResultsAndDigestsOfModels) {
  ASSERT_EQ(record_.files.size(), 2U);
  EXPECT_EQ(record_.files[0].path, "e.json");
  EXPECT_EQ(record_.files[0].model_digest, "");
  EXPECT_EQ(record_.files[1].path, "slide/cnn5.h5");
  EXPECT_EQ(record_.files[1].model_digest, sha256("model"));
}

TEST_F(Record, ReadsBackAsItWasWritten) {
  const auto read = read_record(folder_.path());

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->state, RunRecord::State::Done);
  EXPECT_EQ(read->definition, "d");
  EXPECT_EQ(read->seconds, 1.5);
  EXPECT_EQ(read->nodes_run, 3U);
  EXPECT_EQ(read->files[1].model_digest, sha256("model"));
  EXPECT_EQ(state().kind, RunState::Kind::Done);
}

TEST_F(Record, OfAnotherIdentityMakesTheRunStartAnew) {
  const auto other = state("j");

  EXPECT_EQ(other.kind, RunState::Kind::ToDo);
  EXPECT_EQ(other.problem, "was made with other values or inputs");
  EXPECT_FALSE(other.record.has_value());
}

TEST_F(Record, AChangedOrMissingFileMakesTheRunStartAnew) {
  write(folder_ / "e.json", "{ }");
  EXPECT_EQ(state().kind, RunState::Kind::Partly);
  std::filesystem::remove(folder_ / "e.json");
  EXPECT_EQ(state().kind, RunState::Kind::Partly);
  EXPECT_FALSE(state().record.has_value());
}

TEST_F(Record, StartedIsPartlyAndFailedKeepsItsMessage) {
  record_.state = RunRecord::State::Started;
  write_record(folder_.path(), record_);
  EXPECT_EQ(state().kind, RunState::Kind::Partly);
  record_.state = RunRecord::State::Failed;
  record_.message = "node 'x': no";
  write_record(folder_.path(), record_);
  EXPECT_EQ(state().kind, RunState::Kind::Failed);
  EXPECT_EQ(state().problem, "node 'x': no");
}

TEST_F(Record, ADamagedOneCountsAsNone) {
  write(folder_ / "sweep_run.json", "{\"mitoloom_sweep_run\": 1}");

  EXPECT_EQ(state().kind, RunState::Kind::ToDo);
}

}  // namespace
}  // namespace mito::sweep
