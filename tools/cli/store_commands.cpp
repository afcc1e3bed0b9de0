#include <ctime>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/chrono.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/store/maintenance.h"
#include "tools/cli/commands.h"

namespace mito::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string size_text(std::uint64_t bytes) {
  const auto b = static_cast<double>(bytes);
  if (b >= 1 << 30) return fmt::format("{:.1f} GiB", b / (1 << 30));
  if (b >= 1 << 20) return fmt::format("{:.1f} MiB", b / (1 << 20));
  return fmt::format("{:.1f} KiB", b / 1024);
}

std::string time_text(std::time_t time) {
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(time));
}

Json to_json(const store::Entry& entry) {
  Json inputs = Json::object();
  for (const auto& input : entry.info.inputs)
    inputs[input.port] = {{"from", input.source}, {"key", input.key}};
  return {{"key", entry.info.key},
          {"node_type", entry.info.node_type},
          {"node_version", entry.info.node_version},
          {"payload", entry.info.payload},
          {"node", entry.info.node_id},
          {"item", entry.info.item},
          {"parameters", entry.info.canonical},
          {"inputs", inputs},
          {"parts", entry.info.parts},
          {"complete", entry.complete},
          {"bytes", entry.bytes},
          {"last_used", entry.last_used},
          {"folder", entry.folder.string()}};
}

store::Entry need(const std::filesystem::path& root, const std::string& key) {
  const auto entry = store::find(root, key);
  if (!entry)
    throw DataError(fmt::format("the store '{}' has no artefact '{}'", root.string(), key));
  return *entry;
}

}  // namespace

int store_list(const std::string& root, bool json) {
  const auto entries = store::list(store_root(root));
  if (json) {
    Json list = Json::array();
    for (const auto& entry : entries) list.push_back(to_json(entry));
    fmt::print("{}", json_text(list));
    return kOk;
  }
  std::uint64_t total = 0;
  for (const auto& entry : entries) {
    total += entry.bytes;
    fmt::print("{}  {:<20} {:<24} {:>10}  {}  {}\n", entry.info.key.substr(0, 12),
               entry.info.node_type, entry.info.item.empty() ? "-" : entry.info.item,
               size_text(entry.bytes), time_text(entry.last_used),
               entry.complete ? "complete" : "unfinished");
  }
  fmt::print("{} artefacts, {} in {}\n", entries.size(), size_text(total),
             store_root(root).string());
  return kOk;
}

int store_show(const std::string& root, const std::string& key) {
  fmt::print("{}", json_text(to_json(need(store_root(root), key))));
  return kOk;
}

int store_why(const std::string& root, const std::string& key) {
  const auto folder = store_root(root);
  const auto entry = need(folder, key);
  std::vector<store::Entry> others;
  for (auto& other : store::list(folder)) {
    if (other.info.key != entry.info.key) others.push_back(std::move(other));
  }
  fmt::print("{} of {}: {}\n", entry.info.node_type,
             entry.info.item.empty() ? "the run" : entry.info.item,
             store::explain_difference(entry.info, others));
  fmt::print("parameters: {}\n", entry.info.canonical);
  for (const auto& input : entry.info.inputs)
    fmt::print("input {} = {} ({})\n", input.port, input.source, input.key.substr(0, 12));
  return kOk;
}

int store_verify(const std::string& root, bool deep) {
  const auto folder = store_root(root);
  const auto problems = store::verify(folder, deep);
  for (const auto& problem : problems)
    fmt::print("{}: {}; {}\n", problem.path.string(), problem.what, problem.advice);
  fmt::print("{} artefacts checked, {} problem(s)\n", store::list(folder).size(), problems.size());
  return problems.empty() ? kOk : kFailed;
}

int store_gc(const std::string& root, double keep_days, double max_gib, bool dry_run) {
  store::GcOptions options;
  if (keep_days >= 0) options.keep_days = keep_days;
  if (max_gib >= 0) options.max_bytes = static_cast<std::uint64_t>(max_gib * (1ULL << 30U));
  options.dry_run = dry_run;
  const auto report = store::gc(store_root(root), options);
  for (const auto& removed : report.removed)
    fmt::print("{}{}: {} ({})\n", dry_run ? "would remove " : "removed ", removed.path.string(),
               removed.why, size_text(removed.bytes));
  for (const auto& path : report.in_use) fmt::print("in use, kept: {}\n", path.string());
  fmt::print("{} {}, {} stay\n", size_text(report.freed), dry_run ? "would be freed" : "freed",
             size_text(report.left));
  return kOk;
}

int store_merge(const std::string& root, const std::vector<std::string>& folders) {
  namespace fs = std::filesystem;
  const fs::path to = store_root(root);
  for (const auto& folder : folders) {
    std::error_code unknown;
    if (!fs::is_directory(folder)) throw DataError(fmt::format("there is no store '{}'", folder));
    if (fs::equivalent(folder, to, unknown))
      throw ConfigError(fmt::format("store merge: error: '{}' is the store to merge into", folder));
  }
  for (const auto& folder : folders) {
    const auto joined = store::join(folder, to);
    fmt::print("{}: {} results added to {}, {} were there\n", folder, joined.added, to.string(),
               joined.there);
  }
  return kOk;
}

}  // namespace mito::cli
