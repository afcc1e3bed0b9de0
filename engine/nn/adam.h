#pragma once
#include <cmath>
#include <cstdint>
#include <span>

#include "engine/core/error.h"

namespace mito::nn {

struct AdamOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

/// One step of Adam over one tensor, in one pass: gradient plus 2 * l2 * parameter (the L2 penalty
/// goes through Adam, method 7.4), moments, and the update
/// lr * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + eps), the form of the paper's library.
/// `step` counts from 1. Throws DataError when the spans differ in length. Method 7.5.
template <class T>
void adam_step(std::span<T> parameter,
               std::span<const T> gradient,
               std::span<T> first_moment,
               std::span<T> second_moment,
               std::int64_t step,
               double learning_rate,
               double l2 = 0,
               const AdamOptions& options = {}) {
  const std::size_t n = parameter.size();
  if (gradient.size() != n || first_moment.size() != n || second_moment.size() != n)
    throw DataError("Adam: parameter, gradient and moments differ in length");
  const auto t = static_cast<double>(step);
  const auto rate = static_cast<T>(learning_rate * std::sqrt(1 - std::pow(options.beta2, t)) /
                                   (1 - std::pow(options.beta1, t)));
  const auto b1 = static_cast<T>(options.beta1);
  const auto b2 = static_cast<T>(options.beta2);
  const auto c1 = static_cast<T>(1 - options.beta1);
  const auto c2 = static_cast<T>(1 - options.beta2);
  const auto epsilon = static_cast<T>(options.epsilon);
  const auto decay = static_cast<T>(2 * l2);
  T* const p = parameter.data();
  const T* const g0 = gradient.data();
  T* const m = first_moment.data();
  T* const v = second_moment.data();
  for (std::size_t i = 0; i < n; ++i) {
    const T g = g0[i] + decay * p[i];
    m[i] = b1 * m[i] + c1 * g;
    v[i] = b2 * v[i] + c2 * g * g;
    p[i] -= rate * m[i] / (std::sqrt(v[i]) + epsilon);
  }
}

}  // namespace mito::nn
