#include "tools/cohort/retry.h"

#include "tools/cohort/status.h"

namespace mito::cohort {

std::vector<Retried> retry(const std::filesystem::path& out, bool all) {
  std::vector<Retried> found;
  for (auto& slide : read_status(out).slides) {
    if (slide.now != SlideStatus::Now::Failed) continue;
    auto& state = *slide.state;
    const bool is_new = !state.again && (all || !state.by_content);
    if (is_new) {
      state.again = true;
      write_state(slide.folder.empty() ? out : out / slide.folder, state);
    }
    found.push_back({slide.slide, state.message, state.again});
  }
  return found;
}

}  // namespace mito::cohort
