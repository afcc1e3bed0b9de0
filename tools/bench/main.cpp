#include <exception>

#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include "tools/bench/bench_commands.h"

namespace {

void add(CLI::App& app, const char* name, const char* help, void (*measure)(double seconds)) {
  auto* command = app.add_subcommand(name, help);
  const auto seconds = mito::bench::add_seconds(*command);
  command->callback([=] { measure(*seconds); });
}

}  // namespace

int main(int argc, char** argv) {
  using namespace mito::bench;  // NOLINT(google-build-using-namespace): every command is of it
  CLI::App app("Measures how fast the parts of mitoloom are on this machine.", "bench");
  app.require_subcommand(1);
  add(app, "augment", "Training patches augmented per second and core, by operator and by preset",
      measure_augment);
  add(app, "candidates", "The H&E candidate detector per core", measure_candidates);
  add_decode(app);
  add(app, "deconvolution", "Colour deconvolution per core", measure_deconvolution);
  add(app, "hotspot", "Hotspot circles and connected components per core", measure_hotspot);
  add(app, "registration", "Local registration's correlation per core", measure_registration);
  add_slide(app);
  add(app, "store", "Maps and tables in the HDF5 store, per core", measure_store);
#ifdef MITO_TORCH
  add_dense(app);
  add_train(app);
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
