#include "tools/cli/view_command.h"

#include <spdlog/fmt/fmt.h>

#include "tools/cli/commands.h"
#include "tools/cli/output.h"
#include "tools/view/server.h"
#include "tools/view/site.h"

namespace mito::cli {

int view(const ViewCommand& command, const std::atomic<bool>& stop) {
  const auto root = store_root(command.store);
  // Where there is no store, none is begun for what is only looked at.
  const auto digests = file_digests(std::filesystem::exists(root) ? root : "", false);
  view::Sources sources{root, digests.get(), {}};
  if (command.mpp > 0) sources.mpp = command.mpp;
  const auto token = view::random_token();
  view::Site site(token, view::subjects_of({command.paths.begin(), command.paths.end()}), sources);
  view::serve(
      site, command.port,
      [&](int port) {
        fmt::print(
            "http://127.0.0.1:{0}/{1}/\n"
            "From another machine: ssh -L {0}:127.0.0.1:{0} HOST, and then the same address. "
            "Ctrl-C ends it.\n",
            port, token);
        flush_printed();
      },
      stop);
  return kOk;
}

}  // namespace mito::cli
