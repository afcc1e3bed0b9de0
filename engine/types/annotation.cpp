#include "engine/types/annotation.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito {
namespace {

[[noreturn]] void fail(const SourcePos& pos, const std::string& problem) {
  throw DataError(to_string(pos) + ": " + problem);
}

std::string one_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += "'" + names[i] + "'";
  }
  return out;
}

/// A label with the name of its observer, before the observers are sorted.
struct Line {
  std::size_t sample = 0;
  std::string observer;
  std::size_t label = 0;
};

class LabelReader {
 public:
  LabelReader(const LabelSheet& sheet, const std::vector<std::string>& allowed)
      : sheet_(sheet), allowed_(allowed) {}

  void read(const std::filesystem::path& file) {
    const CsvTable table = CsvTable::read(file);
    const auto sample = table.require("sample");
    const auto observer = table.require("observer");
    const auto label = table.require("label");
    for (std::size_t row = 0; row < table.rows(); ++row) {
      const auto index = sheet_.find(table.text(row, sample));
      if (!index)
        fail(table.position(row, sample), "sample '" + table.text(row, sample) +
                                              "' is not in the sheet " + sheet_.file().string());
      const std::string& name = table.text(row, observer);
      if (name.empty()) fail(table.position(row, observer), "the observer has no name");
      const SourcePos here = table.position(row, sample);
      const auto [first, is_new] = seen_.try_emplace({*index, name}, here);
      if (!is_new)
        fail(here, "observer '" + name + "' has already labelled sample '" +
                       table.text(row, sample) + "' at " + to_string(first->second));
      lines_.push_back({*index, name, label_of(table, row, label)});
    }
  }

  ObserverLabels finish() && {
    ObserverLabels out;
    for (const auto& line : lines_) out.observers.push_back(line.observer);
    std::ranges::sort(out.observers);
    out.observers.erase(std::unique(out.observers.begin(), out.observers.end()),
                        out.observers.end());
    for (const auto& line : lines_) {
      const auto at = std::ranges::lower_bound(out.observers, line.observer);
      out.labels.push_back(
          {line.sample, static_cast<std::size_t>(at - out.observers.begin()), line.label});
    }
    return out;
  }

 private:
  std::size_t label_of(const CsvTable& table, std::size_t row, std::size_t column) const {
    const std::string& text = table.text(row, column);
    const auto found = std::ranges::find(allowed_, text);
    if (text.empty())
      fail(table.position(row, column),
           "the label is empty: a sample without a vote has no line at all");
    if (found == allowed_.end())
      fail(table.position(row, column), "unknown label '" + text + "': expected " +
                                            one_of(allowed_) + did_you_mean(text, allowed_));
    return static_cast<std::size_t>(found - allowed_.begin());
  }

  const LabelSheet& sheet_;
  const std::vector<std::string>& allowed_;
  std::map<std::pair<std::size_t, std::string>, SourcePos> seen_;
  std::vector<Line> lines_;
};

}  // namespace

std::string sheet_csv(std::span<const SheetSample> samples) {
  std::string text = "sample,slide,x,y,area_um2,mean_dab,score,patch,sha256\n";
  for (const auto& s : samples)
    text += csv_field(s.sample) + ',' + csv_field(s.slide) + ',' + number_text(s.center.x) + ',' +
            number_text(s.center.y) + ',' + number_text(s.area_um2) + ',' +
            number_text(s.mean_dab) + ',' + (s.score ? number_text(*s.score) : "") + ',' +
            csv_field(s.patch) + ',' + s.sha256 + '\n';
  return text;
}

LabelSheet LabelSheet::read(const std::filesystem::path& file) {
  const CsvTable table = CsvTable::read(file);
  const auto sample = table.require("sample");
  const auto slide = table.require("slide");
  const auto x = table.require("x");
  const auto y = table.require("y");
  const auto area = table.find("area_um2");
  const auto dab = table.find("mean_dab");
  const auto score = table.require("score");
  const auto patch = table.require("patch");
  const auto sha256 = table.require("sha256");
  const auto weight = table.find("weight");
  const auto image = table.find("image");

  LabelSheet sheet;
  sheet.file_ = file;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    SheetSample one;
    one.sample = table.text(row, sample);
    one.slide = table.text(row, slide);
    one.center = {table.number(row, x), table.number(row, y)};
    if (area) one.area_um2 = table.number(row, *area);
    if (dab) one.mean_dab = table.number(row, *dab);
    if (!table.text(row, score).empty()) one.score = table.number(row, score);
    one.patch = table.text(row, patch);
    one.sha256 = table.text(row, sha256);
    if (weight) one.weight = table.number(row, *weight);
    if (one.weight && !(*one.weight >= 1))
      fail(table.position(row, *weight), "expected a weight of 1 or more");
    if (image) one.image = table.text(row, *image);
    if (one.sample.empty()) fail(table.position(row, sample), "the sample has no name");
    if (!sheet.index_.try_emplace(one.sample, row).second)
      fail(table.position(row, sample), "sample '" + one.sample + "' is there twice");
    sheet.samples_.push_back(std::move(one));
  }
  if (sheet.samples_.empty()) throw DataError(file.string() + ": has no samples");
  return sheet;
}

std::optional<std::size_t> LabelSheet::find(std::string_view sample) const {
  const auto found = index_.find(std::string(sample));
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

std::filesystem::path LabelSheet::patch_file(std::size_t index) const {
  const std::filesystem::path patch = samples_.at(index).patch;
  if (patch.empty() || patch.is_absolute() || std::ranges::count(patch, "..") > 0)
    throw DataError(file_.string() + ": sample '" + samples_.at(index).sample +
                    "': expected a patch below the sheet's folder, found '" + patch.string() + "'");
  return file_.parent_path() / patch;
}

ObserverLabels read_labels(const LabelSheet& sheet,
                           std::span<const std::filesystem::path> files,
                           const std::vector<std::string>& allowed) {
  LabelReader reader(sheet, allowed);
  for (const auto& file : files) reader.read(file);
  auto labels = std::move(reader).finish();
  if (labels.labels.empty())
    throw DataError("the label files hold no label for the sheet " + sheet.file().string());
  return labels;
}

std::string labels_csv(std::string_view observer,
                       std::span<const std::pair<std::string, std::string>> labels) {
  std::string text = "sample,observer,label\n";
  for (const auto& [sample, label] : labels)
    text += csv_field(sample) + ',' + csv_field(observer) + ',' + csv_field(label) + '\n';
  return text;
}

}  // namespace mito
