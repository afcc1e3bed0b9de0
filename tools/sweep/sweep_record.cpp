#include "tools/sweep/sweep_record.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/digest.h"

namespace mito::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFile = "sweep_run.json";
constexpr const char* kManifest = "manifest.json";
constexpr int kFormat = 1;

const char* text_of(RunRecord::State state) {
  switch (state) {
    case RunRecord::State::Started:
      return "started";
    case RunRecord::State::Done:
      return "done";
    case RunRecord::State::Failed:
      return "failed";
  }
  return "?";
}

RunRecord from_json(const Json& json) {
  RunRecord record;
  const auto state = json.at("state").get<std::string>();
  record.state = state == "done"     ? RunRecord::State::Done
                 : state == "failed" ? RunRecord::State::Failed
                                     : RunRecord::State::Started;
  record.definition = json.at("definition");
  record.identity = json.at("identity");
  record.message = json.at("message");
  record.seconds = json.at("seconds");
  record.nodes = json.at("nodes");
  record.nodes_run = json.at("nodes_run");
  for (const auto& file : json.at("files"))
    record.files.push_back({file.at("path"), file.at("bytes"), file.value("model_digest", "")});
  return record;
}

/// The files that a manifest says `nodes` wrote.
std::vector<fs::path> files_of(const fs::path& manifest, const std::vector<std::string>& nodes) {
  std::vector<fs::path> out;
  std::ifstream in(manifest);
  const Json json = Json::parse(in, nullptr, false);
  if (!json.is_object()) return out;
  for (const auto& [node, entry] : json.items()) {
    if (std::ranges::find(nodes, node) != nodes.end() && entry.is_object())
      out.push_back(manifest.parent_path() / entry.value("file", ""));
  }
  return out;
}

/// Neither a temporary nor one of those that say what the others are.
bool is_result(const fs::path& file) {
  const std::string name = file.filename().string();
  return name != kFile && name != kManifest && !name.ends_with(".part") &&
         name.find(".tmp-") == std::string::npos;
}

}  // namespace

std::optional<RunRecord> read_record(const fs::path& folder) {
  std::ifstream in(folder / kFile);
  if (!in) return std::nullopt;
  try {
    const Json json = Json::parse(in);
    if (json.at("mitoloom_sweep_run") != kFormat) return std::nullopt;
    return from_json(json);
  } catch (const Json::exception&) {
    return std::nullopt;  // damaged, or of another version: the run counts as never started
  }
}

void write_record(const fs::path& folder, const RunRecord& record) {
  Json files = Json::array();
  for (const auto& file : record.files) {
    Json entry{{"path", file.path}, {"bytes", file.bytes}};
    if (!file.model_digest.empty()) entry["model_digest"] = file.model_digest;
    files.push_back(std::move(entry));
  }
  const Json json{{"mitoloom_sweep_run", kFormat},   {"state", text_of(record.state)},
                  {"definition", record.definition}, {"identity", record.identity},
                  {"message", record.message},       {"seconds", record.seconds},
                  {"nodes", record.nodes},           {"nodes_run", record.nodes_run},
                  {"files", std::move(files)}};
  fs::create_directories(folder);
  // A message may quote the bytes of a damaged file.
  write_file(folder / kFile, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<RunRecord::File> written_files(const fs::path& folder,
                                           const std::vector<std::string>& model_nodes) {
  std::vector<fs::path> files;
  std::vector<fs::path> models;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator();
       ++it) {
    const auto& path = it->path();
    if (it->is_directory() && path.filename().string().starts_with('.')) {
      it.disable_recursion_pending();  // checkpoints
    } else if (path.filename() == kManifest) {
      std::ranges::copy(files_of(path, model_nodes), std::back_inserter(models));
    } else if (it->is_regular_file() && is_result(path)) {
      files.push_back(path);
    }
  }
  std::vector<RunRecord::File> out;
  for (const auto& file : files) {
    const bool model = std::ranges::find(models, file) != models.end();
    out.push_back({file.lexically_relative(folder).generic_string(), fs::file_size(file),
                   model ? sha256_file(file) : std::string()});
  }
  std::ranges::sort(out, {}, &RunRecord::File::path);
  return out;
}

bool is_whole(const fs::path& folder, const RunRecord& record) {
  return record.state == RunRecord::State::Done &&
         std::ranges::all_of(record.files, [&](const RunRecord::File& file) {
           std::error_code error;
           const auto bytes = fs::file_size(folder / file.path, error);
           return !error && bytes == file.bytes;
         });
}

}  // namespace mito::sweep
