#include "engine/image/hed.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "engine/core/error.h"
#include "engine/image/clones.h"
#include "engine/image/kernels.h"

namespace mito::image {
namespace {

constexpr Mat3 kHed{{{0.65, 0.70, 0.29}, {0.07, 0.99, 0.11}, {0.27, 0.57, 0.78}}};
constexpr Mat3 kRaw2001{{{0.18, 0.20, 0.08}, {0.07, 0.99, 0.11}, {0.27, 0.57, 0.78}}};
constexpr Vec3 kHdxH{0.650, 0.704, 0.286};
constexpr Vec3 kHdxDab{0.268, 0.570, 0.776};

Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Row vector times matrix.
Vec3 times(const Vec3& v, const Mat3& m) {
  Vec3 out{};
  for (std::size_t j = 0; j < 3; ++j) out[j] = v[0] * m[0][j] + v[1] * m[1][j] + v[2] * m[2][j];
  return out;
}

using Mat3f = std::array<std::array<float, 3>, 3>;

Mat3f narrow(const Mat3& m, double factor) {
  Mat3f out{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) out[i][j] = static_cast<float>(m[i][j] * factor);
  return out;
}

void check_pixels(std::size_t in, std::size_t out) {
  if (in % 3 != 0 || in != out)
    throw DataError("colour transform: expected whole RGB pixels and equal sizes, got " +
                    std::to_string(in) + " and " + std::to_string(out) + " values");
}

}  // namespace

Mat3 unit_rows(const Mat3& rows) {
  Mat3 out = rows;
  for (auto& row : out) {
    const double length = std::hypot(row[0], row[1], row[2]);
    if (!(length > 0)) throw DataError("stain matrix: a row is zero");
    for (auto& v : row) v /= length;
  }
  return out;
}

Mat3 inverse(const Mat3& m) {
  const Mat3 columns{cross(m[1], m[2]), cross(m[2], m[0]), cross(m[0], m[1])};
  const double det = m[0][0] * columns[0][0] + m[0][1] * columns[0][1] + m[0][2] * columns[0][2];
  if (!(std::abs(det) > 1e-12)) throw DataError("stain matrix: the rows are linearly dependent");
  Mat3 out{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) out[i][j] = columns[j][i] / det;
  return out;
}

Mat3 hed_rows() { return unit_rows(kHed); }

Mat3 hdx_rows() { return unit_rows({kHdxH, kHdxDab, cross(kHdxH, kHdxDab)}); }

Mat3 raw2001_rows() { return unit_rows(kRaw2001); }

StainMatrix stain_matrix(std::string_view name, std::span<const double> rows, bool unit) {
  StainMatrix out;
  if (name == "custom") {
    if (rows.size() != 9)
      throw DataError("stain matrix 'custom' needs rows: nine numbers, got " +
                      std::to_string(rows.size()));
    for (std::size_t i = 0; i < 9; ++i) out.rows[i / 3][i % 3] = rows[i];
    out.stains = {"stain_1", "stain_2", "stain_3"};
  } else if (!rows.empty()) {
    throw DataError("stain matrix '" + std::string(name) +
                    "' has rows of its own: use 'custom' for other ones");
  } else if (name == "HED" || name == "raw2001") {
    out.rows = name == "HED" ? kHed : kRaw2001;
    out.stains = {"haematoxylin", "eosin", "dab"};
  } else if (name == "HDX") {
    out.rows = {kHdxH, kHdxDab, cross(kHdxH, kHdxDab)};
    out.stains = {"haematoxylin", "dab", "residual"};
  } else {
    throw DataError("no stain matrix is called '" + std::string(name) + "'");
  }
  if (unit) out.rows = unit_rows(out.rows);
  inverse(out.rows);
  return out;
}

StainConvention stain_convention(std::string_view name) {
  if (name == "paper") return StainConvention::paper();
  if (name == "physical") return StainConvention::physical();
  if (name == "skimage") return StainConvention::skimage();
  throw DataError("no stain convention is called '" + std::string(name) + "'");
}

StainTransform::StainTransform(const Mat3& rows, const StainConvention& convention)
    : rows_(rows), inverse_(inverse(rows)), convention_(convention) {}

double StainTransform::density(double p) const {
  return -std::log(convention_.floor_at_eps ? std::max(p, convention_.eps) : p + convention_.eps);
}

double StainTransform::finished(double amount) const {
  amount /= convention_.scale;
  return convention_.clip_negative ? std::max(amount, 0.0) : amount;
}

Vec3 StainTransform::to_stain(const Vec3& rgb) const {
  Vec3 stain = times({density(rgb[0]), density(rgb[1]), density(rgb[2])}, inverse_);
  for (auto& s : stain) s = finished(s);
  return stain;
}

Vec3 StainTransform::to_rgb(const Vec3& stain) const {
  Vec3 rgb = times(stain, rows_);
  for (auto& v : rgb) {
    v = std::exp(-v * convention_.scale);
    v = convention_.floor_at_eps ? std::clamp(v, 0.0, 1.0) : v - convention_.eps;
  }
  return rgb;
}

void StainTransform::to_stain(std::span<const float> rgb, std::span<float> stain) const {
  check_pixels(rgb.size(), stain.size());
  const Mat3f m = narrow(inverse_, -1.0 / convention_.scale);
  const auto eps = static_cast<float>(convention_.eps);
  const float lowest = convention_.clip_negative ? 0.0F : -HUGE_VALF;
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    std::array<float, 3> log{};
    for (std::size_t c = 0; c < 3; ++c)
      log[c] = std::log(convention_.floor_at_eps ? std::max(rgb[i + c], eps) : rgb[i + c] + eps);
    for (std::size_t c = 0; c < 3; ++c)
      stain[i + c] = std::max(log[0] * m[0][c] + log[1] * m[1][c] + log[2] * m[2][c], lowest);
  }
}

StainTransform::Tables StainTransform::tables() const {
  Tables out{};
  for (std::size_t v = 0; v < 256; ++v) {
    const double od = density(static_cast<double>(v) / 255.0);
    for (std::size_t channel = 0; channel < 3; ++channel)
      for (std::size_t s = 0; s < 3; ++s) out[channel][v][s] = od * inverse_[channel][s];
  }
  return out;
}

namespace {

/// One pixel's amounts; the fourth is there to fill a vector.
using Lanes = std::array<float, 4>;

template <bool kScaled>
MITO_INLINE Lanes
add_up(const StainTransform::Tables& add, const std::uint8_t* rgb, double scale, double lowest) {
  const auto& r = add[0][rgb[0]];
  const auto& g = add[1][rgb[1]];
  const auto& b = add[2][rgb[2]];
  Lanes out;
  for (std::size_t s = 0; s < 4; ++s) {
    const double sum = r[s] + g[s] + b[s];
    out[s] = static_cast<float>(std::max(kScaled ? sum / scale : sum, lowest));
  }
  return out;
}

// Every pixel but the last one writes one number too many, which the next one replaces.
template <bool kScaled>
MITO_INLINE void add_up_all(const StainTransform::Tables& add,
                            std::span<const std::uint8_t> rgb,
                            double scale,
                            double lowest,
                            float* stain) {
  std::size_t i = 0;
  for (; i + 3 < rgb.size(); i += 3) {
    const Lanes amounts = add_up<kScaled>(add, &rgb[i], scale, lowest);
    std::memcpy(stain + i, amounts.data(), sizeof(amounts));
  }
  if (i < rgb.size())
    std::copy_n(add_up<kScaled>(add, &rgb[i], scale, lowest).data(), 3, stain + i);
}

MITO_CLONES void look_up(const StainTransform::Tables& add,
                         std::span<const std::uint8_t> rgb,
                         double scale,
                         double lowest,
                         float* stain) {
  if (scale == 1)  // spares the division, which would take most of the time
    add_up_all<false>(add, rgb, scale, lowest, stain);
  else
    add_up_all<true>(add, rgb, scale, lowest, stain);
}

}  // namespace

void StainTransform::to_stain(std::span<const std::uint8_t> rgb, std::span<float> stain) const {
  check_pixels(rgb.size(), stain.size());
  const double lowest = convention_.clip_negative ? 0.0 : -HUGE_VAL;
  look_up(tables(), rgb, convention_.scale, lowest, stain.data());
}

void StainTransform::to_amount(std::span<const std::uint8_t> rgb,
                               std::size_t stain,
                               std::span<float> amount) const {
  check_pixels(rgb.size(), 3 * amount.size());
  if (stain >= 3) throw DataError("colour transform: there are three stains");
  const Tables tables = this->tables();
  std::array<std::array<double, 256>, 3> add{};
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t v = 0; v < 256; ++v) add[channel][v] = tables[channel][v][stain];
  for (std::size_t i = 0; i < amount.size(); ++i) {
    const auto* p = &rgb[3 * i];
    amount[i] = static_cast<float>(finished(add[0][p[0]] + add[1][p[1]] + add[2][p[2]]));
  }
}

void StainTransform::to_rgb(std::span<const float> stain, std::span<float> rgb) const {
  check_pixels(stain.size(), rgb.size());
  const Mat3f m = narrow(rows_, -convention_.scale);
  const auto eps = static_cast<float>(convention_.eps);
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    const std::array<float, 3> s{stain[i], stain[i + 1], stain[i + 2]};
    for (std::size_t c = 0; c < 3; ++c) {
      const float light = std::exp(s[0] * m[0][c] + s[1] * m[1][c] + s[2] * m[2][c]);
      rgb[i + c] = convention_.floor_at_eps ? std::clamp(light, 0.0F, 1.0F) : light - eps;
    }
  }
}

void StainTransform::to_rgb(std::span<const float> stain, std::span<std::uint8_t> rgb) const {
  check_pixels(stain.size(), rgb.size());
  const Mat3f m = narrow(rows_, -convention_.scale);
  const float eps = convention_.floor_at_eps ? 0.0F : static_cast<float>(convention_.eps);
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    const std::array<float, 3> s{stain[i], stain[i + 1], stain[i + 2]};
    for (std::size_t c = 0; c < 3; ++c) {
      const float light = std::exp(s[0] * m[0][c] + s[1] * m[1][c] + s[2] * m[2][c]) - eps;
      // NOLINTNEXTLINE(bugprone-incorrect-roundings): method 0.3 has floor(255 P + 0.5)
      rgb[i + c] = static_cast<std::uint8_t>(255.0F * std::clamp(light, 0.0F, 1.0F) + 0.5F);
    }
  }
}

Vec3 StainTransform::augment(const Vec3& rgb, const Vec3& alpha, const Vec3& beta) const {
  Vec3 stain = to_stain(rgb);
  for (std::size_t c = 0; c < 3; ++c) stain[c] = alpha[c] * stain[c] + beta[c];
  return to_rgb(stain);
}

namespace {

// exp(-(alpha S + beta) M) with S = -L M^-1 is exp(L (M^-1 diag(alpha) M) - beta M): one matrix.
kernels::StainMap stain_map(const Vec3& alpha, const Vec3& beta) {
  const Mat3 rows = hed_rows();
  Mat3 scaled = rows;
  for (std::size_t i = 0; i < 3; ++i)
    for (auto& v : scaled[i]) v *= alpha[i];
  const Mat3 back = inverse(rows);
  const Vec3 offset = times(beta, rows);
  return {
      narrow({times(back[0], scaled), times(back[1], scaled), times(back[2], scaled)}, 1),
      {static_cast<float>(offset[0]), static_cast<float>(offset[1]), static_cast<float>(offset[2])},
      2.0F};
}

bool is_identity(const Vec3& alpha, const Vec3& beta) {
  return alpha == Vec3{1, 1, 1} && beta == Vec3{0, 0, 0};
}

}  // namespace

void hed_augment_planes(std::span<float> planes, const Vec3& alpha, const Vec3& beta) {
  check_pixels(planes.size(), planes.size());
  const std::size_t n = planes.size() / 3;
  if (is_identity(alpha, beta)) {
    for (auto& v : planes) v = std::clamp(v, 0.0F, 1.0F);
    return;
  }
  kernels::map_stain(stain_map(alpha, beta), n, planes.data(), planes.data() + n,
                     planes.data() + 2 * n);
}

void hed_augment(std::span<float> rgb, const Vec3& alpha, const Vec3& beta) {
  check_pixels(rgb.size(), rgb.size());
  const std::size_t n = rgb.size() / 3;
  std::vector<float> planes(rgb.size());
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c) planes[c * n + i] = rgb[3 * i + c];
  hed_augment_planes(planes, alpha, beta);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c) rgb[3 * i + c] = planes[c * n + i];
}

}  // namespace mito::image
