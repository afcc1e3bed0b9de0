#pragma once
// Internal to engine/graph: what the watchdog looks at.
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <spdlog/fmt/fmt.h>

namespace mito::graph {

using Clock = std::chrono::steady_clock;

/// Who is running and since when: what the watchdog looks at.
class Activity {
 public:
  class Call {
   public:
    Call(Activity& activity, std::string what) : activity_(activity) {
      const std::lock_guard lock(activity_.mutex_);
      id_ = activity_.next_++;
      activity_.running_[id_] = {std::move(what), Clock::now()};
      activity_.last_move_ = Clock::now();
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      const std::lock_guard lock(activity_.mutex_);
      activity_.running_.erase(id_);
      activity_.last_move_ = Clock::now();
    }

   private:
    Activity& activity_;
    std::uint64_t id_ = 0;
  };

  void touch() {
    const std::lock_guard lock(mutex_);
    last_move_ = Clock::now();
  }
  /// Empty while something moved within `limit`; else who has been running for how long.
  std::string stalled(Clock::duration limit) {
    const std::lock_guard lock(mutex_);
    const auto idle = Clock::now() - last_move_;
    if (idle < limit) return {};
    std::string text;
    for (const auto& [id, call] : running_) {
      const std::chrono::duration<double> since = Clock::now() - call.since;
      text += fmt::format("; {} has been running for {:.0f} s", call.what, since.count());
    }
    last_move_ = Clock::now();  // say it again only after another such time
    return fmt::format("nothing has moved for {:.0f} s{}",
                       std::chrono::duration<double>(idle).count(), text);
  }

 private:
  struct Running {
    std::string what;
    Clock::time_point since;
  };
  std::mutex mutex_;
  std::map<std::uint64_t, Running> running_;
  std::uint64_t next_ = 0;
  Clock::time_point last_move_ = Clock::now();
};

}  // namespace mito::graph
