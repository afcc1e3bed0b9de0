#include "nodes/detector/ensemble/ensemble.h"

#include <algorithm>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/nn/loss.h"
#include "engine/types/cases.h"
#include "engine/types/seen_images.h"

namespace mito::ensemble {
namespace {

using Names = std::vector<std::string>;

Names united(const std::vector<nn::Model>& members, Names nn::ModelInfo::*list, Names more) {
  std::set<std::string> all(more.begin(), more.end());
  for (const auto& member : members)
    all.insert((member.info().*list).begin(), (member.info().*list).end());
  return {all.begin(), all.end()};
}

/// The images of all members, and of the patches that choose the threshold.
SeenFiles united_images(const std::vector<nn::Model>& members,
                        SeenFiles nn::ModelInfo::*list,
                        SeenFiles more) {
  for (const auto& member : members) more = united(std::move(more), member.info().*list);
  return more;
}

/// What was the same in all members stays; else it is named by a digest of its own.
std::string common_data(const std::vector<nn::Model>& members) {
  std::string all;
  bool same = true;
  for (const auto& member : members) {
    same = same && member.info().data_digest == members.front().info().data_digest;
    all += member.info().data_digest + "\n";
  }
  return same ? members.front().info().data_digest : sha256(all);
}

double mean_threshold(const std::vector<nn::Model>& members) {
  double sum = 0;
  for (const auto& member : members) sum += member.info().threshold;
  return sum / static_cast<double>(members.size());
}

nlohmann::ordered_json to_json(const stats::PatchF1& m) {
  return {
      {"threshold", m.threshold}, {"f1", m.f1}, {"precision", m.precision}, {"recall", m.recall}};
}

}  // namespace

Joined join(const std::vector<nn::Model>& members,
            const nn::PlainPatches* validation,
            nn::Device device,
            const std::function<bool()>& stop) {
  if (members.empty()) throw DataError("an ensemble needs at least one network");
  nn::ModelInfo info;
  info.threshold = mean_threshold(members);
  info.threshold_source = fmt::format("mean of the thresholds of {} networks", members.size());
  info.data_digest = common_data(members);
  info.seed = members.front().info().seed;
  info.version = fmt::format("mitoloom {}", version());
  info.training_cases = united(members, &nn::ModelInfo::training_cases, {});
  info.tuning_cases = united(members, &nn::ModelInfo::tuning_cases,
                             validation == nullptr ? Names{} : nn::cases_of(validation->set()));
  const SeenFiles none{{}, ""};
  info.training_images = united_images(members, &nn::ModelInfo::training_images, none);
  info.tuning_images = united_images(members, &nn::ModelInfo::tuning_images,
                                     validation == nullptr ? none : validation->images());
  Joined out{nn::Model(info, members), {}, std::nullopt};
  if (validation != nullptr) {
    std::vector<std::vector<double>> scores;
    for (std::size_t i = 0; i < members.size(); ++i) {
      refuse_shared_cases({"validation", nn::cases_of(validation->set())},
                          {"training", members[i].info().training_cases});
      const auto one = nn::patch_probabilities(members[i].network(device), *validation, stop);
      out.members.push_back({stats::best_f1(one, validation->labels()),
                             stats::f1_at(members[i].info().threshold, one, validation->labels())});
      scores.emplace_back(one.begin(), one.end());
    }
    const auto mean = nn::ensemble_mean(scores);
    const std::vector<float> together(mean.begin(), mean.end());
    out.together = Scored{stats::best_f1(together, validation->labels()),
                          stats::f1_at(info.threshold, together, validation->labels())};
    info.threshold = out.together->best.threshold;
    info.threshold_source =
        fmt::format("best F1 ({:.3f}) of the mean of {} networks on {} validation patches",
                    out.together->best.f1, members.size(), validation->count());
  }
  out.model = members.size() == 1 ? members.front() : out.model.with(std::move(info));
  return out;
}

std::string report(const Joined& joined, const nn::PlainPatches& validation) {
  const auto positives = std::ranges::count(validation.labels(), 1);
  nlohmann::ordered_json out;
  out["validation"] = {{"patches", validation.count()},
                       {"positives", positives},
                       {"cases", nn::cases_of(validation.set())}};
  auto& members = out["members"] = nlohmann::ordered_json::array();
  const auto scored = [](const Scored& one, const nn::Model& model) {
    return nlohmann::ordered_json{{"digest", model.digest()},
                                  {"seed", model.info().seed},
                                  {"best", to_json(one.best)},
                                  {"at_own_threshold", to_json(one.own)}};
  };
  for (std::size_t i = 0; i < joined.members.size(); ++i)
    members.push_back(scored(joined.members[i], joined.model.members().empty()
                                                    ? joined.model
                                                    : joined.model.members()[i]));
  if (joined.together)
    out["ensemble"] = {{"digest", joined.model.digest()},
                       {"networks", joined.model.size()},
                       {"best", to_json(joined.together->best)},
                       {"at_mean_threshold", to_json(joined.together->own)}};
  return json_text(out);
}

}  // namespace mito::ensemble
