#include "nodes/drawn/synthetic_slide/synthetic_slide.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/tiff/pyramid_writer.h"

namespace mito::synthetic_slide {
namespace {

constexpr double kTau = 2 * std::numbers::pi;
constexpr double kNestPitch = 13.0;    // um between tumour cells
constexpr double kStromaPitch = 15.0;  // um between nuclei of the stroma
constexpr double kFigureGap = 32.0;    // um between figures: more than a cell diameter
constexpr double kNestLevel = 0.38;    // of the noise: above it lie nests
constexpr double kBlurUm = 0.22;       // sigma of the microscope
// Optical density per unit of stain, R, G, B: haematoxylin and eosin as scanners see them.
constexpr std::array<double, 3> kHaematoxylin{0.52, 0.76, 0.39};
constexpr std::array<double, 3> kEosin{0.25, 0.89, 0.38};
constexpr std::array<double, 3> kGlass{244, 242, 245};

double step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

double bell(double x, double width) { return std::exp(-x * x / (width * width)); }

std::uint64_t lattice_index(std::int64_t x, std::int64_t y) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(x)) << 32U) |
         static_cast<std::uint32_t>(y);
}

std::vector<Figure::Lump> plate(RandomStream& random, double length, double angle, double offset) {
  std::vector<Figure::Lump> lumps;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const double bend = random.uniform(-0.06, 0.06);
  for (int i = 0; i < 16; ++i) {
    const double along = length * ((i + 0.5) / 16.0 - 0.5) + random.uniform(-0.3, 0.3);
    const double across = offset + bend * along * along + random.uniform(-0.55, 0.55);
    lumps.push_back({along * c - across * s, along * s + across * c, random.uniform(0.75, 1.3)});
  }
  return lumps;
}

void append(std::vector<Figure::Lump>& to, const std::vector<Figure::Lump>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

std::vector<Figure::Lump> chromatin(Figure::Kind kind, RandomStream& random) {
  const double angle = random.uniform(0, kTau);
  std::vector<Figure::Lump> lumps;
  switch (kind) {
    case Figure::Kind::Metaphase:
      return plate(random, random.uniform(7.5, 10), angle, 0);
    case Figure::Kind::Anaphase: {
      const double apart = random.uniform(2.4, 4.2);
      lumps = plate(random, random.uniform(6, 8), angle, -apart);
      append(lumps, plate(random, random.uniform(6, 8), angle + random.uniform(-0.2, 0.2), apart));
      return lumps;
    }
    case Figure::Kind::Prometaphase:
      for (int i = 0; i < 34; ++i) {
        const double r = 3.9 * std::sqrt(random.uniform());
        const double a = random.uniform(0, kTau);
        lumps.push_back({r * std::cos(a) * 1.15, r * std::sin(a), random.uniform(0.55, 1.15)});
      }
      return lumps;
    case Figure::Kind::Ring:
      for (int i = 0; i < 20; ++i) {
        const double r = random.uniform(2.2, 3.6);
        const double a = kTau * i / 20 + random.uniform(-0.2, 0.2);
        lumps.push_back({r * std::cos(a), r * std::sin(a), random.uniform(0.8, 1.3)});
      }
      return lumps;
    case Figure::Kind::Pyknotic:
      lumps.push_back({0, 0, random.uniform(1.5, 2.3)});
      if (random.uniform() < 0.5)
        lumps.push_back({2.9 * std::cos(angle), 2.9 * std::sin(angle), random.uniform(0.6, 1.0)});
      return lumps;
  }
  return lumps;
}

}  // namespace

/// Amounts of both stains over a region.
struct SyntheticSlide::Stains {
  std::vector<float> haematoxylin;
  std::vector<float> eosin;
};

struct SyntheticSlide::Cell {
  std::int64_t lattice_x = 0;
  std::int64_t lattice_y = 0;
  double x_um = 0;
  double y_um = 0;
  bool has_nucleus = false;
};

SyntheticSlide::SyntheticSlide(const Params& params)
    : params_(params),
      width_um_(params.width_px * params.mpp),
      height_um_(params.height_px * params.mpp),
      island_(static_cast<std::uint64_t>(params.seed), 0, 0.30 * std::min(width_um_, height_um_)),
      island_detail_(
          static_cast<std::uint64_t>(params.seed), 1, 0.05 * std::min(width_um_, height_um_)),
      nest_(static_cast<std::uint64_t>(params.seed),
            2,
            std::min(260.0, 0.3 * std::min(width_um_, height_um_))),
      nest_detail_(static_cast<std::uint64_t>(params.seed),
                   3,
                   std::min(60.0, 0.1 * std::min(width_um_, height_um_))) {
  place_figures(params.mitoses, true);
  place_figures(params.lookalikes, false);
}

// Above 0: tissue. An island in the middle, frayed by noise.
double SyntheticSlide::tissue_at(double x_um, double y_um) const {
  const double u = (x_um / width_um_ - 0.5) / 0.46;
  const double v = (y_um / height_um_ - 0.5) / 0.46;
  return 1 - u * u - v * v + 1.1 * (island_.at(x_um, y_um) - 0.5) +
         0.25 * (island_detail_.at(x_um, y_um) - 0.5) - 0.22;
}

// Above 0: a nest of tumour cells.
double SyntheticSlide::nest_at(double x_um, double y_um) const {
  return nest_.at(x_um, y_um) + 0.3 * (nest_detail_.at(x_um, y_um) - 0.5) - kNestLevel;
}

bool SyntheticSlide::near_figure(double x_um, double y_um, double distance_um) const {
  return std::any_of(figures_.begin(), figures_.end(), [&](const Figure& f) {
    return std::hypot(f.x_um - x_um, f.y_um - y_um) < distance_um;
  });
}

void SyntheticSlide::place_figures(int count, bool mitotic) {
  constexpr int kTries = 4000;
  for (int i = 0; i < count; ++i) {
    RandomStream random(static_cast<std::uint64_t>(params_.seed),
                        mitotic ? "mitoses" : "lookalikes", static_cast<std::uint64_t>(i));
    Figure figure;
    bool placed = false;
    for (int attempt = 0; attempt < kTries && !placed; ++attempt) {
      figure.x_um = random.uniform(20, std::max(21.0, width_um_ - 20));
      figure.y_um = random.uniform(20, std::max(21.0, height_um_ - 20));
      placed = tissue_at(figure.x_um, figure.y_um) > 0.08 &&
               nest_at(figure.x_um, figure.y_um) > 0.03 &&
               !near_figure(figure.x_um, figure.y_um, kFigureGap);
    }
    if (!placed)
      throw DataError(fmt::format(
          "a slide of {}x{} px has no room for {} figures {} um apart; ask for fewer or for a "
          "larger slide",
          params_.width_px, params_.height_px, params_.mitoses + params_.lookalikes, kFigureGap));
    const double kind = random.uniform();
    figure.kind = !mitotic      ? Figure::Kind::Pyknotic
                  : kind < 0.45 ? Figure::Kind::Metaphase
                  : kind < 0.65 ? Figure::Kind::Anaphase
                  : kind < 0.88 ? Figure::Kind::Prometaphase
                                : Figure::Kind::Ring;
    figure.cell_radius_um = mitotic ? random.uniform(7.5, 9) : random.uniform(4, 5.5);
    figure.amount = mitotic ? random.uniform(3.0, 3.6) : random.uniform(2.0, 2.8);
    figure.lumps = chromatin(figure.kind, random);
    figures_.push_back(std::move(figure));
  }
}

std::vector<PointL0> SyntheticSlide::mitoses() const {
  std::vector<PointL0> out;
  for (const auto& figure : figures_)
    if (figure.mitotic()) out.push_back({figure.x_um / params_.mpp, figure.y_um / params_.mpp});
  return out;
}

std::vector<const Figure*> SyntheticSlide::figures_within(const Rect& area,
                                                          double margin_um) const {
  std::vector<const Figure*> out;
  const double mpp = params_.mpp;
  for (const auto& figure : figures_)
    if (figure.x_um > static_cast<double>(area.x) * mpp - margin_um &&
        figure.y_um > static_cast<double>(area.y) * mpp - margin_um &&
        figure.x_um < static_cast<double>(area.x + area.width) * mpp + margin_um &&
        figure.y_um < static_cast<double>(area.y + area.height) * mpp + margin_um)
      out.push_back(&figure);
  return out;
}

void SyntheticSlide::draw_ground(const Rect& area, Stains& stains) const {
  const auto seed = static_cast<std::uint64_t>(params_.seed);
  const auto field = [&](std::uint32_t channel, double wavelength) {
    return image::Noise(seed, channel, wavelength).fill(area, params_.mpp);
  };
  const auto island = island_.fill(area, params_.mpp);
  const auto island_detail = island_detail_.fill(area, params_.mpp);
  const auto nest = nest_.fill(area, params_.mpp);
  const auto nest_detail = nest_detail_.fill(area, params_.mpp);
  const auto fine = field(10, 0.55);
  const auto grain = field(11, 1.3);
  const auto cloud = field(12, 7);
  const auto bend = field(13, 90);
  const auto ripple = field(14, 22);
  const auto cleft = field(15, 12);
  for (std::int64_t y = 0; y < area.height; ++y)
    for (std::int64_t x = 0; x < area.width; ++x) {
      const auto i = static_cast<std::size_t>(y * area.width + x);
      const double px = static_cast<double>(area.x + x) * params_.mpp;
      const double py = static_cast<double>(area.y + y) * params_.mpp;
      const double u = (px / width_um_ - 0.5) / 0.46;
      const double v = (py / height_um_ - 0.5) / 0.46;
      const double tissue = step(
          0, 0.012,
          1 - u * u - v * v + 1.1 * (island[i] - 0.5) + 0.25 * (island_detail[i] - 0.5) - 0.22);
      const double nest_value = nest[i] + 0.3 * (nest_detail[i] - 0.5) - kNestLevel;
      const double in_nest = step(-0.012, 0.012, nest_value);
      const double texture = 0.5 * fine[i] + 0.5 * grain[i] - 0.5;
      const double cytoplasm_e = 0.66 + 0.55 * texture + 0.22 * (cloud[i] - 0.5);
      const double cytoplasm_h = 0.10 + 0.30 * texture + 0.06 * (cloud[i] - 0.5);
      const double wave =
          std::sin(kTau * (px * 0.10 + py * 0.04) + 40 * bend[i] + 16 * ripple[i] + 5 * cloud[i]);
      const double fibre = 0.5 + wave * (0.15 + 0.45 * cleft[i]);
      const double gap = step(0.60, 0.85, cleft[i]) * step(0.55, 0.15, fibre);
      const double stroma_e = (0.42 + 0.42 * fibre + 0.30 * texture) * (1 - 0.85 * gap);
      const double stroma_h = (0.06 + 0.15 * texture) * (1 - gap);
      // A thin line of denser fibres around every nest.
      const double border = 0.35 * bell(nest_value + 0.012, 0.012);
      stains.eosin[i] =
          static_cast<float>(tissue * (in_nest * cytoplasm_e + (1 - in_nest) * stroma_e + border));
      stains.haematoxylin[i] =
          static_cast<float>(tissue * (in_nest * cytoplasm_h + (1 - in_nest) * stroma_h));
    }
}

std::vector<SyntheticSlide::Cell> SyntheticSlide::nest_cells(const Rect& area) const {
  const auto from = [&](std::int64_t pixel) {
    return static_cast<std::int64_t>(
        std::floor((static_cast<double>(pixel) * params_.mpp) / kNestPitch));
  };
  const auto nearby = figures_within(area, 40);
  std::vector<Cell> cells;
  for (std::int64_t y = from(area.y) - 2; y <= from(area.y + area.height) + 2; ++y)
    for (std::int64_t x = from(area.x) - 2; x <= from(area.x + area.width) + 2; ++x) {
      RandomStream random(static_cast<std::uint64_t>(params_.seed), "nest cells",
                          lattice_index(x, y));
      Cell cell{x, y, (static_cast<double>(x) + random.uniform(0.18, 0.82)) * kNestPitch,
                (static_cast<double>(y) + random.uniform(0.18, 0.82)) * kNestPitch, false};
      cell.has_nucleus =
          random.uniform() < 0.93 && tissue_at(cell.x_um, cell.y_um) > 0.02 &&
          nest_at(cell.x_um, cell.y_um) > 0.015 &&
          std::none_of(nearby.begin(), nearby.end(), [&](const Figure* f) {
            return std::hypot(f->x_um - cell.x_um, f->y_um - cell.y_um) < f->cell_radius_um + 5.5;
          });
      cells.push_back(cell);
    }
  return cells;
}

// Where a point is as near to a second cell as to its own, there is a membrane.
void SyntheticSlide::draw_membranes(const Rect& area,
                                    const std::vector<Cell>& cells,
                                    Stains& stains) const {
  const std::int64_t left = cells.front().lattice_x;
  const std::int64_t top = cells.front().lattice_y;
  const std::int64_t columns = cells.back().lattice_x - left + 1;
  for (std::int64_t y = 0; y < area.height; ++y)
    for (std::int64_t x = 0; x < area.width; ++x) {
      const double px = static_cast<double>(area.x + x) * params_.mpp;
      const double py = static_cast<double>(area.y + y) * params_.mpp;
      const auto column = static_cast<std::int64_t>(std::floor(px / kNestPitch)) - left;
      const auto row = static_cast<std::int64_t>(std::floor(py / kNestPitch)) - top;
      double nearest = 1e9;
      double second = 1e9;
      for (std::int64_t v = row - 1; v <= row + 1; ++v)
        for (std::int64_t u = column - 1; u <= column + 1; ++u) {
          const Cell& cell = cells[static_cast<std::size_t>(v * columns + u)];
          const double square =
              (cell.x_um - px) * (cell.x_um - px) + (cell.y_um - py) * (cell.y_um - py);
          if (square < nearest) {
            second = nearest;
            nearest = square;
          } else {
            second = std::min(second, square);
          }
        }
      const double line = bell(std::sqrt(second) - std::sqrt(nearest), 0.7);
      const auto i = static_cast<std::size_t>(y * area.width + x);
      // Only on cytoplasm: glass and clefts have no eosin to speak of.
      if (stains.eosin[i] > 0.25F) stains.eosin[i] += static_cast<float>(0.28 * line);
    }
}

void SyntheticSlide::draw_nucleus(const Rect& area, const Cell& cell, Stains& stains) const {
  RandomStream random(static_cast<std::uint64_t>(params_.seed), "nuclei",
                      lattice_index(cell.lattice_x, cell.lattice_y));
  const double a = random.uniform(4.0, 6.0);
  const double b = a * random.uniform(0.62, 0.95);
  const double angle = random.uniform(0, kTau);
  const double wobble = random.uniform(0, 0.07);
  const double phase = random.uniform(0, kTau);
  const double rim = random.uniform(0.8, 1.7);
  const double inside = random.uniform(0.15, 0.75);
  struct Spot {
    double x, y, radius, amount;
  };
  std::vector<Spot> spots;
  const auto count = 3 + random.below(6);
  for (std::uint32_t k = 0; k < count; ++k) {
    const double r = std::sqrt(random.uniform());
    const double t = random.uniform(0, kTau);
    spots.push_back({0.75 * a * r * std::cos(t), 0.75 * b * r * std::sin(t),
                     k == 0 ? random.uniform(0.6, 1.0) : random.uniform(0.25, 0.6),
                     random.uniform(0.5, 1.2)});
  }
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  const image::Noise chromatin_noise(static_cast<std::uint64_t>(params_.seed), 20, 0.9);
  const auto reach = [&](double centre, double side) {
    return static_cast<std::int64_t>(std::floor((centre + side * 1.3 * a) / params_.mpp));
  };
  for (std::int64_t y = std::max(area.y, reach(cell.y_um, -1));
       y <= std::min(area.y + area.height - 1, reach(cell.y_um, 1)); ++y)
    for (std::int64_t x = std::max(area.x, reach(cell.x_um, -1));
         x <= std::min(area.x + area.width - 1, reach(cell.x_um, 1)); ++x) {
      const double dx = static_cast<double>(x) * params_.mpp - cell.x_um;
      const double dy = static_cast<double>(y) * params_.mpp - cell.y_um;
      const double u = dx * c + dy * s;
      const double v = -dx * s + dy * c;
      const double r =
          std::hypot(u / a, v / b) * (1 + wobble * std::sin(3 * std::atan2(v, u) + phase));
      if (r > 1.25) continue;
      const double in = 1 - step(0.93, 1.03, r);
      const double speckle = chromatin_noise.at(static_cast<double>(x) * params_.mpp,
                                                static_cast<double>(y) * params_.mpp);
      double h = inside * (0.5 + speckle) + 0.5 * step(0.62, 0.9, speckle);
      for (const Spot& spot : spots)
        h += spot.amount * bell(std::hypot(u - spot.x, v - spot.y), spot.radius);
      const auto i = static_cast<std::size_t>((y - area.y) * area.width + x - area.x);
      const double outline = rim * bell((r - 0.96) * a, 0.42);
      stains.haematoxylin[i] =
          static_cast<float>(std::min(2.1, (1 - in) * stains.haematoxylin[i] + in * h + outline));
      stains.eosin[i] = static_cast<float>(stains.eosin[i] * (1 - 0.72 * in));
    }
}

void SyntheticSlide::draw_stroma_nuclei(const Rect& area, Stains& stains) const {
  const auto from = [&](std::int64_t pixel) {
    return static_cast<std::int64_t>(
        std::floor((static_cast<double>(pixel) * params_.mpp) / kStromaPitch));
  };
  for (std::int64_t cy = from(area.y) - 2; cy <= from(area.y + area.height) + 2; ++cy)
    for (std::int64_t cx = from(area.x) - 2; cx <= from(area.x + area.width) + 2; ++cx) {
      RandomStream random(static_cast<std::uint64_t>(params_.seed), "stroma nuclei",
                          lattice_index(cx, cy));
      const double x0 = (static_cast<double>(cx) + random.uniform(0.1, 0.9)) * kStromaPitch;
      const double y0 = (static_cast<double>(cy) + random.uniform(0.1, 0.9)) * kStromaPitch;
      if (random.uniform() < 0.35 || tissue_at(x0, y0) < 0.02 || nest_at(x0, y0) > -0.015) continue;
      const bool lymphocyte = random.uniform() < 0.3;
      const double a = lymphocyte ? random.uniform(2.4, 3.1) : random.uniform(4, 7);
      const double b = lymphocyte ? a * random.uniform(0.85, 1) : random.uniform(1.1, 2.0);
      // Spindle cells lie along the fibres.
      const double angle = lymphocyte ? random.uniform(0, kTau) : 1.97 + random.uniform(-0.5, 0.5);
      const double amount = lymphocyte ? random.uniform(1.2, 1.8) : random.uniform(0.9, 1.5);
      const double c = std::cos(angle);
      const double s = std::sin(angle);
      const image::Noise texture(static_cast<std::uint64_t>(params_.seed), 21, 0.8);
      const auto reach = [&](double centre, double side) {
        return static_cast<std::int64_t>(std::floor((centre + side * 1.2 * a) / params_.mpp));
      };
      for (std::int64_t y = std::max(area.y, reach(y0, -1));
           y <= std::min(area.y + area.height - 1, reach(y0, 1)); ++y)
        for (std::int64_t x = std::max(area.x, reach(x0, -1));
             x <= std::min(area.x + area.width - 1, reach(x0, 1)); ++x) {
          const double px = static_cast<double>(x) * params_.mpp;
          const double py = static_cast<double>(y) * params_.mpp;
          const double u = (px - x0) * c + (py - y0) * s;
          const double v = -(px - x0) * s + (py - y0) * c;
          const double in = 1 - step(0.85, 1.05, std::hypot(u / a, v / b));
          if (in <= 0) continue;
          const auto i = static_cast<std::size_t>((y - area.y) * area.width + x - area.x);
          const double h = amount * (0.65 + 0.6 * texture.at(px, py));
          stains.haematoxylin[i] = static_cast<float>((1 - in) * stains.haematoxylin[i] + in * h);
          stains.eosin[i] = static_cast<float>(stains.eosin[i] * (1 - 0.6 * in));
        }
    }
}

void SyntheticSlide::draw_figure(const Rect& area, const Figure& figure, Stains& stains) const {
  const auto seed = static_cast<std::uint64_t>(params_.seed);
  const image::Noise edge(seed, 22, 1.1);
  const image::Noise vacuoles(seed, 23, 2.2);
  const double reach_um = figure.cell_radius_um + 4;
  const auto reach = [&](double centre, double side) {
    return static_cast<std::int64_t>(std::floor((centre + side * reach_um) / params_.mpp));
  };
  for (std::int64_t y = std::max(area.y, reach(figure.y_um, -1));
       y <= std::min(area.y + area.height - 1, reach(figure.y_um, 1)); ++y)
    for (std::int64_t x = std::max(area.x, reach(figure.x_um, -1));
         x <= std::min(area.x + area.width - 1, reach(figure.x_um, 1)); ++x) {
      const double px = static_cast<double>(x) * params_.mpp;
      const double py = static_cast<double>(y) * params_.mpp;
      const double dx = px - figure.x_um;
      const double dy = py - figure.y_um;
      const double ragged = edge.at(px, py) - 0.5;
      const double from_centre = std::hypot(dx, dy) + 1.6 * (vacuoles.at(px, py) - 0.5);
      // How deep inside the chromatin, um: the deepest of all lumps.
      double depth = -1e9;
      for (const auto& lump : figure.lumps)
        depth = std::max(depth, lump.radius - std::hypot(dx - lump.x, dy - lump.y));
      const auto i = static_cast<std::size_t>((y - area.y) * area.width + x - area.x);
      double h = stains.haematoxylin[i];
      double e = stains.eosin[i];
      const double in_cell =
          1 - step(figure.cell_radius_um - 0.8, figure.cell_radius_um + 0.3, from_centre);
      if (figure.mitotic()) {
        // No nuclear membrane: a clear zone, patchy, and a cell rounded up.
        const double clear = in_cell * step(0.30, 0.62, vacuoles.at(px, py) + 0.16);
        e *= 1 - 0.52 * clear;
        h *= 1 - 0.5 * in_cell;
        e += 0.30 * bell(from_centre - figure.cell_radius_um, 0.5);
        depth += 0.9 * ragged;
      } else {
        // A shrunken cell of dense pink cytoplasm in a hole.
        const double hole = (1 - in_cell) * (1 - step(figure.cell_radius_um + 0.5,
                                                      figure.cell_radius_um + 1.8, from_centre));
        e = (1 - in_cell) * e * (1 - 0.85 * hole) + in_cell * 1.25;
        h = (1 - in_cell) * h * (1 - hole) + in_cell * 0.15;
      }
      const double in = step(-0.30, 0.35, depth);
      const double amount = figure.amount * (figure.mitotic() ? 0.93 + 0.22 * ragged : 1.0);
      stains.haematoxylin[i] = static_cast<float>((1 - in) * h + in * amount);
      stains.eosin[i] = static_cast<float>(e * (1 - 0.7 * in));
    }
}

std::vector<std::uint8_t> SyntheticSlide::render(const Rect& area) const {
  const double sigma = kBlurUm / params_.mpp;
  const auto margin = static_cast<std::int64_t>(std::ceil(3 * sigma));
  const Rect wide = area.grown(margin);
  const auto pixels = static_cast<std::size_t>(wide.width * wide.height);
  Stains stains{std::vector<float>(pixels), std::vector<float>(pixels)};
  draw_ground(wide, stains);
  const auto cells = nest_cells(wide);
  draw_membranes(wide, cells, stains);
  for (const auto& cell : cells)
    if (cell.has_nucleus) draw_nucleus(wide, cell, stains);
  draw_stroma_nuclei(wide, stains);
  for (const Figure* figure : figures_within(wide, 16)) draw_figure(wide, *figure, stains);

  std::vector<double> kernel;
  double sum = 0;
  for (std::int64_t k = -margin; k <= margin; ++k) {
    kernel.push_back(bell(static_cast<double>(k), std::numbers::sqrt2 * sigma));
    sum += kernel.back();
  }
  for (double& weight : kernel) weight /= sum;
  // The light is blurred, not the stain: that is what keeps dark figures crisp.
  std::vector<std::array<float, 3>> light(pixels);
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t c = 0; c < 3; ++c)
      light[i][c] = static_cast<float>(
          kGlass[c] * std::exp(-(std::max(0.0F, stains.haematoxylin[i]) * kHaematoxylin[c] +
                                 std::max(0.0F, stains.eosin[i]) * kEosin[c])));
  const auto taps = static_cast<std::int64_t>(kernel.size());
  std::vector<std::array<float, 3>> narrow(static_cast<std::size_t>(area.width * wide.height));
  for (std::int64_t y = 0; y < wide.height; ++y)
    for (std::int64_t x = 0; x < area.width; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        double value = 0;
        for (std::int64_t k = 0; k < taps; ++k)
          value += kernel[static_cast<std::size_t>(k)] *
                   light[static_cast<std::size_t>(y * wide.width + x + k)][c];
        narrow[static_cast<std::size_t>(y * area.width + x)][c] = static_cast<float>(value);
      }
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(area.width * area.height * 3));
  for (std::int64_t y = 0; y < area.height; ++y)
    for (std::int64_t x = 0; x < area.width; ++x) {
      const auto words = philox({static_cast<std::uint32_t>(area.x + x),
                                 static_cast<std::uint32_t>(area.y + y), 0, fnv1a("grain")},
                                {static_cast<std::uint32_t>(params_.seed), 0});
      for (std::size_t c = 0; c < 3; ++c) {
        double value = 0;
        for (std::int64_t k = 0; k < taps; ++k)
          value += kernel[static_cast<std::size_t>(k)] *
                   narrow[static_cast<std::size_t>((y + k) * area.width + x)][c];
        value += 5 * (uniform_from(words[c]) - 0.5);
        rgb[static_cast<std::size_t>(y * area.width + x) * 3 + c] =
            static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
      }
    }
  return rgb;
}

void write_slide(const SyntheticSlide& slide,
                 const std::filesystem::path& file,
                 const std::function<void(double)>& progress) {
  const Params& p = slide.params();
  using Format = tiff::PyramidSpec::Format;
  tiff::PyramidWriter out(file, {.width = p.width_px,
                                 .height = p.height_px,
                                 .format = p.format == "aperio" ? Format::Aperio : Format::Generic,
                                 .mpp_x = p.mpp,
                                 .mpp_y = p.mpp,
                                 .jpeg_quality = p.jpeg_quality});
  constexpr std::int64_t kSide = tiff::PyramidWriter::kTile;
  for (std::int64_t row = 0; row < out.rows(); ++row) {
    progress(static_cast<double>(row) / static_cast<double>(out.rows()));
    for (std::int64_t column = 0; column < out.columns(); ++column) {
      const auto rgb = slide.render({column * kSide, row * kSide, kSide, kSide});
      out.write_tile(column, row, std::as_bytes(std::span(rgb)));
    }
  }
  out.finish();
}

std::string truth_csv(const SyntheticSlide& slide) {
  std::string text = "slide,x,y,score,label,id\n";
  int id = 0;
  for (const auto& at : slide.mitoses())
    text += fmt::format("{},{:.3f},{:.3f},1,mitosis,{}\n", slide.params().name, at.x, at.y, ++id);
  return text;
}

}  // namespace mito::synthetic_slide
