#include "engine/graph/inputs.h"

#include <algorithm>

#include <glob.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/types/inputs.h"

namespace mito::graph {
namespace {

namespace fs = std::filesystem;
using config::Value;

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

fs::path resolved(const InputDecl& input, const std::string& text) {
  const fs::path path(text);
  return path.is_absolute() || input.base.empty() ? path : (input.base / path).lexically_normal();
}

/// One entry of the input: a plain path, or everything a pattern matches, sorted by name.
std::vector<fs::path> expand(const InputDecl& input, const std::string& text) {
  const fs::path path = resolved(input, text);
  if (!is_pattern(text) || fs::exists(path)) return {path};
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(path.c_str(), GLOB_TILDE, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

std::vector<const Value*> entries(const Value& value) {
  std::vector<const Value*> out;
  if (value.is_list()) {
    for (const auto& item : value.items) out.push_back(&item);
  } else {
    out.push_back(&value);
  }
  return out;
}

/// The paths below the deepest folder that holds all of them: names of folders that tell files
/// apart may mean something (a case), where the folders lie does not.
std::vector<std::string> below_common_folder(const std::vector<fs::path>& paths) {
  std::vector<fs::path> whole;
  whole.reserve(paths.size());
  for (const auto& path : paths) whole.push_back(fs::absolute(path).lexically_normal());
  fs::path common = whole.empty() ? fs::path() : whole.front().parent_path();
  for (const auto& path : whole) {
    const auto is_above = [&] {
      return std::mismatch(common.begin(), common.end(), path.begin(), path.end()).first ==
             common.end();
    };
    while (!is_above()) common = common.parent_path();
  }
  std::vector<std::string> names;
  names.reserve(whole.size());
  for (const auto& path : whole) names.push_back(path.lexically_relative(common).string());
  return names;
}

}  // namespace

const TypeDesc* input_type(std::string_view type) {
  if (type == "file") return type_of<File>();
  if (type == "files") return type_of<FileList>();
  return nullptr;
}

void check_input(const InputDecl& input, bool required, Diagnostics& out) {
  const bool payload = !input.type.empty() && input.type[0] >= 'A' && input.type[0] <= 'Z';
  if (payload) return;  // handed in by the caller, or connected by the including file
  if (!input.value) {
    if (required && !input.optional) {
      out.add(input.pos, fmt::format("input '{}' ({}) has no value; give it with --set {}=...{}",
                                     input.name, input.type, input.name,
                                     input.help.empty() ? "" : " (" + input.help + ")"));
    }
    return;
  }
  if (!required || input_type(input.type) == nullptr) return;
  for (const auto* entry : entries(*input.value)) {
    if (!entry->is_scalar()) {
      out.add(entry->pos,
              fmt::format("input '{}' must name files, got {}", input.name, entry->kind_name()));
      continue;
    }
    const auto paths = expand(input, entry->scalar);
    if (paths.empty()) {
      out.add(entry->pos, fmt::format("input '{}': no file matches '{}'", input.name,
                                      resolved(input, entry->scalar).string()));
    }
    for (const auto& path : paths) {
      if (fs::is_directory(path)) {
        out.add(entry->pos, fmt::format("input '{}': '{}' is a folder; use a pattern such as '{}'",
                                        input.name, path.string(), (path / "*.svs").string()));
      } else if (!fs::exists(path)) {
        out.add(entry->pos,
                fmt::format("input '{}': there is no file '{}'", input.name, path.string()));
      }
    }
  }
}

Data input_value(const InputDecl& input) {
  if (!input.value) return nullptr;
  if (input.type == "file") return seal(File{resolved(input, input.value->scalar)});
  if (input.type != "files") return nullptr;
  FileList list;
  list.single = input.value->is_scalar() && !is_pattern(input.value->scalar);
  for (const auto* entry : entries(*input.value)) {
    for (auto& path : expand(input, entry->scalar)) list.paths.push_back(std::move(path));
  }
  return seal(std::move(list));
}

std::vector<std::filesystem::path> input_paths(const InputDecl& input) {
  const Data data = input_value(input);
  if (data == nullptr) return {};
  if (input.type == "file") return {static_cast<const File*>(data.get())->path};
  return static_cast<const FileList*>(data.get())->paths;
}

std::string input_digest(const InputDecl& input, FileDigests& digests) {
  if (input_value(input) == nullptr) return sha256("nothing");
  const auto paths = input_paths(input);
  if (input.type == "file") return digests.of(paths.front());
  const auto names = below_common_folder(paths);
  std::string text;
  for (std::size_t i = 0; i < paths.size(); ++i)
    text += fmt::format("{}  {}\n", digests.of(paths[i]), names[i]);
  return sha256(text);
}

}  // namespace mito::graph
