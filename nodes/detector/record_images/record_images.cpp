#include "nodes/detector/record_images/record_images.h"

#include <algorithm>
#include <set>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/types/seen_images.h"

namespace mito::record_images {
namespace {

using Names = std::vector<std::string>;

bool is_in(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// Adds those of `files` whose case is one of `cases`.
void add(SeenFiles& seen, const Names& cases, const std::vector<SeenFile>& files) {
  std::vector<SeenFile> more;
  for (const auto& file : files)
    if (is_in(cases, file.case_id)) more.push_back(file);
  if (more.empty()) return;
  Names without;
  for (const auto& name : cases)
    if (std::ranges::count(more, name, &SeenFile::case_id) == 0) without.push_back(name);
  // A model that knew all its images goes on knowing them.
  if (!seen.not_known.empty()) {
    seen.not_known = "they were recorded afterwards, and there may be others";
    if (!without.empty())
      seen.not_known += fmt::format(" (no file of {})", fmt::join(without, ", "));
  }
  more.insert(more.begin(), seen.files.begin(), seen.files.end());  // their names are the first
  seen = seen_files(std::move(more), seen.not_known);
}

}  // namespace

Recorded with_images(const nn::Model& model, const std::vector<SeenFile>& files) {
  auto info = model.info();
  std::set<std::string> known(info.training_cases.begin(), info.training_cases.end());
  known.insert(info.tuning_cases.begin(), info.tuning_cases.end());
  if (known.empty())
    throw DataError(
        "the model names no cases that it was trained or tuned on: nothing says which images it "
        "has seen");
  std::set<std::string> others;
  for (const auto& file : files)
    if (!known.contains(file.case_id)) others.insert(file.case_id);
  const bool any =
      std::ranges::any_of(files, [&](const auto& file) { return known.contains(file.case_id); });
  if (!any)
    throw DataError(fmt::format(
        "no image is of a case that the model was trained or tuned on ({}): the images are of {}; "
        "see case_pattern and cohort",
        fmt::join(known, ", "),
        others.empty() ? "none" : fmt::format("{}", fmt::join(others, ", "))));
  add(info.training_images, info.training_cases, files);
  add(info.tuning_images, info.tuning_cases, files);
  return {model.with(std::move(info)), {others.begin(), others.end()}};
}

}  // namespace mito::record_images
