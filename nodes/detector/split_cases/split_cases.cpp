#include "nodes/detector/split_cases/split_cases.h"

#include <algorithm>
#include <array>
#include <map>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/core/text.h"

namespace mito::split_cases {
namespace {

/// What is asked for of one set.
struct Request {
  CaseSet set;
  int count;
  const std::vector<std::string>& cases;
};

std::array<Request, 3> requests(const Params& p) {
  return {Request{CaseSet::Training, p.training_count, p.training_cases},
          Request{CaseSet::Validation, p.validation_count, p.validation_cases},
          Request{CaseSet::Test, p.test_count, p.test_cases}};
}

using Sets = std::map<std::string, CaseSet>;

void assign_named(const Params& params, Sets& sets) {
  std::vector<std::string> known;
  for (const auto& [name, set] : sets) known.push_back(name);
  for (const auto& request : requests(params)) {
    for (const auto& name : request.cases) {
      const auto found = sets.find(name);
      if (found == sets.end())
        throw DataError(fmt::format("{}_cases names case '{}', but no slide belongs to it{}",
                                    name_of(request.set), name, did_you_mean(name, known)));
      found->second = request.set;
    }
  }
}

void assign_drawn(const Params& params, Sets& sets) {
  std::size_t wanted = 0;
  for (const auto& request : requests(params)) wanted += static_cast<std::size_t>(request.count);
  if (wanted > sets.size())
    throw DataError(fmt::format(
        "{} training, {} validation and {} test cases are asked for, but the slides are of {} "
        "cases; set training_count, validation_count and test_count",
        params.training_count, params.validation_count, params.test_count, sets.size()));
  std::vector<std::string> names;
  for (const auto& [name, set] : sets) names.push_back(name);
  RandomStream random(static_cast<std::uint64_t>(params.seed), "split_cases", 0);
  const auto order = permutation(static_cast<std::uint32_t>(names.size()), random);
  std::size_t next = 0;
  for (const auto& request : requests(params)) {
    for (int i = 0; i < request.count; ++i) sets[names[order[next++]]] = request.set;
  }
}

}  // namespace

std::string check(const Params& params) {
  std::map<std::string, CaseSet> seen;
  bool named = false;
  int drawn = 0;
  for (const auto& request : requests(params)) {
    drawn += request.count;
    for (const auto& name : request.cases) {
      named = true;
      const auto [first, fresh] = seen.emplace(name, request.set);
      if (!fresh)
        return fmt::format("case '{}' is named in {}_cases and again in {}_cases", name,
                           name_of(first->second), name_of(request.set));
    }
  }
  if (params.mode == "lists" && !named && params.others == "unused")
    return "mode 'lists' needs training_cases, validation_cases, test_cases or others";
  if (params.mode == "random" && named)
    return "cases are named, but mode is 'random'; set mode: lists";
  if (params.mode == "random" && drawn == 0)
    return "all counts are 0, so no case would be drawn; set mode: lists for 'others' alone";
  return "";
}

CandidatePool split(const Params& params, CandidatePool pool) {
  const CaseSet others = case_set_from(params.others);
  Sets sets;
  for (const auto& slide : pool.slides) {
    if (slide.case_id.empty())
      throw DataError(fmt::format("slide '{}' has no case, so it can be in no set", slide.name));
    sets.emplace(slide.case_id, others);
  }
  if (params.mode == "lists") {
    assign_named(params, sets);
  } else {
    assign_drawn(params, sets);
  }
  for (auto& slide : pool.slides) slide.set = sets.at(slide.case_id);
  return pool;
}

std::vector<PoolSlide> slides_of(CaseSet set, const CandidatePool& pool) {
  std::vector<PoolSlide> out;
  std::ranges::copy_if(pool.slides, std::back_inserter(out),
                       [set](const PoolSlide& slide) { return slide.set == set; });
  if (out.empty())
    throw DataError(fmt::format("none of the {} slides of the pool is of the set '{}'",
                                pool.slides.size(), name_of(set)));
  return out;
}

}  // namespace mito::split_cases
