#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/record.h"

namespace mito::nn {

/// Weights by name, float32, row major in the shapes of `tensor_specs`.
using Tensors = std::map<std::string, Array>;

enum class Family : std::uint8_t {
  Table2,  ///< Nine valid convolutions and a 1x1: CNN3, CNN4 and CNN5 (Table II).
  Cnn12,   ///< Five convolutions with pooling and a dense layer: CNN1 and CNN2.
};

/// How a filter count is rounded when the width factor makes it a fraction (method 7.1).
enum class FilterRule : std::uint8_t { EvenFloor, Floor, Round };

std::string_view name_of(Family family);
std::string_view name_of(FilterRule rule);
Family family_from(std::string_view name);    ///< Throws DataError with the valid names.
FilterRule rule_from(std::string_view name);  ///< Throws DataError with the valid names.

/// Receptive field, stride and position of the object of the Table II network (method 7.1, 9.1).
inline constexpr std::int64_t kReceptiveField = 97;
inline constexpr std::int64_t kStride = 4;
inline constexpr std::int64_t kPatch = 100;
inline constexpr std::int64_t kObjectOffset = 50;

/// Shape of a network. Class 0 is "other", class 1 is "mitosis".
struct Architecture {
  Family family = Family::Table2;
  double width_factor = 1;  ///< gamma; what `filters` was made from.
  FilterRule rule = FilterRule::EvenFloor;
  std::vector<std::int64_t> filters;  ///< Nine (Table2) or five (Cnn12) filter counts.
  std::int64_t dense_units = 0;       ///< Cnn12 only.
  double slope = 0.01;                ///< Of the leaky ReLU; 0 is the plain ReLU.

  /// Inputs of the output layer, which dropout acts on.
  std::int64_t features() const;
  bool operator==(const Architecture&) const = default;
};

/// max(0, base * width_factor) by `rule`. Throws DataError when nothing is left.
std::int64_t scaled_filters(std::int64_t base, double width_factor, FilterRule rule);

/// The network of Table II. Throws DataError when a layer would have 0 filters.
Architecture table2(double width_factor,
                    FilterRule rule = FilterRule::EvenFloor,
                    double slope = 0.01);

/// CNN1/CNN2 (method 7.2): filters 64, 128, 256, 512, 1024 and a dense layer of 2048 for a width
/// factor of 1; plain ReLU. Throws DataError when a layer would have 0 filters or units.
Architecture cnn12(double width_factor = 1,
                   FilterRule rule = FilterRule::EvenFloor,
                   double slope = 0);

/// One tensor of a network.
struct TensorSpec {
  std::string name;  ///< "conv1.weight", "conv1.bias", ..., "output.weight"
  std::vector<std::uint64_t> shape;
  std::int64_t fan_in = 0;
  std::int64_t fan_out = 0;
  bool is_weight = true;  ///< Biases are spared by the L2 penalty and start at 0.
};

/// All tensors in order of the layers. Throws DataError when the number of filters is wrong.
std::vector<TensorSpec> tensor_specs(const Architecture& architecture);

/// Trainable numbers, biases included.
std::int64_t parameter_count(const Architecture& architecture);

/// Side of the output of each convolution (Table2) or pooling (Cnn12) for a square input.
std::vector<std::int64_t> spatial_sizes(const Architecture& architecture, std::int64_t input_px);

/// Multiply-accumulates of one forward pass of a Table II network over an input_px square.
std::int64_t multiply_accumulates(const Architecture& architecture, std::int64_t input_px);

/// Outputs along an axis of `px` input pixels: floor((px - 97) / 4) + 1, or 0 (method 9.1).
std::int64_t dense_outputs(std::int64_t px);

/// Throws DataError naming every tensor that is missing, unexpected, or of another shape or type.
void check_tensors(const Architecture& architecture, const Tensors& tensors);

/// How weights are drawn (method 7.3).
enum class Init : std::uint8_t {
  Glorot,    ///< Uniform, limit sqrt(6 / (fan_in + fan_out)).
  HeNormal,  ///< Normal, standard deviation sqrt(2 / fan_in).
};

/// "glorot" or "he_normal". Throws DataError with the valid names.
Init init_from(std::string_view name);

/// Random weights and zero biases, drawn from the random stream (`seed`, `name`, tensor index).
Tensors initial_tensors(const Architecture& architecture,
                        std::uint64_t seed,
                        std::string_view name,
                        Init init = Init::Glorot);

}  // namespace mito::nn
