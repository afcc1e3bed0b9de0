#include "engine/nn/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/hdf5/record_file.h"
#include "engine/nn/fft_network.h"
#include "engine/nn/imported/card.h"
#include "engine/nn/imported/imported_network.h"
#include "engine/nn/loss.h"
#include "engine/types/seen_images.h"

namespace mito::nn {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kEnsembleFormat = 2;
constexpr std::int64_t kImportedFormat = 3;
constexpr const char* kCard = "card";        // its text, of a network made elsewhere
constexpr const char* kNetwork = "network";  // the bytes of its file
constexpr const char* kKind = "mitoloom model";
constexpr const char* kPrefix = "weights.";
constexpr char kSeparator = '\n';  // between the names of cases

std::string lines(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : std::string(1, kSeparator)) + name;
  return out;
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line, kSeparator);) out.push_back(line);
  return out;
}

constexpr const char* kNotKnown = "_not_known";  // why there may be more images than are listed
constexpr const char* kBefore = "the model file was written before images were recorded";

void put_images(Record& record, const std::string& name, const SeenFiles& seen) {
  record.attributes[name] = lines(seen_file_lines(seen));
  record.attributes[name + kNotKnown] = seen.not_known;
}

SeenFiles get_images(const Record& record, const std::string& name) {
  if (!record.attributes.contains(name)) return {{}, kBefore};
  return seen_files(read_seen_files(split_lines(record.text(name)), "attribute '" + name + "'"),
                    record.text(name + kNotKnown));
}

void put_architecture(Record& record, const Architecture& a) {
  auto& out = record.attributes;
  out["architecture"] = std::string(name_of(a.family));
  out["width_factor"] = a.width_factor;
  out["filter_rule"] = std::string(name_of(a.rule));
  out["filters"] = std::vector<double>(a.filters.begin(), a.filters.end());
  out["dense_units"] = a.dense_units;
  out["slope"] = a.slope;
  out["input_px"] = std::int64_t{kPatch};
}

/// All but the architecture.
Record describe(const ModelInfo& info, std::int64_t format) {
  Record record;
  auto& out = record.attributes;
  out["kind"] = std::string(kKind);
  out["format"] = format;
  out["mpp"] = info.mpp;
  out["classes"] = info.classes;
  out["threshold"] = info.threshold;
  out["threshold_source"] = info.threshold_source;
  out["data_digest"] = info.data_digest;
  out["seed"] = info.seed;
  out["version"] = info.version;
  out["training_cases"] = lines(info.training_cases);
  out["tuning_cases"] = lines(info.tuning_cases);
  out["epochs"] = info.epochs;
  out["best_epoch"] = info.best_epoch;
  put_images(record, "training_images", info.training_images);
  put_images(record, "tuning_images", info.tuning_images);
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

Architecture read_architecture(const Record& record) {
  if (record.integer("input_px") != kPatch)
    throw DataError(fmt::format("the model takes patches of {} px; only {} px is supported",
                                record.integer("input_px"), kPatch));
  Architecture a;
  a.family = family_from(record.text("architecture"));
  a.width_factor = record.number("width_factor");
  a.rule = rule_from(record.text("filter_rule"));
  for (const double n : record.numbers("filters")) a.filters.push_back(std::llround(n));
  a.dense_units = record.integer("dense_units");
  a.slope = record.number("slope");
  return a;
}

ModelInfo read_info(const Record& record) {
  if (!record.attributes.contains("kind") || record.text("kind") != kKind)
    throw DataError("this is not a mitoloom model file");
  if (const auto format = record.integer("format"); format < kFormat || format > kImportedFormat)
    throw DataError(fmt::format("model format {} is not known; this program reads {} to {}", format,
                                kFormat, kImportedFormat));
  ModelInfo info;
  if (record.integer("format") != kImportedFormat) info.architecture = read_architecture(record);
  info.mpp = record.number("mpp");
  info.classes = record.text("classes");
  if (info.classes != ModelInfo{}.classes)
    throw DataError(fmt::format("the model's classes are '{}', expected '{}'", info.classes,
                                ModelInfo{}.classes));
  info.threshold = record.number("threshold");
  for (const auto& [name, value] :
       {std::pair("slope", info.architecture.slope), std::pair("mpp", info.mpp),
        std::pair("threshold", info.threshold)})
    if (!std::isfinite(value))
      throw DataError(fmt::format("{} is {}, expected a number", name, value));
  info.threshold_source = record.text("threshold_source");
  info.data_digest = record.text("data_digest");
  info.seed = record.integer("seed");
  info.version = record.text("version");
  // The first files say nothing about the following.
  if (record.attributes.contains("training_cases")) {
    info.training_cases = split_lines(record.text("training_cases"));
    info.tuning_cases = split_lines(record.text("tuning_cases"));
    info.epochs = record.integer("epochs");
    info.best_epoch = record.integer("best_epoch");
  }
  info.training_images = get_images(record, "training_images");
  info.tuning_images = get_images(record, "tuning_images");
  return info;
}

std::string digest_of(const ModelInfo& info, const std::vector<Model>& members) {
  Sha256 sha;
  sha.update(fmt::format("ensemble|{}|{}|{}|", number_text(info.mpp), info.classes,
                         number_text(info.threshold)));
  for (const auto& member : members) sha.update(member.digest());
  return sha.finish();
}

/// What a card says, as the description of a model.
ModelInfo info_of(const Card& card, const std::string& file) {
  constexpr const char* kCardOnly = "it was made elsewhere, and its card lists cases only";
  ModelInfo info;
  info.mpp = card.mpp / static_cast<double>(card.reduction());
  info.threshold = card.threshold;
  info.threshold_source = card.threshold_source.empty() ? "its card" : card.threshold_source;
  info.data_digest = "";
  info.version = "made elsewhere: " + card.network;
  info.training_cases = card.training_cases;
  info.tuning_cases = card.tuning_cases;
  info.training_images = info.tuning_images = {{}, kCardOnly, file};
  return info;
}

std::string digest_of(const ModelInfo& info, const Imported& imported) {
  return sha256(fmt::format("imported|{}|{}|{}", number_text(info.threshold),
                            sha256(imported.card_text), imported.card.digest));
}

std::string member_prefix(std::size_t i) { return fmt::format("member{}.", i); }

Record encode_one(const Model& model) {
  if (const auto* imported = model.imported()) {
    Record record = describe(model.info(), kImportedFormat);
    record.attributes[kCard] = imported->card_text;
    const auto& bytes = imported->network;
    record.arrays[kNetwork] =
        Array::of(std::vector<std::uint8_t>(bytes.begin(), bytes.end()), {bytes.size()});
    return record;
  }
  Record record = describe(model.info(), kFormat);
  put_architecture(record, model.info().architecture);
  for (const auto& [name, array] : model.tensors()) record.arrays[kPrefix + name] = array;
  return record;
}

Model decode_one(const Record& record, ModelInfo info) {
  Tensors tensors;
  for (const auto& [name, array] : record.arrays) {
    if (!name.starts_with(kPrefix))
      throw DataError(fmt::format("a model file holds no dataset '{}'", name));
    tensors[name.substr(std::string_view(kPrefix).size())] = array;
  }
  return {std::move(info), std::move(tensors)};
}

Model decode_imported(const Record& record, ModelInfo info, const std::string& file) {
  auto imported = std::make_shared<Imported>();
  imported->card_text = record.text(kCard);
  imported->card = parse_card(imported->card_text, "the card in " + file);
  const auto bytes = record.array(kNetwork).as<std::uint8_t>();
  imported->network.assign(bytes.begin(), bytes.end());
  imported->source = fmt::format("{} in {}", imported->card.network, file);
  if (sha256(imported->network) != imported->card.digest)
    throw DataError("the network is not the one that its card states");
  return {std::move(info), std::move(imported)};
}

/// The entries of `map` whose names begin with `prefix`, without it.
template <class Map>
Map entries(const Map& map, const std::string& prefix) {
  Map out;
  for (const auto& [name, value] : map) {
    if (name.starts_with(prefix)) out[name.substr(prefix.size())] = value;
  }
  return out;
}

/// `file`: where the record lies, for messages about what the model has seen.
Model decode_model(const Record& record, const std::string& file) {
  ModelInfo info = read_info(record);
  info.training_images.listed_in = info.tuning_images.listed_in = file;
  if (record.integer("format") == kFormat) return decode_one(record, std::move(info));
  if (record.integer("format") == kImportedFormat)
    return decode_imported(record, std::move(info), file);
  std::vector<Model> members;
  std::size_t arrays = 0;
  for (std::int64_t i = 0; i < record.integer("members"); ++i) {
    const auto prefix = member_prefix(static_cast<std::size_t>(i));
    const Record one{entries(record.arrays, prefix), entries(record.attributes, prefix)};
    try {
      members.push_back(decode_one(one, read_info(one)));
    } catch (const DataError& error) {
      throw DataError(fmt::format("member {}: {}", i + 1, error.what()));
    }
    arrays += one.arrays.size();
  }
  if (arrays != record.arrays.size())
    throw DataError(fmt::format("the file holds {} datasets, but its {} members have {}",
                                record.arrays.size(), members.size(), arrays));
  return {std::move(info), std::move(members)};
}

}  // namespace

struct Model::State {
  ModelInfo info;
  Tensors tensors;
  std::vector<Model> members;
  std::shared_ptr<const Imported> imported;
  std::string digest;
  struct Loaded {
    std::once_flag once;
    std::shared_ptr<const Network> network;
  };
  std::array<Loaded, 4> loaded;  // by device and precision
  std::mutex fft_mutex;
  std::map<std::int64_t, std::shared_ptr<const Network>> fft;  ///< By memory for filters.
};

Model::Model(ModelInfo info, Tensors tensors) : state_(std::make_shared<State>()) {
  check_tensors(info.architecture, tensors);
  state_->digest = digest_of(info, tensors);
  state_->info = std::move(info);
  state_->tensors = std::move(tensors);
}

Model::Model(ModelInfo info, std::vector<Model> members) : state_(std::make_shared<State>()) {
  if (members.empty()) throw DataError("an ensemble needs at least one network");
  const auto& first = members.front().info();
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& other = members[i].info();
    if (!members[i].members().empty())
      throw DataError(fmt::format("member {} of the ensemble is an ensemble itself", i + 1));
    if (const auto* imported = members[i].imported())
      throw DataError(
          fmt::format("member {} of the ensemble was made elsewhere ({}): an ensemble is "
                      "of networks that mitoloom trained",
                      i + 1, imported->source));
    if (other.architecture.family != first.architecture.family || other.mpp != first.mpp ||
        other.classes != first.classes)
      throw DataError(fmt::format(
          "the networks of an ensemble must be of one kind: member 1 is {} at {} um/px with "
          "classes '{}', member {} is {} at {} um/px with classes '{}'",
          name_of(first.architecture.family), first.mpp, first.classes, i + 1,
          name_of(other.architecture.family), other.mpp, other.classes));
  }
  info.architecture = first.architecture;
  info.mpp = first.mpp;
  info.classes = first.classes;
  state_->digest = digest_of(info, members);
  state_->info = std::move(info);
  state_->members = std::move(members);
}

Model::Model(ModelInfo info, std::shared_ptr<const Imported> imported)
    : state_(std::make_shared<State>()) {
  state_->digest = digest_of(info, *imported);
  state_->info = std::move(info);
  state_->imported = std::move(imported);
}

const Imported* Model::imported() const { return state_->imported.get(); }
const ModelInfo& Model::info() const { return state_->info; }
const std::vector<Model>& Model::members() const { return state_->members; }
std::size_t Model::size() const { return std::max<std::size_t>(1, state_->members.size()); }
const std::string& Model::digest() const { return state_->digest; }

const Tensors& Model::tensors() const {
  if (!state_->members.empty())
    throw DataError(fmt::format(
        "an ensemble of {} networks was given where a single network is needed", size()));
  if (state_->imported != nullptr)
    throw DataError(fmt::format(
        "{}: a network made elsewhere was given where weights are needed: only networks that "
        "mitoloom trained are trained further",
        state_->imported->source));
  return state_->tensors;
}

const Network& Model::network(Device device, Precision precision) const {
  auto& loaded =
      state_->loaded.at((device == Device::Cuda ? 1 : 0) + (precision == Precision::Mixed ? 2 : 0));
  std::call_once(loaded.once, [&] {
    if (state_->imported != nullptr) {
      if (precision != Precision::Float32)
        throw DataError(fmt::format("{}: a network made elsewhere runs in float32 only",
                                    state_->imported->source));
      loaded.network = std::make_shared<ImportedNetwork>(*state_->imported, device);
      return;
    }
    if (state_->members.empty()) {
      loaded.network =
          backend().network(state_->info.architecture, state_->tensors, device, precision);
      return;
    }
    std::vector<const Network*> networks;
    for (const auto& member : state_->members)
      networks.push_back(&member.network(device, precision));
    loaded.network = std::make_shared<EnsembleNetwork>(std::move(networks));
  });
  return *loaded.network;
}

const Network& Model::fft_network(std::int64_t filter_memory_mib) const {
  if (state_->imported != nullptr)
    throw DataError(fmt::format(
        "{}: backend fft computes the networks of the paper only; a network made elsewhere takes "
        "'auto'",
        state_->imported->source));
  const std::lock_guard lock(state_->fft_mutex);
  auto& network = state_->fft[filter_memory_mib];
  if (network != nullptr) return *network;
  if (state_->members.empty()) {
    network =
        std::make_shared<FftNetwork>(state_->info.architecture, state_->tensors, filter_memory_mib);
    return *network;
  }
  std::vector<const Network*> networks;
  for (const auto& member : state_->members)
    networks.push_back(&member.fft_network(filter_memory_mib / std::ssize(state_->members)));
  network = std::make_shared<EnsembleNetwork>(std::move(networks));
  return *network;
}

Model Model::with(ModelInfo info) const {
  if (state_->imported != nullptr) return {std::move(info), state_->imported};
  return state_->members.empty() ? Model(std::move(info), state_->tensors)
                                 : Model(std::move(info), state_->members);
}

namespace {

using Call = std::function<std::vector<float>(const Network&)>;

std::vector<double> mean(const std::vector<const Network*>& members, const Call& call) {
  std::vector<std::vector<double>> values;
  for (const auto* member : members) {
    const auto one = call(*member);
    values.emplace_back(one.begin(), one.end());
  }
  return ensemble_mean(values);
}

std::vector<float> rounded(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

EnsembleNetwork::EnsembleNetwork(std::vector<const Network*> members)
    : members_(std::move(members)) {
  if (members_.empty()) throw DataError("an ensemble needs at least one network");
}

std::vector<float> EnsembleNetwork::probabilities(std::span<const float> patches,
                                                  std::int64_t count) const {
  return rounded(mean(members_, [&](const Network& n) { return n.probabilities(patches, count); }));
}

std::vector<float> EnsembleNetwork::probability_map(std::span<const std::uint8_t> rgb,
                                                    std::int64_t height,
                                                    std::int64_t width) const {
  return rounded(
      mean(members_, [&](const Network& n) { return n.probability_map(rgb, height, width); }));
}

DenseParts EnsembleNetwork::dense_parts() const { return members_.front()->dense_parts(); }

std::vector<float> EnsembleNetwork::logits(std::span<const float> patches,
                                           std::int64_t count) const {
  std::vector<float> out;
  for (const double p :
       mean(members_, [&](const Network& n) { return n.probabilities(patches, count); }))
    out.insert(out.end(), {static_cast<float>(std::log1p(-p)), static_cast<float>(std::log(p))});
  return out;
}

std::vector<float> EnsembleNetwork::dense(std::span<const std::uint8_t> rgb,
                                          std::int64_t height,
                                          std::int64_t width) const {
  const auto p =
      mean(members_, [&](const Network& n) { return n.probability_map(rgb, height, width); });
  const std::size_t block = p.size() / blocks(rgb, height, width);
  std::vector<float> out(2 * p.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::size_t other = i + i / block * block;
    out[other] = static_cast<float>(std::log1p(-p[i]));
    out[other + block] = static_cast<float>(std::log(p[i]));
  }
  return out;
}

void require_resolution(const Model& model,
                        double mpp,
                        std::string_view where,
                        std::string_view what) {
  constexpr double kTolerance = 0.05;
  const double wanted = model.info().mpp;
  if (std::abs(mpp - wanted) > kTolerance * wanted)
    throw DataError(fmt::format("{}the model was trained at {} um/px, but {} {} um/px", where,
                                wanted, what, mpp));
}

Measured::Seen seen_in_training(const ModelInfo& info) {
  return {"training", info.training_cases, info.training_images};
}

Measured::Seen seen_in_tuning(const ModelInfo& info) {
  return {"tuning", info.tuning_cases, info.tuning_images};
}

namespace {

constexpr const char* kSeal = "content_digest";

void write_sealed(const std::filesystem::path& file, Record record) {
  record.attributes[kSeal] = content_digest(record);
  store::write_record(file, record);
}

/// A model file without its seal, which must be right where there is one.
struct Opened {
  Record record;
  bool sealed = false;
};

Opened open_file(const std::filesystem::path& file) {
  if (file.extension() == ".onnx" || file.extension() == ".pt")
    throw DataError(fmt::format(
        "{}: a network made elsewhere is given by its card, a YAML file beside it that says what "
        "it "
        "takes and gives (docs/models.md), such as {}",
        file.string(), std::filesystem::path(file).replace_extension(".yaml").string()));
  Opened out{store::read_record(file)};
  out.sealed = out.record.attributes.contains(kSeal);
  if (!out.sealed) return out;
  const auto stated = out.record.text(kSeal);
  out.record.attributes.erase(kSeal);
  if (stated != content_digest(out.record))
    throw DataError(fmt::format(
        "{}: the model file is damaged: its content is not what it was when it was written ({})",
        file.string(), kSeal));
  return out;
}

Model decode_file(const Record& record, const std::filesystem::path& file) {
  try {
    return decode_model(record, file.string());
  } catch (const DataError& error) {
    throw DataError(fmt::format("{}: {}", file.string(), error.what()));
  }
}

/// The two files that were read last, with what their networks have made of their weights: a run
/// looks at its model before it starts, and a task of many batches loads it for each of them; a
/// cascade has two.
class LastRead {
 public:
  Model get(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return read(file);
    auto content = sha256_file(file);
    const std::scoped_lock guard(mutex_);
    const auto found = std::ranges::find_if(
        kept_, [&](const Kept& k) { return k.file == file && k.content == content; });
    if (found != kept_.end()) {
      std::rotate(kept_.begin(), found, found + 1);
    } else {
      std::erase_if(kept_, [&](const Kept& k) { return k.file == file; });
      kept_.insert(kept_.begin(), {file, std::move(content), read(file)});
      if (kept_.size() > kMost) kept_.pop_back();
    }
    return kept_.front().model;
  }

 private:
  struct Kept {
    std::filesystem::path file;
    std::string content;
    Model model;
  };
  static constexpr std::size_t kMost = 2;

  static Model read(const std::filesystem::path& file) {
    return decode_file(open_file(file).record, file);
  }

  std::mutex mutex_;
  std::vector<Kept> kept_;  ///< The one used last first.
};

}  // namespace

Model load_model(const std::filesystem::path& file) {
  if (is_card(file)) {
    auto imported = std::make_shared<const Imported>(read_card(file));
    auto info = info_of(imported->card, file.string());
    return {std::move(info), std::move(imported)};
  }
  static auto& last = *new LastRead;  // never destroyed: LibTorch would be gone before
  return last.get(file);
}

void save_model(const Model& model, const std::filesystem::path& file) {
  write_sealed(file, Codec<Model>::encode(model));
}

bool is_sealed(const std::filesystem::path& file) {
  if (is_card(file)) return true;
  return store::read_attributes(file).contains(kSeal);
}

bool seal_model(const std::filesystem::path& file) {
  if (is_card(file)) {
    read_card(file);
    return false;
  }
  auto opened = open_file(file);
  decode_file(opened.record, file);
  if (opened.sealed) return false;
  write_sealed(file, std::move(opened.record));
  return true;
}

}  // namespace mito::nn

namespace mito {

Record Codec<nn::Model>::encode(const nn::Model& model) {
  if (model.members().empty()) return nn::encode_one(model);
  Record record = nn::describe(model.info(), nn::kEnsembleFormat);
  nn::put_architecture(record, model.info().architecture);
  record.attributes["members"] = static_cast<std::int64_t>(model.size());
  for (std::size_t i = 0; i < model.size(); ++i) {
    const Record one = nn::encode_one(model.members()[i]);
    const auto prefix = nn::member_prefix(i);
    for (const auto& [name, array] : one.arrays) record.arrays[prefix + name] = array;
    for (const auto& [name, value] : one.attributes) record.attributes[prefix + name] = value;
  }
  return record;
}

nn::Model Codec<nn::Model>::decode(const Record& record) { return nn::decode_model(record, ""); }

}  // namespace mito
