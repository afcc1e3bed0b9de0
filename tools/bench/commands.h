#pragma once
#include <functional>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the name of the library
class App;
}

/// Measurements of speed: one subcommand per file.
namespace mito::bench {

/// Declares the subcommand `augment`: patches per second and core, per operator and per preset.
void add_augment(CLI::App& app);

/// Declares the subcommand `train`: samples per second of a training step. Needs LibTorch.
void add_train(CLI::App& app);

/// Declares the subcommand `dense`: dense maps by own kernels against LibTorch. Needs LibTorch.
void add_dense(CLI::App& app);

/// One measured thing: `work` does it `count` times.
struct Timed {
  std::string name;
  std::function<void(int count)> work;
};

/// Runs every one of `what` for about `seconds`, three times over, in turns, and prints how often
/// per second of processor time: the median, and the lowest and highest.
void measure(const std::vector<Timed>& what, double seconds, const std::string& unit);

/// The processor, and whether it has AVX2.
std::string processor();

/// Time that the calling thread has computed.
double processor_seconds();

/// Most floating point operations per second of one core, measured with the widest vectors, in 1e9.
double peak_gflops();

/// The vector instructions that are taken on this processor.
std::string instruction_set();

}  // namespace mito::bench
