#include "engine/core/errno_text.h"

#include <cerrno>
#include <system_error>

#include <sys/resource.h>

#include <spdlog/fmt/fmt.h>

namespace mito {

std::string errno_text(int code) {
  std::string text = std::generic_category().message(code);
  rlimit limit{};
  if (code == EMFILE && ::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    text += fmt::format(" (this process may open {}; `ulimit -n` allows more)", limit.rlim_cur);
  return text;
}

}  // namespace mito
