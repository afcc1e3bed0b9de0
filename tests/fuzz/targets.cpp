#include "tests/fuzz/targets.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/annotations/read.h"
#include "engine/config/value.h"
#include "engine/core/csv_table.h"
#include "engine/core/error.h"
#include "engine/graph/manifest.h"
#include "engine/graph/pipeline.h"
#include "engine/hdf5/foreign_file.h"
#include "engine/nn/imported/card.h"
#include "engine/stats/tuning_file.h"
#include "engine/tiff/chunks.h"
#include "engine/tiff/directory.h"
#include "engine/tiff/jpeg_decoder.h"
#include "engine/tiff/jpeg_tiles.h"
#include "engine/tiff/limits.h"
#include "engine/types/points_csv.h"
#include "nodes/outcome/study/count_uncertainty.h"
#include "nodes/slides/stain/stain_template.h"
#include "tests/support/temp_folder.h"
#include "tools/cohort/slide_state.h"
#include "tools/sweep/sweep_file.h"

namespace mito::fuzz {
namespace {

namespace fs = std::filesystem;

/// The bytes as a file, in a folder where nothing else is.
fs::path as_file(const char* name, std::string_view bytes) {
  static const test::TempFolder folder;
  std::ofstream(folder / name, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return folder / name;
}

void pipeline(std::string_view bytes) {
  Diagnostics out;
  graph::parse_pipeline(std::string(bytes), "pipeline.yaml", {}, out);
}

void sweep(std::string_view bytes) {
  Diagnostics out;
  sweep::parse_sweep(std::string(bytes), "sweep.yaml", out);
}

/// NAME=VALUE of --set, put into a pipeline.
void set(std::string_view bytes) {
  static const std::string kText =
      "inputs: {slide: {type: files}}\nnodes: {a: {use: slide, in: {files: $slide}, params: {n: "
      "1}}}\n";
  Diagnostics out;
  graph::parse_pipeline(kText, "pipeline.yaml", {graph::parse_override(std::string(bytes))}, out);
}

void annotations(std::string_view bytes) {
  annotations::read({as_file("annotations", bytes)}, {.unlabelled = "mitosis"});
}

/// The first byte chooses how they are to be understood.
void annotations_as(std::string_view bytes) {
  static constexpr std::array<const char*, 9> kFormats{
      "csv", "tupac", "midog", "asap", "geojson", "imagescope", "voc", "icpr", "sliderunner"};
  if (bytes.empty()) return;
  const auto which = static_cast<unsigned char>(bytes.front()) % kFormats.size();
  annotations::read({as_file("01.csv", bytes.substr(1))}, {.format = kFormats.at(which),
                                                           .other_labels = "keep",
                                                           .unlabelled = "mitosis",
                                                           .name_folders = 1});
}

void points(std::string_view bytes) {
  const auto read = read_points(as_file("points.csv", bytes));
  for (const auto& slide : named_slides(read))
    if (!slide.empty()) points_of_slide(read, slide);  // a file always has a name
}

void tuning(std::string_view bytes) { stats::read_tuning(as_file("tuning.json", bytes)); }

void stain_template(std::string_view bytes) {
  stain::read_template(as_file("template.json", bytes));
}
void wsics_template(std::string_view bytes) {
  stain::read_template(as_file("template.csv", bytes));
}

void calibration(std::string_view bytes) {
  study::ScoreCalibration(as_file("calibration.csv", bytes)).probability(0.5);
}

void card(std::string_view bytes) { nn::parse_card(std::string(bytes), "card.yaml"); }

void records(std::string_view bytes) {
  const auto folder = as_file("manifest.json", bytes).parent_path();
  graph::is_up_to_date(folder, "node", "key");
  as_file("outputs.json", bytes);
  graph::told_of(folder, "node", "key");
  as_file("state.json", bytes);
  cohort::read_state(folder);
}

void hdf5(std::string_view bytes) {
  store::read_foreign(as_file("model.h5", bytes), store::Wanted::Record);
}
void store_hdf5(std::string_view bytes) {
  store::read_foreign(as_file("data.h5", bytes), store::Wanted::Nothing);
}

void tiff(std::string_view bytes) {
  const auto file = as_file("slide.tif", bytes);
  for (const auto& page : tiff::directories(file))
    if (page.width * page.height > (1 << 22)) return;  // nothing wrong with it, but it takes long
  for (const auto& image : tiff::directories(file))
    if (image.below) tiff::tiled_image_at(file, image.offset);
  for (const auto& image : tiff::tiled_images(file))
    if (image.jpeg && image.jpeg->tile_width() * image.jpeg->tile_height() <= (1 << 22) &&
        !image.jpeg->is_missing(0, 0))
      image.jpeg->read(0, 0);
  tiff::brightest_sample(file, 65535);
  tiff::read_image(file);
}

void jpeg(std::string_view bytes) {
  tiff::Picture picture;
  tiff::decode_jpeg_image({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                          1 << 20, picture);
}

constexpr std::array kTargets{
    Target{"pipeline", pipeline},
    Target{"sweep", sweep},
    Target{"set", set},
    Target{"annotations", annotations},
    Target{"points", points},
    Target{"tuning", tuning},
    Target{"records", records},
    Target{"annotations_as", annotations_as},
    Target{"hdf5", hdf5},
    Target{"store", store_hdf5},
    Target{"tiff", tiff},
    Target{"jpeg", jpeg},
    Target{"card", card},
    Target{"calibration", calibration},
    Target{"stain_template", stain_template},
    Target{"wsics_template", wsics_template},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

void run(const Target& target, std::string_view bytes) try {
  target.read(bytes);
} catch (const Error&) {  // refused, in words
}

}  // namespace mito::fuzz
