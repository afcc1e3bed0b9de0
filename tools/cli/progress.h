#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/core/file_digests.h"
#include "engine/graph/graph.h"

namespace mito::cli {

/// "300 MB", "1.5 GB"
std::string bytes_text(std::uint64_t bytes);

/// Shows a run in progress on stderr: a live line on a terminal, plain lines otherwise, or one JSON
/// object per line for programs.
class ProgressDisplay {
 public:
  /// `mode`: auto, bar, plain, json or off. `digests`: of the run's files, which may have to be
  /// read.
  ProgressDisplay(std::string mode, mito::graph::Progress& progress, const FileDigests& digests);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();

  /// Shows the last state and stops.
  void finish();

 private:
  void loop();
  void show(bool last);
  std::string line() const;
  std::string hashing() const;
  std::string json() const;
  double seconds_left() const;

  mito::graph::Progress& progress_;
  const FileDigests& digests_;
  std::string mode_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::string message_;
  double fraction_ = -1;  ///< Of a node that reports by itself; negative: none did.
  std::string shown_;
  std::thread thread_;
};

}  // namespace mito::cli
