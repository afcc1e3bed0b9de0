#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/sweep/sweep_file.h"
#include "tools/sweep/sweep_record.h"
#include "tools/sweep/sweep_runs.h"
#include "tools/sweep/table.h"

namespace mito::sweep {

/// How far a run is.
struct RunState {
  enum class Kind { ToDo, Partly, Failed, Done };
  Kind kind = Kind::ToDo;
  std::string problem;              ///< Why it failed, or has to run again; may be empty.
  std::optional<RunRecord> record;  ///< Of this run; empty where it has to start anew.
};

const char* name_of(RunState::Kind kind);  ///< done, failed, partly, to do

/// What the folder of a run holds. `field` tells what the record must have in common with the run:
/// &RunRecord::identity, or &RunRecord::definition where the inputs are not at hand.
RunState state_of(const std::filesystem::path& folder,
                  std::string RunRecord::*field,
                  const std::string& expected);

/// The table of `runs` in their states. A run that is done but lacks a metric or a curve counts as
/// failed here.
Table table_of(const SweepFile& sweep,
               const std::vector<Run>& runs,
               const std::vector<RunState>& states,
               const std::filesystem::path& out);

/// Writes sweep.csv, sweep.md, sweep.html and sweep.FIGURE.vl.json, each atomically. Throws
/// DataError.
void write_tables(const Table& table, const std::filesystem::path& out);

}  // namespace mito::sweep
