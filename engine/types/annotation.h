#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/core/error.h"
#include "engine/types/geometry.h"

namespace mito {

/// One patch that people are asked to label: a line of sheet.csv.
struct SheetSample {
  std::string sample;  ///< Neutral name, "s0001".
  std::string slide;   ///< Name of the slide; splits never separate samples of one slide.
  PointL0 center;      ///< Level-0 pixels of that slide.
  double area_um2 = 0;
  double mean_dab = 0;
  std::optional<double> score;  ///< Of the network that chose it, if there was one.
  std::string patch;            ///< PNG file, relative to the sheet.
  std::string sha256;           ///< Of the PNG file's bytes.
  /// Places that it stands for, 1 / its chance of being drawn; empty: all had the same.
  std::optional<double> weight = {};
  std::string image = {};  ///< SHA-256 of the slide's content, 64 hex digits; empty: not said.
  bool operator==(const SheetSample&) const = default;
};

/// The text of sheet.csv, with the header sample,slide,x,y,area_um2,mean_dab,score,patch,sha256.
std::string sheet_csv(std::span<const SheetSample> samples);

/// A label sheet read back, or the key of an observer study, which has neither area_um2 nor
/// mean_dab, but weight and image where places were drawn to inform.
class LabelSheet {
 public:
  /// Throws DataError naming file, line and column: what CsvTable refuses, a sample without a name
  /// or named twice, a weight below 1, a sheet without samples.
  static LabelSheet read(const std::filesystem::path& file);

  const std::filesystem::path& file() const { return file_; }
  const std::vector<SheetSample>& samples() const { return samples_; }
  /// Index of a sample.
  std::optional<std::size_t> find(std::string_view sample) const;
  /// Where the PNG of a sample lies. Throws DataError when its path is absolute or leaves the
  /// sheet's folder.
  std::filesystem::path patch_file(std::size_t index) const;

 private:
  std::filesystem::path file_;
  std::vector<SheetSample> samples_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// What one observer called one sample.
struct SampleLabel {
  std::size_t sample = 0;    ///< Index in the sheet.
  std::size_t observer = 0;  ///< Index in ObserverLabels::observers.
  std::size_t label = 0;     ///< Index in the labels allowed.
};

struct ObserverLabels {
  std::vector<std::string> observers;  ///< Sorted by name, whatever the order of files and lines.
  std::vector<SampleLabel> labels;
};

/// Reads label files, CSV with the columns sample, observer, label (method 12); a file may hold
/// several observers, an observer may have several files. Throws DataError "FILE:LINE:COLUMN: ..."
/// for a label not among `allowed`, a sample that is not in the sheet, a second label of one
/// observer for one sample (naming both places) and an observer without a name; and when there is
/// no label at all.
ObserverLabels read_labels(const LabelSheet& sheet,
                           std::span<const std::filesystem::path> files,
                           const std::vector<std::string>& allowed);

/// The text of a label file. `labels` are pairs of sample and label.
std::string labels_csv(std::string_view observer,
                       std::span<const std::pair<std::string, std::string>> labels);

}  // namespace mito
