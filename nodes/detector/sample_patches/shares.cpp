#include "nodes/detector/sample_patches/shares.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <regex>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::sample_patches {
namespace {

constexpr double kRounding = 1e-9;  // shares are written with few digits

/// The share of every group, the other cases last.
std::vector<double> all_shares(std::vector<double> shares) {
  const double given = std::accumulate(shares.begin(), shares.end(), 0.0);
  const double rest = 1 - given;
  shares.push_back(rest < kRounding ? 0 : rest);
  return shares;
}

std::string pattern_problem(const std::string& pattern) {
  try {
    static_cast<void>(std::regex(pattern));
  } catch (const std::regex_error& error) {
    return fmt::format("sources: '{}' is no regular expression: {}", pattern, error.what());
  }
  return {};
}

}  // namespace

std::string check_shares(const std::vector<std::string>& sources,
                         const std::vector<double>& positive_shares,
                         const std::vector<double>& negative_shares) {
  for (const auto& pattern : sources)
    if (auto problem = pattern_problem(pattern); !problem.empty()) return problem;
  for (const auto& [shares, name] : {std::pair(&positive_shares, "positive_shares"),
                                     std::pair(&negative_shares, "negative_shares")}) {
    if (!shares->empty() && shares->size() != sources.size())
      return fmt::format("{} must be {} numbers, one for each of 'sources', got {}", name,
                         sources.size(), shares->size());
    if (std::accumulate(shares->begin(), shares->end(), 0.0) > 1 + kRounding)
      return fmt::format("{} must not sum up to more than 1", name);
  }
  if (!sources.empty() && positive_shares.empty() && negative_shares.empty())
    return "sources has no effect without positive_shares or negative_shares";
  return {};
}

std::vector<std::vector<std::uint32_t>> groups_of(const CandidatePool& pool,
                                                  const std::vector<std::uint32_t>& candidates,
                                                  const std::vector<std::string>& sources) {
  std::vector<std::regex> patterns;
  patterns.reserve(sources.size());
  for (const auto& source : sources) patterns.emplace_back(source);
  std::vector<std::size_t> group_of_slide;
  for (const auto& slide : pool.slides) {
    const auto fits = [&](const std::regex& one) { return std::regex_match(slide.case_id, one); };
    group_of_slide.push_back(
        static_cast<std::size_t>(std::ranges::find_if(patterns, fits) - patterns.begin()));
  }
  std::vector<std::vector<std::uint32_t>> out(sources.size() + 1);
  for (const auto i : candidates) out[group_of_slide.at(pool.slide[i])].push_back(i);
  return out;
}

std::vector<std::int64_t> counts_of(const std::vector<double>& shares,
                                    const std::vector<std::vector<std::uint32_t>>& groups,
                                    std::int64_t total,
                                    const std::vector<std::string>& names,
                                    const std::string& what) {
  const auto all = all_shares(shares);
  std::vector<std::int64_t> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    out.push_back(std::llround(all[g] * static_cast<double>(total)));
    if (out[g] > 0 && groups[g].empty())
      throw DataError(fmt::format(
          "{} have a share of {:g} of the {}, but there are none; see 'sources' and the sets that "
          "split_cases was asked for",
          g < names.size() ? "the cases '" + names[g] + "'" : "the cases of no source", all[g],
          what));
  }
  return out;
}

std::int64_t whole_total(const std::vector<double>& shares,
                         const std::vector<std::vector<std::uint32_t>>& groups) {
  const auto all = all_shares(shares);
  double total = 0;
  for (std::size_t g = 0; g < groups.size(); ++g)
    if (all[g] > 0) total = std::max(total, static_cast<double>(groups[g].size()) / all[g]);
  return std::llround(std::ceil(total - kRounding));
}

std::vector<std::uint32_t> in_passes(const std::vector<std::uint32_t>& from,
                                     std::int64_t count,
                                     RandomStream random) {
  std::vector<std::uint32_t> out;
  out.reserve(static_cast<std::size_t>(count));
  auto left = count;
  for (; left >= std::ssize(from) && left > 0; left -= std::ssize(from))
    out.insert(out.end(), from.begin(), from.end());
  const auto order = permutation(static_cast<std::uint32_t>(from.size()), random);
  for (std::int64_t i = 0; i < left; ++i) out.push_back(from[order[static_cast<std::size_t>(i)]]);
  std::ranges::sort(out);
  return out;
}

}  // namespace mito::sample_patches
