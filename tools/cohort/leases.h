#pragma once
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/core/lease.h"

// Who works on what in the output folder of a run.
namespace mito::cohort {

inline constexpr std::chrono::seconds kBeat{10};       ///< Between two signs of life.
inline constexpr std::chrono::seconds kAbandoned{35};  ///< Three of them missed.

/// Of one slide, by its folder, which is empty where a run has one slide only.
std::filesystem::path slide_lease(const std::filesystem::path& out, const std::string& folder);
/// Of a run that shares its output folder with nobody.
std::filesystem::path lone_lease(const std::filesystem::path& out);
/// Of what is made of all slides.
std::filesystem::path run_lease(const std::filesystem::path& out);

/// A run of its own has `out` to itself. Throws DataError naming host and process when another
/// run, or a task of one, works there.
Lease take_alone(const std::filesystem::path& out);
/// Tasks share `out`, but not with a run of its own. Throws DataError when there is one.
void refuse_beside_lone_run(const std::filesystem::path& out);

/// A process that works on a slide of `out`; none when nobody does.
std::optional<Lease::Holder> worker_in(const std::filesystem::path& out);

/// Removes what writers left in `folder` when they were killed. Nobody else may write there.
void remove_temporaries(const std::filesystem::path& folder);

/// Removes the leases of slides whose task was killed, such as when its slide was done already.
void remove_abandoned_leases(const std::filesystem::path& out);

/// Leases that are touched for as long as this lives.
class KeptLeases {
 public:
  explicit KeptLeases(std::vector<Lease> leases);
  KeptLeases(const KeptLeases&) = delete;
  KeptLeases& operator=(const KeptLeases&) = delete;
  ~KeptLeases();  ///< Gives them back.

 private:
  std::vector<Lease> leases_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

/// Removes the folder of leases when none is left.
void remove_lease_folder(const std::filesystem::path& out);

}  // namespace mito::cohort
