// bench slide: the whole pipeline on a slide against the dense map in it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/nn/model.h"
#include "engine/tiff/pyramid_writer.h"
#include "engine/types/geometry.h"
#include "tests/support/temp_folder.h"
#include "tools/bench/bench_commands.h"
#include "tools/bench/drawn_tile.h"

namespace mito::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kPixelsPerMm2 = 16;  // million, at 0.25 um/px
constexpr double kLargeSlide = 2000;  // million tissue pixels: a large slide of TUPAC16

struct SlideOptions {
  std::string slide;
  std::vector<std::int64_t> drawn{16384, 12288};  ///< Width and height, when there is no slide.
  std::string model;
  double width = 0.6;
  std::string backend = "fft";
  std::vector<std::string> set;  ///< More values, as of `mitoloom run --set`.
  std::vector<int> jobs{1, 2};
  int rounds = 3;
};

/// One run of the pipeline.
struct Run {
  double seconds = 0;
  double processor = 0;
  double memory_mib = 0;
  double tissue_mpx = 0;
  std::vector<std::pair<std::string, double>> nodes;  ///< Thread seconds, longest first.

  double of(const std::string& node) const {
    const auto found = std::ranges::find(nodes, node, &std::pair<std::string, double>::first);
    return found == nodes.end() ? 0 : found->second;
  }
};

/// Runs a command and takes its time and memory. Throws std::runtime_error when it fails.
Run run_command(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto start = std::chrono::steady_clock::now();
  posix_spawn_file_actions_t quiet;
  ::posix_spawn_file_actions_init(&quiet);
  ::posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, words[0].c_str(), &quiet, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) throw std::runtime_error("cannot start " + words[0]);
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  if (status != 0) throw std::runtime_error(words[0] + " run failed");
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  Run out;
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  out.processor = seconds(used.ru_utime) + seconds(used.ru_stime);
  out.memory_mib = static_cast<double>(used.ru_maxrss) / 1024;
  return out;
}

Run detect(const SlideOptions& options, const std::string& model, int jobs) {
  const test::TempFolder folder;
  const fs::path out = folder.path() / "out";
  std::vector<std::string> words{
      (fs::read_symlink("/proc/self/exe").parent_path() / "mitoloom").string(),
      "run",
      std::string(MITO_SOURCE_DIR) + "/pipelines/detect/detect.yaml",
      "--out",
      out.string(),
      "--store",
      (folder.path() / "store").string(),
      "--jobs",
      std::to_string(jobs),
      "--progress",
      "off"};
  std::vector<std::string> values{"slide=" + options.slide, "model=" + model,
                                  "dense.probability.backend=" + options.backend};
  values.insert(values.end(), options.set.begin(), options.set.end());
  for (const auto& value : values) words.insert(words.end(), {"--set", value});
  Run run = run_command(words);
  fs::path file;
  for (const auto& entry : fs::recursive_directory_iterator(out))
    if (entry.path().filename() == "result.json") file = entry.path();
  std::ifstream in(file);
  const auto result = nlohmann::json::parse(in);
  run.tissue_mpx = result.at("tissue_mm2").get<double>() * kPixelsPerMm2;
  for (const auto& [node, seconds] : result.at("seconds").items())
    run.nodes.emplace_back(node, seconds.get<double>());
  std::ranges::sort(run.nodes, std::greater<>(), &std::pair<std::string, double>::second);
  return run;
}

/// A slide of `width` x `height` px. Its middle, a quarter of it, is one drawn piece over and over.
fs::path draw(const fs::path& folder, std::int64_t width, std::int64_t height) {
  constexpr std::int64_t kPiece = 2048;
  constexpr std::int64_t kTile = tiff::PyramidWriter::kTile;
  const auto piece = drawn_tile(kPiece);
  fs::path file = folder / fmt::format("drawn_{}x{}.svs", width, height);
  tiff::PyramidWriter out(file, {.width = width,
                                 .height = height,
                                 .format = tiff::PyramidSpec::Format::Aperio,
                                 .mpp_x = kAnalysisMpp,
                                 .mpp_y = kAnalysisMpp,
                                 .jpeg_quality = 85});
  std::vector<std::byte> pixels(out.tile_bytes());
  for (std::int64_t row = 0; row < out.rows(); ++row)
    for (std::int64_t column = 0; column < out.columns(); ++column) {
      std::ranges::fill(pixels, std::byte{240});
      const bool tissue = std::abs(2 * column - out.columns()) <= out.columns() / 2 &&
                          std::abs(2 * row - out.rows()) <= out.rows() / 2;
      const std::int64_t x = column * kTile % kPiece;
      for (std::int64_t y = 0; tissue && y < kTile; ++y)
        std::ranges::transform(
            std::span(piece).subspan(
                static_cast<std::size_t>(((row * kTile + y) % kPiece * kPiece + x) * 3), kTile * 3),
            pixels.begin() + y * kTile * 3, [](std::uint8_t value) { return std::byte{value}; });
      out.write_tile(column, row, pixels);
    }
  out.finish();
  return file;
}

void report(int jobs, std::vector<Run> runs) {
  std::ranges::sort(runs, {}, &Run::seconds);
  const Run& median = runs[runs.size() / 2];
  const double threads = jobs * median.seconds;
  const double network = median.of("dense.probability");
  double busy = 0;
  for (const auto& [node, seconds] : median.nodes) busy += seconds;
  fmt::print(
      "{} jobs: {:.1f} s ({:.1f} to {:.1f}), {:.1f} s of processor time, {:.0f} MiB at most\n"
      "  {:.1f} Mpx of tissue: {:.2f} Mpx/s; {:.0f} Mpx would take {:.1f} min\n"
      "  dense map {:.1f} thread seconds: all together {:.2f} times that; threads are in no node "
      "for {:.0f} % of the time\n ",
      jobs, median.seconds, runs.front().seconds, runs.back().seconds, median.processor,
      median.memory_mib, median.tissue_mpx, median.tissue_mpx / median.seconds, kLargeSlide,
      kLargeSlide / median.tissue_mpx * median.seconds / 60, network, threads / network,
      100 * std::max(0.0, 1 - busy / threads));
  for (std::size_t i = 0; i < std::min<std::size_t>(6, median.nodes.size()); ++i)
    fmt::print(" {} {:.2f} s;", median.nodes[i].first, median.nodes[i].second);
  fmt::print("\n");
  std::fflush(stdout);
}

void against_the_map(SlideOptions options) {
  const test::TempFolder folder;
  if (options.slide.empty())
    options.slide = draw(folder.path(), options.drawn[0], options.drawn[1]).string();
  std::string model = options.model;
  if (model.empty()) {
    model = (folder.path() / "random.h5").string();
    nn::ModelInfo info;
    info.architecture = nn::table2(options.width);
    const auto tensors = nn::initial_tensors(info.architecture, 1, "bench");
    nn::save_model(nn::Model(info, tensors), model);
  }
  fmt::print("{}\n{}, network {}, backend {}\n", processor(),
             fs::path(options.slide).filename().string(),
             options.model.empty() ? fmt::format("of gamma {}, not trained", options.width)
                                   : options.model,
             options.backend);
  std::vector<std::vector<Run>> runs(options.jobs.size());
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < options.jobs.size(); ++i)
      runs[i].push_back(detect(options, model, options.jobs[i]));
  for (std::size_t i = 0; i < options.jobs.size(); ++i) report(options.jobs[i], runs[i]);
}

}  // namespace

void add_slide(CLI::App& app) {
  auto* command = app.add_subcommand(
      "slide",
      "pipelines/detect/detect.yaml on a slide, against the dense map in it. Elapsed time.");
  auto options = std::make_shared<SlideOptions>();
  command->add_option("slide", options->slide, "Slide; otherwise one is drawn")
      ->check(CLI::ExistingFile);
  command
      ->add_option("--drawn", options->drawn, "Its width and height in px, a quarter of it tissue.")
      ->expected(2)
      ->check(CLI::Range(4096, 200'000));
  command->add_option("--model", options->model, "Model; otherwise a network that is not trained")
      ->check(CLI::ExistingFile);
  command->add_option("--width", options->width, "Width factor (gamma) of that network.");
  command->add_option("--backend", options->backend, "Backend of cnn_dense.");
  command->add_option("--set", options->set, "More values of the pipeline: NODE.PARAM=VALUE.");
  command->add_option("--jobs", options->jobs, "Numbers of worker threads, in turns.");
  command->add_option("--rounds", options->rounds, "Runs of each; the median counts.")
      ->check(CLI::PositiveNumber);
  command->callback([=] { against_the_map(*options); });
}

}  // namespace mito::bench
