#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/foresight.h"
#include "engine/core/payload.h"
#include "engine/core/record.h"
#include "engine/core/seen_files.h"
#include "engine/nn/architecture.h"
#include "engine/nn/backend.h"

namespace mito::nn {

struct Imported;

/// What a model file says beside the weights (method 7.9).
struct ModelInfo {
  /// Of an ensemble: that of its first member. Of a network made elsewhere: nothing.
  Architecture architecture;
  double mpp = 0.25;                      ///< um per pixel of what it is given.
  std::string classes = "other,mitosis";  ///< Order of the logits.
  double threshold = 0.8;                 ///< Operating threshold on the probability of mitosis.
  std::string threshold_source;           ///< Where it was chosen: data set, rule, radius.
  std::string data_digest;                ///< SHA-256 of the training patches.
  std::int64_t seed = 0;
  std::string version;                      ///< Program that wrote the file.
  std::vector<std::string> training_cases;  ///< Cases whose patches set the weights.
  std::vector<std::string> tuning_cases;    ///< Cases that chose the epoch or the threshold.
  SeenFiles training_images;                ///< The files of the images behind `training_cases`.
  SeenFiles tuning_images;                  ///< Those behind `tuning_cases`.
  std::int64_t epochs = 0;                  ///< Epochs trained; 0 = not known.
  std::int64_t best_epoch = 0;              ///< The one whose weights these are, from 1.
  bool operator==(const ModelInfo&) const = default;
};

/// A trained network, an ensemble of several, or a network made elsewhere: description and weights.
/// A cheap handle: copies share both, and the network itself is built on first use, once per
/// device, and shared by all threads. Whoever asks network() for probabilities need not know how
/// many members there are.
class Model {
 public:
  /// Throws DataError naming every tensor that does not fit the architecture.
  Model(ModelInfo info, Tensors tensors);

  /// An ensemble whose probability is the mean over its members (method 8.2). `info` describes it
  /// as a whole; its architecture is set to that of the first member. Throws DataError when there
  /// is no member, a member is an ensemble itself, or family, mpp or classes differ.
  Model(ModelInfo info, std::vector<Model> members);

  /// A network made elsewhere. `info` describes it beside its card. Throws DataError when it cannot
  /// be opened.
  Model(ModelInfo info, std::shared_ptr<const Imported> imported);

  const ModelInfo& info() const;
  /// Null unless it was made elsewhere.
  const Imported* imported() const;
  /// The members of an ensemble; empty for a single network.
  const std::vector<Model>& members() const;
  /// Networks that are evaluated: 1, or the number of members.
  std::size_t size() const;
  /// Throws DataError when this is an ensemble, whose members have tensors, or was made elsewhere.
  const Tensors& tensors() const;
  /// SHA-256 over description and tensors: the identity of the model, whatever file it came from.
  const std::string& digest() const;
  /// Opens the network library when needed. One made elsewhere runs in float32 only. Throws
  /// DataError.
  const Network& network(Device device, Precision precision = Precision::Float32) const;
  /// The same for dense maps on processors, without the network library (FftNetwork). Filters take
  /// up to `filter_memory_mib` of memory, shared by the members of an ensemble. Throws DataError,
  /// also for one made elsewhere.
  const Network& fft_network(std::int64_t filter_memory_mib) const;

  /// The same weights with another description, which must keep the architecture.
  Model with(ModelInfo info) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The mean of the probabilities of several networks. Logits of an ensemble are (ln(1 - p), ln p),
/// whose softmax is that mean.
class EnsembleNetwork final : public Network {
 public:
  /// The networks must outlive this. Throws DataError when there is none.
  explicit EnsembleNetwork(std::vector<const Network*> members);

  std::vector<float> logits(std::span<const float> patches, std::int64_t count) const override;
  std::vector<float> dense(std::span<const std::uint8_t> rgb,
                           std::int64_t height,
                           std::int64_t width) const override;
  std::vector<float> probabilities(std::span<const float> patches,
                                   std::int64_t count) const override;
  std::vector<float> probability_map(std::span<const std::uint8_t> rgb,
                                     std::int64_t height,
                                     std::int64_t width) const override;
  DenseParts dense_parts() const override;

 private:
  std::vector<const Network*> members_;
};

/// Throws DataError when pixels of `mpp` um are not those the model was trained at, to 5 % (method
/// 0.2): "WHEREthe model was trained at 0.25 um/px, but WHAT 0.5 um/px".
void require_resolution(const Model& model,
                        double mpp,
                        std::string_view where,
                        std::string_view what);

/// What a network has seen, for refuse_seen() and leak_check(): the sets "training" and "tuning".
Measured::Seen seen_in_training(const ModelInfo& info);
Measured::Seen seen_in_tuning(const ModelInfo& info);

/// Reads a model file, or the card (.yaml) of a network made elsewhere. Throws DataError naming the
/// file and what is wrong with it, also when its content is not what it was when it was written;
/// ConfigError with the mistakes in a card.
Model load_model(const std::filesystem::path& file);

/// Writes a model file (schemas/store/model.md): complete or absent, with a digest of its content.
void save_model(const Model& model, const std::filesystem::path& file);

/// Does the file say what its content was when it was written? Those of earlier versions and of
/// other programs do not, cards always do. Whether it is still so is not looked at. Throws
/// DataError.
bool is_sealed(const std::filesystem::path& file);

/// Adds that to a file without it; false when it was there. Nothing else changes. Throws DataError
/// as load_model() does.
bool seal_model(const std::filesystem::path& file);

}  // namespace mito::nn

namespace mito {

template <>
struct Payload<nn::Model> {
  static constexpr TypeDesc kDesc{"Model", 1};
};
template <>
struct Codec<nn::Model> {
  static Record encode(const nn::Model& model);
  static nn::Model decode(const Record& record);
};

}  // namespace mito
