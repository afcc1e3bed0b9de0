#pragma once
#include <atomic>
#include <string>
#include <vector>

namespace mito::cli {

struct ViewCommand {
  std::vector<std::string> paths;  ///< The output folder of a run, slides.
  int port = 0;                    ///< 0: one that is free.
  std::string store;               ///< As for `run`.
  double mpp = 0;                  ///< um per level-0 pixel where a slide does not say it; 0: none.
};

/// Shows slides and results in a browser until it is stopped (docs/run_page.md).
int view(const ViewCommand& command, const std::atomic<bool>& stop);

}  // namespace mito::cli
