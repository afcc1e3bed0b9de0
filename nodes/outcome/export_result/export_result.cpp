#include "nodes/outcome/export_result/export_result.h"

#include <cmath>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "engine/core/json_text.h"
#include "engine/core/version.h"
#include "engine/types/report.h"

namespace mito::export_result {
namespace {

using Json = nlohmann::ordered_json;

Json slide_part(const SlideInfo& info) {
  return {{"name", info.name},
          {"file", std::filesystem::path(info.path).filename().string()},
          {"identity", info.identity},
          {"vendor", info.vendor},
          {"width_px", info.width},
          {"height_px", info.height},
          {"mpp_x", info.mpp_x},
          {"mpp_y", info.mpp_y},
          {"mpp_source", info.mpp_source},
          {"bounds",
           {{"x", info.bounds.x},
            {"y", info.bounds.y},
            {"width", info.bounds.width},
            {"height", info.bounds.height}}}};
}

Json mask_part(const TissueMask& mask) {
  return {{"regions", mask.regions},
          {"threshold", std::isnan(mask.threshold) ? Json() : Json(mask.threshold)},
          {"excluded_mm2",
           {{"pen", mask.area_of(Ground::Pen)},
            {"unscanned", mask.area_of(Ground::Unscanned)},
            {"debris", mask.area_of(Ground::Debris)}}},
          {"doubt", text_or_null(mask.doubt)}};
}

Json hotspot_part(const Hotspot& hotspot) {
  const bool found = hotspot.count_max > 0;
  return {{"count_p95", hotspot.count_p95},
          {"count_max", hotspot.count_max},
          {"x", found ? Json(hotspot.center.x) : Json()},
          {"y", found ? Json(hotspot.center.y) : Json()},
          {"radius_um", hotspot.radius_um},
          {"area_mm2", hotspot.area_mm2},
          {"positions", hotspot.positions},
          {"min_probability", hotspot.min_probability}};
}

Json model_part(const nn::Model* model) {
  if (model == nullptr) return {};
  return {{"digest", model->digest()},
          {"threshold", model->info().threshold},
          {"threshold_source", model->info().threshold_source},
          {"data_digest", model->info().data_digest}};
}

}  // namespace

std::string to_json(const Result& result) {
  const auto count = result.detections.items.size();
  const double area = result.mask.area_mm2;
  const Json out{{"program", "mitoloom"},
                 {"version", std::string(version())},
                 {"not_a_medical_device", kNotAMedicalDevice},
                 {"slide", slide_part(result.slide)},
                 {"tissue_mm2", area},
                 {"mask", mask_part(result.mask)},
                 {"detections", count},
                 {"per_mm2", area > 0 ? Json(static_cast<double>(count) / area) : Json()},
                 {"min_probability", result.detections.min_probability},
                 {"hotspot", hotspot_part(result.hotspot)},
                 {"grade", result.grade.grade},
                 {"model", model_part(result.model)},
                 {"seconds", result.seconds}};
  return json_text(out);
}

}  // namespace mito::export_result
