#include "engine/nn/backend.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

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
  const auto found = open_companion({.variable = "MITO_NN_LIBRARY",
                                     .name = kLibrary,
                                     .build_folder = MITO_NN_BUILD_FOLDER,
                                     .version_symbol = "mito_nn_backend_version",
                                     .version = kBackendVersion,
                                     .entry_symbol = "mito_nn_backend"});
  using Factory = const Backend* (*)();
  const auto factory = reinterpret_cast<Factory>(found.entry);
  return {factory == nullptr ? nullptr : factory(), found.tried};
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
