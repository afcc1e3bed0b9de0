#include "nodes/reference/export_reference/export_reference.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/core/version.h"
#include "nodes/reference/registration/registration_summary.h"

namespace mito::export_reference {
namespace {

using Json = nlohmann::ordered_json;
using Status = RegisteredObject::Status;
using Verdict = ReferenceObject::Verdict;

constexpr double kManyFlagged = 0.2;

void check(const Parts& parts) {
  const auto n = parts.spots.items.size();
  if (parts.mitoses.probability.size() != n ||
      (parts.artefacts != nullptr && parts.artefacts->probability.size() != n))
    throw DataError("scores and spots do not belong to the same slide");
}

Json slide_part(const SlideInfo& info) {
  return {{"name", info.name},
          {"identity", info.identity},
          {"width_px", info.width},
          {"height_px", info.height},
          {"mpp_x", info.mpp_x},
          {"mpp_y", info.mpp_y},
          {"mpp_source", info.mpp_source}};
}

Json to_json(const stats::Quantiles& quantiles) {
  Json out{{"objects", quantiles.count}};
  for (std::size_t i = 0; i < quantiles.values.size(); ++i)
    out[fmt::format("p{}", stats::Quantiles::kPercents[i])] =
        quantiles.count > 0 ? Json(quantiles.values[i]) : Json();
  return out;
}

Json global_part(const GlobalRegistration& g) {
  Json trials = Json::array();
  for (const auto& t : g.trials)
    trials.push_back({{"x", t.he.x},
                      {"y", t.he.y},
                      {"dx_um", t.dx_um},
                      {"dy_um", t.dy_um},
                      {"peak", t.peak},
                      {"psr", t.psr}});
  const Affine& m = g.he_from_phh3;
  const bool fitted = g.model != "shift";
  return {{"model", g.model},
          {"he_from_phh3", {{m.a, m.b, m.c}, {m.d, m.e, m.f}}},
          {"shift_um", {g.shift_x_um, g.shift_y_um}},
          {"rotation_deg", g.rotation_deg},
          {"mirrored", g.mirrored},
          {"peak", g.peak},
          {"psr", g.psr},
          {"trials_agreeing", g.agreeing},
          {"trials", trials},
          {"landmarks", fitted ? Json(g.landmarks) : Json()},
          {"inliers", fitted ? Json(g.inliers) : Json()},
          {"residual_um", fitted ? Json(g.residual_um) : Json()}};
}

Json local_part(const LocalRegistration& local, const stats::RegistrationSummary& summary) {
  Json status = Json::object();
  for (std::size_t i = 0; i < summary.per_status.size(); ++i)
    status[std::string(name_of(static_cast<Status>(i)))] = summary.per_status[i];
  return {{"objects", local.items.size()},
          {"status", status},
          {"accepted_shift_um", to_json(summary.shift_um)},
          {"accepted_dx_um", to_json(summary.dx_um)},
          {"accepted_dy_um", to_json(summary.dy_um)},
          {"psr", to_json(summary.psr)}};
}

Json network_part(const SpotScores* scores) {
  if (scores == nullptr) return {};
  return {{"model", scores->model}, {"threshold", scores->threshold}};
}

Json warnings(const Parts& parts) {
  Json out = Json::array();
  const auto& items = parts.local.items;
  if (parts.spots.items.empty()) out.push_back("no DAB-positive spot was found");
  if (parts.reference.accepted() == 0) out.push_back("the reference standard is empty");
  const auto flagged = std::ranges::count_if(
      items, [](const auto& object) { return object.status != Status::Accepted; });
  if (!items.empty() &&
      static_cast<double>(flagged) > kManyFlagged * static_cast<double>(items.size()))
    out.push_back(
        fmt::format("{} of {} objects have no trusted local registration", flagged, items.size()));
  return out;
}

std::string optional_number(const std::vector<float>* values, std::size_t i) {
  return values == nullptr ? "" : number_text(static_cast<double>((*values)[i]));
}

}  // namespace

std::string objects_csv(const Parts& parts) {
  check(parts);
  std::map<std::int64_t, const ReferenceObject*> verdicts;
  std::map<std::int64_t, const RegisteredObject*> registered;
  for (const auto& object : parts.reference.items) verdicts[object.spot] = &object;
  for (const auto& object : parts.local.items) registered[object.spot] = &object;

  std::string text =
      "id,x,y,x_phh3,y_phh3,area_um2,mean_dab,p_no_artefact,p_mitosis,verdict,registration,"
      "local_x_um,local_y_um,psr\n";
  for (std::size_t i = 0; i < parts.spots.items.size(); ++i) {
    const Spot& spot = parts.spots.items[i];
    const auto verdict = verdicts.find(static_cast<std::int64_t>(i));
    const auto local = registered.find(static_cast<std::int64_t>(i));
    const PointL0 he = local != registered.end() ? local->second->he
                                                 : parts.global.he_from_phh3.apply(spot.center);
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},", i + 1, number_text(he.x), number_text(he.y),
        number_text(spot.center.x), number_text(spot.center.y), number_text(spot.area_um2),
        number_text(spot.mean_dab),
        optional_number(parts.artefacts == nullptr ? nullptr : &parts.artefacts->probability, i),
        optional_number(&parts.mitoses.probability, i),
        verdict == verdicts.end() ? "not_mitotic" : name_of(verdict->second->verdict));
    if (local == registered.end())
      text += ",,,\n";
    else
      text += fmt::format("{},{},{},{}\n", name_of(local->second->status),
                          number_text(local->second->dx_um), number_text(local->second->dy_um),
                          number_text(local->second->psr));
  }
  return text;
}

std::string certificate(const Parts& parts) {
  check(parts);
  const auto& reference = parts.reference;
  const auto summary = stats::summarise(parts.global, &parts.local);
  const auto rejected = [&](Verdict verdict) {
    return std::ranges::count(reference.items, verdict, &ReferenceObject::verdict);
  };
  const bool asked = reference.no_artefacts >= 0;
  const Json out{{"program", "mitoloom"},
                 {"version", std::string(version())},
                 {"not_a_medical_device", "Research use only. This is not a medical device."},
                 {"he_slide", slide_part(parts.he)},
                 {"phh3_slide", slide_part(parts.phh3)},
                 {"counts",
                  {{"candidates", reference.candidates},
                   {"no_artefacts", asked ? Json(reference.no_artefacts) : Json()},
                   {"artefact_share", asked && reference.candidates > 0
                                          ? Json(1 - static_cast<double>(reference.no_artefacts) /
                                                         static_cast<double>(reference.candidates))
                                          : Json()},
                   {"mitotic", reference.items.size()},
                   {"accepted", reference.accepted()},
                   {"rejected",
                    {{"unregistered", rejected(Verdict::Unregistered)},
                     {"off_slide", rejected(Verdict::OffSlide)},
                     {"duplicate", rejected(Verdict::Duplicate)}}}}},
                 {"dab_threshold", parts.spots.dab_threshold},
                 {"artefact_network", network_part(parts.artefacts)},
                 {"mitosis_network", network_part(&parts.mitoses)},
                 {"registration",
                  {{"status", "pass"},
                   {"global", global_part(parts.global)},
                   {"trials_from_average_um", to_json(summary.trials_um)},
                   {"local", local_part(parts.local, summary)}}},
                 {"warnings", warnings(parts)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace mito::export_reference
