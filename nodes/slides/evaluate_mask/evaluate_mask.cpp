#include "nodes/slides/evaluate_mask/evaluate_mask.h"

#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/types/report.h"

namespace mito::evaluate_mask {
namespace {

using Json = nlohmann::ordered_json;

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Overlap compare(const TissueMask& mask, const TissueMask& truth) {
  if (mask.grid != truth.grid)
    throw DataError(fmt::format(
        "the masks have {} x {} pixels of {} um and {} x {} of {} um; give both nodes the same mpp",
        mask.grid.width, mask.grid.height, mask.grid.mpp, truth.grid.width, truth.grid.height,
        truth.grid.mpp));
  std::int64_t both = 0;
  std::int64_t found = 0;
  std::int64_t real = 0;
  for (std::size_t i = 0; i < mask.tissue.size(); ++i) {
    found += mask.tissue[i];
    real += truth.tissue[i];
    both += mask.tissue[i] != 0 && truth.tissue[i] != 0 ? 1 : 0;
  }
  return {ratio(both, found + real - both), ratio(2 * both, found + real), ratio(both, found),
          ratio(both, real)};
}

std::string to_json(const SlideInfo& info,
                    const TissueMask& mask,
                    const std::optional<Overlap>& overlap) {
  Json areas;
  for (const Ground kind :
       {Ground::Tissue, Ground::Glass, Ground::Pen, Ground::Unscanned, Ground::Debris})
    areas[std::string(name_of(kind))] = mask.area_of(kind);
  Json out{{"slide", info.name},
           {"mpp", mask.grid.mpp},
           {"mm2", areas},
           {"regions", mask.regions},
           {"threshold", std::isnan(mask.threshold) ? Json() : Json(mask.threshold)},
           {"doubt", text_or_null(mask.doubt)}};
  if (overlap)
    out["against_reference"] = {{"jaccard", number_or_null(overlap->jaccard)},
                                {"dice", number_or_null(overlap->dice)},
                                {"precision", number_or_null(overlap->precision)},
                                {"recall", number_or_null(overlap->recall)}};
  out["not_a_medical_device"] = kNotAMedicalDevice;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace mito::evaluate_mask
