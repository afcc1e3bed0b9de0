#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <unordered_map>
#include <vector>

#include "engine/core/random.h"
#include "engine/image/noise.h"
#include "nodes/drawn/phantom/phantom.h"

namespace mito::phantom {

inline constexpr double kTau = 2 * std::numbers::pi;

/// One number for a place on a grid; coordinates may be negative.
inline std::uint64_t pair_index(std::int64_t x, std::int64_t y) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(x)) << 32U) |
         static_cast<std::uint32_t>(y);
}

inline double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// 1 at 0, 0 from |x| = 2 width on: a bell without an exponential.
inline double bump(double x, double width) {
  const double t = 1 - x * x / (4 * width * width);
  return t > 0 ? t * t : 0;
}

/// Of the noise: above it the stroma is fat.
inline constexpr double kFatLevel = 0.66;

/// Where the points of the slides lie on each other.
class Geometry {
 public:
  explicit Geometry(const Params& params);

  std::int64_t width(Stain stain) const { return stain == Stain::He ? width_ : turned_width_; }
  std::int64_t height(Stain stain) const { return stain == Stain::He ? height_ : turned_height_; }
  const Affine& he_from_phh3() const { return he_from_phh3_; }  ///< um, and px alike but for mpp
  PointL0 displacement(double x_um, double y_um) const;
  PointL0 section_from_phh3(double x_um, double y_um) const;  ///< um to um
  PointL0 phh3_from_section(double x_um, double y_um) const;
  /// Middle of what both slides show, um of the section, and half its size.
  PointL0 middle() const { return middle_; }
  PointL0 half_size() const { return half_; }

 private:
  struct Wave {
    double kx, ky, phase_x, phase_y;
  };
  std::int64_t width_;
  std::int64_t height_;
  std::int64_t turned_width_ = 0;
  std::int64_t turned_height_ = 0;
  Affine he_from_phh3_;
  Affine phh3_from_he_;
  std::array<Wave, 5> waves_{};
  double amplitude_ = 0;
  PointL0 middle_;
  PointL0 half_;
};

/// A region of a slide while it is drawn: stain amounts and where its pixels lie on the section.
struct Canvas {
  Stain stain = Stain::He;
  Rect area;
  double mpp = kAnalysisMpp;
  std::vector<double> x{};  ///< um on the section, of every pixel
  std::vector<double> y{};
  /// The same at every fourth pixel of the slide, for what changes slowly.
  std::int64_t coarse_left = 0;
  std::int64_t coarse_top = 0;
  std::int64_t coarse_columns = 0;
  std::vector<double> coarse_x{};
  std::vector<double> coarse_y{};
  double west = 0;  ///< Bounds of x and y.
  double east = 0;
  double north = 0;
  double south = 0;
  std::vector<float> h{};       ///< haematoxylin
  std::vector<float> e{};       ///< eosin
  std::vector<float> d{};       ///< DAB
  std::vector<float> p{};       ///< pigment
  std::vector<float> tissue{};  ///< 1 in tissue, 0 on glass
  std::vector<float> fine{};    ///< noise of 0.6 um
  std::vector<float> grain{};   ///< of 1.1 um
  std::vector<float> clots{};   ///< of 2.2 um

  std::size_t pixels() const { return x.size(); }
};

class Phantom::Section {
 public:
  explicit Section(const Params& params);

  Params params;
  std::uint64_t seed;
  std::uint64_t stain_seed;
  Stains stains;
  Geometry geometry;
  std::vector<Object> objects;

  double tissue_at(double x_um, double y_um) const;  ///< Above 0: tissue.
  double nest_at(double x_um, double y_um) const;    ///< Above 0: a nest of tumour cells.

  Canvas canvas(Stain stain, const Rect& area) const;
  /// False when the region is glass with nothing on it.
  bool draw(Canvas& canvas) const;

 private:
  struct Cells;
  image::Noise noise(std::uint32_t channel, double wavelength_um) const {
    return {seed, channel, wavelength_um};
  }
  double tissue_value(double x, double y, double island, double detail, double fray) const;
  PointL0 edge_direction(double x_um, double y_um) const;
  double fibre_angle(double x_um, double y_um) const;

  void place_objects();
  bool place(Object& object, RandomStream& random, double gap_um) const;
  bool near_object(double x_um, double y_um, double distance_um) const;
  void add(Object object);
  void shape(Object& object, RandomStream& random) const;
  void shape_artefact(Object& object, RandomStream& random) const;
  bool move_to_edge(Object& object, RandomStream& random) const;
  bool crowded(double x_um, double y_um, double own_um) const;
  std::vector<std::size_t> objects_near(const Canvas& canvas) const;

  Nucleus nest_nucleus(RandomStream& random, double x_um, double y_um) const;
  Nucleus stroma_nucleus(RandomStream& random, double x_um, double y_um) const;

  /// Noise over the canvas.
  std::vector<float> fill(const Canvas& canvas, const image::Noise& of) const;
  /// The same from every fourth pixel: for wavelengths of many pixels.
  std::vector<float> fill_slow(const Canvas& canvas, const image::Noise& of) const;
  Cells nest_cells(const Canvas& canvas) const;
  void draw_ground(Canvas& canvas) const;
  void draw_stroma_nuclei(Canvas& canvas) const;
  void draw_nucleus(Canvas& canvas, const Nucleus& nucleus) const;
  void draw_object(Canvas& canvas, const Object& object) const;
  void draw_mitosis(Canvas& canvas, const Object& object) const;
  void draw_dying(Canvas& canvas, const Object& object) const;
  void draw_pigment(Canvas& canvas, const Object& object) const;
  void draw_brown(Canvas& canvas, const Object& object) const;
  template <class Draw>
  void around(const Canvas& canvas, double x_um, double y_um, double reach_um, Draw&& draw) const;

  double island_um_;
  double nest_pitch_;
  double fibre_turn_;
  double pleomorphism_;
  image::Noise island_, island_detail_, fray_, nest_, nest_detail_, nest_fine_, warp_, warp_fine_,
      cellular_, fat_;
  std::unordered_map<std::uint64_t, std::vector<std::size_t>> squares_;
};

}  // namespace mito::phantom
