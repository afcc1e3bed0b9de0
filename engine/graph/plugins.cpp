#include "engine/graph/plugins.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>

#include <dlfcn.h>
#include <elf.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/graph/plugin.h"

namespace mito::graph {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kAbi = MITOLOOM_ABI;
constexpr std::string_view kMark = MITOLOOM_ABI_MARK;
constexpr const char* kEntry = "mitoloom_plugin_register";

[[noreturn]] void refuse(const fs::path& file, const std::string& problem) {
  throw ConfigError(fmt::format("{}: error: {}", file.string(), problem));
}

std::vector<fs::path> plugins_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".so") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::vector<fs::path> plugins_named(const fs::path& named, std::string_view by) {
  std::error_code ignored;
  if (fs::is_directory(named, ignored)) return plugins_in(named);
  if (!fs::exists(named, ignored))
    refuse(named, fmt::format("there is no such plug-in, which {} names", by));
  return {named};
}

/// Empty where the program is not installed.
fs::path installed_folder() {
  std::error_code failed;
  const auto program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return {};
  return (program.parent_path() / "../lib/mitoloom/plugins").lexically_normal();
}

/// The bytes of a shared library.
std::string read_library(const fs::path& file) {
  constexpr std::string_view kElf = "\177ELF";
  std::ifstream in(file, std::ios::binary);
  std::string bytes(kElf.size(), '\0');
  if (!in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) || bytes != kElf)
    refuse(file, "it is no shared library (ELF), expected a plug-in of mitoloom");
  bytes.append(std::istreambuf_iterator<char>(in), {});
  return bytes;
}

/// The system ends a program that opens a library without its end. Its table of sections is that.
void check_complete(const fs::path& file, std::string_view bytes) {
  Elf64_Ehdr header{};
  if (bytes.size() >= sizeof header) std::memcpy(&header, bytes.data(), sizeof header);
  const std::uint64_t table = std::uint64_t{header.e_shnum} * header.e_shentsize;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shoff > bytes.size() ||
      table > bytes.size() - header.e_shoff)
    refuse(file, "the library is cut short, or of another kind of machine; build or copy it again");
}

/// Looked for in the file: opening it would run code of it, and fail over names of another version.
void check_abi(const fs::path& file, std::string_view bytes) {
  const auto mark = bytes.find(kMark);
  if (mark == std::string_view::npos)
    refuse(file,
           "it is no plug-in of mitoloom: MITOLOOM_PLUGIN (engine/graph/plugin.h) is missing");
  bytes.remove_prefix(mark + kMark.size());
  const auto found = bytes.substr(0, bytes.find('\0'));
  if (found != kAbi)
    refuse(file,
           fmt::format("it was built for '{}', this program is '{}'; build it again", found, kAbi));
}

using Entry = void (*)(Registry&);

Entry open(const fs::path& file) {
  const auto last_error = [] {
    const char* words = ::dlerror();
    return std::string(words == nullptr ? "unknown" : words);
  };
  // Never closed: node types are code of it. An absolute path is not looked for elsewhere.
  void* library = ::dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) refuse(file, fmt::format("it cannot be opened: {}", last_error()));
  const auto entry = reinterpret_cast<Entry>(::dlsym(library, kEntry));
  if (entry == nullptr) refuse(file, fmt::format("it has no {}: {}", kEntry, last_error()));
  return entry;
}

Registry types_of(const fs::path& file, Entry entry) {
  Registry types;
  try {
    entry(types);
  } catch (const std::exception& e) {
    refuse(file, fmt::format("its registration failed: {}", explain(e)));
  } catch (...) {
    refuse(file, "its registration failed: it threw something that is no exception");
  }
  return types;
}

}  // namespace

std::vector<fs::path> find_plugins(const std::vector<std::string>& named) {
  std::vector<fs::path> all;
  const auto add = [&](const std::vector<fs::path>& files) {
    for (const auto& file : files) {
      std::error_code unknown;
      const auto is_it = [&](const fs::path& other) {
        return fs::equivalent(file, other, unknown);
      };
      if (std::ranges::none_of(all, is_it)) all.push_back(file);
    }
  };
  for (const auto& file : named) add(plugins_named(file, "--plugin"));
  if (const char* given = std::getenv("MITOLOOM_PLUGINS"); given != nullptr) {
    std::istringstream list(given);
    for (std::string path; std::getline(list, path, ':');)
      if (!path.empty()) add(plugins_named(path, "$MITOLOOM_PLUGINS"));
  }
  add(plugins_in(installed_folder()));
  return all;
}

void load_plugin(const fs::path& file, Registry& registry) {
  const std::string bytes = read_library(file);
  check_complete(file, bytes);
  check_abi(file, bytes);
  const auto types = types_of(file, open(file));
  try {
    registry.add_plugin(types, {file, sha256(bytes)});
  } catch (const Error& e) {
    refuse(file, e.what());
  }
}

}  // namespace mito::graph
