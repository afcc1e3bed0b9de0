#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the name of the library
class App;
}

/// Measurements of speed: one subcommand per file; most need no more than the seconds that each of
/// their measurements may take.
namespace mito::bench {

/// Patches augmented, per operator and per preset.
void measure_augment(double seconds);

/// The candidate detector against sorting all pixels.
void measure_candidates(double seconds);

/// Stain amounts by table against the formula.
void measure_deconvolution(double seconds);

/// Circles against all pairs, and objects against OpenCV's connected components.
void measure_hotspot(double seconds);

/// Correlation by FFT against OpenCV and the definition.
void measure_registration(double seconds);

/// Probability maps and tables written and read.
void measure_store(double seconds);

/// Declares the subcommand `decode`: pixels of a slide per second, by OpenSlide and without it.
void add_decode(CLI::App& app);

/// Declares the subcommand `dense`: dense maps by own kernels against LibTorch. Needs LibTorch.
void add_dense(CLI::App& app);

/// Declares the subcommand `slide`: pipelines/detect/detect.yaml against the dense map in it.
void add_slide(CLI::App& app);

/// Declares the subcommand `train`: samples per second of a training step. Needs LibTorch.
void add_train(CLI::App& app);

/// One measured thing: `work` does it `count` times.
struct Timed {
  std::string name;
  std::function<void(int count)> work;
  double amount = 1;  ///< Of what is counted, each time: 2.5 for 2.5 Mpx.
};

/// `work` as a thing to measure.
template <class Work>
Timed timed(std::string name, Work work, double amount = 1) {
  return {std::move(name),
          [work = std::move(work)](int count) mutable {
            for (int i = 0; i < count; ++i) static_cast<void>(work());
          },
          amount};
}

/// Runs every one of `what` for about `seconds`, three times over, in turns, and prints how much
/// per second of processor time: the median, and the lowest and highest. With `against`, the name
/// of one of them, also how many times as fast each is as that one, by turn.
void measure(const std::vector<Timed>& what,
             double seconds,
             const std::string& unit,
             const std::string& against = "");

/// Adds the option --seconds, the time for one measurement (three of each are made).
std::shared_ptr<double> add_seconds(CLI::App& command);

/// Fails the command when a peer gives another result than what it is compared with.
void expect_same(bool same, const std::string& what);

/// The processor, and whether it has AVX2.
std::string processor();

/// Time that the calling thread has computed.
double processor_seconds();

/// Most floating point operations per second of one core, measured with the widest vectors, in 1e9.
double peak_gflops();

/// Bytes per second that one core reads from memory, in 1e9.
double memory_gbs();

/// The processor and its limits in a line, measured.
std::string limits();

/// The vector instructions that are taken on this processor.
std::string instruction_set();

}  // namespace mito::bench
