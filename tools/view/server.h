#pragma once
#include <atomic>
#include <functional>

#include "tools/view/site.h"

namespace mito::view {

/// Answers as `site` does, to 127.0.0.1 only, until `stop`. `port` 0: one that is free; `ready` is
/// told which. Throws DataError when the port is taken.
void serve(Site& site,
           int port,
           const std::function<void(int port)>& ready,
           const std::atomic<bool>& stop);

}  // namespace mito::view
