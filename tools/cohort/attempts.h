#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/lease.h"
#include "engine/graph/graph.h"
#include "tools/cohort/slide_state.h"

namespace mito::cohort {

/// Keeps the state of every slide on disk while a run works on it, and shows that the process
/// lives. A slide that was done before and needs nothing is left as it is. Items without a folder
/// of their own have one state between them: that of the one that works, or else of the first that
/// failed.
class Attempts final : public mito::graph::Watch {
 public:
  /// `settings`: Graph::settings of the run. `next`: told of all, too; may be null.
  Attempts(std::filesystem::path out, std::string settings, mito::graph::Watch* next);
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;
  /// Slides that were not begun are free for others.
  ~Attempts() override;

  /// Keeps a lease alive until its slide ends, or as long as this lives.
  void hold(std::uint32_t slide, Lease lease);
  void hold(Lease lease);
  /// Gives the leases of slides back that a run did not begin.
  void let_go();

  void begin(std::uint32_t item, const mito::graph::ItemIdentity& identity, bool has_work) override;
  void at(std::uint32_t item,
          const std::string& node,
          std::uint32_t part,
          std::uint32_t parts) override;
  void end(std::uint32_t item,
           const mito::graph::ItemIdentity& identity,
           const Ended& ended) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Slide {
    std::filesystem::path folder;
    SlideState state;
    Clock::time_point since;
    bool has_work = false;
    bool was_done = false;
  };
  void beat();
  void write(Slide& slide, bool is_lost) const;
  /// What the folder of `slide`, which has ended, is to say.
  const SlideState& state_of_folder(const Slide& slide) const;
  bool is_lost(std::uint32_t item) const;

  std::filesystem::path out_;
  std::string settings_;
  mito::graph::Watch* next_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::map<std::uint32_t, Slide> slides_;
  std::map<std::filesystem::path, SlideState> failed_;  ///< By folder, the first of each.
  std::map<std::uint32_t, Lease> leases_;
  std::vector<Lease> own_leases_;
  std::thread thread_;
};

}  // namespace mito::cohort
