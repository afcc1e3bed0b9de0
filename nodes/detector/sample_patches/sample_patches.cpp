#include "nodes/detector/sample_patches/sample_patches.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "nodes/detector/sample_patches/shares.h"

namespace mito::sample_patches {
namespace {

/// Candidates of one set of cases by class, as indices in the pool.
struct Classes {
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;
};

Classes classes_of(const CandidatePool& pool, CaseSet set, bool positives_alone = false) {
  Classes out;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (pool.slides.at(pool.slide[i]).set != set) continue;
    const auto label = static_cast<CandidateLabel>(pool.label[i]);
    if (label == CandidateLabel::Positive) out.positives.push_back(static_cast<std::uint32_t>(i));
    if (label == CandidateLabel::Negative) out.negatives.push_back(static_cast<std::uint32_t>(i));
  }
  const auto slides = std::ranges::count(pool.slides, set, &PoolSlide::set);
  if (slides == 0)
    throw DataError(fmt::format(
        "no slide is in the {} set; see the sets that split_cases was asked for", name_of(set)));
  for (const auto& [members, name] :
       {std::pair(&out.positives, "positive"), std::pair(&out.negatives, "negative")}) {
    if (members->empty() && !(positives_alone && members == &out.negatives))
      throw DataError(
          fmt::format("the {} set of {} slides has no {} candidate", name_of(set), slides, name));
  }
  return out;
}

/// `count` of `from` (0 = all) without replacement, ascending.
std::vector<std::uint32_t> without_replacement(const std::vector<std::uint32_t>& from,
                                               std::int64_t count,
                                               RandomStream random,
                                               std::string_view what,
                                               CaseSet set) {
  if (count == 0) return from;
  if (count > std::ssize(from))
    throw DataError(fmt::format(
        "{} {} are asked for, but the {} set has {}; ask for fewer, or for 0 to take all", count,
        what, name_of(set), from.size()));
  const auto order = permutation(static_cast<std::uint32_t>(from.size()), random);
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) out.push_back(from[order[i]]);
  std::ranges::sort(out);
  return out;
}

/// `count` of `from` (0 = as many as there are) with replacement, proportional to their
/// probability (method 8.1), ascending.
std::vector<std::uint32_t> by_probability(const std::vector<std::uint32_t>& from,
                                          std::int64_t count,
                                          RandomStream random,
                                          const std::vector<double>& sums) {
  const auto draws = count == 0 ? from.size() : static_cast<std::size_t>(count);
  std::vector<std::uint32_t> out;
  out.reserve(draws);
  for (std::size_t i = 0; i < draws; ++i)
    out.push_back(from[weighted_index(sums, random.uniform())]);
  std::ranges::sort(out);
  return out;
}

std::vector<double> sums_of(const CandidatePool& pool,
                            const std::vector<std::uint32_t>& negatives,
                            const PoolScores* scores,
                            CaseSet set) {
  if (scores == nullptr)
    throw DataError("mode 'hard' draws by probability: connect the input 'scores'");
  if (scores->probability.size() != pool.size())
    throw DataError(fmt::format("there are {} scores for {} candidates; are they of this pool?",
                                scores->probability.size(), pool.size()));
  std::vector<double> weights;
  weights.reserve(negatives.size());
  for (const auto i : negatives) {
    const float p = scores->probability[i];
    if (!std::isfinite(p))
      throw DataError(
          fmt::format("candidate {} of the pool, of slide '{}' in the {} set, was not scored; "
                      "score the {} cases",
                      i, pool.slides[pool.slide[i]].name, name_of(set), name_of(set)));
    weights.push_back(static_cast<double>(p));
  }
  auto sums = running_sums(weights);
  if (!(sums.back() > 0))
    throw DataError(
        fmt::format("all {} negatives of the {} set have probability 0, so none can be drawn",
                    negatives.size(), name_of(set)));
  return sums;
}

PatchSet gather(const CandidatePool& pool,
                CaseSet set,
                const std::vector<std::uint32_t>& positives,
                const std::vector<std::uint32_t>& negatives) {
  PatchSet out;
  std::vector<std::uint32_t> place(pool.slides.size(), 0);
  for (std::size_t i = 0; i < pool.slides.size(); ++i) {
    if (pool.slides[i].set != set) continue;
    place[i] = static_cast<std::uint32_t>(out.slides.size());
    out.slides.push_back(pool.slides[i]);
  }
  for (const auto* chosen : {&positives, &negatives}) {
    for (const auto i : *chosen) {
      out.slide.push_back(place[pool.slide[i]]);
      out.at.push_back(pool.at[i]);
      out.label.push_back(chosen == &positives ? 1 : 0);
      out.in_pool.push_back(i);
    }
  }
  return out;
}

struct Draw {
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
  double uniform_share = 0;
  std::uint64_t seed = 0;
  std::string stream;
  bool hard = false;
  const std::vector<std::string>& sources;
  const std::vector<double>& positive_shares;
  const std::vector<double>& negative_shares;
};

template <class Params>
Draw draw_of(const Params& params, std::int64_t seed, std::string stream) {
  return {params.positives,      params.negatives,
          params.uniform_share,  static_cast<std::uint64_t>(seed),
          std::move(stream),     params.mode == "hard",
          params.sources,        params.positive_shares,
          params.negative_shares};
}

/// A pool, what a network says of it (or null), and the set of its cases that is drawn from.
struct From {
  const CandidatePool& pool;
  const PoolScores* scores;
  CaseSet set;
};

std::vector<std::uint32_t> positives_of(const Draw& what,
                                        const From& from,
                                        const std::vector<std::uint32_t>& positives) {
  const auto stream = what.stream + "/positives";
  if (what.positive_shares.empty())
    return without_replacement(positives, what.positives, RandomStream(what.seed, stream, 0),
                               "positives", from.set);
  const auto groups = groups_of(from.pool, positives, what.sources);
  const auto total =
      what.positives == 0 ? whole_total(what.positive_shares, groups) : what.positives;
  const auto counts = counts_of(what.positive_shares, groups, total, what.sources, "positives");
  std::vector<std::uint32_t> out;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto some = in_passes(groups[g], counts[g], RandomStream(what.seed, stream, g));
    out.insert(out.end(), some.begin(), some.end());
  }
  std::ranges::sort(out);
  return out;
}

/// `count` negatives of one group: hard ones but for the uniform share, or all alike.
std::vector<std::uint32_t> of_group(const Draw& what,
                                    const From& from,
                                    const std::vector<std::uint32_t>& group,
                                    std::int64_t count,
                                    std::uint64_t number) {
  const RandomStream random(what.seed, what.stream + "/negatives", number);
  if (count == 0) return {};
  if (!what.hard) return in_passes(group, count, random);
  const auto uniform = std::llround(what.uniform_share * static_cast<double>(count));
  std::vector<std::uint32_t> out;
  if (count > uniform)
    out = by_probability(group, count - uniform, random,
                         sums_of(from.pool, group, from.scores, from.set));
  const RandomStream easy(what.seed, what.stream + "/uniform", number);
  const auto more = in_passes(group, uniform, easy);
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// The negatives of a draw: by probability but for the uniform share, or all without replacement.
std::vector<std::uint32_t> negatives_of(const Draw& what,
                                        const From& from,
                                        const std::vector<std::uint32_t>& negatives) {
  const auto wanted = what.negatives == 0 ? std::ssize(negatives) : what.negatives;
  if (!what.negative_shares.empty()) {
    const auto groups = groups_of(from.pool, negatives, what.sources);
    const auto counts = counts_of(what.negative_shares, groups, wanted, what.sources, "negatives");
    std::vector<std::uint32_t> out;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto some = of_group(what, from, groups[g], counts[g], g);
      out.insert(out.end(), some.begin(), some.end());
    }
    std::ranges::sort(out);
    return out;
  }
  const RandomStream random(what.seed, what.stream + "/negatives", 0);
  if (!what.hard)
    return without_replacement(negatives, what.negatives, random, "negatives", from.set);
  const auto sums = sums_of(from.pool, negatives, from.scores, from.set);
  const auto uniform = std::llround(what.uniform_share * static_cast<double>(wanted));
  std::vector<std::uint32_t> out;
  if (wanted > uniform) out = by_probability(negatives, wanted - uniform, random, sums);
  if (uniform > 0) {
    const RandomStream easy(what.seed, what.stream + "/uniform", 0);
    const auto more = without_replacement(negatives, uniform, easy, "uniform negatives", from.set);
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

PatchSet draw(const Draw& what, const From& from, const Classes& classes) {
  PatchSet out = gather(from.pool, from.set, positives_of(what, from, classes.positives),
                        negatives_of(what, from, classes.negatives));
  out.seed = what.seed;
  return out;
}

}  // namespace

std::shared_ptr<const ForetoldPatches> foretell(std::int64_t sets,
                                                std::int64_t positives,
                                                std::int64_t negatives) {
  if (negatives == 0) return nullptr;
  return std::make_shared<const ForetoldPatches>(ForetoldPatches{sets, positives + negatives});
}

std::string check(const Params& params) {
  return check_shares(params.sources, params.positive_shares, params.negative_shares);
}

std::string check(const MemberParams& params) {
  return check_shares(params.sources, params.positive_shares, params.negative_shares);
}

PatchSet sample(const Params& params, const CandidatePool& pool, const PoolScores* scores) {
  const CaseSet set = case_set_from(params.set);
  return draw(draw_of(params, params.seed, "sample_patches"), {pool, scores, set},
              classes_of(pool, set, params.positives_alone));
}

std::vector<PatchSet> sample_members(const MemberParams& params,
                                     const CandidatePool& pool,
                                     const PoolScores* scores) {
  constexpr auto kSet = CaseSet::Training;
  const auto classes = classes_of(pool, kSet);
  std::vector<PatchSet> out;
  for (int k = 0; k < params.members; ++k) {
    out.push_back(draw(draw_of(params, params.seed + k + 1, "sample_members"), {pool, scores, kSet},
                       classes));
    out.back().member = k;
  }
  return out;
}

}  // namespace mito::sample_patches
