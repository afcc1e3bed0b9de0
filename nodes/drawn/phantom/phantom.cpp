#include "nodes/drawn/phantom/phantom.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/tiff/pyramid_writer.h"
#include "engine/types/points_csv.h"
#include "nodes/drawn/phantom/section.h"

namespace mito::phantom {
namespace {

// Optical density per unit: what a stained but otherwise empty tissue keeps on a PHH3 slide, and
// granules of haemosiderin or melanin.
constexpr Stains::Rgb kBackground{0.10, 0.09, 0.10};
constexpr Stains::Rgb kPigment{0.42, 0.66, 0.95};
constexpr std::int64_t kBlock = 512;  // px, of what is drawn at once

std::vector<float> blur_kernel(double sigma_px, std::int64_t margin) {
  std::vector<float> kernel;
  double sum = 0;
  for (std::int64_t k = -margin; k <= margin; ++k) {
    const double t = static_cast<double>(k) / sigma_px;
    kernel.push_back(static_cast<float>(std::exp(-t * t / 2)));
    sum += static_cast<double>(kernel.back());
  }
  for (float& weight : kernel) weight = static_cast<float>(static_cast<double>(weight) / sum);
  return kernel;
}

// Separable blur of one plane; the result lacks the margin.
std::vector<float> blurred(const std::vector<float>& plane,
                           std::int64_t width,
                           std::int64_t height,
                           const std::vector<float>& kernel) {
  const auto taps = static_cast<std::int64_t>(kernel.size());
  const std::int64_t narrow = width - taps + 1;
  const std::int64_t low = height - taps + 1;
  std::vector<float> rows(static_cast<std::size_t>(narrow * height));
  for (std::int64_t y = 0; y < height; ++y) {
    float* to = rows.data() + y * narrow;
    for (std::int64_t k = 0; k < taps; ++k) {
      const float* from = plane.data() + y * width + k;
      const float weight = kernel[static_cast<std::size_t>(k)];
      for (std::int64_t x = 0; x < narrow; ++x) to[x] += weight * from[x];
    }
  }
  std::vector<float> out(static_cast<std::size_t>(narrow * low));
  for (std::int64_t y = 0; y < low; ++y) {
    float* to = out.data() + y * narrow;
    for (std::int64_t k = 0; k < taps; ++k) {
      const float* from = rows.data() + (y + k) * narrow;
      const float weight = kernel[static_cast<std::size_t>(k)];
      for (std::int64_t x = 0; x < narrow; ++x) to[x] += weight * from[x];
    }
  }
  return out;
}

// Light that comes through the stains: Beer-Lambert, a fraction of the glass's, three planes.
std::array<std::vector<float>, 3> light_through(const Canvas& canvas, const Stains& stains) {
  std::array<std::vector<float>, 3> light;
  const std::size_t pixels = canvas.pixels();
  std::vector<std::array<float, 4>> amounts(pixels);
  const bool he = canvas.stain == Stain::He;
  for (std::size_t i = 0; i < pixels; ++i) {
    const float h = std::max(0.0F, canvas.h[i]);
    const float e = std::max(0.0F, canvas.e[i]);
    if (he) {
      amounts[i] = {h * static_cast<float>(stains.haematoxylin_gain),
                    e * static_cast<float>(stains.eosin_gain), 0.0F, canvas.p[i]};
    } else {
      // The counterstain is short: it saturates, so that nuclei look flatter than in H&E.
      const float counter = h / (1 + 0.45F * h);
      amounts[i] = {counter * static_cast<float>(stains.counterstain_gain), e,
                    canvas.d[i] * static_cast<float>(stains.dab_gain) +
                        static_cast<float>(stains.haze) * std::min(1.0F, e + h),
                    canvas.p[i]};
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    std::array<float, 4> density{
        static_cast<float>(he ? stains.he_haematoxylin[c] : stains.counterstain[c]),
        static_cast<float>(he ? stains.eosin[c] : kBackground[c]),
        static_cast<float>(stains.dab[c]), static_cast<float>(kPigment[c])};
    for (float& d : density) d *= static_cast<float>(stains.gamma);
    light[c].resize(pixels);
    for (std::size_t i = 0; i < pixels; ++i)
      light[c][i] = std::exp(-(amounts[i][0] * density[0] + amounts[i][1] * density[1] +
                               amounts[i][2] * density[2] + amounts[i][3] * density[3]));
  }
  return light;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::Mitosis:
      return "mitosis";
    case Kind::Pyknotic:
      return "pyknotic";
    case Kind::Apoptotic:
      return "apoptotic";
    case Kind::Hyperchromatic:
      return "hyperchromatic";
    case Kind::Pigment:
      return "pigment";
    case Kind::Artefact:
      return "artefact";
    case Kind::Nonspecific:
      return "nonspecific";
  }
  return "";
}

Phantom::Phantom(const Params& params) : section_(std::make_unique<const Section>(params)) {}
Phantom::~Phantom() = default;

const Params& Phantom::params() const { return section_->params; }
const std::vector<Object>& Phantom::objects() const { return section_->objects; }
std::int64_t Phantom::width(Stain stain) const { return section_->geometry.width(stain); }
std::int64_t Phantom::height(Stain stain) const { return section_->geometry.height(stain); }

Affine Phantom::he_from_phh3() const {
  Affine map = section_->geometry.he_from_phh3();
  map.c /= section_->params.mpp;
  map.f /= section_->params.mpp;
  return map;
}

PointL0 Phantom::displacement_um(double x_um, double y_um) const {
  return section_->geometry.displacement(x_um, y_um);
}

PointL0 Phantom::to_he(const PointL0& phh3) const {
  const double mpp = section_->params.mpp;
  const PointL0 um = section_->geometry.section_from_phh3(phh3.x * mpp, phh3.y * mpp);
  return {um.x / mpp, um.y / mpp};
}

PointL0 Phantom::to_phh3(const PointL0& he) const {
  const double mpp = section_->params.mpp;
  const PointL0 um = section_->geometry.phh3_from_section(he.x * mpp, he.y * mpp);
  return {um.x / mpp, um.y / mpp};
}

PointL0 Phantom::position(const Object& object, Stain stain) const {
  const double mpp = section_->params.mpp;
  const PointL0 he{object.x_um / mpp, object.y_um / mpp};
  return stain == Stain::He ? he : to_phh3(he);
}

std::vector<std::uint8_t> Phantom::render(Stain stain, const Rect& area) const {
  const Stains& stains = section_->stains;
  const double sigma = std::max(0.3, stains.blur_um / section_->params.mpp);
  // The unsharp mask looks another three sigma further.
  const auto margin = static_cast<std::int64_t>(std::ceil(3 * sigma));
  const auto sharp_margin = stains.sharpen > 0 ? static_cast<std::int64_t>(3) : 0;
  const Rect wide = area.grown(margin + sharp_margin);
  Canvas canvas = section_->canvas(stain, wide);
  const bool drawn = section_->draw(canvas);
  const auto pixels = static_cast<std::size_t>(area.width * area.height);
  std::array<std::vector<float>, 3> light;
  if (drawn) {
    light = light_through(canvas, stains);
    const auto kernel = blur_kernel(sigma, margin);
    const std::int64_t width = wide.width - 2 * margin;
    const std::int64_t height = wide.height - 2 * margin;
    for (auto& plane : light) plane = blurred(plane, wide.width, wide.height, kernel);
    if (sharp_margin > 0) {
      const auto broad = blur_kernel(1.3, sharp_margin);
      const auto amount = static_cast<float>(stains.sharpen);
      for (auto& plane : light) {
        const auto soft = blurred(plane, width, height, broad);
        std::vector<float> sharp(pixels);
        for (std::int64_t y = 0; y < area.height; ++y)
          for (std::int64_t x = 0; x < area.width; ++x) {
            const auto i = static_cast<std::size_t>(y * area.width + x);
            const float here =
                plane[static_cast<std::size_t>((y + sharp_margin) * width + x + sharp_margin)];
            sharp[i] = std::clamp(here + amount * (here - soft[i]), 0.0F, 1.0F);
          }
        plane = std::move(sharp);
      }
    }
  }
  std::vector<std::uint8_t> rgb(pixels * 3);
  const auto saturation = static_cast<float>(stains.saturation);
  // The sum of two uniform numbers has a variance of 1/6.
  const auto noise = static_cast<float>(stains.noise * std::sqrt(6.0) / 65536);
  const auto key = static_cast<std::uint32_t>(section_->stain_seed);
  const std::uint32_t name = fnv1a("phantom noise");
  const std::uint32_t which = fnv1a(stain == Stain::He ? "phantom he" : "phantom phh3");
  for (std::int64_t y = 0; y < area.height; ++y)
    for (std::int64_t x = 0; x < area.width; ++x) {
      const auto i = static_cast<std::size_t>(y * area.width + x);
      const auto words = philox({static_cast<std::uint32_t>(area.x + x),
                                 static_cast<std::uint32_t>(area.y + y), which, 0},
                                {key, name});
      std::array<float, 3> value{1, 1, 1};
      if (drawn) {
        for (std::size_t c = 0; c < 3; ++c) value[c] = light[c][i];
        const float grey = (value[0] + value[1] + value[2]) / 3;
        for (float& v : value) {
          v = std::clamp(grey + saturation * (v - grey), 0.0F, 1.0F);
        }
      }
      for (std::size_t c = 0; c < 3; ++c) {
        const auto grains =
            static_cast<float>(static_cast<std::int32_t>(words[c] >> 16U) +
                               static_cast<std::int32_t>(words[c] & 0xffffU) - 65536);
        const float level = value[c] * static_cast<float>(stains.glass[c]) + noise * grains;
        rgb[i * 3 + c] = static_cast<std::uint8_t>(std::clamp(level + 0.5F, 0.0F, 255.0F));
      }
    }
  return rgb;
}

void write_slide(const Phantom& phantom,
                 Stain stain,
                 const std::filesystem::path& file,
                 const std::function<void(double)>& progress) {
  const Params& p = phantom.params();
  tiff::PyramidWriter out(file, {.width = phantom.width(stain),
                                 .height = phantom.height(stain),
                                 .format = tiff::PyramidSpec::Format::Aperio,
                                 .mpp_x = p.mpp,
                                 .mpp_y = p.mpp,
                                 .jpeg_quality = p.jpeg_quality});
  constexpr std::int64_t kSide = tiff::PyramidWriter::kTile;
  constexpr std::int64_t kTiles = kBlock / kSide;
  std::vector<std::uint8_t> tile(static_cast<std::size_t>(kSide * kSide * 3));
  for (std::int64_t row = 0; row < out.rows(); row += kTiles) {
    for (std::int64_t column = 0; column < out.columns(); column += kTiles) {
      progress(static_cast<double>(row * out.columns() + column * kTiles) /
               static_cast<double>(out.rows() * out.columns()));
      const std::int64_t wide = std::min(kTiles, out.columns() - column);
      const std::int64_t high = std::min(kTiles, out.rows() - row);
      const Rect block{column * kSide, row * kSide, wide * kSide, high * kSide};
      const auto rgb = phantom.render(stain, block);
      for (std::int64_t v = 0; v < high; ++v)
        for (std::int64_t u = 0; u < wide; ++u) {
          for (std::int64_t y = 0; y < kSide; ++y)
            std::copy_n(rgb.begin() + ((v * kSide + y) * block.width + u * kSide) * 3, kSide * 3,
                        tile.begin() + y * kSide * 3);
          out.write_tile(column + u, row + v, std::as_bytes(std::span(tile)));
        }
    }
  }
  out.finish();
}

std::string truth_csv(const Phantom& phantom) {
  std::string text = "id,class,phase,x_he,y_he,x_phh3,y_phh3,dab\n";
  int id = 0;
  for (const Object& object : phantom.objects()) {
    const PointL0 he = phantom.position(object, Stain::He);
    const PointL0 phh3 = phantom.position(object, Stain::Phh3);
    text += fmt::format("{},{},{},{:.3f},{:.3f},{:.3f},{:.3f},{}\n", ++id, name_of(object.kind),
                        object.phase, he.x, he.y, phh3.x, phh3.y, object.dab > 0 ? 1 : 0);
  }
  return text;
}

std::string mitoses_csv(const Phantom& phantom) {
  const std::string slide = csv_field(phantom.params().name + "_he");
  const std::string case_id = csv_field(phantom.params().name);
  std::string text = "slide,case,x,y,label\n";
  for (const Object& object : phantom.objects()) {
    if (object.kind != Kind::Mitosis) continue;
    const PointL0 he = phantom.position(object, Stain::He);
    text += fmt::format("{},{},{:.3f},{:.3f},mitosis\n", slide, case_id, he.x, he.y);
  }
  return text;
}

std::string truth_json(const Phantom& phantom) {
  using Json = nlohmann::ordered_json;
  const Params& p = phantom.params();
  const Affine map = phantom.he_from_phh3();
  Json parameters;
  Params copy = p;
  Params::describe(copy, [&](std::string_view name, const auto& value, const Field&) {
    parameters[std::string(name)] = value;
  });
  // A table of the displacement over the PHH3 slide.
  const double spacing_px = 64 / p.mpp;
  const auto columns = static_cast<std::int64_t>(std::ceil(
                           static_cast<double>(phantom.width(Stain::Phh3)) / spacing_px)) +
                       1;
  const auto rows = static_cast<std::int64_t>(
                        std::ceil(static_cast<double>(phantom.height(Stain::Phh3)) / spacing_px)) +
                    1;
  Json dx = Json::array();
  Json dy = Json::array();
  for (std::int64_t row = 0; row < rows; ++row) {
    Json line_x = Json::array();
    Json line_y = Json::array();
    for (std::int64_t column = 0; column < columns; ++column) {
      const PointL0 he = map.apply(
          {static_cast<double>(column) * spacing_px, static_cast<double>(row) * spacing_px});
      const PointL0 local = phantom.displacement_um(he.x * p.mpp, he.y * p.mpp);
      const auto rounded = [](double um) { return std::round(um * 1e4) / 1e4; };
      line_x.push_back(rounded(local.x));
      line_y.push_back(rounded(local.y));
    }
    dx.push_back(std::move(line_x));
    dy.push_back(std::move(line_y));
  }
  const Json out{
      {"program", "mitoloom"},
      {"what", "a drawn pair of slides of one section: no tissue, no patient"},
      {"parameters", parameters},
      {"he",
       {{"file", p.name + "_he.svs"},
        {"width_px", phantom.width(Stain::He)},
        {"height_px", phantom.height(Stain::He)},
        {"mpp", p.mpp}}},
      {"phh3",
       {{"file", p.name + "_phh3.svs"},
        {"width_px", phantom.width(Stain::Phh3)},
        {"height_px", phantom.height(Stain::Phh3)},
        {"mpp", p.mpp}}},
      {"he_from_phh3",
       {{"what",
         "level-0 pixels: x_he = a x + b y + c + dx_um / mpp, y_he = d x + e y + f + dy_um / mpp"},
        {"a", map.a},
        {"b", map.b},
        {"c", map.c},
        {"d", map.d},
        {"e", map.e},
        {"f", map.f}}},
      {"displacement",
       {{"what",
         "smooth field dx_um, dy_um: five plane waves of 380 to 1300 um, of the stated root mean "
         "square length; entry [row][column] belongs to the PHH3 pixel (column, row) * spacing_px; "
         "interpolate linearly between"},
        {"rms_um", p.displacement_um},
        {"spacing_px", spacing_px},
        {"columns", columns},
        {"rows", rows},
        {"dx_um", dx},
        {"dy_um", dy}}}};
  return out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mito::phantom
