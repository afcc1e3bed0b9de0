#include "tools/sweep/training_state.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/stats/chance.h"
#include "engine/stats/threshold_curves.h"
#include "tools/sweep/result_file.h"

namespace mito::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kEnsembleFile = "ensemble.json";  // of the node type ensemble
constexpr const char* kTuningFile = "tuning.json";      // of export_tuning

/// What is wrong with each network of one folder of logs, in sentences; empty: nothing.
using Problems = std::vector<std::string>;

/// chance_f1 of what was asked for before: all seeds have the same validation patches.
class Chance {
 public:
  double of(std::int64_t count, std::int64_t positives) {
    const auto [found, is_new] = known_.try_emplace({count, positives}, 0.0);
    if (is_new) found->second = stats::chance_f1(count, positives);
    return found->second;
  }

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, double> known_;
};

/// A number of JSON; NaN is written as null.
std::optional<double> number_at(const Json& json, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!json.contains(at) || !json.at(at).is_number()) return std::nullopt;
  return json.at(at).get<double>();
}

Problems networks_of(const fs::path& file, const std::string& name, Chance& chance) {
  Problems out;
  const Json json = read_result(file);
  const auto count = number_at(json, "/validation/patches");
  const auto positives = number_at(json, "/validation/positives");
  const auto* members = child(json, "members");
  if (!count || !positives || members == nullptr)
    throw DataError(
        fmt::format("{}: expected 'validation' and 'members', as the node type "
                    "ensemble writes them",
                    file.string()));
  const double level =
      chance.of(static_cast<std::int64_t>(*count), static_cast<std::int64_t>(*positives));
  for (std::size_t i = 0; i < members->size(); ++i) {
    const auto f1 = number_at((*members)[i], "/best/f1");
    if (f1 && *f1 > level) continue;
    out.push_back(fmt::format(
        "network {}{} collapsed: F1 {} on its validation patches, where a random order has up to "
        "{:.3f}",
        name, members->size() > 1 ? fmt::format(" ({} of {})", i + 1, members->size()) : "",
        f1 ? fmt::format("{:.3f}", *f1) : "not a number", level));
  }
  return out;
}

void add_tuning(const fs::path& file, const std::string& name, TrainingState& state) {
  const Json json = read_result(file);
  const auto value = number_at(json, "/value");
  const auto* measure = child(json, "measure");
  if (measure != nullptr && *measure == "f1" && (!value || *value <= 0))
    state.collapsed.push_back(
        fmt::format("{}: at no threshold is a mitosis of the tuning cases found", name));
  const auto* warnings = child(json, "warnings");
  if (warnings == nullptr) return;
  for (const auto& warning : *warnings) {
    const auto text = warning.is_string() ? warning.get<std::string>() : std::string();
    if (text.find(stats::kAtAnEnd) != std::string::npos)
      state.doubtful.push_back(fmt::format("{}: {}", name, text));
  }
}

/// Problems by the name of a network, or by the digest of its file.
using Logs = std::map<std::string, Problems>;

std::vector<RunRecord::File> models_of(const RunRecord& record) {
  std::vector<RunRecord::File> out;
  std::ranges::copy_if(record.files, std::back_inserter(out),
                       [](const RunRecord::File& file) { return !file.model_digest.empty(); });
  return out;
}

/// The network that a model file is named after: cnn4.h5 holds what cnn4/ has the logs of.
std::string network_of(const RunRecord::File& model) {
  return fs::path(model.path).stem().string();
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const auto& one : more)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

/// The logs in the folder of a run; what they say goes to `state`, too.
Logs read_logs(const RunRecord& record,
               const fs::path& folder,
               Chance& chance,
               TrainingState& state) {
  Logs out;
  for (const auto& file : record.files) {
    const fs::path path(file.path);
    const auto name = path.parent_path().generic_string();
    try {
      if (path.filename() == kTuningFile) add_tuning(folder / path, file.path, state);
      if (path.filename() != kEnsembleFile) continue;
      const auto problems = networks_of(folder / path, name.empty() ? "-" : name, chance);
      append(state.collapsed, problems);
      append(out[path.parent_path().filename().string()], problems);
    } catch (const DataError&) {
      state.unjudged.push_back(file.path);  // a file of another program that has this name
    }
  }
  return out;
}

}  // namespace

std::vector<TrainingState> training_states(const std::vector<const RunRecord*>& records,
                                           const std::vector<fs::path>& folders) {
  Chance chance;
  std::vector<TrainingState> out(records.size());
  std::vector<Logs> logs(records.size());
  Logs by_digest;  // of model files
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i] == nullptr) continue;
    logs[i] = read_logs(*records[i], folders[i], chance, out[i]);
    for (const auto& file : models_of(*records[i]))
      if (const auto own = logs[i].find(network_of(file)); own != logs[i].end())
        by_digest[file.model_digest] = own->second;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i] == nullptr) continue;
    for (const auto& file : models_of(*records[i])) {
      if (logs[i].contains(network_of(file))) continue;
      const auto known = by_digest.find(file.model_digest);
      if (known != by_digest.end()) {
        append(out[i].collapsed, known->second);
      } else if (logs[i].empty()) {  // else its log may have another name
        out[i].unjudged.push_back(file.path);
      }
    }
  }
  return out;
}

}  // namespace mito::sweep
