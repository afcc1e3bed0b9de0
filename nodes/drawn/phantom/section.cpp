#include "nodes/drawn/phantom/section.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::phantom {
namespace {

constexpr double kSquare = 64;       // um, of the index of objects
constexpr double kFigureGap = 30;    // um between mitoses or look-alikes and anything listed
constexpr double kArtefactGap = 21;  // um between brown artefacts: they must not merge
constexpr double kNestLevel = 0.40;  // of the noise: above it lie nests

std::int64_t square_of(double um) { return static_cast<std::int64_t>(std::floor(um / kSquare)); }

// Chromosomes side by side: a bar, a little bent and ragged.
void add_plate(std::vector<Lump>& lumps,
               RandomStream& random,
               double length,
               double thickness,
               double angle,
               double offset,
               double bend) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  constexpr int kCount = 18;
  for (int i = 0; i < kCount; ++i) {
    const double along = length * ((i + 0.5) / kCount - 0.5) + random.uniform(-0.25, 0.25);
    const double across =
        offset + bend * (along * along - length * length / 12) + random.uniform(-0.4, 0.4);
    lumps.push_back({along * c - across * s, along * s + across * c,
                     thickness * random.uniform(0.75, 1.2), random.uniform(0.9, 1.1)});
  }
  // Chromosomes that stick out.
  const auto arms = 1 + random.below(4);
  for (std::uint32_t k = 0; k < arms; ++k) {
    const double along = length * random.uniform(-0.5, 0.5);
    const double across =
        offset + (random.uniform() < 0.5 ? -1 : 1) * thickness * random.uniform(1.2, 1.9);
    lumps.push_back({along * c - across * s, along * s + across * c, random.uniform(0.35, 0.6),
                     random.uniform(0.6, 0.9)});
  }
}

void add_prometaphase(std::vector<Lump>& lumps, RandomStream& random) {
  const double a = random.uniform(3.0, 4.4);
  const double b = a * random.uniform(0.6, 0.95);
  const double angle = random.uniform(0, kTau);
  const auto count = 22 + random.below(14);
  for (std::uint32_t i = 0; i < count; ++i) {
    const double r = std::sqrt(random.uniform());
    const double t = random.uniform(0, kTau);
    const double u = a * r * std::cos(t);
    const double v = b * r * std::sin(t);
    lumps.push_back({u * std::cos(angle) - v * std::sin(angle),
                     u * std::sin(angle) + v * std::cos(angle), random.uniform(0.5, 1.0),
                     random.uniform(0.7, 1.15)});
  }
}

void add_ring(std::vector<Lump>& lumps, RandomStream& random) {
  const double radius = random.uniform(2.5, 3.6);
  const double squeeze = random.uniform(0.75, 1);
  const double angle = random.uniform(0, kTau);
  constexpr int kCount = 22;
  for (int i = 0; i < kCount; ++i) {
    const double r = radius * random.uniform(0.82, 1.15);
    const double t = kTau * i / kCount + random.uniform(-0.15, 0.15);
    const double u = r * std::cos(t);
    const double v = squeeze * r * std::sin(t);
    lumps.push_back({u * std::cos(angle) - v * std::sin(angle),
                     u * std::sin(angle) + v * std::cos(angle), random.uniform(0.65, 1.15),
                     random.uniform(0.85, 1.1)});
  }
}

}  // namespace

Phantom::Section::Section(const Params& p)
    : params(p),
      seed(static_cast<std::uint64_t>(p.seed)),
      stain_seed(static_cast<std::uint64_t>(p.stain_seed == 0 ? p.seed : p.stain_seed)),
      stains(stains_of(p.centre, stain_seed)),
      geometry(p),
      island_um_(std::min(2600.0, 0.62 * std::min(geometry.half_size().x, geometry.half_size().y))),
      nest_pitch_(0),
      fibre_turn_(0),
      pleomorphism_(0),
      island_(noise(0, island_um_)),
      island_detail_(noise(1, 0.17 * island_um_)),
      fray_(noise(2, 14)),
      nest_(noise(3, std::min(240.0, 0.5 * island_um_))),
      nest_detail_(noise(4, std::min(70.0, 0.2 * island_um_))),
      nest_fine_(noise(5, 19)),
      warp_(noise(6, 150)),
      warp_fine_(noise(7, 42)),
      cellular_(noise(8, 330)),
      fat_(noise(24, 0.45 * island_um_)) {
  if (geometry.half_size().x < 40 || geometry.half_size().y < 40)
    throw DataError(fmt::format(
        "a shift of ({}, {}) um leaves no room for tissue that lies on both slides of {}x{} px",
        p.shift_x_um, p.shift_y_um, p.width_px, p.height_px));
  RandomStream random(seed, "phantom section", 0);
  nest_pitch_ = random.uniform(11.2, 13.6);
  fibre_turn_ = random.uniform(0, kTau);
  pleomorphism_ = random.uniform(0.10, 0.30);
  place_objects();
}

double Phantom::Section::tissue_value(
    double x, double y, double island, double detail, double fray) const {
  const double u = (x - geometry.middle().x) / geometry.half_size().x;
  const double v = (y - geometry.middle().y) / geometry.half_size().y;
  // Flat inside, steep towards the border of what both slides show.
  const double u2 = u * u;
  const double v2 = v * v;
  return 0.86 - u2 * u2 - v2 * v2 - 0.45 * u2 * v2 + 1.15 * (island - 0.5) + 0.34 * (detail - 0.5) +
         0.033 * (fray - 0.5) - 0.34;
}

double Phantom::Section::tissue_at(double x_um, double y_um) const {
  return tissue_value(x_um, y_um, island_.at(x_um, y_um), island_detail_.at(x_um, y_um),
                      fray_.at(x_um, y_um));
}

double Phantom::Section::nest_at(double x_um, double y_um) const {
  return nest_.at(x_um, y_um) + 0.34 * (nest_detail_.at(x_um, y_um) - 0.5) +
         0.07 * (nest_fine_.at(x_um, y_um) - 0.5) - kNestLevel;
}

double Phantom::Section::fibre_angle(double x_um, double y_um) const {
  const double c = std::cos(fibre_turn_);
  const double s = std::sin(fibre_turn_);
  const auto across = [&](double x, double y) {
    return -s * x + c * y + 110 * (warp_.at(x, y) - 0.5) + 26 * (warp_fine_.at(x, y) - 0.5);
  };
  const double here = across(x_um, y_um);
  return std::atan2(across(x_um, y_um + 1) - here, across(x_um + 1, y_um) - here) + kTau / 4;
}

bool Phantom::Section::near_object(double x_um, double y_um, double distance_um) const {
  const auto reach = static_cast<std::int64_t>(std::ceil(distance_um / kSquare));
  for (std::int64_t v = square_of(y_um) - reach; v <= square_of(y_um) + reach; ++v)
    for (std::int64_t u = square_of(x_um) - reach; u <= square_of(x_um) + reach; ++u) {
      const auto found = squares_.find(pair_index(u, v));
      if (found == squares_.end()) continue;
      for (const std::size_t index : found->second)
        if (std::hypot(objects[index].x_um - x_um, objects[index].y_um - y_um) < distance_um)
          return true;
    }
  return false;
}

// Does a nucleus of radius `own_um` have to give way to a listed object?
bool Phantom::Section::crowded(double x_um, double y_um, double own_um) const {
  constexpr double kLargestBody = 14;
  const auto reach = static_cast<std::int64_t>(std::ceil((kLargestBody + own_um) / kSquare));
  for (std::int64_t v = square_of(y_um) - reach; v <= square_of(y_um) + reach; ++v)
    for (std::int64_t u = square_of(x_um) - reach; u <= square_of(x_um) + reach; ++u) {
      const auto found = squares_.find(pair_index(u, v));
      if (found == squares_.end()) continue;
      for (const std::size_t index : found->second) {
        const Object& o = objects[index];
        if (o.body_um > 0 && std::hypot(o.x_um - x_um, o.y_um - y_um) < o.body_um + own_um)
          return true;
      }
    }
  return false;
}

std::vector<std::size_t> Phantom::Section::objects_near(const Canvas& canvas) const {
  constexpr double kFarthest = 45;
  std::vector<std::size_t> out;
  for (std::int64_t v = square_of(canvas.north - kFarthest);
       v <= square_of(canvas.south + kFarthest); ++v)
    for (std::int64_t u = square_of(canvas.west - kFarthest);
         u <= square_of(canvas.east + kFarthest); ++u)
      if (const auto found = squares_.find(pair_index(u, v)); found != squares_.end())
        out.insert(out.end(), found->second.begin(), found->second.end());
  std::sort(out.begin(), out.end());
  return out;
}

void Phantom::Section::add(Object object) {
  squares_[pair_index(square_of(object.x_um), square_of(object.y_um))].push_back(objects.size());
  objects.push_back(std::move(object));
}

// Unit vector from tissue towards glass.
PointL0 Phantom::Section::edge_direction(double x_um, double y_um) const {
  const double dx = tissue_at(x_um - 4, y_um) - tissue_at(x_um + 4, y_um);
  const double dy = tissue_at(x_um, y_um - 4) - tissue_at(x_um, y_um + 4);
  const double length = std::max(1e-12, std::hypot(dx, dy));
  return {dx / length, dy / length};
}

// From a point in tissue to the border of the tissue, if one is near.
bool Phantom::Section::move_to_edge(Object& object, RandomStream& random) const {
  const double angle = random.uniform(0, kTau);
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  double inside = 0;
  double outside = 0;
  for (double step = 20; step <= 900 && outside == 0; step += 20)
    if (tissue_at(object.x_um + step * c, object.y_um + step * s) < 0)
      outside = step;
    else
      inside = step;
  if (outside == 0) return false;
  while (outside - inside > 0.2) {
    const double middle = (inside + outside) / 2;
    (tissue_at(object.x_um + middle * c, object.y_um + middle * s) < 0 ? outside : inside) = middle;
  }
  object.x_um += inside * c;
  object.y_um += inside * s;
  return true;
}

bool Phantom::Section::place(Object& object, RandomStream& random, double gap_um) const {
  constexpr int kTries = 3000;
  const PointL0 middle = geometry.middle();
  const PointL0 half = geometry.half_size();
  const bool in_nest = object.kind != Kind::Artefact && object.kind != Kind::Pigment;
  const bool stroma_too = object.kind == Kind::Nonspecific || object.kind == Kind::Pyknotic;
  const bool on_edge = object.phase == "edge";
  for (int attempt = 0; attempt < kTries; ++attempt) {
    object.x_um = middle.x + random.uniform(-1, 1) * (half.x - 18);
    object.y_um = middle.y + random.uniform(-1, 1) * (half.y - 18);
    if (tissue_at(object.x_um, object.y_um) < 0.05) continue;
    if (fat_.at(object.x_um, object.y_um) > kFatLevel - 0.015 && !on_edge) continue;
    if (in_nest && !(stroma_too && attempt % 3 == 0) && nest_at(object.x_um, object.y_um) < 0.02)
      continue;
    if (object.kind == Kind::Pigment && nest_at(object.x_um, object.y_um) > -0.02) continue;
    if (on_edge && !move_to_edge(object, random)) continue;
    if (std::abs(object.x_um - middle.x) > half.x - 14 ||
        std::abs(object.y_um - middle.y) > half.y - 14)
      continue;
    if (!near_object(object.x_um, object.y_um, gap_um)) return true;
  }
  return false;
}

Nucleus Phantom::Section::nest_nucleus(RandomStream& random, double x_um, double y_um) const {
  Nucleus n;
  n.x = x_um;
  n.y = y_um;
  const double size = 1 + pleomorphism_ * std::clamp(random.normal(), -1.6, 2.2);
  n.a = 4.9 * size;
  n.b = n.a * random.uniform(0.62, 0.95);
  const double angle = random.uniform(0, kTau);
  n.cos = std::cos(angle);
  n.sin = std::sin(angle);
  for (std::size_t k = 0; k < n.outline.size(); ++k)
    n.outline[k] = 0.055 * random.normal() / (1 + 0.5 * static_cast<double>(k / 2));
  const double stain = random.uniform(0.75, 1.25) * (0.8 + 0.4 * cellular_.at(x_um, y_um));
  n.rim = stain * random.uniform(0.5, 1.15);
  n.inside = stain * random.uniform(0.22, 0.75);
  n.clumps = stain * random.uniform(0.5, 1.3);
  n.soft = random.uniform() < 0.22 ? random.uniform(0.8, 1.6) : random.uniform(0.3, 0.5);
  if (n.soft > 0.8) n.rim *= 0.3;
  n.nucleolus_count = static_cast<int>(random.below(4));
  for (int k = 0; k < n.nucleolus_count; ++k) {
    const double r = 0.62 * std::sqrt(random.uniform());
    const double t = random.uniform(0, kTau);
    n.nucleoli[static_cast<std::size_t>(k)] = {n.a * r * std::cos(t), n.b * r * std::sin(t),
                                               random.uniform(0.45, 0.95),
                                               stain * random.uniform(0.6, 1.5)};
  }
  return n;
}

Nucleus Phantom::Section::stroma_nucleus(RandomStream& random, double x_um, double y_um) const {
  Nucleus n;
  n.x = x_um;
  n.y = y_um;
  const double kind = random.uniform();
  double angle = random.uniform(0, kTau);
  const double stain = random.uniform(0.8, 1.2);
  if (kind < 0.30) {  // lymphocyte: small, round, dark
    n.a = random.uniform(2.5, 3.3);
    n.b = n.a * random.uniform(0.82, 1);
    n.inside = stain * random.uniform(0.9, 1.4);
    n.clumps = 0.8;
    n.rim = 0.5;
  } else {  // fibroblast: a spindle along the fibres
    n.a = random.uniform(4.2, 8.5);
    n.b = random.uniform(1.1, 2.3);
    angle = fibre_angle(x_um, y_um) + 0.25 * random.normal();
    n.inside = stain * random.uniform(0.5, 1.0);
    n.clumps = stain * random.uniform(0.3, 0.7);
    n.rim = stain * random.uniform(0.2, 0.6);
  }
  n.cos = std::cos(angle);
  n.sin = std::sin(angle);
  for (double& term : n.outline) term = 0.05 * random.normal();
  n.soft = random.uniform() < 0.25 ? random.uniform(0.7, 1.3) : random.uniform(0.3, 0.5);
  return n;
}

void Phantom::Section::shape_artefact(Object& object, RandomStream& random) const {
  const auto blot = [&](double spread, double smallest, double largest, double amount) {
    const double r = spread * std::sqrt(random.uniform());
    const double t = random.uniform(0, kTau);
    object.lumps.push_back({r * std::cos(t), r * std::sin(t), random.uniform(smallest, largest),
                            amount * random.uniform(0.7, 1.3)});
  };
  if (object.phase == "speck") {
    object.dab = random.uniform(1.3, 3.2);
    const double size = random.uniform(1.0, 2.6);
    const auto count = 2 + random.below(5);
    for (std::uint32_t i = 0; i < count; ++i) blot(0.8 * size, 0.5 * size, size, 1);
  } else if (object.phase == "granules") {
    object.dab = random.uniform(0.8, 2.0);
    const double spread = random.uniform(2.5, 6.5);
    const auto count = 12 + random.below(26);
    for (std::uint32_t i = 0; i < count; ++i) blot(spread, 0.4, 1.1, 1);
  } else if (object.phase == "smear") {
    object.dab = random.uniform(0.5, 1.0);
    object.angle = fibre_angle(object.x_um, object.y_um) + 0.4 * random.normal();
    object.lumps.push_back({random.uniform(6, 15), random.uniform(2.0, 5.0), 0, 1});
    object.reach_um = 2.2 * object.lumps[0].x;
  } else if (object.phase == "edge") {
    // A chain of blots along the border of the tissue.
    object.dab = random.uniform(0.6, 1.5);
    const auto steps = static_cast<int>(5 + random.below(10));
    double x = object.x_um;
    double y = object.y_um;
    for (int i = 0; i < steps; ++i) {
      const PointL0 out = edge_direction(x, y);
      const double in = random.uniform(0.5, 1.8);
      object.lumps.push_back({x - in * out.x - object.x_um, y - in * out.y - object.y_um,
                              random.uniform(1.0, 2.3), random.uniform(0.6, 1.2)});
      x -= 1.5 * out.y;
      y += 1.5 * out.x;
    }
    // The truth names the middle of the chain.
    const Lump middle = object.lumps[object.lumps.size() / 2];
    for (Lump& lump : object.lumps) {
      lump.x -= middle.x;
      lump.y -= middle.y;
    }
    object.x_um += middle.x;
    object.y_um += middle.y;
    object.reach_um = 16 + 1.5 * steps;
  } else if (object.phase == "shard") {
    // A convex splinter: its lumps are the normals and distances of its sides.
    object.dab = random.uniform(1.5, 3.4);
    const auto sides = 4 + random.below(3);
    const double size = random.uniform(1.6, 4.2);
    for (std::uint32_t i = 0; i < sides; ++i) {
      const double t = kTau * (i + random.uniform(-0.3, 0.3)) / sides;
      object.lumps.push_back({std::cos(t), std::sin(t), size * random.uniform(0.5, 1.2), 1});
    }
  } else {  // cytoplasm around a nucleus
    object.dab = random.uniform(0.5, 0.95);
    object.has_nucleus = true;
    object.nucleus = nest_nucleus(random, object.x_um, object.y_um);
    object.body_um = 8;
    const auto count = 26 + random.below(20);
    for (std::uint32_t i = 0; i < count; ++i) {
      const double t = random.uniform(0, kTau);
      const double r = random.uniform(4.6, 8.5);
      object.lumps.push_back(
          {r * std::cos(t), r * std::sin(t), random.uniform(0.8, 1.9), random.uniform(0.5, 1.2)});
    }
  }
}

// What an object looks like, once its place is known.
void Phantom::Section::shape(Object& object, RandomStream& random) const {
  const double angle = random.uniform(0, kTau);
  const double chance = random.uniform();
  object.angle = angle;
  switch (object.kind) {
    case Kind::Mitosis: {
      object.amount = random.uniform(2.4, 3.4);
      object.dab = random.uniform(1.3, 3.0);
      object.cells.push_back({0, 0, random.uniform(5.8, 9.0), 1});
      object.body_um = 8.5;
      object.clearing = random.uniform(0.0, 0.75);
      object.leak = random.uniform(0.0, 0.12);
      if (object.phase == "prometaphase") {
        add_prometaphase(object.lumps, random);
      } else if (object.phase == "metaphase") {
        add_plate(object.lumps, random, random.uniform(7, 10.5), random.uniform(0.9, 1.35), angle,
                  0, random.uniform(-0.02, 0.02));
      } else if (object.phase == "metaphase_ring") {
        add_ring(object.lumps, random);
      } else if (object.phase == "anaphase") {
        const double apart = random.uniform(2.0, 3.6);
        const double length = random.uniform(6, 8.5);
        const double bend = random.uniform(0.0, 0.05);
        add_plate(object.lumps, random, length, 0.95, angle, -apart, -bend);
        add_plate(object.lumps, random, length, 0.95, angle + random.uniform(-0.15, 0.15), apart,
                  bend);
        if (chance < 0.08) object.dab = 0;
      } else {  // telophase: two daughters with a furrow between
        const double apart = random.uniform(5.0, 6.6);
        const double length = random.uniform(4.5, 6.5);
        add_plate(object.lumps, random, length, 1.0, angle, -apart, 0.02);
        add_plate(object.lumps, random, length, 1.0, angle + random.uniform(-0.3, 0.3), apart,
                  -0.02);
        const double across_x = -std::sin(angle);
        const double across_y = std::cos(angle);
        object.cells = {{0.72 * apart * across_x, 0.72 * apart * across_y, 5.6, 1},
                        {-0.72 * apart * across_x, -0.72 * apart * across_y, 5.6, 1}};
        object.amount = random.uniform(2.0, 2.9);
        object.body_um = 11;
        object.dab = chance < 0.40 ? 0 : random.uniform(0.5, 1.5);
      }
      object.reach_um = 15;
      break;
    }
    case Kind::Pyknotic: {
      object.clearing = random.uniform(0.0, 1.3);
      object.pink = random.uniform(0.6, 1.15);
      object.amount = random.uniform(2.0, 3.0);
      object.cells.push_back({0, 0, random.uniform(3.8, 5.2), 1});
      object.body_um = 6;
      const double r = random.uniform(1.5, 2.5);
      object.lumps.push_back({0, 0, r, 1});
      object.lumps.push_back({0.5 * r * std::cos(angle), 0.5 * r * std::sin(angle), 0.8 * r, 1});
      if (chance < 0.15) object.dab = random.uniform(0.5, 0.9);
      break;
    }
    case Kind::Apoptotic: {
      object.clearing = random.uniform(0.0, 1.3);
      object.pink = random.uniform(0.6, 1.15);
      object.amount = random.uniform(2.0, 2.9);
      object.cells.push_back({0, 0, random.uniform(4.4, 6.2), 1});
      object.body_um = 7;
      const auto count = 3 + random.below(5);
      for (std::uint32_t i = 0; i < count; ++i) {
        const double r = 3.4 * std::sqrt(random.uniform());
        const double t = random.uniform(0, kTau);
        object.lumps.push_back({r * std::cos(t), r * std::sin(t),
                                i == 0 ? random.uniform(1.0, 1.7) : random.uniform(0.4, 1.1),
                                random.uniform(0.8, 1.1)});
      }
      if (chance < 0.15) object.dab = random.uniform(0.5, 0.9);
      break;
    }
    case Kind::Hyperchromatic: {
      object.has_nucleus = true;
      object.nucleus = nest_nucleus(random, object.x_um, object.y_um);
      object.nucleus.inside = random.uniform(1.4, 2.1);
      object.nucleus.rim = 0.3;
      object.nucleus.clumps = random.uniform(0.2, 0.8);
      object.nucleus.soft = 0.4;
      object.nucleus.b *= random.uniform(0.7, 1);
      object.body_um = 6;
      break;
    }
    case Kind::Pigment: {
      object.dab = object.amount = random.uniform(0.9, 1.9);
      const double spread = random.uniform(2.5, 5.5);
      const auto count = 14 + random.below(26);
      for (std::uint32_t i = 0; i < count; ++i) {
        const double r = spread * std::sqrt(random.uniform());
        const double t = random.uniform(0, kTau);
        object.lumps.push_back({1.3 * r * std::cos(t), r * std::sin(t), random.uniform(0.4, 0.9),
                                random.uniform(0.6, 1.2)});
      }
      break;
    }
    case Kind::Artefact:
      shape_artefact(object, random);
      break;
    case Kind::Nonspecific:
      object.has_nucleus = true;
      object.nucleus = nest_nucleus(random, object.x_um, object.y_um);
      object.dab = object.nucleus.dab = random.uniform(0.45, 1.0);
      object.phase = chance < 0.6 ? "granular" : "diffuse";
      object.body_um = 6;
      break;
  }
}

void Phantom::Section::place_objects() {
  struct Sort {
    Kind kind;
    std::string_view phase;
    double share;
  };
  struct Group {
    std::string_view name;
    int count;
    double gap_um;
    std::vector<Sort> sorts;
  };
  const std::vector<Group> groups{
      {"phantom mitoses",
       params.mitoses,
       kFigureGap,
       {{Kind::Mitosis, "prometaphase", 0.28},
        {Kind::Mitosis, "metaphase", 0.36},
        {Kind::Mitosis, "metaphase_ring", 0.10},
        {Kind::Mitosis, "anaphase", 0.14},
        {Kind::Mitosis, "telophase", 0.12}}},
      {"phantom lookalikes",
       params.lookalikes,
       kFigureGap,
       {{Kind::Pyknotic, "", 0.30},
        {Kind::Apoptotic, "", 0.25},
        {Kind::Hyperchromatic, "", 0.33},
        {Kind::Pigment, "", 0.12}}},
      {"phantom nonspecific", params.nonspecific, kFigureGap, {{Kind::Nonspecific, "", 1}}},
      {"phantom artefacts",
       params.artefacts,
       kArtefactGap,
       {{Kind::Artefact, "speck", 0.28},
        {Kind::Artefact, "granules", 0.20},
        {Kind::Artefact, "smear", 0.15},
        {Kind::Artefact, "edge", 0.10},
        {Kind::Artefact, "shard", 0.12},
        {Kind::Artefact, "cytoplasm", 0.15}}}};
  for (const Group& group : groups) {
    std::vector<double> shares;
    for (const Sort& sort : group.sorts) shares.push_back(sort.share);
    const auto sums = running_sums(shares);
    for (int i = 0; i < group.count; ++i) {
      RandomStream random(seed, group.name, static_cast<std::uint64_t>(i));
      const Sort& sort = group.sorts[weighted_index(sums, random.uniform())];
      Object object;
      object.kind = sort.kind;
      object.phase = sort.phase;
      if (!place(object, random, group.gap_um))
        throw DataError(fmt::format(
            "two slides of {}x{} px with a shift of ({}, {}) um have no room for {} listed "
            "objects; ask for fewer, for larger slides or for a smaller shift",
            params.width_px, params.height_px, params.shift_x_um, params.shift_y_um,
            params.mitoses + params.lookalikes + params.artefacts + params.nonspecific));
      shape(object, random);
      add(std::move(object));
    }
  }
}

}  // namespace mito::phantom
