#include "engine/graph/manifest.h"

#include <fstream>
#include <mutex>

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/run_files.h"

namespace mito::graph {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A missing or damaged file only means that results are made or loaded again.
Json read(const fs::path& file) {
  std::ifstream in(file);
  if (!in) return Json::object();
  Json json = Json::parse(in, nullptr, false);
  return json.is_object() ? json : Json::object();
}

/// Sets the entry of a node. One writer at a time in this process; files of other runs lie
/// elsewhere.
void write(const fs::path& file, const std::string& node, Json entry) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  Json json = read(file);
  json[node] = std::move(entry);
  write_file(file, json_text(json));
}

}  // namespace

bool is_up_to_date(const fs::path& folder, const std::string& node, const std::string& key) {
  const Json json = read(folder / run_files::kManifest);
  const auto it = json.find(node);
  if (it == json.end() || !it->is_object() || it->value("key", "") != key) return false;
  std::error_code error;
  const auto size = fs::file_size(folder / it->value("file", ""), error);
  return !error && size == it->value("bytes", std::uintmax_t{0});
}

void record_file(const fs::path& folder,
                 const std::string& node,
                 const std::string& key,
                 const std::string& file) {
  write(folder / run_files::kManifest, node,
        {{"file", file}, {"bytes", fs::file_size(folder / file)}, {"key", key}});
}

std::optional<std::string> told_of(const fs::path& folder,
                                   const std::string& node,
                                   const std::string& key) {
  const Json json = read(folder / run_files::kOutputs);
  const auto it = json.find(node);
  if (it == json.end() || !it->is_object() || it->value("key", "") != key) return std::nullopt;
  const auto told = it->find("told");
  if (told == it->end() || !told->is_string()) return std::nullopt;
  return told->get<std::string>();
}

void record_told(const fs::path& folder,
                 const std::string& node,
                 const std::string& key,
                 const std::string& text) {
  write(folder / run_files::kOutputs, node, {{"key", key}, {"told", text}});
}

}  // namespace mito::graph
