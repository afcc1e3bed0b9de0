#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mito::image {

using Vec3 = std::array<double, 3>;
using Mat3 = std::array<Vec3, 3>;

/// `rows`, each divided by its Euclidean length. Throws DataError for a row of zeros.
Mat3 unit_rows(const Mat3& rows);

/// Throws DataError when the rows are linearly dependent.
Mat3 inverse(const Mat3& m);

/// Stain matrices with rows of unit length; columns are R, G, B (method 4.1).
/// Haematoxylin, eosin, DAB.
Mat3 hed_rows();
/// Haematoxylin, DAB, and the unit vector perpendicular to both: for PHH3 slides.
Mat3 hdx_rows();
/// hed_rows() with haematoxylin from the raw optical densities (0.18, 0.20, 0.08) the paper quotes.
Mat3 raw2001_rows();

/// A stain matrix and what its rows stand for.
struct StainMatrix {
  Mat3 rows{};
  std::array<std::string, 3> stains;
  bool operator==(const StainMatrix&) const = default;
};

/// The matrix called HED, HDX or raw2001, or one of a user's own: `custom`, with `rows`, nine
/// numbers row by row. Rows are divided by their length, as the paper does, unless `unit` is false.
/// Throws DataError for another name, another number of rows, or rows that are no basis.
StainMatrix stain_matrix(std::string_view name, std::span<const double> rows, bool unit = true);

/// How light becomes stain amounts: the three conventions of method 4.2. All use natural logs.
struct StainConvention {
  double eps = 2.0;            ///< Added to P, in [0, 1], before the logarithm.
  bool floor_at_eps = false;   ///< -ln(max(P, eps)) instead of -ln(P + eps).
  double scale = 1.0;          ///< Amounts are divided by it.
  bool clip_negative = false;  ///< Negative amounts become 0.

  /// eps = 2, the paper's eq. 5 and 7: the default for augmentation.
  static StainConvention paper() { return {}; }
  /// eps = 1e-6: the default for measuring stain.
  static StainConvention physical() { return {.eps = 1e-6}; }
  /// scikit-image from 0.18 on.
  static StainConvention skimage() {
    return {.eps = 1e-6, .floor_at_eps = true, .scale = 13.815510557964274, .clip_negative = true};
  }
  /// -ln(max(I, 1) / 255) of 8-bit values I: PHH3 candidates (method 4.3).
  static StainConvention grey_level() { return {.eps = 1.0 / 255, .floor_at_eps = true}; }
  bool operator==(const StainConvention&) const = default;
};

/// The convention called paper, physical or skimage. Throws DataError for another name.
StainConvention stain_convention(std::string_view name);

/// Colour deconvolution S = -ln(P + eps) M^-1 / scale of one matrix, and the way back
/// P = exp(-scale S M) - eps (eq. 5 to 7 of the paper; method 4.2). Row vectors; P in [0, 1].
class StainTransform {
 public:
  /// `rows` are used as they are: see unit_rows(). Throws DataError when they are dependent.
  explicit StainTransform(const Mat3& rows, const StainConvention& convention = {});

  Vec3 to_stain(const Vec3& rgb) const;
  /// Not clipped to [0, 1], except with `floor_at_eps`, as scikit-image does.
  Vec3 to_rgb(const Vec3& stain) const;

  /// Whole patches, [pixel][3], in single precision. Throw DataError when the sizes differ or are
  /// no multiple of 3.
  void to_stain(std::span<const float> rgb, std::span<float> stain) const;
  void to_rgb(std::span<const float> stain, std::span<float> rgb) const;
  /// The same from 8-bit pixels v / 255, by tables of what each value adds to each stain: the
  /// amounts of the formula in double precision, rounded to float.
  void to_stain(std::span<const std::uint8_t> rgb, std::span<float> stain) const;
  /// Amounts of the stain in row `stain` alone, one per pixel: equal to those of to_stain().
  void to_amount(std::span<const std::uint8_t> rgb,
                 std::size_t stain,
                 std::span<float> amount) const;
  /// Back to 8-bit pixels: floor(255 clip(P, 0, 1) + 0.5) (method 0.3).
  void to_rgb(std::span<const float> stain, std::span<std::uint8_t> rgb) const;

  /// S_i <- alpha_i S_i + beta_i between the way there and the way back; not clipped.
  Vec3 augment(const Vec3& rgb, const Vec3& alpha, const Vec3& beta) const;

  /// [channel][value]: what an 8-bit value adds to each stain, before the scale; and a 0.
  using Tables = std::array<std::array<std::array<double, 4>, 256>, 3>;

 private:
  double density(double p) const;
  Tables tables() const;
  double finished(double amount) const;
  Mat3 rows_;
  Mat3 inverse_;
  StainConvention convention_;
};

/// H&E stain augmentation, operator C of method 6.3: the paper's convention (eps = 2) with the HED
/// unit rows, `alpha` and `beta` in the order H, E, DAB. Changes `rgb` ([pixel][3], in [0, 1]) in
/// place, in single precision, and clips it to [0, 1]. alpha = 1, beta = 0 leaves it as it is.
/// Throws DataError when the size is no multiple of 3.
void hed_augment(std::span<float> rgb, const Vec3& alpha, const Vec3& beta);
/// The same for three planes, [3][pixel].
void hed_augment_planes(std::span<float> planes, const Vec3& alpha, const Vec3& beta);

}  // namespace mito::image
