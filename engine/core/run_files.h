#pragma once
#include <filesystem>

// What lies in the output folder of a run beside its results.
namespace mito::run_files {

inline constexpr const char* kManifest = "manifest.json";  ///< From which keys files were made.
inline constexpr const char* kRecord = "run.json";         ///< What the run was, when it is done.
inline constexpr const char* kOutputs = "outputs.json";    ///< What was told of outputs, by key.
inline constexpr const char* kState = "state.json";        ///< How far an item is.
inline constexpr const char* kSlides = "slides.json";      ///< Which items the run has.
inline constexpr const char* kSweepRecord = "sweep_run.json";  ///< How far a run of a sweep is.

/// Neither a temporary nor one of those that say how the others came to be.
bool is_result(const std::filesystem::path& file);

}  // namespace mito::run_files
