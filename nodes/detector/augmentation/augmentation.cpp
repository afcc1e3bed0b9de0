#include "nodes/detector/augmentation/augmentation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/image/hed.h"
#include "engine/image/kernels.h"
#include "nodes/detector/augmentation/enhance.h"
#include "nodes/detector/augmentation/jpeg.h"
#include "nodes/detector/augmentation/smooth.h"

namespace mito::image {
namespace {

using Range = Augmentation::Range;

std::size_t index(int i) { return static_cast<std::size_t>(i); }
std::size_t square(int side) { return index(side) * index(side); }

double draw(const Range& range, RandomStream& random) {
  return range.low == range.high ? range.low : random.uniform(range.low, range.high);
}

/// Is the operator there, and is it its turn?
template <class Operator>
bool applies(const std::optional<Operator>& one, RandomStream& random) {
  return one && (one->p >= 1 || random.uniform() < one->p);
}

int draw_shift(int most, RandomStream& random) {
  return static_cast<int>(random.below(static_cast<std::uint32_t>(2 * most + 1))) - most;
}

constexpr auto kByteValues = [] {
  std::array<float, 256> values{};
  for (std::size_t v = 0; v < values.size(); ++v) values[v] = static_cast<float>(v) / 255.0F;
  return values;
}();

float value_of(std::uint8_t v) { return kByteValues[v]; }
float value_of(float v) { return v; }

/// Where pixels of a turned and mirrored square come from: start + x * step_x + y * step_y.
struct Turn {
  std::ptrdiff_t start = 0;
  std::ptrdiff_t step_x = 1;
  std::ptrdiff_t step_y = 0;
};

Turn turn_of(int quarter_turns, Mirror axis, int size) {
  const std::ptrdiff_t last = size - 1;
  const auto source = [&](std::ptrdiff_t x, std::ptrdiff_t y) {
    if (axis == Mirror::Horizontal || axis == Mirror::Both) x = last - x;
    if (axis == Mirror::Vertical || axis == Mirror::Both) y = last - y;
    for (int k = 0; k < quarter_turns; ++k) {  // counter-clockwise: (x, y) shows (last - y, x)
      const auto from_x = last - y;
      y = x;
      x = from_x;
    }
    return y * size + x;
  };
  const auto start = source(0, 0);
  return {start, size > 1 ? source(1, 0) - start : 0, size > 1 ? source(0, 1) - start : 0};
}

std::string range_problem(std::string_view name,
                          const Range& range,
                          double lowest,
                          double highest) {
  if (range.low >= lowest && range.low <= range.high && range.high <= highest) return {};
  return fmt::format("{} must be a range within [{}, {}], got [{}, {}]", name, lowest, highest,
                     range.low, range.high);
}

}  // namespace

Augmentation augmentation(std::string_view preset, double stain_sigma) {
  Augmentation out;
  if (preset == "none") return out;
  if (std::ranges::find(kAugmentations, preset) == kAugmentations.end())
    throw DataError(fmt::format("unknown augmentation '{}': expected {}", preset,
                                fmt::join(kAugmentations, ", ")));
  out.rotate.emplace();
  out.shift.emplace();
  if (preset == "RTC") {
    out.stain.emplace().sigma = stain_sigma;
    return out;
  }
  out.elastic.emplace();
  out.blur.emplace();
  if (preset == "PHH3") return out;
  out.zoom.emplace();
  if (preset == "RSEB") return out;
  if (preset == "RandStainNA") {
    out.randstainna.emplace();
    return out;
  }
  out.stain.emplace().sigma = stain_sigma;
  if (preset == "RCSEB") return out;
  if (preset == "HED-light" || preset == "HED-strong") {
    out.stain->sigma = preset == "HED-light" ? 0.05 : 0.2;
    out.stain->cutoff = {0.15, 0.85};
    return out;
  }
  out.enhance.emplace();
  if (preset == "JPEG") {
    out.jpeg.emplace();
  } else {
    out.noise.emplace();
  }
  return out;
}

std::string problem_of(const Augmentation& what, int size, int out) {
  if (out <= 0 || size < out)
    return fmt::format("a patch of {} px is smaller than the crop of {} px", size, out);
  std::string found;
  const auto note = [&found](std::string problem) {
    if (found.empty()) found = std::move(problem);
  };
  const auto check_p = [&](std::string_view name, const auto& one) {
    if (one && !(one->p >= 0 && one->p <= 1))
      note(fmt::format("{}: p must be in [0, 1], got {}", name, one->p));
  };
  constexpr double kMost = 1e6;
  if (what.zoom) note(range_problem("zoom", what.zoom->factor, 0.01, 100));
  if (what.elastic) {
    note(range_problem("elastic alpha", what.elastic->alpha, 0, kMost));
    note(range_problem("elastic sigma", what.elastic->sigma_px, 0, size));
  }
  if (what.stain) {
    if (!(what.stain->sigma >= 0)) note("stain sigma must not be negative");
    if (what.stain->cutoff) note(range_problem("stain cutoff", *what.stain->cutoff, 0, 1));
  }
  if (what.randstainna && !what.randstainna->statistics)
    note("RandStainNA needs the statistics of the training patches");
  if (what.randstainna && what.stain) note("either C or RandStainNA, not both");
  if (what.enhance) {
    note(range_problem("colour", what.enhance->colour, 0, 100));
    note(range_problem("contrast", what.enhance->contrast, 0, 100));
    note(range_problem("brightness", what.enhance->brightness, 0, 100));
  }
  if (what.blur) note(range_problem("blur sigma", what.blur->sigma_px, 0, size));
  if (what.shift && what.shift->most_px &&
      (*what.shift->most_px < 0 || *what.shift->most_px > (size - out) / 2))
    note(fmt::format("the shift must be 0 to {} px, got {}", (size - out) / 2,
                     *what.shift->most_px));
  if (what.noise) note(range_problem("noise sd", what.noise->sd, 0, 10));
  if (what.jpeg) note(range_problem("JPEG quality", what.jpeg->quality, 1, 100));
  if (what.exchange) note(range_problem("stain exchange", what.exchange->share, 0, 1));
  if (what.seam) note(range_problem("seam distance", what.seam->distance_px, 1, size));
  if (what.sharpen) {
    note(range_problem("sharpening", what.sharpen->amount, 0, 10));
    note(range_problem("sharpening sigma", what.sharpen->sigma_px, 0, out));
  }
  check_p("stain exchange", what.exchange);
  check_p("seam", what.seam);
  check_p("sharpening", what.sharpen);
  check_p("rotation", what.rotate);
  check_p("zoom", what.zoom);
  check_p("elastic", what.elastic);
  check_p("stain", what.stain);
  check_p("RandStainNA", what.randstainna);
  check_p("colour, contrast, brightness", what.enhance);
  check_p("blur", what.blur);
  check_p("shift", what.shift);
  check_p("noise", what.noise);
  check_p("JPEG", what.jpeg);
  return found;
}

Augmenter::Augmenter(const Augmentation& what, int size, int out)
    : what_(what), size_(size), out_(out) {
  const auto problem = problem_of(what_, size, out);
  if (!problem.empty()) throw DataError("augmentation: " + problem);
  fours_.resize(4 * square(size));
  other_.resize(fours_.size());
  planes_.resize(3 * square(size));
}

void Augmenter::run(std::span<const std::uint8_t> rgb,
                    RandomStream& random,
                    std::span<float> planes) {
  load(rgb, random);
  finish(random, planes);
}

void Augmenter::run(std::span<const float> rgb, RandomStream& random, std::span<float> planes) {
  load(rgb, random);
  finish(random, planes);
}

/// The patch as pixels of four floats, turned and mirrored.
template <class T>
void Augmenter::load(std::span<const T> rgb, RandomStream& random) {
  if (rgb.size() != 3 * square(size_))
    throw DataError(fmt::format("augmentation: expected {} values for a patch of {} px, got {}",
                                3 * square(size_), size_, rgb.size()));
  Turn turn = turn_of(0, Mirror::None, size_);
  std::optional<double> angle;
  Mirror axis = Mirror::None;
  if (applies(what_.rotate, random)) {
    int quarters = 0;
    if (what_.rotate->continuous) {
      angle = random.uniform(0, 360);
    } else {
      quarters = static_cast<int>(random.below(4));
    }
    axis = static_cast<Mirror>(random.below(4));
    if (!angle) turn = turn_of(quarters, axis, size_);
  }
  float* to = fours_.data();
  for (int y = 0; y < size_; ++y) {
    const T* from = rgb.data() + 3 * (turn.start + y * turn.step_y);
    for (int x = 0; x < size_; ++x) {
      to[0] = value_of(from[0]);
      to[1] = value_of(from[1]);
      to[2] = value_of(from[2]);
      to[3] = 0;
      to += 4;
      from += 3 * turn.step_x;
    }
  }
  if (angle) {
    rotate_any(*angle);
    mirror_loaded(axis);
  }
}

void Augmenter::rotate_any(double degrees) {
  warp_fours(fours_.data(), rotation_field(size_, degrees), other_.data());
  std::swap(fours_, other_);
}

void Augmenter::mirror_loaded(Mirror axis) {
  const Turn turn = turn_of(0, axis, size_);
  for (int y = 0; y < size_; ++y)
    for (int x = 0; x < size_; ++x)
      std::copy_n(fours_.data() + 4 * (turn.start + x * turn.step_x + y * turn.step_y), 4,
                  other_.data() + 4 * (index(y) * index(size_) + index(x)));
  std::swap(fours_, other_);
}

/// Columns (or rows) from `distance` px after (or before) the middle on show what lies on the other
/// side of that line.
void Augmenter::mirror_beyond(bool columns, double distance, bool after) {
  const int middle = size_ / 2;
  const int step = after ? 1 : -1;
  const int first = middle + step * static_cast<int>(std::lround(distance));
  const std::ptrdiff_t along = columns ? 4 : std::ptrdiff_t{4} * size_;
  const std::ptrdiff_t across = columns ? std::ptrdiff_t{4} * size_ : 4;
  for (int i = first; i >= 0 && i < size_; i += step) {
    const int from = std::clamp(2 * first - step - i, 0, size_ - 1);
    for (int k = 0; k < size_; ++k)
      std::copy_n(fours_.data() + from * along + k * across, 4,
                  fours_.data() + i * along + k * across);
  }
}

void Augmenter::finish(RandomStream& random, std::span<float> planes) {
  const std::size_t n = square(size_);
  if (planes.size() != 3 * square(out_))
    throw DataError(fmt::format("augmentation: expected room for {} values, got {}",
                                3 * square(out_), planes.size()));
  for (const bool columns : {true, false}) {
    if (!applies(what_.seam, random)) continue;
    const double distance = draw(what_.seam->distance_px, random);
    mirror_beyond(columns, distance, random.below(2) == 1);
  }
  if (applies(what_.zoom, random)) {
    zoom_fours(fours_.data(), size_, draw(what_.zoom->factor, random), other_.data());
    std::swap(fours_, other_);
  }
  if (applies(what_.elastic, random)) {
    const double alpha = draw(what_.elastic->alpha, random);
    const double sigma = draw(what_.elastic->sigma_px, random);
    random_elastic_field(size_, size_, alpha, sigma, random, scratch_, field_);
    warp_fours(fours_.data(), field_, other_.data());
    std::swap(fours_, other_);
  }
  kernels::split(fours_.data(), n, planes_.data(), planes_.data() + n, planes_.data() + 2 * n);
  recolour(random);
  crop_to(random, planes);
  degrade(random, planes);
}

/// C or RandStainNA, and H.
void Augmenter::recolour(RandomStream& random) {
  if (applies(what_.stain, random)) {
    const double sigma = what_.stain->sigma;
    Vec3 alpha{};
    Vec3 beta{};
    for (auto& a : alpha) a = random.uniform(1 - sigma, 1 + sigma);
    for (auto& b : beta) b = random.uniform(-sigma, sigma);
    const auto& cutoff = what_.stain->cutoff;
    const double mean =
        cutoff ? kernels::sum(planes_.data(), planes_.size()) / static_cast<double>(planes_.size())
               : 0;
    if (!cutoff || (mean >= cutoff->low && mean <= cutoff->high))
      hed_augment_planes(planes_, alpha, beta);
  }
  if (applies(what_.randstainna, random))
    restain(planes_, draw_stain_target(*what_.randstainna->statistics, random));
  if (applies(what_.enhance, random)) {
    const double colour = draw(what_.enhance->colour, random);
    const double contrast = draw(what_.enhance->contrast, random);
    const double brightness = draw(what_.enhance->brightness, random);
    enhance_colour(planes_, colour);
    enhance_contrast(planes_, contrast);
    enhance_brightness(planes_, brightness);
  }
}

/// B and T: only pixels that the crop keeps are blurred.
void Augmenter::crop_to(RandomStream& random, std::span<float> planes) {
  double sigma = 0;
  if (applies(what_.blur, random)) sigma = draw(what_.blur->sigma_px, random);
  CropOrigin origin = crop_origin(size_, out_, 0, 0);
  if (applies(what_.shift, random)) {
    const int most = what_.shift->most_px.value_or((size_ - out_) / 2);
    const int shift_x = draw_shift(most, random);
    const int shift_y = draw_shift(most, random);
    origin = crop_origin(size_, out_, shift_x, shift_y);
  }
  const std::size_t n = square(size_);
  const std::size_t m = square(out_);
  for (std::size_t c = 0; c < 3; ++c)
    blur_part(std::span(planes_).subspan(c * n, n), size_, sigma, {origin.x, origin.y, out_, out_},
              scratch_, planes.subspan(c * m, m));
}

void Augmenter::sharpen(double amount, double sigma, std::span<float> planes) {
  const std::size_t m = square(out_);
  noise_.resize(m);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto plane = planes.subspan(c * m, m);
    blur_part(plane, out_, sigma, {0, 0, out_, out_}, scratch_, noise_);
    const auto k = static_cast<float>(amount);
    for (std::size_t i = 0; i < m; ++i)
      plane[i] = std::clamp(plane[i] + k * (plane[i] - noise_[i]), 0.0F, 1.0F);
  }
}

/// U, G and JPEG.
void Augmenter::degrade(RandomStream& random, std::span<float> planes) {
  if (applies(what_.sharpen, random)) {
    const double amount = draw(what_.sharpen->amount, random);
    sharpen(amount, draw(what_.sharpen->sigma_px, random), planes);
  }
  if (applies(what_.noise, random)) {
    const double sd = draw(what_.noise->sd, random);
    const std::size_t pairs = (planes.size() + 1) / 2;
    words_.resize(2 * pairs);
    noise_.resize(2 * pairs);
    random.words(words_);
    kernels::normals(words_.data(), pairs, noise_.data());
    kernels::add_noise(noise_.data(), static_cast<float>(sd), planes.size(), planes.data());
  }
  if (applies(what_.jpeg, random))
    compress_jpeg(planes, out_, static_cast<int>(std::lround(draw(what_.jpeg->quality, random))));
}

Patch augment(const Patch& in, const Augmentation& what, RandomStream& random, int out) {
  Augmenter augmenter(what, in.size, out);
  Patch result(out);
  const std::size_t n = square(out);
  std::vector<float> planes(3 * n);
  augmenter.run(in.values, random, planes);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < 3; ++c) result.values[3 * i + c] = planes[c * n + i];
  return result;
}

}  // namespace mito::image
