#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/diff/detections.h"

namespace mito::diff {

using Json = nlohmann::ordered_json;

/// What `mitoloom run` writes beside its results: the pipeline, its parameters and inputs.
inline constexpr int kRunRecordFormat = 1;

/// The results of one slide.
struct SlideFolder {
  std::string folder;  ///< Below the folder of the run; empty: that itself.
  std::string name;    ///< Of the slide; its folder where two slides have the same name.
  std::string file;    ///< File name of the slide; empty when no result.json says it.
  std::string identity;
  std::optional<PixelSize> pixel;
  PointL0 bounds_corner;  ///< Of the scanned part; (0, 0) when no result.json says it.
  std::optional<std::vector<Found>> detections;  ///< Empty without a detections.csv.
};

/// The output folder of a run.
struct RunFolder {
  std::filesystem::path root;
  std::optional<Json> record;                ///< run.json; empty in folders of older versions.
  std::vector<SlideFolder> slides;           ///< By name.
  std::vector<std::filesystem::path> files;  ///< Results below `root`, relative, sorted.
  std::map<std::string, Json> json;          ///< Content of those that end in .json, by path.

  const SlideFolder* slide(const std::string& name) const;
};

/// Reads the output folder of a run. Throws DataError naming the folder when it is none (with the
/// nearest that is), or holds several runs; naming file and place when a file in it is damaged.
RunFolder read_run(const std::filesystem::path& root);

}  // namespace mito::diff
