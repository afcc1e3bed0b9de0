#include "engine/nn/architecture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/random.h"

namespace mito::nn {
namespace {

struct Convolution {
  std::int64_t base = 0;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
};
constexpr std::array<Convolution, 9> kTable2{{{32, 3, 1},
                                              {32, 3, 2},
                                              {64, 3, 1},
                                              {64, 3, 2},
                                              {128, 3, 1},
                                              {128, 3, 1},
                                              {256, 3, 1},
                                              {256, 3, 1},
                                              {512, 14, 1}}};
constexpr std::array<std::int64_t, 5> kCnn12{64, 128, 256, 512, 1024};
constexpr std::int64_t kCnn12Dense = 2048;
constexpr std::int64_t kClasses = 2;

void add_layer(std::vector<TensorSpec>& specs,
               const std::string& layer,
               std::int64_t out,
               std::int64_t in,
               std::int64_t kernel) {
  const auto size = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
  const std::int64_t area = kernel == 0 ? 1 : kernel * kernel;
  std::vector<std::uint64_t> shape{size(out), size(in)};
  if (kernel > 0) shape.insert(shape.end(), {size(kernel), size(kernel)});
  specs.push_back({layer + ".weight", shape, in * area, out * area, true});
  specs.push_back({layer + ".bias", {size(out)}, in * area, out * area, false});
}

std::uint64_t elements(const std::vector<std::uint64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

}  // namespace

std::string_view name_of(Family family) { return family == Family::Table2 ? "table2" : "cnn12"; }

std::string_view name_of(FilterRule rule) {
  switch (rule) {
    case FilterRule::EvenFloor:
      return "even_floor";
    case FilterRule::Floor:
      return "floor";
    case FilterRule::Round:
      break;
  }
  return "round";
}

Family family_from(std::string_view name) {
  if (name == "table2") return Family::Table2;
  if (name == "cnn12") return Family::Cnn12;
  throw DataError(fmt::format("unknown network family '{}': expected table2 or cnn12", name));
}

FilterRule rule_from(std::string_view name) {
  for (const auto rule : {FilterRule::EvenFloor, FilterRule::Floor, FilterRule::Round}) {
    if (name == name_of(rule)) return rule;
  }
  throw DataError(
      fmt::format("unknown filter rule '{}': expected even_floor, floor or round", name));
}

std::int64_t Architecture::features() const {
  return family == Family::Cnn12 ? dense_units : filters.empty() ? 0 : filters.back();
}

std::int64_t scaled_filters(std::int64_t base, double width_factor, FilterRule rule) {
  const double wanted = static_cast<double>(base) * width_factor;
  std::int64_t count = 0;
  switch (rule) {
    case FilterRule::EvenFloor:
      count = 2 * static_cast<std::int64_t>(std::floor(wanted / 2));
      break;
    case FilterRule::Floor:
      count = static_cast<std::int64_t>(std::floor(wanted));
      break;
    case FilterRule::Round:
      count = std::llround(wanted);
      break;
  }
  if (count < 1)
    throw DataError(fmt::format("width factor {} leaves a layer of {} filters with none (rule {})",
                                width_factor, base, name_of(rule)));
  return count;
}

Architecture table2(double width_factor, FilterRule rule, double slope) {
  Architecture out{Family::Table2, width_factor, rule, {}, 0, slope};
  for (const auto& layer : kTable2)
    out.filters.push_back(scaled_filters(layer.base, width_factor, rule));
  return out;
}

Architecture cnn12(double width_factor, FilterRule rule, double slope) {
  Architecture out{Family::Cnn12, width_factor, rule, {}, 0, slope};
  for (const auto base : kCnn12) out.filters.push_back(scaled_filters(base, width_factor, rule));
  out.dense_units = scaled_filters(kCnn12Dense, width_factor, rule);
  return out;
}

std::vector<TensorSpec> tensor_specs(const Architecture& architecture) {
  const bool table2 = architecture.family == Family::Table2;
  const std::size_t layers = table2 ? kTable2.size() : kCnn12.size();
  if (architecture.filters.size() != layers)
    throw DataError(fmt::format("a {} network has {} filter counts, got {}",
                                name_of(architecture.family), layers, architecture.filters.size()));
  std::vector<TensorSpec> specs;
  std::int64_t channels = 3;
  for (std::size_t i = 0; i < layers; ++i) {
    add_layer(specs, fmt::format("conv{}", i + 1), architecture.filters[i], channels,
              table2 ? kTable2[i].kernel : 3);
    channels = architecture.filters[i];
  }
  if (!table2) add_layer(specs, "dense", architecture.dense_units, channels, 0);
  add_layer(specs, "output", kClasses, architecture.features(), table2 ? 1 : 0);
  return specs;
}

std::int64_t parameter_count(const Architecture& architecture) {
  std::uint64_t total = 0;
  for (const auto& spec : tensor_specs(architecture)) total += elements(spec.shape);
  return static_cast<std::int64_t>(total);
}

std::vector<std::int64_t> spatial_sizes(const Architecture& architecture, std::int64_t input_px) {
  std::vector<std::int64_t> sizes;
  std::int64_t side = input_px;
  for (std::size_t i = 0; i < architecture.filters.size(); ++i) {
    if (architecture.family == Family::Table2) {
      const auto& layer = kTable2.at(i);
      side = side < layer.kernel ? 0 : (side - layer.kernel) / layer.stride + 1;
    } else {
      side = side < 3 ? 0 : (side - 2) / 2;
    }
    sizes.push_back(side);
  }
  return sizes;
}

std::int64_t multiply_accumulates(const Architecture& architecture, std::int64_t input_px) {
  if (architecture.family != Family::Table2)
    throw DataError("multiply-accumulates are only counted for table2 networks");
  const auto sides = spatial_sizes(architecture, input_px);
  std::int64_t total = 0;
  std::int64_t channels = 3;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const auto kernel = kTable2.at(i).kernel;
    total += sides[i] * sides[i] * architecture.filters[i] * channels * kernel * kernel;
    channels = architecture.filters[i];
  }
  return total + sides.back() * sides.back() * channels * kClasses;
}

std::int64_t dense_outputs(std::int64_t px) {
  return px < kReceptiveField ? 0 : (px - kReceptiveField) / kStride + 1;
}

void check_tensors(const Architecture& architecture, const Tensors& tensors) {
  std::vector<std::string> problems;
  std::map<std::string, bool> expected;
  for (const auto& spec : tensor_specs(architecture)) {
    expected[spec.name] = true;
    const auto found = tensors.find(spec.name);
    if (found == tensors.end()) {
      problems.push_back(fmt::format("'{}' is missing", spec.name));
    } else if (found->second.dtype != DType::F32) {
      problems.push_back(fmt::format("'{}' is not float32", spec.name));
    } else if (found->second.shape != spec.shape) {
      problems.push_back(fmt::format("'{}' has shape [{}], expected [{}]", spec.name,
                                     fmt::join(found->second.shape, ", "),
                                     fmt::join(spec.shape, ", ")));
    } else if (found->second.bytes.size() != elements(spec.shape) * sizeof(float)) {
      problems.push_back(fmt::format("'{}' has {} bytes, expected {}", spec.name,
                                     found->second.bytes.size(),
                                     elements(spec.shape) * sizeof(float)));
    } else if (!std::ranges::all_of(found->second.as<float>(),
                                    [](float v) { return std::isfinite(v); })) {
      problems.push_back(fmt::format("'{}' has values that are not finite", spec.name));
    }
  }
  for (const auto& [name, array] : tensors) {
    if (!expected.contains(name)) problems.push_back(fmt::format("'{}' is not expected", name));
  }
  if (!problems.empty())
    throw DataError(fmt::format("tensors do not fit a {} network of width factor {}: {}",
                                name_of(architecture.family), architecture.width_factor,
                                fmt::join(problems, "; ")));
}

Init init_from(std::string_view name) {
  if (name == "glorot") return Init::Glorot;
  if (name == "he_normal") return Init::HeNormal;
  throw DataError(fmt::format("unknown initialisation '{}': expected glorot or he_normal", name));
}

Tensors initial_tensors(const Architecture& architecture,
                        std::uint64_t seed,
                        std::string_view name,
                        Init init) {
  Tensors tensors;
  std::uint64_t index = 0;
  for (const auto& spec : tensor_specs(architecture)) {
    std::vector<float> values(elements(spec.shape), 0.0F);
    if (spec.is_weight) {
      RandomStream random(seed, name, index);
      const double limit = std::sqrt(6.0 / static_cast<double>(spec.fan_in + spec.fan_out));
      const double deviation = std::sqrt(2.0 / static_cast<double>(spec.fan_in));
      for (auto& value : values)
        value = static_cast<float>(init == Init::Glorot ? random.uniform(-limit, limit)
                                                        : deviation * random.normal());
    }
    tensors[spec.name] = Array::of(values, spec.shape);
    ++index;
  }
  return tensors;
}

}  // namespace mito::nn
