#include "tools/cohort/leases.h"

#include <regex>
#include <system_error>
#include <utility>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/error.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOfSlide = "slide-";
constexpr const char* kExtension = ".lease";

fs::path folder_of(const fs::path& out) { return out / ".leases"; }

[[noreturn]] void refuse(const fs::path& out, const Lease::Holder& holder) {
  throw DataError(
      fmt::format("another run writes to '{}' (host {}, process {}); wait for it, choose another "
                  "--out, or share the work with --shard",
                  out.string(), holder.host, holder.pid));
}

}  // namespace

fs::path slide_lease(const fs::path& out, const std::string& folder) {
  return folder_of(out) / (kOfSlide + folder + kExtension);
}

fs::path lone_lease(const fs::path& out) { return folder_of(out) / fs::path("alone.lease"); }

fs::path run_lease(const fs::path& out) { return folder_of(out) / fs::path("run.lease"); }

void refuse_beside_lone_run(const fs::path& out) {
  if (const auto holder = Lease::holder(lone_lease(out), kAbandoned)) refuse(out, *holder);
}

Lease take_alone(const fs::path& out) {
  auto alone = Lease::take(lone_lease(out), kAbandoned);
  if (!alone) {
    refuse_beside_lone_run(out);
    throw DataError(fmt::format("another run begins in '{}'", out.string()));
  }
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder_of(out), gone)) {
    if (is_temporary(entry.path()) || entry.path() == lone_lease(out)) continue;
    if (const auto holder = Lease::holder(entry.path(), kAbandoned)) refuse(out, *holder);
    fs::remove(entry.path(), gone);
  }
  remove_temporaries(out);
  remove_temporaries(folder_of(out));
  return std::move(*alone);
}

std::optional<Lease::Holder> worker_in(const fs::path& out) {
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder_of(out), gone))
    if (entry.path().filename().string().starts_with(kOfSlide))
      if (auto holder = Lease::holder(entry.path(), kAbandoned)) return holder;
  return std::nullopt;
}

void remove_temporaries(const fs::path& folder) {
  // As AtomicFile names its parts and leases what is on its way: nobody else's files.
  static const std::regex ours(R"(.*\.[0-9a-f]{6}-[0-9]+\.part|.*\.lease\.tmp-.*|clock\.tmp-.*)");
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored) && std::regex_match(entry.path().filename().string(), ours))
      fs::remove(entry.path(), ignored);
}

void remove_abandoned_leases(const fs::path& out) {
  std::vector<fs::path> of_slides;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder_of(out), gone))
    if (entry.path().filename().string().starts_with(kOfSlide) &&
        entry.path().extension() == kExtension)
      of_slides.push_back(entry.path());
  for (const auto& file : of_slides) Lease::take(file, kAbandoned);  // which gives it back
}

KeptLeases::KeptLeases(std::vector<Lease> leases)
    : leases_(std::move(leases)), thread_([this] {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, kBeat, [this] { return done_; }))
          for (const auto& lease : leases_) lease.touch();
      }) {}

KeptLeases::~KeptLeases() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void remove_lease_folder(const fs::path& out) {
  std::error_code in_use;
  fs::remove(folder_of(out), in_use);
}

}  // namespace mito::cohort
