#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/core/payload.h"
#include "engine/core/record.h"
#include "engine/nn/architecture.h"
#include "engine/nn/backend.h"

namespace mito::nn {

/// What a model file says beside the weights (METHODS 7.9).
struct ModelInfo {
  Architecture architecture;
  double mpp = 0.25;                      ///< um per pixel the network was trained at.
  std::string classes = "other,mitosis";  ///< Order of the logits.
  double threshold = 0.8;                 ///< Operating threshold on the probability of mitosis.
  std::string threshold_source;           ///< Where it was chosen: data set, rule, radius.
  std::string data_digest;                ///< SHA-256 of the training images and points.
  std::int64_t seed = 0;
  std::string version;  ///< Program that wrote the file.
  bool operator==(const ModelInfo&) const = default;
};

/// A trained network: description and weights. A cheap handle: copies share both, and the network
/// itself is built on first use, once per device, and shared by all threads.
class Model {
 public:
  /// Throws DataError naming every tensor that does not fit the architecture.
  Model(ModelInfo info, Tensors tensors);

  const ModelInfo& info() const;
  const Tensors& tensors() const;
  /// SHA-256 over description and tensors: the identity of the model, whatever file it came from.
  const std::string& digest() const;
  /// Opens the network library when needed. Throws DataError.
  const Network& network(Device device) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Reads a model file. Throws DataError naming the file and what is wrong with it.
Model load_model(const std::filesystem::path& file);

/// Writes a model file (schemas/store/model.md): complete or absent.
void save_model(const Model& model, const std::filesystem::path& file);

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
