#include "engine/nn/backend.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include <dlfcn.h>

#include <spdlog/fmt/fmt.h>

#include "engine/core/companion.h"
#include "engine/core/error.h"

namespace mito::nn {
namespace {

constexpr const char* kLibrary = "mito_nn_torch.so";

/// The library, or why it cannot be used.
struct Opened {
  const Backend* backend = nullptr;
  std::string tried;
};

Opened open_library() {
  std::string tried;
  for (const auto& place : companion_places("MITO_NN_LIBRARY", kLibrary, MITO_NN_BUILD_FOLDER)) {
    if (!std::filesystem::exists(place)) {
      tried += fmt::format("\n  {}: not there", place.string());
      continue;
    }
    // Never closed: LibTorch does not survive dlclose.
    void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* reason = dlerror();
      tried += fmt::format("\n  {}: {}", place.string(), reason == nullptr ? "unknown" : reason);
      continue;
    }
    using Version = int (*)();
    using Factory = const Backend* (*)();
    const auto version = reinterpret_cast<Version>(dlsym(library, "mito_nn_backend_version"));
    const auto factory = reinterpret_cast<Factory>(dlsym(library, "mito_nn_backend"));
    if (version == nullptr || factory == nullptr || version() != kBackendVersion) {
      tried += fmt::format("\n  {}: belongs to another version of mitoloom", place.string());
      continue;
    }
    return {factory(), ""};
  }
  return {nullptr, tried};
}

const Opened& opened() {
  static const Opened kOnce = open_library();
  return kOnce;
}

/// Has the system a driver for an accelerator? Without one LibTorch need not be asked.
bool has_driver() {
  std::error_code unreadable;
  return std::ranges::any_of(std::array{"/dev/nvidiactl", "/dev/dxg" /* in WSL */, "/dev/kfd"},
                             [&](auto file) { return std::filesystem::exists(file, unreadable); });
}

}  // namespace

const Backend& backend() {
  if (opened().backend != nullptr) return *opened().backend;
  throw DataError(fmt::format(
      "this step runs a network, but the network library {} cannot be used; tried:{}\n"
      "Build it with -DMITO_TORCH=ON (needs libtorch-dev), or set MITO_NN_LIBRARY to the file.",
      kLibrary, opened().tried));
}

bool has_backend() { return opened().backend != nullptr; }

Precision precision_from(std::string_view name) {
  if (name == "float32") return Precision::Float32;
  if (name == "mixed") return Precision::Mixed;
  throw DataError(fmt::format("unknown precision '{}': expected float32 or mixed", name));
}

Device device_from(std::string_view name) {
  if (name == "cpu") return Device::Cpu;
  if (name == "auto") {
    const Backend* library = has_driver() ? opened().backend : nullptr;
    return library != nullptr && library->has_cuda() ? Device::Cuda : Device::Cpu;
  }
  if (name != "cuda")
    throw DataError(fmt::format("unknown device '{}': expected auto, cpu or cuda", name));
  if (!backend().has_cuda())
    throw DataError(fmt::format("device 'cuda' was asked for, but {} finds no CUDA device",
                                backend().description()));
  return Device::Cuda;
}

bool auto_accelerates() { return device_from("auto") == Device::Cuda; }

}  // namespace mito::nn
