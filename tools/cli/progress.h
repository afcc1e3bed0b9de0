#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "engine/core/file_digests.h"
#include "engine/graph/graph.h"

namespace mito::cli {

/// "300 MB", "1.5 GB"
std::string bytes_text(std::uint64_t bytes);

/// Shows a run in progress on stderr: a live line on a terminal, plain lines otherwise, or one JSON
/// object per line for programs. As a Watch of the run it knows which slides are worked on.
class ProgressDisplay final : public mito::graph::Watch {
 public:
  /// `mode`: auto, bar, plain, json or off. `digests`: of the run's files, which may have to be
  /// read.
  ProgressDisplay(std::string mode, mito::graph::Progress& progress, const FileDigests& digests);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay() override;

  void begin(std::uint32_t item, const mito::graph::ItemIdentity& identity, bool has_work) override;
  void at(std::uint32_t item,
          const std::string& node,
          std::uint32_t part,
          std::uint32_t parts) override;
  void end(std::uint32_t item,
           const mito::graph::ItemIdentity& identity,
           const Ended& ended) override;

  /// Shows the last state and stops.
  void finish();

  /// What a program is told now, one line.
  std::string json() const;

 private:
  using Clock = std::chrono::steady_clock;
  /// What a node says by itself of how far it is.
  struct Reported {
    double first = 0;  ///< Where it was when this run began with it.
    double fraction = 0;
    Clock::time_point since;
  };
  struct Place {
    std::string slide;
    std::string node;
    std::uint32_t tile = 0;  ///< 1 is the first; 0: none.
    std::uint32_t tiles = 0;
  };
  void report(const std::string& node, const std::string& text, double fraction);
  void loop();
  void show(bool last);
  std::string line() const;
  std::string hashing() const;
  std::string json_now() const;
  double seconds_left() const;

  mito::graph::Progress& progress_;
  const FileDigests& digests_;
  std::string mode_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::string message_;
  Reported* reported_ = nullptr;             ///< Of the node that reported last; null: none did.
  std::map<std::string, Reported> reports_;  ///< By node.
  std::map<std::uint32_t, Place> places_;    ///< Of slides that are worked on.
  std::uint64_t begun_ = 0;                  ///< Slides, also those of which all is there.
  std::uint64_t computed_ = 0;               ///< Of these, those with something to compute.
  Clock::time_point since_;                  ///< When the first of these began.
  std::string shown_;
  std::thread thread_;
};

}  // namespace mito::cli
