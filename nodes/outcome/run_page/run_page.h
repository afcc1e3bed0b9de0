#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "engine/core/output_file.h"
#include "engine/nn/model.h"
#include "engine/slide/slide.h"
#include "engine/stats/matching.h"
#include "engine/types/pathology.h"
#include "nodes/outcome/run_page/live_count.h"

namespace mito::run_page {

struct Params : CountParams {
  double match_um = 7.5;
  std::string truth_origin = "level0";
  double max_mb = 12;
  int overview_px = 2400;

  static void describe(auto& p, auto&& field) {
    CountParams::describe(p, field);
    field("match_um", p.match_um, stats::match_field("As match_um of `evaluate_detections`."));
    field("truth_origin", p.truth_origin,
          {.choices = {"level0", "bounds"}, .doc = "As truth_origin of `evaluate_detections`."});
    field("max_mb", p.max_mb,
          {.range = {1, 500},
           .doc = "Size of the page in MB (10^6 bytes), about. First come the overview and the "
                  "detections by score, then the hotspot; the page says what did not fit."});
    field("overview_px", p.overview_px,
          {.unit = Unit::Pixel,
           .range = {256, 10000},
           .doc = "Longer side of the overview of the slide, at most."});
  }
};

/// Everything the page of a run is made of. Pointers may be null.
struct Subject {
  const Slide& slide;
  const TissueMask& mask;
  const DetectionSet& detections;
  const DetectionSet* objects = nullptr;  ///< The same from a lower threshold on.
  const Hotspot& hotspot;
  const Grade& grade;
  const nn::Model* model = nullptr;
  const ProbabilityTile* probability = nullptr;  ///< Of probability_overview.
  std::filesystem::path truth = {};              ///< Points of true mitoses; empty: not known.
  study::ScoreCalibration calibration = {};
  std::map<std::string, double> seconds = {};  ///< Busy seconds per node.
  std::string key = {};                        ///< Content key of the page.
  std::function<bool()> stop = [] { return false; };
};

/// run_key.csv, which belongs to the answers that people give on the page as the key of an observer
/// study does (method 10.6), thumbnail.jpg of the slide, and run.html: one file that needs no
/// network. Samples are all objects,
/// best first, named STUDY-0001, ...; STUDY is six digits of a digest of slide and places. Throws
/// DataError; Interrupted when asked to stop.
OutputFiles files(const Params& params, const Subject& subject);

inline constexpr const char* kPage = "run.html";
inline constexpr const char* kKey = "run_key.csv";
inline constexpr const char* kThumbnail = "thumbnail.jpg";

}  // namespace mito::run_page
