#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <oneapi/tbb/version.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/find_file.h"
#include "engine/core/json_text.h"
#include "engine/graph/plugins.h"
#include "engine/hdf5/foreign_file.h"
#include "engine/hdf5/record_file.h"
#include "engine/image/encode.h"
#include "engine/nn/backend.h"
#include "engine/nn/imported/network_trial.h"
#include "engine/nn/model.h"
#include "engine/slide/openslide_formats.h"
#include "engine/slide/slide.h"
#include "engine/slide/trial.h"
#include "tools/cli/commands.h"
#include "tools/cli/folder_trial.h"
#include "tools/cli/revision.h"

namespace mito::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// The BLAS that is really mapped into this process, with its symbolic links followed.
std::string blas_in_use() {
  std::ifstream maps("/proc/self/maps");
  std::string line;
  std::string found;
  while (std::getline(maps, line)) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    std::string path = line.substr(slash);
    const std::string name = fs::path(path).filename().string();
    if (name.starts_with("libopenblas") || name.starts_with("libblis") ||
        name.starts_with("libmkl_core"))
      return path;
    if (name.starts_with("libblas")) found = path;
  }
  return found;
}

double gibibytes(std::uintmax_t bytes) { return static_cast<double>(bytes) / (1ULL << 30U); }

double memory_gib() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long size = ::sysconf(_SC_PAGE_SIZE);
  return gibibytes(static_cast<std::uintmax_t>(pages) * static_cast<std::uintmax_t>(size));
}

/// Pipelines and models: what `mitoloom run detect` and its default model need.
void look_at_shared_files(Json& facts, std::vector<std::string>& warnings) {
  std::vector<std::string> all;
  for (const auto& folder : config::search_folders()) all.push_back(folder.string());
  const std::string folders = fmt::format("{}", fmt::join(all, ":"));
  const auto names = config::file_names();
  facts["pipelines"] = fmt::format("{} in {}", names.size(), folders);
  if (names.empty())
    warnings.push_back(
        fmt::format("no pipeline in '{}': set MITOLOOM_PATH to the folder that has them", folders));
  const auto models = config::shared_folder() / "data/models";
  std::vector<std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(models, ignored)) {
    if (entry.path().extension() != ".h5") continue;
    found.push_back(entry.path().filename().string());
    try {
      nn::load_model(entry.path());
      if (!nn::is_sealed(entry.path()))
        warnings.push_back(
            fmt::format("'{}' has no digest of its content; `mitoloom model seal` adds it",
                        entry.path().string()));
    } catch (const Error& e) {
      warnings.emplace_back(e.what());
    }
  }
  facts["models"] =
      fmt::format("{} in {}", found.empty() ? "none" : fmt::format("{}", fmt::join(found, ", ")),
                  models.string());
  if (found.empty())
    warnings.push_back(
        fmt::format("no model in '{}': give one with --set model=FILE", models.string()));
}

/// Plug-ins; one that cannot be used is a warning.
void look_at_plugins(Json& facts, std::vector<std::string>& warnings) {
  try {
    std::vector<std::string> files;
    for (const auto& file : mito::graph::find_plugins(named_plugins()))
      files.push_back(file.string());
    registry();
    facts["plugins"] = files.empty() ? "none" : fmt::format("{}", fmt::join(files, ", "));
  } catch (const ConfigError& e) {
    facts["plugins"] = nullptr;
    warnings.emplace_back(e.what());
  }
}

/// The programs that read what comes from outside.
void look_at_readers(Json& facts, std::vector<std::string>& warnings) {
  std::vector<std::string> found;
  for (const auto find : {store::reader_program, nn::network_trial_program, slide::trial_program}) {
    try {
      found.push_back(find().filename().string());
    } catch (const Error& e) {
      warnings.emplace_back(e.what());
    }
  }
  facts["readers"] = fmt::format("{}", fmt::join(found, ", "));
}

}  // namespace

int doctor(const std::string& root, bool json) {
  Json facts = Json::object();
  std::vector<std::string> warnings;
  facts["mitoloom"] = version_text();
  look_at_shared_files(facts, warnings);
  look_at_plugins(facts, warnings);
  look_at_readers(facts, warnings);
  facts["oneTBB"] = TBB_runtime_version();
  facts["OpenSlide"] = openslide_version();
  facts["slides"] = openslide_formats(openslide_version()) + "; TIFF, OME-TIFF, PNG, JPEG";
  facts["HDF5"] = store::hdf5_version();
  facts["cores"] = std::thread::hardware_concurrency();
  facts["memory_gib"] = memory_gib();
  try {
    const auto& backend = nn::backend();
    facts["network_library"] = backend.description();
    facts["cuda"] = backend.has_cuda();
    facts["device"] = backend.has_cuda() ? "cuda" : "cpu";
    const std::string blas = blas_in_use();
    facts["blas"] = blas.empty() ? "none" : blas;
    if (fs::path(blas).filename().string().starts_with("libblas"))
      warnings.emplace_back(
          "this is the reference BLAS, which is very slow; install libopenblas0-openmp");
    if (blas.find("openblas-pthread") != std::string::npos &&
        std::getenv("OPENBLAS_NUM_THREADS") == nullptr)
      warnings.emplace_back(
          "this OpenBLAS ignores the thread setting and takes all cores; install "
          "libopenblas0-openmp instead, or set OPENBLAS_NUM_THREADS=1");
  } catch (const Error& e) {
    facts["network_library"] = nullptr;
    warnings.emplace_back(e.what());
  }
  try {
    image::require_codecs();
    facts["pictures"] = "PNG, JPEG and what else OpenCV reads";
  } catch (const Error& e) {
    facts["pictures"] = nullptr;
    warnings.emplace_back(e.what());
  }
  std::error_code error;
  const fs::path store = store_root(root);
  fs::path existing = fs::absolute(store);
  while (!fs::exists(existing) && existing.has_parent_path()) existing = existing.parent_path();
  const auto space = fs::space(existing, error);
  facts["store"] = store.string();
  if (!error) {
    facts["store_free_gib"] = gibibytes(space.available);
    if (gibibytes(space.available) < 5)
      warnings.emplace_back("less than 5 GiB are free for the store");
  }
  if (::access(existing.c_str(), W_OK) != 0)
    warnings.push_back(fmt::format("'{}' cannot be written", existing.string()));
  if (!root.empty()) {
    for (const auto& trial : try_folder(store)) {
      facts[trial.what] = trial.found;
      if (!trial.warning.empty()) warnings.push_back(trial.warning);
    }
  }

  if (json) {
    facts["warnings"] = warnings;
    fmt::print("{}", json_text(facts));
  } else {
    for (const auto& [name, value] : facts.items()) {
      fmt::print("{:<20} {}\n", name,
                 value.is_string()         ? value.get<std::string>()
                 : value.is_number_float() ? fmt::format("{:.1f}", value.get<double>())
                                           : value.dump());
    }
    for (const auto& warning : warnings) fmt::print("warning: {}\n", warning);
    if (warnings.empty()) fmt::print("all well\n");
  }
  return warnings.empty() ? kOk : kFailed;
}

}  // namespace mito::cli
