#include <algorithm>
#include <cmath>

#include "nodes/drawn/phantom/section.h"

namespace mito::phantom {
namespace {

constexpr double kStromaPitch = 13.5;  // um between nuclei of the stroma
constexpr double kFatPitch = 52;       // um between fat cells
constexpr std::int64_t kCoarsePx = 4;  // where slow noise is exact
constexpr std::int64_t kMeshPx = 16;   // the warp is exact at the corners of such squares

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

float stepf(float low, float high, float x) {
  const float t = std::clamp((x - low) / (high - low), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

float mix(float a, float b, float t) { return a + (b - a) * t; }

}  // namespace

// A jittered lattice of points: the middles of cells that touch.
struct Phantom::Section::Cells {
  double pitch;
  std::int64_t left = 0;
  std::int64_t top = 0;
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  std::vector<PointL0> at;  // um

  Cells(const Canvas& canvas, std::uint64_t seed, std::string_view name, double pitch_um)
      : pitch(pitch_um) {
    const auto index = [&](double um) { return static_cast<std::int64_t>(std::floor(um / pitch)); };
    left = index(canvas.west) - 2;
    top = index(canvas.north) - 2;
    columns = index(canvas.east) + 3 - left;
    rows = index(canvas.south) + 3 - top;
    at.reserve(static_cast<std::size_t>(columns * rows));
    for (std::int64_t y = top; y < top + rows; ++y)
      for (std::int64_t x = left; x < left + columns; ++x) {
        RandomStream random(seed, name, pair_index(x, y));
        const double dx = random.uniform(0.12, 0.88);
        const double dy = random.uniform(0.12, 0.88);
        at.push_back(
            {(static_cast<double>(x) + dx) * pitch, (static_cast<double>(y) + dy) * pitch});
      }
  }

  // How much farther the second nearest point is than the nearest, um.
  float to_border(double x, double y) const {
    const auto column = static_cast<std::int64_t>(std::floor(x / pitch)) - left;
    const auto row = static_cast<std::int64_t>(std::floor(y / pitch)) - top;
    double nearest = 1e18;
    double second = 1e18;
    for (std::int64_t v = row - 1; v <= row + 1; ++v) {
      const PointL0* line = at.data() + v * columns + column - 1;
      for (int u = 0; u < 3; ++u) {
        const double dx = line[u].x - x;
        const double dy = line[u].y - y;
        const double square = dx * dx + dy * dy;
        second = std::min(second, std::max(nearest, square));
        nearest = std::min(nearest, square);
      }
    }
    return static_cast<float>(std::sqrt(second) - std::sqrt(nearest));
  }
};

Canvas Phantom::Section::canvas(Stain stain, const Rect& area) const {
  Canvas out{.stain = stain, .area = area, .mpp = params.mpp};
  const auto pixels = static_cast<std::size_t>(area.width * area.height);
  out.x.resize(pixels);
  out.y.resize(pixels);
  if (stain == Stain::He) {
    for (std::int64_t y = 0; y < area.height; ++y)
      for (std::int64_t x = 0; x < area.width; ++x) {
        const auto i = static_cast<std::size_t>(y * area.width + x);
        out.x[i] = static_cast<double>(area.x + x) * params.mpp;
        out.y[i] = static_cast<double>(area.y + y) * params.mpp;
      }
  } else {
    const std::int64_t left = floor_div(area.x, kMeshPx);
    const std::int64_t top = floor_div(area.y, kMeshPx);
    const std::int64_t columns = floor_div(area.x + area.width - 1, kMeshPx) - left + 2;
    const std::int64_t rows = floor_div(area.y + area.height - 1, kMeshPx) - top + 2;
    std::vector<PointL0> mesh;
    mesh.reserve(static_cast<std::size_t>(columns * rows));
    for (std::int64_t v = 0; v < rows; ++v)
      for (std::int64_t u = 0; u < columns; ++u)
        mesh.push_back(
            geometry.section_from_phh3(static_cast<double>((left + u) * kMeshPx) * params.mpp,
                                       static_cast<double>((top + v) * kMeshPx) * params.mpp));
    for (std::int64_t y = 0; y < area.height; ++y) {
      const std::int64_t v = floor_div(area.y + y, kMeshPx);
      const double ty = static_cast<double>(area.y + y - v * kMeshPx) / kMeshPx;
      for (std::int64_t x = 0; x < area.width; ++x) {
        const std::int64_t u = floor_div(area.x + x, kMeshPx);
        const double tx = static_cast<double>(area.x + x - u * kMeshPx) / kMeshPx;
        const PointL0* a = mesh.data() + (v - top) * columns + (u - left);
        const PointL0* b = a + columns;
        const auto i = static_cast<std::size_t>(y * area.width + x);
        out.x[i] =
            (1 - ty) * ((1 - tx) * a[0].x + tx * a[1].x) + ty * ((1 - tx) * b[0].x + tx * b[1].x);
        out.y[i] =
            (1 - ty) * ((1 - tx) * a[0].y + tx * a[1].y) + ty * ((1 - tx) * b[0].y + tx * b[1].y);
      }
    }
  }
  // One coarse column and row more than needed: the last pixel may lie between two.
  out.coarse_left = floor_div(area.x, kCoarsePx);
  out.coarse_top = floor_div(area.y, kCoarsePx);
  out.coarse_columns = floor_div(area.x + area.width - 1, kCoarsePx) - out.coarse_left + 2;
  const std::int64_t coarse_rows =
      floor_div(area.y + area.height - 1, kCoarsePx) - out.coarse_top + 2;
  for (std::int64_t v = 0; v < coarse_rows; ++v)
    for (std::int64_t u = 0; u < out.coarse_columns; ++u) {
      const double px = static_cast<double>((out.coarse_left + u) * kCoarsePx) * params.mpp;
      const double py = static_cast<double>((out.coarse_top + v) * kCoarsePx) * params.mpp;
      const PointL0 at = stain == Stain::He ? PointL0{px, py} : geometry.section_from_phh3(px, py);
      out.coarse_x.push_back(at.x);
      out.coarse_y.push_back(at.y);
    }
  const auto [west, east] = std::minmax_element(out.x.begin(), out.x.end());
  const auto [north, south] = std::minmax_element(out.y.begin(), out.y.end());
  out.west = *west;
  out.east = *east;
  out.north = *north;
  out.south = *south;
  return out;
}

// Calls draw(pixel, dx, dy) for the pixels around a point of the section; dx, dy in um from it.
template <class Draw>
void Phantom::Section::around(
    const Canvas& canvas, double x_um, double y_um, double reach_um, Draw&& draw) const {
  const PointL0 at =
      canvas.stain == Stain::He ? PointL0{x_um, y_um} : geometry.phh3_from_section(x_um, y_um);
  // The displacement stretches by a few per cent at most.
  const double reach = 1.15 * reach_um / canvas.mpp + 1;
  const auto bound = [&](double px, std::int64_t low, std::int64_t high) {
    return std::clamp(static_cast<std::int64_t>(std::floor(px)), low, high);
  };
  const Rect& area = canvas.area;
  const std::int64_t left = bound(at.x / canvas.mpp - reach, area.x, area.x + area.width);
  const std::int64_t right = bound(at.x / canvas.mpp + reach + 1, area.x, area.x + area.width);
  const std::int64_t top = bound(at.y / canvas.mpp - reach, area.y, area.y + area.height);
  const std::int64_t bottom = bound(at.y / canvas.mpp + reach + 1, area.y, area.y + area.height);
  for (std::int64_t y = top; y < bottom; ++y)
    for (std::int64_t x = left; x < right; ++x) {
      const auto i = static_cast<std::size_t>((y - area.y) * area.width + x - area.x);
      draw(i, canvas.x[i] - x_um, canvas.y[i] - y_um);
    }
}

std::vector<float> Phantom::Section::fill(const Canvas& canvas, const image::Noise& of) const {
  std::vector<float> out(canvas.pixels());
  of.fill(canvas.x, canvas.y, out);
  return out;
}

std::vector<float> Phantom::Section::fill_slow(const Canvas& canvas, const image::Noise& of) const {
  std::vector<float> coarse(canvas.coarse_x.size());
  of.fill(canvas.coarse_x, canvas.coarse_y, coarse);
  const Rect& area = canvas.area;
  std::vector<float> out(canvas.pixels());
  std::vector<float> line(static_cast<std::size_t>(canvas.coarse_columns));
  for (std::int64_t y = 0; y < area.height; ++y) {
    const std::int64_t v = floor_div(area.y + y, kCoarsePx);
    const auto ty = static_cast<float>(area.y + y - v * kCoarsePx) / kCoarsePx;
    const float* a = coarse.data() + (v - canvas.coarse_top) * canvas.coarse_columns;
    const float* b = a + canvas.coarse_columns;
    for (std::size_t u = 0; u < line.size(); ++u) line[u] = a[u] + (b[u] - a[u]) * ty;
    float* to = out.data() + y * area.width;
    std::int64_t u = floor_div(area.x, kCoarsePx);
    std::int64_t within = area.x - u * kCoarsePx;
    const float* from = line.data() + (u - canvas.coarse_left);
    for (std::int64_t x = 0; x < area.width; ++x) {
      to[x] = from[0] + (from[1] - from[0]) * (static_cast<float>(within) / kCoarsePx);
      if (++within == kCoarsePx) {
        within = 0;
        ++from;
      }
    }
  }
  return out;
}

bool Phantom::Section::draw(Canvas& canvas) const {
  const std::size_t pixels = canvas.pixels();
  const auto island = fill_slow(canvas, island_);
  const auto detail = fill_slow(canvas, island_detail_);
  canvas.tissue.resize(pixels);
  bool any = false;
  const auto fray = fill_slow(canvas, fray_);
  for (std::size_t i = 0; i < pixels; ++i) {
    canvas.tissue[i] = static_cast<float>(smooth_step(
        0, 0.006, tissue_value(canvas.x[i], canvas.y[i], island[i], detail[i], fray[i])));
    any = any || canvas.tissue[i] > 0;
  }
  const auto near = objects_near(canvas);
  if (!any && near.empty()) return false;
  canvas.h.assign(pixels, 0);
  canvas.e.assign(pixels, 0);
  canvas.d.assign(pixels, 0);
  canvas.p.assign(pixels, 0);
  canvas.fine = fill(canvas, noise(20, 0.6));
  canvas.grain = fill(canvas, noise(21, 1.1));
  canvas.clots = fill(canvas, noise(22, 2.2));
  if (any) draw_ground(canvas);
  for (const std::size_t index : near) draw_object(canvas, objects[index]);
  return true;
}

void Phantom::Section::draw_ground(Canvas& canvas) const {
  const std::size_t pixels = canvas.pixels();
  const auto nest = fill_slow(canvas, nest_);
  const auto nest_detail = fill_slow(canvas, nest_detail_);
  const auto nest_fine = fill_slow(canvas, nest_fine_);
  const auto warp = fill_slow(canvas, warp_);
  const auto warp_fine = fill_slow(canvas, warp_fine_);
  const auto cloud = fill_slow(canvas, noise(23, 7.5));
  const auto cellular = fill_slow(canvas, cellular_);
  const auto fat = fill_slow(canvas, fat_);

  // Fibres: noise stretched along a bent direction.
  const double c = std::cos(fibre_turn_);
  const double s = std::sin(fibre_turn_);
  std::vector<double> along(pixels);
  std::vector<double> across(pixels);
  std::vector<double> u(pixels);
  std::vector<double> v(pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    along[i] = c * canvas.x[i] + s * canvas.y[i];
    across[i] =
        -s * canvas.x[i] + c * canvas.y[i] + 110 * (warp[i] - 0.5) + 26 * (warp_fine[i] - 0.5);
  }
  const auto stretched = [&](std::uint32_t channel, double length_um, double width_um) {
    for (std::size_t i = 0; i < pixels; ++i) {
      u[i] = along[i] / length_um;
      v[i] = across[i] / width_um;
    }
    std::vector<float> out(pixels);
    noise(channel, 1).fill(u, v, out);
    return out;
  };
  const auto fibre = stretched(30, 24, 1.3);
  const auto bundle = stretched(31, 55, 6.5);
  const auto cleft = stretched(32, 38, 5.0);

  const Cells cells = nest_cells(canvas);
  const bool has_fat = *std::max_element(fat.begin(), fat.end()) > static_cast<float>(kFatLevel);
  const Cells fat_cells = has_fat ? Cells(canvas, seed, "phantom fat", kFatPitch)
                                  : Cells(canvas, seed, "phantom fat", 1e6);
  for (std::size_t i = 0; i < pixels; ++i) {
    const float tissue = canvas.tissue[i];
    if (tissue <= 0) continue;
    const float value =
        nest[i] + 0.34F * (nest_detail[i] - 0.5F) + 0.07F * (nest_fine[i] - 0.5F) - 0.40F;
    const float in_nest = stepf(-0.006F, 0.006F, value);
    const float texture = 0.55F * canvas.fine[i] + 0.45F * canvas.grain[i] - 0.5F;
    float h = 0;
    float e = 0;
    if (in_nest < 1) {
      const float strand = 0.55F * fibre[i] + 0.45F * bundle[i];
      const float gap = stepf(0.60F, 0.80F, cleft[i]) * stepf(0.62F, 0.40F, bundle[i]);
      e = (0.14F + 0.95F * strand + 0.25F * texture + 0.20F * (cellular[i] - 0.5F)) *
          (1 - 0.93F * gap);
      h = (0.03F + 0.08F * strand + 0.08F * texture) * (1 - gap);
    }
    if (in_nest > 0) {
      // Granular cytoplasm with small holes, cell borders and, here and there, torn gaps.
      const float hole = stepf(0.70F, 0.86F, 0.6F * canvas.clots[i] + 0.4F * cloud[i]);
      const float border = cells.to_border(canvas.x[i], canvas.y[i]);
      const float membrane = stepf(1.1F, 0.2F, border) * stepf(0.35F, 0.6F, cloud[i]);
      const float width = 2.4F * stepf(0.68F, 0.96F, nest_fine[i]) * (0.3F + 1.2F * cloud[i]);
      const float tear = width > 0.25F ? stepf(width, 0.5F * width, border) : 0.0F;
      const float coarse = 0.6F * canvas.clots[i] + 0.4F * cloud[i] - 0.5F;
      float ce = 0.56F + 0.34F * texture + 0.62F * coarse + 0.34F * (cellular[i] - 0.5F) +
                 0.25F * membrane;
      float ch = 0.16F + 0.18F * texture + 0.20F * coarse + 0.16F * (warp_fine[i] - 0.5F);
      ce *= (1 - 0.85F * hole) * (1 - 0.92F * tear);
      ch *= (1 - 0.9F * hole) * (1 - tear);
      e = mix(e, ce, in_nest);
      h = mix(h, ch, in_nest);
    }
    // Nests shrink away from the stroma in places.
    const float retreat = stepf(0.014F, 0.004F, std::abs(value + 0.010F)) *
                          stepf(0.50F, 0.66F, 0.5F * warp_fine[i] + 0.5F * cellular[i]);
    e *= 1 - 0.95F * retreat;
    h *= 1 - retreat;
    if (has_fat && fat[i] > static_cast<float>(kFatLevel) && in_nest < 1) {
      const float is_fat =
          stepf(static_cast<float>(kFatLevel), static_cast<float>(kFatLevel) + 0.02F, fat[i]) *
          (1 - in_nest);
      const float wall = fat_cells.to_border(canvas.x[i], canvas.y[i]);
      const float film = stepf(2.6F, 1.2F, wall);
      e = mix(e, film * (0.35F + 0.3F * texture), is_fat);
      h = mix(h, film * 0.05F, is_fat);
    }
    canvas.e[i] = tissue * std::max(0.0F, e);
    canvas.h[i] = tissue * std::max(0.0F, h);
  }
  draw_stroma_nuclei(canvas);
  for (std::int64_t y = 0; y < cells.rows; ++y)
    for (std::int64_t x = 0; x < cells.columns; ++x) {
      const PointL0 at = cells.at[static_cast<std::size_t>(y * cells.columns + x)];
      RandomStream random(seed, "phantom nest", pair_index(cells.left + x, cells.top + y));
      if (random.uniform() > 0.93) continue;
      if (nest_at(at.x, at.y) < 0.012 || tissue_at(at.x, at.y) < 0.012) continue;
      const Nucleus nucleus = nest_nucleus(random, at.x, at.y);
      if (!crowded(at.x, at.y, nucleus.b)) draw_nucleus(canvas, nucleus);
    }
}

Phantom::Section::Cells Phantom::Section::nest_cells(const Canvas& canvas) const {
  return {canvas, seed, "phantom nest cells", nest_pitch_};
}

void Phantom::Section::draw_stroma_nuclei(Canvas& canvas) const {
  const Cells cells(canvas, seed, "phantom stroma cells", kStromaPitch);
  const image::Noise crowd = noise(25, 120);
  for (std::int64_t y = 0; y < cells.rows; ++y)
    for (std::int64_t x = 0; x < cells.columns; ++x) {
      const PointL0 at = cells.at[static_cast<std::size_t>(y * cells.columns + x)];
      RandomStream random(seed, "phantom stroma", pair_index(cells.left + x, cells.top + y));
      // Some stretches of stroma are full of cells, others nearly empty.
      if (random.uniform() > 1.5 * crowd.at(at.x, at.y) - 0.15) continue;
      if (nest_at(at.x, at.y) > -0.018 || tissue_at(at.x, at.y) < 0.012) continue;
      if (fat_.at(at.x, at.y) > kFatLevel - 0.005) continue;
      const Nucleus nucleus = stroma_nucleus(random, at.x, at.y);
      if (!crowded(at.x, at.y, nucleus.b)) draw_nucleus(canvas, nucleus);
    }
}

void Phantom::Section::draw_nucleus(Canvas& canvas, const Nucleus& n) const {
  const double reach = 1.25 * std::max(n.a, n.b) + n.soft;
  if (n.x < canvas.west - reach || n.x > canvas.east + reach || n.y < canvas.north - reach ||
      n.y > canvas.south + reach)
    return;
  const double mean = std::sqrt(n.a * n.b);
  around(canvas, n.x, n.y, reach, [&](std::size_t i, double dx, double dy) {
    const double u = (dx * n.cos + dy * n.sin) / n.a;
    const double v = (-dx * n.sin + dy * n.cos) / n.b;
    const double square = u * u + v * v;
    if (square > 1.9) return;
    const double r = std::sqrt(square);
    double bulge = 0;
    if (r > 1e-6) {
      const double c1 = u / r;
      const double s1 = v / r;
      const double c2 = c1 * c1 - s1 * s1;
      const double s2 = 2 * c1 * s1;
      const double c3 = c2 * c1 - s2 * s1;
      const double s3 = s2 * c1 + c2 * s1;
      bulge = n.outline[0] * c2 + n.outline[1] * s2 + n.outline[2] * c3 + n.outline[3] * s3 +
              n.outline[4] * (c2 * c2 - s2 * s2) + n.outline[5] * 2 * c2 * s2;
    }
    // um inside the outline, which is a little ragged.
    const double depth =
        (1 + bulge - r) * std::min(mean, n.b * 1.3) + 0.5 * (canvas.grain[i] - 0.5F);
    const double in = smooth_step(-0.5 * n.soft, 0.5 * n.soft, depth);
    if (in <= 0) return;
    const double clot = smooth_step(0.52, 0.78, 0.55 * canvas.clots[i] + 0.45 * canvas.grain[i]);
    // Chromatin lies in clumps and against the membrane, densest where both meet.
    const double wall = bump(depth - 0.3, 0.30) + 0.45 * bump(depth - 0.8, 0.65);
    double h = n.inside * (0.65 + 0.4 * canvas.fine[i] + 0.3 * canvas.clots[i]) + n.clumps * clot +
               n.rim * wall * (0.15 + 0.75 * canvas.clots[i] + 0.6 * canvas.grain[i] * clot);
    for (int k = 0; k < n.nucleolus_count; ++k) {
      const Lump& spot = n.nucleoli[static_cast<std::size_t>(k)];
      h += spot.amount * bump(std::hypot(u * n.a - spot.x, v * n.b - spot.y), spot.radius * 0.7);
    }
    const double dark = std::min(h, 2.3);
    canvas.h[i] = static_cast<float>(
        std::max((1 - in) * canvas.h[i] + in * dark, in * 0.8 * static_cast<double>(canvas.h[i])));
    canvas.e[i] = static_cast<float>(canvas.e[i] * (1 - 0.55 * in));
  });
}

void Phantom::Section::draw_mitosis(Canvas& canvas, const Object& o) const {
  const bool phh3 = canvas.stain == Stain::Phh3;
  around(canvas, o.x_um, o.y_um, o.reach_um, [&](std::size_t i, double dx, double dy) {
    const double ragged = 0.6 * canvas.grain[i] + 0.4 * canvas.fine[i] - 0.5;
    // um inside the cell: the union of its circles, with an uneven border.
    double inside = -1e9;
    for (const Lump& cell : o.cells)
      inside = std::max(inside, cell.radius - std::hypot(dx - cell.x, dy - cell.y));
    inside += 2.6 * (canvas.clots[i] - 0.5) + 0.8 * (canvas.grain[i] - 0.5);
    double chromatin = 0;
    double amount = 0;
    for (const Lump& lump : o.lumps) {
      const double square = (dx - lump.x) * (dx - lump.x) + (dy - lump.y) * (dy - lump.y);
      const double t = 1 - square / (2.6 * lump.radius * lump.radius);
      if (t <= 0) continue;
      chromatin += t * t;
      amount += t * t * lump.amount;
    }
    const double in_cell = smooth_step(-0.6, 0.6, inside);
    double h = canvas.h[i];
    double e = canvas.e[i];
    if (in_cell > 0) {
      // No nuclear membrane: a clear, patchy cell that has rounded up.
      const double clear = in_cell * smooth_step(0.25, 0.65, canvas.clots[i]);
      const double tissue = canvas.tissue[i];
      e = (1 - in_cell) * e +
          in_cell * tissue * (0.46 + 0.3 * (canvas.fine[i] - 0.5) + 0.3 * (canvas.clots[i] - 0.5));
      e *= 1 - o.clearing * clear;
      h = (1 - in_cell) * h + in_cell * (0.16 - 0.14 * o.clearing) * tissue;
      e += 0.16 * bump(inside - 0.2, 0.45);
    }
    const double in =
        smooth_step(0.18, 0.58, chromatin + 0.9 * ragged * std::min(1.0, chromatin * 3));
    if (chromatin > 0) {
      const double dark = o.amount * (amount / chromatin) * (0.95 + 0.55 * ragged);
      h = (1 - in) * h + in * dark;
      e *= 1 - 0.75 * in;
    }
    canvas.h[i] = static_cast<float>(h);
    canvas.e[i] = static_cast<float>(e);
    if (phh3 && o.dab > 0) {
      // DAB spreads a little beyond the chromatin and faintly into the cell.
      const double brown = smooth_step(0.06, 0.46, chromatin * (1 + 0.8 * ragged));
      // The precipitate covers most of the counterstain.
      canvas.h[i] *= static_cast<float>(1 - 0.65 * brown);
      canvas.d[i] += static_cast<float>(
          o.dab * (brown * (1.0 + 0.7 * ragged) +
                   o.leak * in_cell * (1 - brown) * (0.2 + 1.6 * canvas.grain[i])));
    }
  });
}

// Pyknotic and apoptotic: smooth dense globules in a shrunken pink cell within a hole.
void Phantom::Section::draw_dying(Canvas& canvas, const Object& o) const {
  const double radius = o.cells.front().radius;
  around(canvas, o.x_um, o.y_um, radius + 3.5, [&](std::size_t i, double dx, double dy) {
    const double from = std::hypot(dx, dy) + 2.4 * (canvas.clots[i] - 0.5);
    const double in_cell = smooth_step(radius + 0.3, radius - 0.6, from);
    // The hole is wider on one side.
    const double lean = from > 0.1 ? (dx * std::cos(o.angle) + dy * std::sin(o.angle)) / from : 0;
    const double gap = o.clearing * (0.9 + 0.9 * lean);
    const double hole =
        gap > 0.3 ? (1 - in_cell) * smooth_step(radius + 0.4 + gap, radius + 0.1 + 0.4 * gap, from)
                  : 0;
    double depth = -1e9;
    double amount = 1;
    for (const Lump& lump : o.lumps) {
      const double here = lump.radius - std::hypot(dx - lump.x, dy - lump.y);
      if (here > depth) {
        depth = here;
        amount = lump.amount;
      }
    }
    const double in = smooth_step(-0.25, 0.3, depth + 0.2 * (canvas.grain[i] - 0.5));
    double h = static_cast<double>(canvas.h[i]) * (1 - hole) * (1 - in_cell) + 0.16 * in_cell;
    double e = static_cast<double>(canvas.e[i]) * (1 - 0.9 * hole) * (1 - in_cell) +
               in_cell * (o.pink + 0.3 * (canvas.fine[i] - 0.5) + 0.3 * (canvas.clots[i] - 0.5));
    h = (1 - in) * h + in * o.amount * amount;
    e *= 1 - 0.6 * in;
    canvas.h[i] = static_cast<float>(h);
    canvas.e[i] = static_cast<float>(e);
    if (canvas.stain == Stain::Phh3 && o.dab > 0)
      canvas.d[i] +=
          static_cast<float>(o.dab * smooth_step(-0.4, 0.4, depth) * (0.4 + 1.1 * canvas.grain[i]));
  });
}

// Granules that are brown by themselves, on both slides.
void Phantom::Section::draw_pigment(Canvas& canvas, const Object& o) const {
  around(canvas, o.x_um, o.y_um, o.reach_um, [&](std::size_t i, double dx, double dy) {
    double brown = 0;
    for (const Lump& lump : o.lumps)
      brown = std::max(
          brown, lump.amount * bump(std::hypot(dx - lump.x, dy - lump.y), 0.75 * lump.radius));
    canvas.p[i] += static_cast<float>(o.amount * std::min(1.0, 1.5 * brown));
  });
}

// What is brown on the PHH3 slide only and no chromatin of a mitosis.
void Phantom::Section::draw_brown(Canvas& canvas, const Object& o) const {
  const double c = std::cos(o.angle);
  const double s = std::sin(o.angle);
  const bool smear = o.phase == "smear";
  const bool shard = o.phase == "shard";
  const bool edge = o.phase == "edge";
  const bool granules = o.phase == "granules";
  around(canvas, o.x_um, o.y_um, o.reach_um, [&](std::size_t i, double dx, double dy) {
    const double ragged = 0.5 * canvas.grain[i] + 0.5 * canvas.clots[i] - 0.5;
    double brown = 0;
    if (smear) {
      const double u = (dx * c + dy * s) / o.lumps[0].x;
      const double v = (-dx * s + dy * c) / o.lumps[0].y;
      brown =
          smooth_step(1.25, 0.3, std::sqrt(u * u + v * v) + 0.9 * ragged) * (0.75 + 0.8 * ragged);
    } else if (shard) {
      double depth = 1e9;
      for (const Lump& side : o.lumps)
        depth = std::min(depth, side.radius - dx * side.x - dy * side.y);
      brown = smooth_step(-0.15, 0.2, depth) * (1 + 0.5 * ragged);
    } else {
      double sum = 0;
      double most = 0;
      for (const Lump& lump : o.lumps) {
        const double square = (dx - lump.x) * (dx - lump.x) + (dy - lump.y) * (dy - lump.y);
        const double t = 1 - square / (2.6 * lump.radius * lump.radius);
        if (t <= 0) continue;
        sum += t * t * lump.amount;
        most = std::max(most, t * t * lump.amount);
      }
      if (sum <= 0) return;
      if (granules)
        brown = std::min(1.2, 1.6 * most);
      else if (edge)
        brown = canvas.tissue[i] * smooth_step(0.05, 0.7, sum + 0.8 * ragged);
      else if (o.has_nucleus)  // cytoplasm
        brown = std::min(1.0, 0.8 * sum) * (0.55 + 1.1 * canvas.grain[i]);
      else
        brown = smooth_step(0.15, 0.5, sum + 0.7 * ragged);
    }
    canvas.d[i] += static_cast<float>(std::max(0.0, o.dab * brown));
  });
}

void Phantom::Section::draw_object(Canvas& canvas, const Object& o) const {
  const bool phh3 = canvas.stain == Stain::Phh3;
  if (o.has_nucleus) draw_nucleus(canvas, o.nucleus);
  switch (o.kind) {
    case Kind::Mitosis:
      return draw_mitosis(canvas, o);
    case Kind::Pyknotic:
    case Kind::Apoptotic:
      return draw_dying(canvas, o);
    case Kind::Hyperchromatic:
      return;
    case Kind::Pigment:
      return draw_pigment(canvas, o);
    case Kind::Artefact:
      if (phh3) draw_brown(canvas, o);
      return;
    case Kind::Nonspecific:
      break;
  }
  if (!phh3) return;
  const Nucleus& n = o.nucleus;
  const bool granular = o.phase == "granular";
  around(canvas, o.x_um, o.y_um, 1.3 * n.a, [&](std::size_t i, double dx, double dy) {
    const double u = (dx * n.cos + dy * n.sin) / n.a;
    const double v = (-dx * n.sin + dy * n.cos) / n.b;
    const double in = smooth_step(1.05, 0.85, std::hypot(u, v));
    const double clot = smooth_step(0.45, 0.75, 0.5 * canvas.clots[i] + 0.5 * canvas.grain[i]);
    canvas.d[i] += static_cast<float>(
        in * n.dab * (granular ? 0.30 + 1.3 * clot : 0.70 + 0.6 * (canvas.clots[i] - 0.5)));
  });
}

}  // namespace mito::phantom
