#include "engine/graph/inputs.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <glob.h>
#include <unistd.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/input_files.h"
#include "engine/graph/file_manifest.h"

namespace mito::graph {
namespace {

namespace fs = std::filesystem;
using config::Value;

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

fs::path resolved(const InputDecl& input, const std::string& text) {
  const fs::path path(text);
  return path.is_absolute() || input.base.empty() ? path : (input.base / path).lexically_normal();
}

/// What an entry of the input names.
struct NamedFiles {
  std::vector<fs::path> paths;    ///< Sorted by name where a pattern matches them.
  std::vector<fs::path> folders;  ///< And pipes, that a pattern matches beside files.
  bool by_pattern = false;
  bool by_manifest = false;
  std::vector<SourcePos> places = {};  ///< Of the paths, in a manifest.
  std::vector<fs::path> tables = {};   ///< The manifest, where it is a table.
};

bool is_there(const fs::path& path) {
  std::error_code ignored;  // what may not be looked at is reported by barred_folder()
  return fs::exists(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// Neither a folder nor a file: what is read from a pipe or a device is not there a second time,
/// and may never come.
bool is_stream(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_directory(status) && !fs::is_regular_file(status);
}

/// The pattern with the folders on its way that exist as they are written taken for these folders,
/// whatever characters of patterns their names hold.
std::string with_folders_as_written(const fs::path& pattern) {
  fs::path way;
  std::string out;
  bool is_written = true;
  for (const auto& part : pattern) {
    way /= part;
    is_written = is_written && part != pattern.filename() && is_folder(way);
    std::string text = part.string();
    for (std::size_t at = 0; is_written && at < text.size(); ++at)
      if (std::string_view("*?[]\\").find(text[at]) != std::string_view::npos)
        text.insert(at++, 1, '\\');
    out += out.empty() || out.ends_with('/') ? text : '/' + text;
  }
  return out;
}

std::vector<fs::path> matches(const fs::path& pattern) {
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(with_folders_as_written(pattern).c_str(), GLOB_TILDE, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  std::ranges::sort(paths);
  return paths;
}

/// What a manifest names. Throws DataError.
NamedFiles named_in(const InputDecl& input, const fs::path& file) {
  auto manifest = read_manifest(file, input.name);
  NamedFiles out{{}, {}, false, true};
  for (auto& [path, pos] : manifest.files) {
    out.paths.push_back(std::move(path));
    out.places.push_back(std::move(pos));
  }
  if (manifest.is_table) out.tables.push_back(file);
  return out;
}

/// A plain path, everything a pattern matches, or what a manifest names. An existing file is that
/// file, and an input of one file takes no patterns.
NamedFiles expand(const InputDecl& input, const std::string& text) {
  const fs::path path = resolved(input, text);
  if (const auto manifest = manifest_name(text);
      manifest && input.type == "files" && !is_there(path))
    return named_in(input, resolved(input, *manifest));
  if (input.type == "file" || !is_pattern(text) || is_there(path)) return {{path}, {}, false};
  NamedFiles out{matches(path), {}, true};
  const auto first_folder =
      std::stable_partition(out.paths.begin(), out.paths.end(),
                            [](const fs::path& one) { return !is_folder(one) && !is_stream(one); });
  if (first_folder == out.paths.begin()) return out;  // folders alone are a mistake
  out.folders.assign(first_folder, out.paths.end());
  out.paths.erase(first_folder, out.paths.end());
  return out;
}

/// The outermost folder on the way to `folder` that this user may not enter, or `folder` itself
/// when it may not be listed and `list` asks for that. Empty when there is none.
fs::path barred_folder(const fs::path& folder, bool list) {
  fs::path way;
  for (const auto& part : folder.empty() ? fs::path(".") : folder) {
    way /= part;
    if (is_folder(way) && ::access(way.c_str(), X_OK) != 0) return way;
  }
  return list && is_folder(way) && ::access(way.c_str(), R_OK) != 0 ? way : fs::path();
}

/// The same for all folders in which `path` is looked up, which may be a pattern.
fs::path barred_folder(const fs::path& path) {
  const fs::path folder = path.parent_path();
  if (!is_pattern(folder.string()) || is_there(folder))
    return barred_folder(folder, is_pattern(path.filename().string()));
  if (auto above = barred_folder(folder); !above.empty()) return above;
  for (const auto& one : matches(folder))
    if (auto barred = barred_folder(one, true); !barred.empty()) return barred;
  return {};
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

/// What is wrong with a file that an input names; empty when nothing is.
std::string problem_of(const InputDecl& input, const fs::path& path) {
  if (is_folder(path)) {
    const std::string advice =
        input.type == "file" ? "expected a file"
                             : fmt::format("use a pattern such as '{}'", (path / "*.svs").string());
    return fmt::format("'{}' is a folder; {}", path.string(), advice);
  }
  if (!is_there(path)) return fmt::format("there is no file '{}'", path.string());
  if (is_stream(path))
    return fmt::format("'{}' is a pipe or a device, which cannot be read twice; expected a file",
                       path.string());
  if (::access(path.c_str(), R_OK) != 0)
    return fmt::format("the file '{}' may not be read by this user", path.string());
  return {};
}

void check_manifest(const InputDecl& input, const Value& entry, Diagnostics& out) {
  const fs::path file = resolved(input, *manifest_name(entry.scalar));
  if (auto problem = problem_of(input, file); !problem.empty()) {
    out.add(entry.pos, fmt::format("input '{}': {}", input.name, problem));
    return;
  }
  try {
    const auto found = named_in(input, file);
    for (std::size_t i = 0; i < found.paths.size(); ++i)
      if (auto problem = problem_of(input, found.paths[i]); !problem.empty())
        out.add(found.places[i], fmt::format("input '{}': {}", input.name, problem));
  } catch (const DataError& error) {
    out.add(entry.pos, fmt::format("input '{}': {}", input.name, error.what()));
  }
}

void check_paths(const InputDecl& input, const Value& entry, Diagnostics& out) {
  const fs::path whole = resolved(input, entry.scalar);
  if (manifest_name(entry.scalar) && input.type == "files" && !is_there(whole)) {
    check_manifest(input, entry, out);
    return;
  }
  const auto found = expand(input, entry.scalar);
  const bool is_known = !found.by_pattern && is_there(whole);
  if (const auto barred = is_known ? fs::path() : barred_folder(whole); !barred.empty()) {
    out.add(entry.pos, fmt::format("input '{}': the folder '{}' may not be read by this user",
                                   input.name, barred.string()));
    return;
  }
  if (found.paths.empty())
    out.add(entry.pos, fmt::format("input '{}': no file matches '{}'", input.name, whole.string()));
  for (const auto& path : found.paths)
    if (auto problem = problem_of(input, path); !problem.empty())
      out.add(entry.pos, fmt::format("input '{}': {}", input.name, problem));
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
  const bool is_list = input.value->is_list();
  if (is_list && (input.type == "file" || input.value->items.empty())) {
    out.add(input.value->pos, fmt::format("input '{}' must name {}, got {}", input.name,
                                          input.type == "file" ? "one file" : "files",
                                          input.type == "file" ? "a list" : "an empty list"));
    return;
  }
  for (const auto* entry : entries(*input.value)) {
    if (!entry->is_scalar()) {
      out.add(entry->pos,
              fmt::format("input '{}' must name files, got {}", input.name, entry->kind_name()));
      continue;
    }
    check_paths(input, *entry, out);
  }
}

Data input_value(const InputDecl& input) {
  if (!input.value) return nullptr;
  if (input.type == "file") return seal(File{resolved(input, input.value->scalar)});
  if (input.type != "files") return nullptr;
  FileList list;
  list.single = input.value->is_scalar();
  for (const auto* entry : entries(*input.value)) {
    auto found = expand(input, entry->scalar);
    list.single = list.single && !found.by_pattern && !found.by_manifest;
    list.caught.insert(list.caught.end(), found.paths.size(), found.by_pattern);
    std::ranges::move(found.paths, std::back_inserter(list.paths));
    std::ranges::move(found.folders, std::back_inserter(list.folders));
    std::ranges::move(found.tables, std::back_inserter(list.tables));
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
