// How the payloads of restained pairs look outside the program: see schemas/store.
#include <algorithm>
#include <array>
#include <string_view>

#include "engine/core/error.h"
#include "engine/types/grid_attributes.h"
#include "engine/types/restained.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 5> kStatus{"accepted", "border", "low_psr", "neighbours",
                                                  "off_slide"};

constexpr std::array<std::string_view, 4> kVerdict{"accepted", "unregistered", "off_slide",
                                                   "duplicate"};

void require_rows(const Record& record, const std::string& name, std::uint64_t rows) {
  if (record.array(name).rows() != rows)
    throw DataError("dataset '" + name + "' has another number of rows than the others");
}

}  // namespace

std::string_view name_of(RegisteredObject::Status status) {
  return kStatus.at(static_cast<std::size_t>(status));
}

std::string_view name_of(ReferenceObject::Verdict verdict) {
  return kVerdict.at(static_cast<std::size_t>(verdict));
}

std::int64_t ReferenceStandard::accepted() const {
  return std::ranges::count(items, ReferenceObject::Verdict::Accepted, &ReferenceObject::verdict);
}

Record Codec<SpotSet>::encode(const SpotSet& set) {
  const auto n = static_cast<std::uint64_t>(set.items.size());
  std::vector<double> coords;
  std::vector<std::int64_t> pixels;
  std::vector<std::int64_t> bounds;
  std::vector<double> area;
  std::vector<double> dab;
  for (const auto& spot : set.items) {
    coords.insert(coords.end(), {spot.center.x, spot.center.y});
    pixels.push_back(spot.pixels);
    area.push_back(spot.area_um2);
    bounds.insert(bounds.end(),
                  {spot.bounds.x, spot.bounds.y, spot.bounds.width, spot.bounds.height});
    dab.push_back(spot.mean_dab);
  }
  Record record;
  put_grid(record, set.grid);
  record.attributes["dab_threshold"] = set.dab_threshold;
  record.attributes["level"] = std::int64_t{0};  // coords are level-0 pixels
  record.attributes["mpp"] = set.grid.mpp / set.grid.scale_x;
  record.arrays["coords"] = Array::of(coords, {n, 2});
  record.arrays["pixels"] = Array::of(pixels);
  record.arrays["area_um2"] = Array::of(area);
  record.arrays["bounds"] = Array::of(bounds, {n, 4});
  record.arrays["mean_dab"] = Array::of(dab);
  return record;
}

SpotSet Codec<SpotSet>::decode(const Record& record) {
  SpotSet set;
  set.grid = get_grid(record);
  set.dab_threshold = record.number("dab_threshold");
  const auto n = record.array("coords").rows();
  for (const auto* name : {"pixels", "area_um2", "bounds", "mean_dab"})
    require_rows(record, name, n);
  const auto coords = record.array("coords").as<double>();
  const auto pixels = record.array("pixels").as<std::int64_t>();
  const auto area = record.array("area_um2").as<double>();
  const auto bounds = record.array("bounds").as<std::int64_t>();
  const auto dab = record.array("mean_dab").as<double>();
  for (std::size_t i = 0; i < n; ++i)
    set.items.push_back({{coords[2 * i], coords[2 * i + 1]},
                         pixels[i],
                         area[i],
                         {bounds[4 * i], bounds[4 * i + 1], bounds[4 * i + 2], bounds[4 * i + 3]},
                         dab[i]});
  return set;
}

Record Codec<SpotScores>::encode(const SpotScores& scores) {
  Record record;
  record.arrays["probability"] = Array::of(scores.probability);
  record.attributes["threshold"] = scores.threshold;
  record.attributes["model"] = scores.model;
  return record;
}

SpotScores Codec<SpotScores>::decode(const Record& record) {
  const auto probability = record.array("probability").as<float>();
  return {
      {probability.begin(), probability.end()}, record.number("threshold"), record.text("model")};
}

Record Codec<GlobalRegistration>::encode(const GlobalRegistration& g) {
  Record record;
  const Affine& m = g.he_from_phh3;
  auto& a = record.attributes;
  a["model"] = g.model;
  a["he_from_phh3"] = std::vector<double>{m.a, m.b, m.c, m.d, m.e, m.f};
  a["shift_um"] = std::vector<double>{g.shift_x_um, g.shift_y_um};
  a["rotation_deg"] = g.rotation_deg;
  a["mirrored"] = std::int64_t{g.mirrored ? 1 : 0};
  a["peak"] = g.peak;
  a["psr"] = g.psr;
  a["agreeing"] = g.agreeing;
  a["landmarks"] = g.landmarks;
  a["inliers"] = g.inliers;
  a["residual_um"] = g.residual_um;
  std::vector<double> trials;
  for (const auto& t : g.trials)
    trials.insert(trials.end(), {t.he.x, t.he.y, t.dx_um, t.dy_um, t.peak, t.psr});
  record.arrays["trials"] = Array::of(trials, {g.trials.size(), 6});
  return record;
}

GlobalRegistration Codec<GlobalRegistration>::decode(const Record& record) {
  GlobalRegistration g;
  const auto& m = record.numbers("he_from_phh3");
  const auto& shift = record.numbers("shift_um");
  if (m.size() != 6 || shift.size() != 2)
    throw DataError("he_from_phh3 needs six numbers and shift_um two");
  g.model = record.text("model");
  g.he_from_phh3 = {m[0], m[1], m[2], m[3], m[4], m[5]};
  g.shift_x_um = shift[0];
  g.shift_y_um = shift[1];
  g.rotation_deg = record.number("rotation_deg");
  g.mirrored = record.integer("mirrored") != 0;
  g.peak = record.number("peak");
  g.psr = record.number("psr");
  g.agreeing = record.integer("agreeing");
  g.landmarks = record.integer("landmarks");
  g.inliers = record.integer("inliers");
  g.residual_um = record.number("residual_um");
  const auto t = record.array("trials").as<double>();
  for (std::size_t i = 0; i + 6 <= t.size(); i += 6)
    g.trials.push_back({{t[i], t[i + 1]}, t[i + 2], t[i + 3], t[i + 4], t[i + 5]});
  return g;
}

Record Codec<LocalRegistration>::encode(const LocalRegistration& registration) {
  std::vector<std::int64_t> spots;
  std::vector<double> phh3;
  std::vector<double> he;
  std::vector<double> shift;
  std::vector<double> peak;
  std::vector<std::uint8_t> status;
  for (const auto& o : registration.items) {
    spots.push_back(o.spot);
    phh3.insert(phh3.end(), {o.phh3.x, o.phh3.y});
    he.insert(he.end(), {o.he.x, o.he.y});
    shift.insert(shift.end(), {o.dx_um, o.dy_um});
    peak.insert(peak.end(), {o.peak, o.psr});
    status.push_back(static_cast<std::uint8_t>(o.status));
  }
  const auto n = static_cast<std::uint64_t>(spots.size());
  Record record;
  record.arrays["spot"] = Array::of(spots);
  record.arrays["phh3"] = Array::of(phh3, {n, 2});
  record.arrays["coords"] = Array::of(he, {n, 2});
  record.arrays["shift_um"] = Array::of(shift, {n, 2});
  record.arrays["peak_psr"] = Array::of(peak, {n, 2});
  record.arrays["status"] = Array::of(status);
  record.attributes["level"] = std::int64_t{0};  // coords: level-0 pixels of the H&E slide
  return record;
}

LocalRegistration Codec<LocalRegistration>::decode(const Record& record) {
  const auto n = record.array("spot").rows();
  for (const auto* name : {"phh3", "coords", "shift_um", "peak_psr", "status"})
    require_rows(record, name, n);
  const auto spots = record.array("spot").as<std::int64_t>();
  const auto phh3 = record.array("phh3").as<double>();
  const auto he = record.array("coords").as<double>();
  const auto shift = record.array("shift_um").as<double>();
  const auto peak = record.array("peak_psr").as<double>();
  const auto status = record.array("status").as<std::uint8_t>();
  LocalRegistration registration;
  for (std::size_t i = 0; i < n; ++i) {
    if (status[i] >= kStatus.size()) throw DataError("unknown status of a registered object");
    registration.items.push_back({spots[i],
                                  {phh3[2 * i], phh3[2 * i + 1]},
                                  {he[2 * i], he[2 * i + 1]},
                                  shift[2 * i],
                                  shift[2 * i + 1],
                                  peak[2 * i],
                                  peak[2 * i + 1],
                                  static_cast<RegisteredObject::Status>(status[i])});
  }
  return registration;
}

Record Codec<ReferenceStandard>::encode(const ReferenceStandard& reference) {
  std::vector<std::int64_t> spots;
  std::vector<double> phh3;
  std::vector<double> he;
  std::vector<double> probability;
  std::vector<std::uint8_t> registration;
  std::vector<std::uint8_t> verdict;
  for (const auto& o : reference.items) {
    spots.push_back(o.spot);
    phh3.insert(phh3.end(), {o.phh3.x, o.phh3.y});
    he.insert(he.end(), {o.he.x, o.he.y});
    probability.push_back(o.probability);
    registration.push_back(static_cast<std::uint8_t>(o.registration));
    verdict.push_back(static_cast<std::uint8_t>(o.verdict));
  }
  const auto n = static_cast<std::uint64_t>(spots.size());
  Record record;
  put_grid(record, reference.grid);
  record.arrays["spot"] = Array::of(spots);
  record.arrays["phh3"] = Array::of(phh3, {n, 2});
  record.arrays["coords"] = Array::of(he, {n, 2});
  record.arrays["probability"] = Array::of(probability);
  record.arrays["registration"] = Array::of(registration);
  record.arrays["verdict"] = Array::of(verdict);
  auto& a = record.attributes;
  a["level"] = std::int64_t{0};  // coords: level-0 pixels of the H&E slide
  a["mpp"] = reference.grid.mpp / reference.grid.scale_x;
  a["candidates"] = reference.candidates;
  a["no_artefacts"] = reference.no_artefacts;
  return record;
}

ReferenceStandard Codec<ReferenceStandard>::decode(const Record& record) {
  const auto n = record.array("spot").rows();
  for (const auto* name : {"phh3", "coords", "probability", "registration", "verdict"})
    require_rows(record, name, n);
  const auto spots = record.array("spot").as<std::int64_t>();
  const auto phh3 = record.array("phh3").as<double>();
  const auto he = record.array("coords").as<double>();
  const auto probability = record.array("probability").as<double>();
  const auto registration = record.array("registration").as<std::uint8_t>();
  const auto verdict = record.array("verdict").as<std::uint8_t>();
  ReferenceStandard reference;
  reference.grid = get_grid(record);
  reference.candidates = record.integer("candidates");
  reference.no_artefacts = record.integer("no_artefacts");
  for (std::size_t i = 0; i < n; ++i) {
    if (registration[i] >= kStatus.size() || verdict[i] >= kVerdict.size())
      throw DataError("unknown status or verdict of a reference object");
    reference.items.push_back({spots[i],
                               {phh3[2 * i], phh3[2 * i + 1]},
                               {he[2 * i], he[2 * i + 1]},
                               probability[i],
                               static_cast<RegisteredObject::Status>(registration[i]),
                               static_cast<ReferenceObject::Verdict>(verdict[i])});
  }
  return reference;
}

}  // namespace mito
