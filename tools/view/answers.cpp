#include "tools/view/answers.h"

#include <algorithm>
#include <array>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/atomic_file.h"
#include "engine/core/csv_table.h"
#include "engine/core/error.h"

namespace mito::view {
namespace {

namespace fs = std::filesystem;

constexpr std::array kLabels{"mitotic", "non_mitotic", "unsure"};
constexpr std::size_t kLongestName = 60;

std::vector<Answers::Line> read(const fs::path& file) {
  if (!fs::exists(file)) return {};
  const auto table = CsvTable::read(file);
  const auto sample = table.require("sample");
  const auto observer = table.require("observer");
  const auto label = table.require("label");
  std::vector<Answers::Line> lines;
  for (std::size_t row = 0; row < table.rows(); ++row)
    lines.push_back({table.text(row, sample), table.text(row, observer), table.text(row, label)});
  return lines;
}

[[noreturn]] void refuse(const std::string& what) { throw ConfigError("answers: error: " + what); }

}  // namespace

Answers::Answers(fs::path file, std::set<std::string> samples)
    : file_(std::move(file)), samples_(std::move(samples)) {}

std::vector<Answers::Line> Answers::lines() const {
  const std::scoped_lock guard(mutex_);
  return read(file_);
}

std::size_t Answers::put(const nlohmann::ordered_json& given) {
  if (!given.is_object() || !given.contains("observer") || !given["observer"].is_string() ||
      !given.contains("labels") || !given["labels"].is_object())
    refuse("expected {\"observer\": NAME, \"labels\": {SAMPLE: LABEL}}");
  const auto observer = given["observer"].get<std::string>();
  if (observer.empty() || observer.size() > kLongestName ||
      std::ranges::any_of(observer, [](unsigned char c) { return c < ' '; }))
    refuse(fmt::format("the observer's name must have 1 to {} characters", kLongestName));
  std::vector<Line> own;
  for (const auto& [sample, label] : given["labels"].items()) {
    if (!samples_.contains(sample)) refuse("this slide has no sample '" + sample + "'");
    if (!label.is_string() || std::ranges::find(kLabels, label.get<std::string>()) == kLabels.end())
      refuse("expected a label of mitotic, non_mitotic and unsure, found " + label.dump());
    own.push_back({sample, observer, label.get<std::string>()});
  }
  std::ranges::sort(own, {}, &Line::sample);

  const std::scoped_lock guard(mutex_);
  auto lines = read(file_);
  std::erase_if(lines, [&](const Line& line) { return line.observer == observer; });
  lines.insert(lines.end(), own.begin(), own.end());
  std::string text = "sample,observer,label\n";
  for (const auto& line : lines)
    text += fmt::format("{},{},{}\n", csv_field(line.sample), csv_field(line.observer),
                        csv_field(line.label));
  write_file(file_, text);
  return own.size();
}

}  // namespace mito::view
