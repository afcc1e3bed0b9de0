#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

/// Networks made elsewhere. The libraries that read them crash on some that are damaged, or made to
/// do so, so a process of its own opens and runs them first, the program `mito_try_network`, which
/// has limits and nothing to lose.
namespace mito::nn {

/// How a network is tried: once, on an input of zeros.
struct NetworkTrial {
  bool is_script = false;  ///< TorchScript; else ONNX.
  std::int64_t count = 1;
  std::int64_t side = 1;  ///< Of the input, [count][3][side][side].
};

/// Throws DataError when the process ended by the network in `bytes`. What the library refuses is
/// left to whoever opens it next. Of a network that was tried before nothing is done.
void try_network(const std::string& bytes, const NetworkTrial& trial);

/// The program that does. Throws DataError when it is not there.
std::filesystem::path network_trial_program();

/// The work of the program, in its own process: reads the network from `descriptor` and runs it.
/// Returns its exit code.
int serve_network_trial(const NetworkTrial& trial, int descriptor);

}  // namespace mito::nn
