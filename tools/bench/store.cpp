// bench store: probability maps and detections written to the store and read back.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/core/random.h"
#include "engine/store/hdf5_store.h"
#include "engine/types/pathology.h"
#include "tests/support/temp_folder.h"
#include "tools/bench/bench_commands.h"

namespace mito::bench {
namespace {

constexpr std::uint32_t kTiles = 64;
constexpr std::int64_t kStoredTilePx = 1024;  // px: 256 x 256 outputs
constexpr std::size_t kStoredDetections = 1'000'000;

graph::ArtefactInfo info(std::uint64_t number,
                         const std::string& node_type,
                         const std::string& payload,
                         std::uint32_t parts) {
  graph::ArtefactInfo out;
  out.key = fmt::format("{:064x}", number);
  out.node_type = node_type;
  out.node_version = 1;
  out.payload = payload;
  out.payload_version = 1;
  out.parts = parts;
  out.per_part = parts > 1;
  return out;
}

/// Close to 0 nearly everywhere, as a network's map of tissue is: noise below 0.01, some objects.
std::vector<Record> tiles() {
  std::vector<Record> out;
  RandomStream random(1, "bench", 0);
  const Grid grid{1, 1, kAnalysisMpp, kStoredTilePx * kTiles, kStoredTilePx};
  for (std::uint32_t part = 0; part < kTiles; ++part) {
    ProbabilityTile tile{grid, {kStoredTilePx * part, 0, kStoredTilePx, kStoredTilePx}, {}, {}};
    tile.probability.resize(static_cast<std::size_t>(tile.columns() * tile.rows()));
    for (auto& p : tile.probability) p = static_cast<float>(std::pow(random.uniform(), 8) * 0.01);
    for (int i = 0; i < 20; ++i) tile.probability[random.below(65536)] = 0.9F;
    out.push_back(Codec<ProbabilityTile>::encode(tile));
  }
  return out;
}

Record detections() {
  DetectionSet set;
  set.grid = {1, 1, kAnalysisMpp, 100'000, 80'000};
  RandomStream random(2, "bench", 0);
  for (std::size_t i = 0; i < kStoredDetections; ++i)
    set.items.push_back(
        {{random.uniform() * 100'000, random.uniform() * 80'000}, random.uniform(), 7});
  return Codec<DetectionSet>::encode(set);
}

void write_plain(const std::filesystem::path& file, std::size_t tiles) {
  std::ofstream out(file, std::ios::binary);
  const std::vector<char> bytes(std::size_t{256} * 256 * sizeof(float), 1);
  for (std::size_t i = 0; i < tiles; ++i)
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

void measure_store(double seconds) {
  const test::TempFolder folder;
  store::Hdf5Store store(folder.path());
  std::uint64_t number = 0;
  const auto write = [&](const std::string& type, const std::string& payload,
                         const std::vector<Record>& parts) {
    auto what = info(number++, type, payload, static_cast<std::uint32_t>(parts.size()));
    const auto artefact = store.open(what);
    for (std::uint32_t i = 0; i < parts.size(); ++i) artefact->save(i, parts[i]);
    return what;
  };
  const auto read = [&](const graph::ArtefactInfo& what) {
    const auto artefact = store.open(what);
    for (std::uint32_t i = 0; i < what.parts; ++i) static_cast<void>(artefact->load(i));
  };
  const auto maps = tiles();
  const std::vector<Record> table{detections()};
  const auto stored_maps = write("cnn_dense", "ProbabilityTile", maps);
  const auto stored_table = write("objects", "DetectionSet", table);
  fmt::print("{}\n", limits());

  constexpr double kOutputs = kTiles * 256.0 * 256.0 / 1e6;
  fmt::print("\nProbability map of {} tiles\n", kTiles);
  measure(
      {timed(
           "write", [&] { write("cnn_dense", "ProbabilityTile", maps); }, kOutputs),
       timed(
           "read", [&] { read(stored_maps); }, kOutputs),
       timed(
           "plain file, write", [&] { write_plain(folder.path() / "plain", kTiles); }, kOutputs)},
      seconds, "million outputs/s per core");
  constexpr double kMillionRows = kStoredDetections / 1e6;
  fmt::print("\nTable of a million detections\n");
  measure({timed(
               "write", [&] { write("objects", "DetectionSet", table); }, kMillionRows),
           timed(
               "read", [&] { read(stored_table); }, kMillionRows)},
          seconds, "million rows/s per core");
}

}  // namespace mito::bench
