#include "nodes/reference/patch_set/patch_set.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/image/geometric.h"

namespace mito::patch_set {
namespace {

constexpr std::int64_t kSize = image::kPatchSize;

bool is_in(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

void check_list(const LabelledPatches& patches) {
  const auto n = patches.labels.size();
  const auto bytes = static_cast<std::size_t>(3 * patches.size * patches.size);
  if (patches.size < kSize)
    throw DataError(
        fmt::format("labelled patches have {} px; at least {} px are needed", patches.size, kSize));
  if (patches.rgb.size() != n * bytes || patches.samples.size() != n || patches.cases.size() != n)
    throw DataError(fmt::format(
        "labelled patches contradict themselves: {} labels, {} names, {} cases, {} bytes of {} px "
        "patches",
        n, patches.samples.size(), patches.cases.size(), patches.rgb.size(), patches.size));
  for (std::size_t i = 0; i < n; ++i) {
    if (patches.labels[i] > 1)
      throw DataError(fmt::format("patch {} has label {}, expected 0 or 1", patches.samples[i],
                                  patches.labels[i]));
  }
}

/// Appends the middle of a patch of the list.
void append_middle(const LabelledPatches& patches, std::size_t index, PatchSet& out) {
  const auto side = static_cast<std::size_t>(patches.size);
  const auto first = static_cast<std::size_t>(patches.size / 2 - kSize / 2);
  auto& rgb = out.rgb.edit();
  for (std::size_t y = 0; y < kSize; ++y) {
    const auto* row = patches.rgb.data() + ((index * side + first + y) * side + first) * 3;
    rgb.insert(rgb.end(), row, row + 3 * kSize);
  }
}

std::vector<const LabelledPatches*> lists(const LabelledPatches& patches,
                                          const LabelledPatches* more) {
  std::vector<const LabelledPatches*> out{&patches};
  if (more != nullptr) out.push_back(more);
  return out;
}

/// How many of the cases that can be drawn are held out. Throws DataError when there are too few.
std::ptrdiff_t validation_size(const Params& params, const std::vector<std::string>& pool) {
  if (params.validation_count > 0) {
    const auto training = std::max(params.training_count, 1);
    if (params.validation_count + training > std::ssize(pool))
      throw DataError(fmt::format(
          "validation_count and training_count ask for {} and {} cases, but patches are of {}: {}",
          params.validation_count, training, pool.size(), fmt::join(pool, ", ")));
    return params.validation_count;
  }
  if (pool.size() < 2)
    throw DataError(fmt::format(
        "validation_fraction holds out whole cases, but there {}; give patches of more cases",
        pool.empty() ? "is none" : fmt::format("is only '{}'", pool.front())));
  return std::clamp<std::ptrdiff_t>(
      std::llround(params.validation_fraction * static_cast<double>(pool.size())), 1,
      std::ssize(pool) - 1);
}

/// The cases in an order that the seed draws.
std::vector<std::string> drawn(const Params& params, const std::vector<std::string>& pool) {
  RandomStream random(static_cast<std::uint64_t>(params.seed), "patch_set/validation_cases", 0);
  std::vector<std::string> out;
  for (const auto i : permutation(static_cast<std::uint32_t>(pool.size()), random))
    out.push_back(pool[i]);
  return out;
}

}  // namespace

std::string check(const Params& params) {
  const bool counted = params.validation_count > 0;
  const int ways =
      int{!params.validation_cases.empty()} + int{params.validation_fraction > 0} + int{counted};
  if (ways > 1)
    return "give one of 'validation_cases', 'validation_fraction' and 'validation_count', not "
           "several";
  if (params.part == "validation" && ways == 0)
    return "'part: validation' needs 'validation_cases', 'validation_fraction' or "
           "'validation_count'";
  if (params.training_count > 0 && !counted) return "'training_count' needs 'validation_count'";
  for (const auto& name : params.validation_cases) {
    if (is_in(params.exclude_cases, name))
      return fmt::format("case '{}' is both in validation_cases and in exclude_cases", name);
  }
  return {};
}

Split split(const Params& params, const std::vector<std::string>& cases) {
  std::set<std::string> known(cases.begin(), cases.end());
  for (const auto& [list, name] : {std::pair(&params.validation_cases, "validation_cases"),
                                   {&params.exclude_cases, "exclude_cases"}}) {
    for (const auto& wanted : *list) {
      if (!known.contains(wanted))
        throw DataError(fmt::format("{} names case '{}', but no patch belongs to it; there are {}",
                                    name, wanted, fmt::join(known, ", ")));
    }
  }
  for (const auto& name : params.exclude_cases) known.erase(name);
  const std::vector<std::string> pool(known.begin(), known.end());
  Split out{pool, params.validation_cases};
  if (params.validation_count > 0 || params.validation_fraction > 0) {
    const auto order = drawn(params, pool);
    const auto held_out = order.begin() + validation_size(params, pool);
    out.validation.assign(order.begin(), held_out);
    out.training.assign(held_out,
                        params.training_count > 0 ? held_out + params.training_count : order.end());
  } else {
    std::erase_if(out.training,
                  [&](const auto& name) { return is_in(params.validation_cases, name); });
  }
  std::ranges::sort(out.training);
  std::ranges::sort(out.validation);
  return out;
}

PatchSet of(const Params& params, const LabelledPatches& patches, const LabelledPatches* more) {
  std::vector<std::string> cases;
  for (const auto* list : lists(patches, more)) {
    check_list(*list);
    cases.insert(cases.end(), list->cases.begin(), list->cases.end());
  }
  const auto both = split(params, cases);
  const bool validation = params.part == "validation";
  const auto& wanted = validation ? both.validation : both.training;
  PatchSet out;
  out.size_px = kSize;
  out.seed = static_cast<std::uint64_t>(params.seed);
  std::map<std::string, std::uint32_t> index;
  for (const auto* list : lists(patches, more)) {
    for (std::size_t i = 0; i < list->labels.size(); ++i) {
      const auto& name = list->cases[i];
      if (!is_in(wanted, name)) continue;
      const auto [place, is_new] =
          index.try_emplace(name, static_cast<std::uint32_t>(out.slides.size()));
      if (is_new)
        out.slides.push_back(
            {name, "", name, validation ? CaseSet::Validation : CaseSet::Training});
      out.slide.push_back(place->second);
      out.at.push_back({kSize / 2, kSize / 2});
      out.label.push_back(list->labels[i]);
      out.in_pool.push_back(-1);
      append_middle(*list, i, out);
    }
  }
  for (const int label : {0, 1}) {
    if (std::ranges::count(out.label, label) == 0)
      throw DataError(fmt::format(
          "no patch of the {} cases has label {}; see validation_cases, validation_fraction and "
          "validation_count",
          params.part, label));
  }
  return out;
}

}  // namespace mito::patch_set
