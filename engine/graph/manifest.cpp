#include "engine/graph/manifest.h"

#include <fstream>
#include <mutex>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "engine/core/atomic_file.h"
#include "engine/core/json_text.h"
#include "engine/core/run_files.h"

namespace mito::graph {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A text or a number of an entry; none where a damaged file has something else, or nothing.
template <class T>
std::optional<T> value_of(const Json& entry, const char* name) {
  const auto it = entry.is_object() ? entry.find(name) : entry.end();
  if (it == entry.end()) return std::nullopt;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!it->is_string()) return std::nullopt;
  } else {
    if (!it->is_number_unsigned()) return std::nullopt;
  }
  return it->get<T>();
}

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
  if (it == json.end() || value_of<std::string>(*it, "key") != key) return false;
  const auto file = value_of<std::string>(*it, "file");
  if (!file) return false;
  std::error_code error;
  const auto size = fs::file_size(folder / *file, error);
  return !error && size == value_of<std::uintmax_t>(*it, "bytes");
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
  if (it == json.end() || value_of<std::string>(*it, "key") != key) return std::nullopt;
  return value_of<std::string>(*it, "told");
}

void record_told(const fs::path& folder,
                 const std::string& node,
                 const std::string& key,
                 const std::string& text) {
  write(folder / run_files::kOutputs, node, {{"key", key}, {"told", text}});
}

}  // namespace mito::graph
