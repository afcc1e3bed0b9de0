// bench deconvolution: stain amounts by table against the formula.
#include <cstdint>
#include <span>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "engine/image/hed.h"
#include "tools/bench/bench_commands.h"
#include "tools/bench/drawn_tile.h"

namespace mito::bench {
namespace {

constexpr std::int64_t kTilePx = 1024;

}  // namespace

void measure_deconvolution(double seconds) {
  const auto rgb = drawn_tile(kTilePx);
  const image::StainTransform transform(image::hed_rows(), image::StainConvention::physical());
  std::vector<float> by_table(rgb.size());
  std::vector<float> by_formula(rgb.size());
  const auto formula = [&] {
    for (std::size_t i = 0; i < rgb.size(); i += 3) {
      const auto amounts =
          transform.to_stain(image::Vec3{rgb[i] / 255.0, rgb[i + 1] / 255.0, rgb[i + 2] / 255.0});
      for (std::size_t c = 0; c < 3; ++c) by_formula[i + c] = static_cast<float>(amounts[c]);
    }
  };
  transform.to_stain(rgb, by_table);
  formula();
  expect_same(by_table == by_formula, "amounts");
  fmt::print("{}\n{} x {} px of a drawn slide; all amounts are the same\n", limits(), kTilePx,
             kTilePx);
  const double mpx = static_cast<double>(kTilePx * kTilePx) / 1e6;
  measure(
      {timed(
           "three stains", [&] { transform.to_stain(rgb, by_table); }, mpx),
       timed(
           "one stain",
           [&] { transform.to_amount(rgb, 0, std::span(by_table).first(rgb.size() / 3)); }, mpx),
       timed("formula", formula, mpx)},
      seconds, "Mpx/s per core", "formula");
}

}  // namespace mito::bench
