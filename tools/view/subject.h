#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mito::view {

/// A slide that is to be looked at.
struct Subject {
  std::string name;
  std::filesystem::path folder;  ///< Of its results; empty: a slide alone.
  std::filesystem::path slide;   ///< Empty: not known where it lies.

  /// run.html in its folder; empty: none yet.
  std::optional<std::filesystem::path> page() const;
};

/// What a command line names.
struct Subjects {
  std::vector<Subject> slides;
  std::filesystem::path cohort;  ///< The folder of a run of several slides; empty: none.
};

/// From the output folder of a run and files of slides, or from files of slides alone. Which file
/// belongs to which results is known from the slides named here, else from what the run wrote down
/// when it was done. Throws DataError when a path is not there, when a folder holds no run, and
/// when there are two folders.
Subjects subjects_of(const std::vector<std::filesystem::path>& paths);

}  // namespace mito::view
