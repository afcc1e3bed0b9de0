#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/cohort/slide_state.h"

namespace mito::cohort {

/// A slide of a run, by its output folder.
struct SlideStatus {
  enum class Now : std::uint8_t { Done, Running, Failed, Stopped, Stale, Waiting };
  std::string slide;
  std::string folder;  ///< Below the output folder; empty where a run has one slide only.
  std::uint64_t bytes = 0;
  std::filesystem::path file = {};                ///< Empty: not known.
  std::map<std::string, std::string> about = {};  ///< Case, centre and scanner, as far as known.
  Now now = Now::Waiting;
  std::optional<SlideState> state = {};
};

const char* text_of(SlideStatus::Now now);

/// How far a run is.
struct CohortStatus {
  std::string pipeline;             ///< Empty where it is not known.
  std::vector<SlideStatus> slides;  ///< In the order of the run.
  bool knows_all = false;           ///< Also those that were never begun.

  std::size_t count(SlideStatus::Now now) const;
  /// Machines that work on it now, sorted.
  std::vector<std::string> hosts() const;
  /// By the seconds that its own slides took for their bytes, on as many as run now; none while no
  /// slide is done or none is left.
  std::optional<double> seconds_left() const;
  /// What a byte of a slide takes on `host`, in seconds of its clock: the time in which some of the
  /// slides that were computed there without interruption was worked on, by their bytes. None while
  /// there are none.
  std::optional<double> seconds_per_byte(const std::string& host) const;
};

/// Reads the states in an output folder: of the slides of its last run, and of those that runs
/// before left there. A slide is stale when the process that ran it has died.
/// Throws DataError when the folder holds no run.
CohortStatus read_status(const std::filesystem::path& out);

}  // namespace mito::cohort
