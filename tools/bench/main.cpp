#include <exception>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "tools/bench/bench_commands.h"

int main(int argc, char** argv) {
  CLI::App app("Measures how fast the parts of mitoloom are on this machine.", "bench");
  app.require_subcommand(1);
  mito::bench::add_augment(app);
  mito::bench::add_candidates(app);
  mito::bench::add_decode(app);
  mito::bench::add_deconvolution(app);
  mito::bench::add_hotspot(app);
  mito::bench::add_registration(app);
  mito::bench::add_slide(app);
  mito::bench::add_store(app);
#ifdef MITO_TORCH
  mito::bench::add_dense(app);
  mito::bench::add_train(app);
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
