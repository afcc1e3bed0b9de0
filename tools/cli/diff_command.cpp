#include <cstdio>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tools/cli/commands.h"
#include "tools/diff/diff_report.h"

namespace mito::cli {

int diff(const DiffCommand& command) {
  diff::Options options;
  options.detections = {command.radius_um, command.moved_um, command.score};
  if (command.mpp > 0) options.mpp = command.mpp;
  options.truth = command.truth;
  const auto a = diff::read_run(command.a);
  const auto b = diff::read_run(command.b);
  const auto found = diff::compare(a, b, options);
  std::vector<std::string> written;
  if (!command.out.empty()) written = diff::write(found, options.detections, command.out);
  if (command.json) {
    fmt::print("{}", diff::to_json(found, options.detections));
    return kOk;
  }
  fmt::print("{}", diff::to_text(found, options.detections));
  if (!written.empty()) fmt::print("written to {}: {}\n", command.out, fmt::join(written, ", "));
  return kOk;
}

}  // namespace mito::cli
