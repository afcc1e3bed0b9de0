#pragma once
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mito::cohort {

/// How far a slide of a run is: the file `state.json` in its folder.
struct SlideState {
  enum class How : std::uint8_t { Running, Done, Failed, Stopped };

  How how = How::Running;
  std::string slide;
  int attempt = 1;  ///< Of the same slide by the same definition.
  int lost = 0;     ///< Attempts just before this one that ended with their process.
  std::string host;
  std::string pid;
  std::string job;         ///< Of Slurm, "1234_5"; empty without.
  std::string begun;       ///< UTC, "2026-11-30T09:30:24Z".
  std::string written;     ///< When this was written.
  double seconds = 0;      ///< Since it began.
  std::string node;        ///< Where it is, or was last.
  std::uint32_t tile = 0;  ///< 1 is the first; 0: none was begun.
  std::uint32_t tiles = 0;
  std::string message;             ///< Why it failed.
  bool by_content = false;         ///< It failed by what the slide holds.
  bool again = false;              ///< A failed slide that may be tried again.
  std::string settings;            ///< Digest of all that decides its files beside the slide.
  std::string content;             ///< Digest of the slide.
  std::vector<std::string> files;  ///< What it wrote, when it is done.
};

const char* text_of(SlideState::How how);

/// None when there is none, or it is damaged: the slide counts as never begun.
std::optional<SlideState> read_state(const std::filesystem::path& folder);

/// Writes it whole. Throws DataError.
void write_state(const std::filesystem::path& folder, const SlideState& state);

/// The files that the slide in `folder` has written, by its manifest; those that are not there, or
/// have another size, are missing.
std::vector<std::string> written_files(const std::filesystem::path& folder);

/// Is nothing left to be done for a slide of this content, or may nothing be done?
bool is_settled(const std::filesystem::path& folder,
                const SlideState& state,
                const std::string& settings,
                const std::string& content);

/// Now, as in `begun`.
std::string time_text();

/// Seconds since 1970 of such a text; none when it is no such text.
std::optional<std::time_t> time_of(const std::string& text);

}  // namespace mito::cohort
