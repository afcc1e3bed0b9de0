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

fs::path path_of(const fs::path& folder) { return folder / run_files::kManifest; }

/// A missing or damaged manifest only means that files are written again.
Json read(const fs::path& folder) {
  std::ifstream in(path_of(folder));
  if (!in) return Json::object();
  Json json = Json::parse(in, nullptr, false);
  return json.is_object() ? json : Json::object();
}

}  // namespace

bool is_up_to_date(const fs::path& folder, const std::string& node, const std::string& key) {
  const Json json = read(folder);
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
  static std::mutex
      mutex;  // one writer at a time in this process; files of other runs lie elsewhere
  const std::lock_guard lock(mutex);
  Json json = read(folder);
  json[node] = {{"file", file}, {"bytes", fs::file_size(folder / file)}, {"key", key}};
  write_file(path_of(folder), json_text(json));
}

}  // namespace mito::graph
