#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mito::sweep {

/// What is known of one run of a sweep, kept as `sweep_run.json` in its folder.
struct RunRecord {
  enum class State { Started, Done, Failed };
  struct File {
    std::string path;  ///< Relative to the folder of the run.
    std::uint64_t bytes = 0;
    std::string model_digest;  ///< SHA-256 of its bytes when it is a model; else empty.
  };

  State state = State::Started;
  std::string definition;  ///< Run::definition
  std::string identity;    ///< Graph::identity; a run with another one has to run again.
  std::string message;     ///< Why it failed.
  double seconds = 0;      ///< From its last start to its end.
  std::uint64_t nodes = 0;
  std::uint64_t nodes_run =
      0;  ///< Of `nodes`: a body ran at all. The others were stored, or not needed.
  std::vector<File> files;  ///< Written by its nodes, by path.
};

/// The record in `folder`; empty when there is none, or one that cannot be read.
std::optional<RunRecord> read_record(const std::filesystem::path& folder);

/// Writes it atomically. Throws DataError.
void write_record(const std::filesystem::path& folder, const RunRecord& record);

/// The results in a run's folder and below, by path. What the manifests say the nodes `model_nodes`
/// wrote gets its digest.
std::vector<RunRecord::File> written_files(const std::filesystem::path& folder,
                                           const std::vector<std::string>& model_nodes);

/// Is the run done, and is every file it wrote still there with its size?
bool is_whole(const std::filesystem::path& folder, const RunRecord& record);

}  // namespace mito::sweep
