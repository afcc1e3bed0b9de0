// How candidates, pools and sets of patches look outside the program: schemas/store/training.md.
#include <array>
#include <utility>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/grid_attributes.h"
#include "engine/types/text_arrays.h"
#include "engine/types/training.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 4> kSets{"unused", "training", "validation", "test"};

void put_slides(Record& record, const std::vector<PoolSlide>& slides) {
  std::vector<std::string> names;
  std::vector<std::string> identities;
  std::vector<std::string> cases;
  std::vector<std::uint8_t> sets;
  for (const auto& slide : slides) {
    names.push_back(slide.name);
    identities.push_back(slide.identity);
    cases.push_back(slide.case_id);
    sets.push_back(static_cast<std::uint8_t>(slide.set));
  }
  put_texts(record, "slide_name", names);
  put_texts(record, "slide_identity", identities);
  put_texts(record, "slide_case", cases);
  record.arrays["slide_set"] = Array::of(sets);
}

std::vector<PoolSlide> get_slides(const Record& record) {
  const auto sets = record.array("slide_set").as<std::uint8_t>();
  auto names = get_texts(record, "slide_name");
  auto identities = get_texts(record, "slide_identity");
  auto cases = get_texts(record, "slide_case");
  for (const auto* texts : {&names, &identities, &cases}) {
    if (texts->size() != sets.size())
      throw DataError("a list of slides has " + std::to_string(texts->size()) +
                      " texts, expected " + std::to_string(sets.size()));
  }
  std::vector<PoolSlide> slides;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (sets[i] >= kSets.size()) throw DataError("unknown set of a slide");
    slides.push_back({std::move(names[i]), std::move(identities[i]), std::move(cases[i]),
                      static_cast<CaseSet>(sets[i])});
  }
  return slides;
}

Array of_points(const std::vector<GridPoint>& points) {
  std::vector<std::int32_t> flat;
  flat.reserve(2 * points.size());
  for (const auto& p : points) flat.insert(flat.end(), {p.x, p.y});
  return Array::of(flat, {points.size(), 2});
}

std::vector<GridPoint> get_points(const Record& record) {
  const auto flat = record.array("grid").as<std::int32_t>();
  std::vector<GridPoint> points;
  points.reserve(flat.size() / 2);
  for (std::size_t i = 0; i + 1 < flat.size(); i += 2) points.push_back({flat[i], flat[i + 1]});
  return points;
}

template <class T>
std::vector<T> column(const Record& record, const std::string& name) {
  const auto values = record.array(name).as<T>();
  return {values.begin(), values.end()};
}

void require_rows(std::size_t found, std::size_t expected, std::string_view name) {
  if (found != expected)
    throw DataError("dataset '" + std::string(name) + "' has " + std::to_string(found) +
                    " rows, expected " + std::to_string(expected));
}

void require_slides(const std::vector<std::uint32_t>& slide, std::size_t slides) {
  for (const auto i : slide) {
    if (i >= slides)
      throw DataError("dataset 'slide' names slide " + std::to_string(i) + " of " +
                      std::to_string(slides));
  }
}

}  // namespace

std::string_view name_of(CaseSet set) { return kSets.at(static_cast<std::size_t>(set)); }

CaseSet case_set_from(std::string_view name) {
  for (std::size_t i = 0; i < kSets.size(); ++i) {
    if (kSets.at(i) == name) return static_cast<CaseSet>(i);
  }
  throw DataError("no set of cases is called '" + std::string(name) + "'" +
                  did_you_mean(name, {kSets.begin(), kSets.end()}));
}

Record Codec<LabelledCandidates>::encode(const LabelledCandidates& candidates) {
  const auto& recall = candidates.recall;
  Record record;
  put_grid(record, candidates.grid);
  record.arrays["grid"] = of_points(candidates.at);
  record.arrays["label"] = Array::of(candidates.label);
  auto& a = record.attributes;
  a["slide"] = candidates.slide;
  a["identity"] = candidates.identity;
  a["case"] = candidates.case_id;
  a["references"] = recall.references;
  a["found_wide"] = recall.found_wide;
  a["found_close"] = recall.found_close;
  a["candidates"] = recall.candidates;
  a["positives"] = recall.positives;
  a["negatives"] = recall.negatives;
  a["tissue_mm2"] = recall.tissue_mm2;
  a["wide_um"] = recall.wide_um;
  a["close_um"] = recall.close_um;
  return record;
}

LabelledCandidates Codec<LabelledCandidates>::decode(const Record& record) {
  LabelledCandidates out;
  out.grid = get_grid(record);
  out.at = get_points(record);
  out.label = column<std::uint8_t>(record, "label");
  require_rows(out.label.size(), out.at.size(), "label");
  for (const auto label : out.label) {
    if (label > static_cast<std::uint8_t>(CandidateLabel::Ignored))
      throw DataError("unknown label of a candidate");
  }
  out.slide = record.text("slide");
  out.identity = record.text("identity");
  out.case_id = record.text("case");
  out.recall.references = record.integer("references");
  out.recall.found_wide = record.integer("found_wide");
  out.recall.found_close = record.integer("found_close");
  out.recall.candidates = record.integer("candidates");
  out.recall.positives = record.integer("positives");
  out.recall.negatives = record.integer("negatives");
  out.recall.tissue_mm2 = record.number("tissue_mm2");
  out.recall.wide_um = record.number("wide_um");
  out.recall.close_um = record.number("close_um");
  return out;
}

Record Codec<CandidatePool>::encode(const CandidatePool& pool) {
  Record record;
  put_slides(record, pool.slides);
  record.arrays["slide"] = Array::of(pool.slide);
  record.arrays["grid"] = of_points(pool.at);
  record.arrays["label"] = Array::of(pool.label);
  return record;
}

CandidatePool Codec<CandidatePool>::decode(const Record& record) {
  CandidatePool pool;
  pool.slides = get_slides(record);
  pool.slide = column<std::uint32_t>(record, "slide");
  pool.at = get_points(record);
  pool.label = column<std::uint8_t>(record, "label");
  require_rows(pool.slide.size(), pool.at.size(), "slide");
  require_rows(pool.label.size(), pool.at.size(), "label");
  require_slides(pool.slide, pool.slides.size());
  return pool;
}

Record Codec<PoolScores>::encode(const PoolScores& scores) {
  Record record;
  record.arrays["probability"] = Array::of(scores.probability);
  record.attributes["model"] = scores.model;
  return record;
}

PoolScores Codec<PoolScores>::decode(const Record& record) {
  return {column<float>(record, "probability"), record.text("model")};
}

Record Codec<CandidateScores>::encode(const CandidateScores& scores) {
  Record record;
  record.arrays["candidate"] = Array::of(scores.candidate);
  record.arrays["probability"] = Array::of(scores.probability);
  record.attributes["identity"] = scores.identity;
  record.attributes["model"] = scores.model;
  return record;
}

CandidateScores Codec<CandidateScores>::decode(const Record& record) {
  CandidateScores scores{column<std::uint32_t>(record, "candidate"),
                         column<float>(record, "probability"), record.text("identity"),
                         record.text("model")};
  require_rows(scores.probability.size(), scores.candidate.size(), "probability");
  return scores;
}

Record Codec<PatchSet>::encode(const PatchSet& set) {
  Record record;
  put_slides(record, set.slides);
  record.arrays["slide"] = Array::of(set.slide);
  record.arrays["grid"] = of_points(set.at);
  record.arrays["label"] = Array::of(set.label);
  record.arrays["in_pool"] = Array::of(set.in_pool);
  const auto side = static_cast<std::uint64_t>(set.rgb.empty() ? 1 : set.size_px);
  record.arrays["rgb"] =
      Array::of(set.rgb, {set.rgb.size() / (side * side * 3), side, side, std::uint64_t{3}});
  record.attributes["size_px"] = set.size_px;
  record.attributes["seed"] = static_cast<std::int64_t>(set.seed);
  record.attributes["member"] = set.member;
  return record;
}

PatchSet Codec<PatchSet>::decode(const Record& record) {
  PatchSet set;
  set.slides = get_slides(record);
  set.slide = column<std::uint32_t>(record, "slide");
  set.at = get_points(record);
  set.label = column<std::uint8_t>(record, "label");
  set.in_pool = column<std::int64_t>(record, "in_pool");
  set.rgb = column<std::uint8_t>(record, "rgb");
  set.size_px = record.integer("size_px");
  set.seed = static_cast<std::uint64_t>(record.integer("seed"));
  set.member = record.integer("member");
  const auto n = set.label.size();
  require_rows(set.in_pool.size(), n, "in_pool");
  if (set.rgb.empty()) {
    require_rows(set.slide.size(), n, "slide");
    require_rows(set.at.size(), n, "grid");
  } else {
    require_rows(record.array("rgb").rows(), n, "rgb");
  }
  require_slides(set.slide, set.slides.size());
  return set;
}

std::string content_digest(const PatchSet& set) {
  const Record record = Codec<PatchSet>::encode(set);
  Sha256 sha;
  const auto begin = [&](std::string_view name, std::size_t bytes) {
    std::string head(name);
    head += ' ';
    head += std::to_string(bytes);
    head += '\n';
    sha.update(head);
  };
  for (const auto& [name, array] : record.arrays) {
    begin(name, array.bytes.size());
    sha.update(array.bytes);
  }
  for (const auto* name : {"size_px", "seed", "member"})
    begin(name, static_cast<std::size_t>(record.integer(name)));
  return sha.finish();
}

}  // namespace mito
