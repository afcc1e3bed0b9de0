#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/diff/detections.h"
#include "tools/diff/run_folder.h"
#include "tools/diff/values.h"

namespace mito::diff {

struct Options {
  DetectionOptions detections = {};
  std::optional<double> mpp = {};    ///< um per level-0 pixel where the runs do not say it.
  std::filesystem::path truth = {};  ///< Points of true mitoses; empty: those the runs were given.
  std::map<std::string, std::string> truth_ports = {};  ///< Where nodes take them, by node type.
};

/// A true mitosis that one run finds and the other does not.
struct TruthChange {
  PointL0 at;
  bool found_by_a = false;  ///< Else by B.
};

/// True mitoses of a slide and who finds them.
struct TruthDiff {
  std::int64_t objects = 0;
  std::int64_t both = 0;
  std::int64_t neither = 0;
  std::vector<TruthChange> only_one;  ///< By y, then x.
};

/// A slide that both runs have.
struct SlideDiff {
  std::string name;
  std::string identity;
  PointL0 bounds_corner;  ///< Of the scanned part: QuPath counts from there.
  std::vector<DetectionChange> detections;
  std::array<std::int64_t, 5> counts{};  ///< By Change.
  std::optional<TruthDiff> truth;
};

/// Everything in which two runs differ.
struct RunDiff {
  std::string a;  ///< Folders as they were given.
  std::string b;
  std::vector<ValueChange> pipeline;  ///< Program, node types, versions, connections, inputs.
  std::vector<ValueChange> parameters;
  std::vector<ValueChange> metrics;  ///< Values of the JSON files that both have.
  std::size_t numbers = 0;           ///< In the JSON files of A that both have.
  std::vector<SlideDiff> slides;     ///< By name.
  std::vector<std::string> only_a;   ///< Files.
  std::vector<std::string> only_b;
  std::vector<std::string> other_content;
  std::vector<std::string> notes;  ///< What could not be compared, and why.

  /// Do the runs agree in all that was compared?
  bool same() const;
};

/// Compares two runs. Slides are told apart by name, wherever their folders lie. Throws DataError
/// when a slide's detections have to be compared and neither run nor `mpp` says how large its
/// pixels are, or when `truth` cannot be read.
RunDiff compare(const RunFolder& a, const RunFolder& b, const Options& options);

}  // namespace mito::diff
