#include "nodes/train_cnn/split.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::train_cnn {
namespace {

bool listed(const std::vector<std::string>& cases, const std::string& case_id) {
  return std::ranges::find(cases, case_id) != cases.end();
}

void check_cases(const std::vector<std::string>& wanted,
                 const std::set<std::string>& known,
                 std::string_view parameter) {
  for (const auto& case_id : wanted) {
    if (!known.contains(case_id))
      throw DataError(
          fmt::format("{} names case '{}', but no sample belongs to it", parameter, case_id));
  }
}

}  // namespace

bool Split::held_out(const std::string& case_id) const { return listed(validation, case_id); }

bool Split::left_out(const std::string& case_id) const { return listed(excluded, case_id); }

Split split_cases(const Params& params,
                  const std::vector<std::string>& cases,
                  const std::string& name) {
  const std::set<std::string> known(cases.begin(), cases.end());
  check_cases(params.validation_cases, known, "validation_cases");
  check_cases(params.exclude_cases, known, "exclude_cases");
  Split out{params.validation_cases, params.exclude_cases};
  if (!out.validation.empty()) return out;

  std::vector<std::string> pool;
  for (const auto& case_id : known) {
    if (!out.left_out(case_id)) pool.push_back(case_id);
  }
  if (pool.size() < 2)
    throw DataError(fmt::format(
        "validation_fraction holds out whole cases, but {}; give samples of more cases",
        pool.empty() ? "there is none" : fmt::format("all samples belong to '{}'", pool.front())));
  const auto wanted = std::llround(params.validation_fraction * static_cast<double>(pool.size()));
  const auto count =
      std::clamp<std::int64_t>(wanted, 1, static_cast<std::int64_t>(pool.size()) - 1);
  RandomStream random(static_cast<std::uint64_t>(params.seed), name + "/validation_cases", 0);
  const auto order = permutation(static_cast<std::uint32_t>(pool.size()), random);
  for (std::int64_t i = 0; i < count; ++i)
    out.validation.push_back(pool[order[static_cast<std::size_t>(i)]]);
  std::ranges::sort(out.validation);
  return out;
}

}  // namespace mito::train_cnn
