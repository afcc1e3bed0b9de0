#include "tools/cohort/attempts.h"

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <spdlog/spdlog.h>

#include "tools/cohort/leases.h"

namespace mito::cohort {
namespace {

namespace fs = std::filesystem;
using How = SlideState::How;

std::string environment(const char* name) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
  return text == nullptr ? "" : text;
}

/// "1234_5" of an array of Slurm, "1234" of another job; empty without.
std::string slurm_job() {
  const auto array = environment("SLURM_ARRAY_JOB_ID");
  return array.empty() ? environment("SLURM_JOB_ID")
                       : array + "_" + environment("SLURM_ARRAY_TASK_ID");
}

How how_of(mito::graph::Watch::End end) {
  switch (end) {
    case mito::graph::Watch::End::Done:
      return How::Done;
    case mito::graph::Watch::End::Failed:
      return How::Failed;
    case mito::graph::Watch::End::Stopped:
      return How::Stopped;
  }
  return How::Stopped;
}

}  // namespace

Attempts::Attempts(fs::path out, std::string settings, mito::graph::Watch* next)
    : out_(std::move(out)),
      settings_(std::move(settings)),
      next_(next),
      thread_([this] { beat(); }) {}

Attempts::~Attempts() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
  leases_.clear();
  own_leases_.clear();
  remove_lease_folder(out_);
}

void Attempts::hold(std::uint32_t slide, Lease lease) {
  const std::lock_guard lock(mutex_);
  leases_.insert_or_assign(slide, std::move(lease));
}

void Attempts::hold(Lease lease) {
  const std::lock_guard lock(mutex_);
  own_leases_.push_back(std::move(lease));
}

void Attempts::let_go() {
  const std::lock_guard lock(mutex_);
  leases_.clear();
}

/// Another process took the slide for abandoned: it is no longer ours to speak of.
bool Attempts::is_lost(std::uint32_t item) const {
  const auto lease = leases_.find(item);
  return lease != leases_.end() && !lease->second.is_held();
}

void Attempts::write(Slide& slide, bool is_lost) const {
  if (is_lost) return;
  const std::chrono::duration<double> since = Clock::now() - slide.since;
  slide.state.seconds = since.count();
  slide.state.written = time_text();
  try {
    fs::create_directories(slide.folder);
    write_state(slide.folder, slide.state);
  } catch (const std::exception& error) {
    spdlog::warn("{}", error.what());
  }
}

void Attempts::begin(std::uint32_t item, const mito::graph::ItemIdentity& identity, bool has_work) {
  if (next_ != nullptr) next_->begin(item, identity, has_work);
  Slide slide;
  slide.folder = identity.folder.empty() ? out_ : out_ / identity.folder;
  slide.since = Clock::now();
  slide.has_work = has_work;
  auto& state = slide.state;
  state.slide = identity.name;
  state.host = host_name();
  state.pid = std::to_string(::getpid());
  state.job = slurm_job();
  state.begun = time_text();
  state.settings = settings_;
  state.content = identity.digest;
  const auto before = read_state(slide.folder);
  const bool is_same =
      before && before->settings == settings_ && before->content == identity.digest;
  if (is_same) state.attempt = before->attempt + (before->how == How::Done && !has_work ? 0 : 1);
  if (is_same && before->how == How::Running) state.lost = before->lost + 1;
  slide.was_done = is_same && before->how == How::Done;
  // Items without a folder of their own share it: another may be writing there.
  const bool alone = !identity.folder.empty();
  if (alone && (!slide.was_done || has_work)) remove_temporaries(slide.folder);
  const std::lock_guard lock(mutex_);
  if (alone) failed_.erase(slide.folder);
  if (has_work) write(slide, is_lost(item));
  slides_.insert_or_assign(item, std::move(slide));
}

void Attempts::at(std::uint32_t item,
                  const std::string& node,
                  std::uint32_t part,
                  std::uint32_t parts) {
  if (next_ != nullptr) next_->at(item, node, part, parts);
  const std::lock_guard lock(mutex_);
  const auto slide = slides_.find(item);
  if (slide == slides_.end()) return;
  auto& state = slide->second.state;
  state.node = node;
  if (part == mito::graph::Key::kWhole) return;
  state.tile = part + 1;
  state.tiles = parts;
}

const SlideState& Attempts::state_of_folder(const Slide& slide) const {
  for (const auto& [item, other] : slides_)
    if (other.has_work && other.folder == slide.folder) return other.state;
  const auto failed = failed_.find(slide.folder);
  return failed == failed_.end() ? slide.state : failed->second;
}

void Attempts::end(std::uint32_t item,
                   const mito::graph::ItemIdentity& identity,
                   const Ended& ended) {
  if (next_ != nullptr) next_->end(item, identity, ended);
  const std::lock_guard lock(mutex_);
  const auto found = slides_.find(item);
  if (found == slides_.end()) return;
  Slide slide = std::move(found->second);
  slides_.erase(found);
  slide.state.how = how_of(ended.how);
  slide.state.message = ended.message;
  slide.state.by_content = ended.by_content;
  if (ended.how == End::Done) slide.state.files = written_files(slide.folder);
  const bool is_as_before = slide.was_done && !slide.has_work && ended.how != End::Failed;
  if (ended.how == End::Failed) failed_.try_emplace(slide.folder, slide.state);
  slide.state = state_of_folder(slide);
  if (!is_as_before) write(slide, is_lost(item));
  leases_.erase(item);
}

void Attempts::beat() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kBeat, [this] { return done_; })) {
    for (const auto& lease : own_leases_) lease.touch();
    for (auto& [item, lease] : leases_) lease.touch();
    for (auto& [item, slide] : slides_)
      if (slide.has_work) write(slide, is_lost(item));
  }
}

}  // namespace mito::cohort
