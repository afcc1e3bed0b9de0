#include "engine/nn/model.h"

#include <array>
#include <cmath>
#include <mutex>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/store/record_file.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr const char* kKind = "mitoloom model";
constexpr const char* kPrefix = "weights.";

Record describe(const ModelInfo& info) {
  const auto& a = info.architecture;
  Record record;
  auto& out = record.attributes;
  out["kind"] = std::string(kKind);
  out["format"] = kFormat;
  out["architecture"] = std::string(name_of(a.family));
  out["width_factor"] = a.width_factor;
  out["filter_rule"] = std::string(name_of(a.rule));
  out["filters"] = std::vector<double>(a.filters.begin(), a.filters.end());
  out["dense_units"] = a.dense_units;
  out["slope"] = a.slope;
  out["input_px"] = std::int64_t{kPatch};
  out["mpp"] = info.mpp;
  out["classes"] = info.classes;
  out["threshold"] = info.threshold;
  out["threshold_source"] = info.threshold_source;
  out["data_digest"] = info.data_digest;
  out["seed"] = info.seed;
  out["version"] = info.version;
  return record;
}

std::string digest_of(const ModelInfo& info, const Tensors& tensors) {
  Sha256 sha;
  const auto& a = info.architecture;
  sha.update(fmt::format("{}|{}|{}|{}|{}|{}|", name_of(a.family), number_text(a.slope),
                         number_text(info.mpp), info.classes, number_text(info.threshold), kPatch));
  for (const auto& [name, array] : tensors) {
    sha.update(name);
    for (const auto side : array.shape) sha.update(fmt::format(",{}", side));
    sha.update(array.bytes);
  }
  return sha.finish();
}

ModelInfo read_info(const Record& record) {
  if (!record.attributes.contains("kind") || record.text("kind") != kKind)
    throw DataError("this is not a mitoloom model file");
  if (record.integer("format") != kFormat)
    throw DataError(fmt::format("model format {} is not known; this program reads format {}",
                                record.integer("format"), kFormat));
  if (record.integer("input_px") != kPatch)
    throw DataError(fmt::format("the model takes patches of {} px; only {} px is supported",
                                record.integer("input_px"), kPatch));
  ModelInfo info;
  auto& a = info.architecture;
  a.family = family_from(record.text("architecture"));
  a.width_factor = record.number("width_factor");
  a.rule = rule_from(record.text("filter_rule"));
  for (const double n : record.numbers("filters")) a.filters.push_back(std::llround(n));
  a.dense_units = record.integer("dense_units");
  a.slope = record.number("slope");
  info.mpp = record.number("mpp");
  info.classes = record.text("classes");
  if (info.classes != ModelInfo{}.classes)
    throw DataError(fmt::format("the model's classes are '{}', expected '{}'", info.classes,
                                ModelInfo{}.classes));
  info.threshold = record.number("threshold");
  info.threshold_source = record.text("threshold_source");
  info.data_digest = record.text("data_digest");
  info.seed = record.integer("seed");
  info.version = record.text("version");
  return info;
}

}  // namespace

struct Model::State {
  ModelInfo info;
  Tensors tensors;
  std::string digest;
  struct Loaded {
    std::once_flag once;
    std::shared_ptr<const Network> network;
  };
  std::array<Loaded, 2> loaded;
};

Model::Model(ModelInfo info, Tensors tensors) : state_(std::make_shared<State>()) {
  check_tensors(info.architecture, tensors);
  state_->digest = digest_of(info, tensors);
  state_->info = std::move(info);
  state_->tensors = std::move(tensors);
}

const ModelInfo& Model::info() const { return state_->info; }
const Tensors& Model::tensors() const { return state_->tensors; }
const std::string& Model::digest() const { return state_->digest; }

const Network& Model::network(Device device) const {
  auto& loaded = state_->loaded.at(device == Device::Cuda ? 1 : 0);
  std::call_once(loaded.once, [&] {
    loaded.network = backend().network(state_->info.architecture, state_->tensors, device);
  });
  return *loaded.network;
}

Model load_model(const std::filesystem::path& file) {
  const Record record = store::read_record(file);
  try {
    return Codec<Model>::decode(record);
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

void save_model(const Model& model, const std::filesystem::path& file) {
  store::write_record(file, Codec<Model>::encode(model));
}

}  // namespace mito::nn

namespace mito {

Record Codec<nn::Model>::encode(const nn::Model& model) {
  Record record = nn::describe(model.info());
  for (const auto& [name, array] : model.tensors()) record.arrays[nn::kPrefix + name] = array;
  return record;
}

nn::Model Codec<nn::Model>::decode(const Record& record) {
  nn::ModelInfo info = nn::read_info(record);
  nn::Tensors tensors;
  for (const auto& [name, array] : record.arrays) {
    if (!name.starts_with(nn::kPrefix))
      throw DataError(fmt::format("a model file holds no dataset '{}'", name));
    tensors[name.substr(std::string_view(nn::kPrefix).size())] = array;
  }
  return {std::move(info), std::move(tensors)};
}

}  // namespace mito
