#include "tools/diff/compare.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include <spdlog/fmt/fmt.h>

#include "engine/core/digest.h"
#include "engine/core/error.h"
#include "engine/core/run_files.h"
#include "engine/core/text_file.h"
#include "engine/stats/matching.h"
#include "engine/types/points_csv.h"

namespace mito::diff {
namespace {

namespace fs = std::filesystem;

/// A member of a record that may lack it.
Json member(const Json& json, const std::string& name) {
  const auto found = json.find(name);
  return found == json.end() ? Json::object() : *found;
}

// --------------------------------------------------------------------- pipelines

void append(std::vector<ValueChange>& to, std::vector<ValueChange> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Nodes that one run lacks come as one line, not as each of their parameters.
void compare_node(const std::string& id, const Json& a, const Json& b, RunDiff& out) {
  if (a.empty() || b.empty()) {
    out.pipeline.push_back({id, "node", a.value("type", ""), b.value("type", ""), std::nullopt});
    return;
  }
  for (const char* what : {"type", "version"}) {
    append(out.pipeline, compare_json(id, Json{{what, a.value(what, Json())}},
                                      Json{{what, b.value(what, Json())}}));
  }
  append(out.pipeline,
         compare_json(id, Json{{"in", member(a, "inputs")}}, Json{{"in", member(b, "inputs")}}));
  append(out.parameters, compare_json(id, member(a, "parameters"), member(b, "parameters")));
}

std::vector<std::string> keys_of(const Json& a, const Json& b) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : a.items()) keys.push_back(key);
  for (const auto& [key, value] : b.items())
    if (!a.contains(key)) keys.push_back(key);
  return keys;
}

/// What people know an input by: its value, or the names of its files.
std::string input_text(const Json& input) {
  if (input.contains("value")) return input["value"].get<std::string>();
  std::string text;
  for (const auto& file : member(input, "files"))
    text += (text.empty() ? "" : ", ") + fs::path(file.get<std::string>()).filename().string();
  return text;
}

void compare_input(const std::string& name, const Json& a, const Json& b, RunDiff& out) {
  const auto digest = [](const Json& input) { return input.value("digest", ""); };
  const std::string text_a = input_text(a);
  const std::string text_b = input_text(b);
  const bool same = digest(a) == digest(b) && (!digest(a).empty() || text_a == text_b);
  if (same) return;
  const auto shown = [&](const std::string& text, const Json& input) {
    const bool by_digest = text_a == text_b && !digest(input).empty();
    return by_digest ? fmt::format("{} ({})", text, digest(input).substr(0, 12)) : text;
  };
  out.pipeline.push_back({"$" + name, "content", shown(text_a, a), shown(text_b, b), std::nullopt});
}

void compare_records(const RunFolder& a, const RunFolder& b, RunDiff& out) {
  for (const auto* run : {&a, &b}) {
    if (run->record) continue;
    out.notes.push_back(fmt::format("{} has no {}: pipelines and parameters are not compared",
                                    run->root.string(), run_files::kRecord));
    return;
  }
  for (const char* what : {"version", "pipeline"}) {
    append(out.pipeline, compare_json("run", Json{{what, a.record->value(what, "")}},
                                      Json{{what, b.record->value(what, "")}}));
  }
  const Json nodes_a = member(*a.record, "nodes");
  const Json nodes_b = member(*b.record, "nodes");
  for (const auto& id : keys_of(nodes_a, nodes_b))
    compare_node(id, member(nodes_a, id), member(nodes_b, id), out);
  const Json inputs_a = member(*a.record, "inputs");
  const Json inputs_b = member(*b.record, "inputs");
  for (const auto& name : keys_of(inputs_a, inputs_b))
    compare_input(name, member(inputs_a, name), member(inputs_b, name), out);
}

// ------------------------------------------------------------------------- files

/// Where the other run has this file: in the folder of the same slide, else under the same path.
fs::path counterpart(const fs::path& file, const RunFolder& from, const RunFolder& to) {
  const auto owner =
      std::ranges::find(from.slides, file.parent_path().generic_string(), &SlideFolder::folder);
  if (owner == from.slides.end()) return file;
  const auto* slide = to.slide(owner->name);
  if (slide == nullptr) return file;
  const fs::path in_slide = fs::path(slide->folder) / file.filename();
  return std::ranges::binary_search(to.files, in_slide) ? in_slide : file;
}

bool same_bytes(const fs::path& a, const fs::path& b) {
  return fs::file_size(a) == fs::file_size(b) && sha256_file(a) == sha256_file(b);
}

/// A page without its seconds per node (tools/report/run.html), which are no result.
std::string page_without_seconds(const fs::path& file) {
  constexpr std::string_view kFrom = "id=\"seconds\">";
  std::string text = read_unpacked(file, "a page");
  const auto from = text.find(kFrom);
  if (from == std::string::npos) return text;
  const auto begin = from + kFrom.size();
  return text.erase(begin, text.find("</script>", begin) - begin);
}

bool same_file(const fs::path& a, const fs::path& b) {
  if (a.extension() == ".html") return page_without_seconds(a) == page_without_seconds(b);
  return same_bytes(a, b);
}

void compare_file(const fs::path& file,
                  const fs::path& other,
                  const RunFolder& a,
                  const RunFolder& b,
                  RunDiff& out) {
  const std::string name = file.generic_string();
  if (file.extension() != ".json") {
    if (!same_file(a.root / file, b.root / other)) out.other_content.push_back(name);
    return;
  }
  const Json& json = a.json.at(name);
  out.numbers += count_numbers(json);
  append(out.metrics, compare_json(name, json, b.json.at(other.generic_string())));
}

void compare_files(const RunFolder& a, const RunFolder& b, RunDiff& out) {
  std::set<fs::path> seen;
  for (const auto& file : a.files) {
    const fs::path other = counterpart(file, a, b);
    if (!std::ranges::binary_search(b.files, other)) {
      out.only_a.push_back(file.generic_string());
      continue;
    }
    seen.insert(other);
    compare_file(file, other, a, b, out);
  }
  for (const auto& file : b.files)
    if (!seen.contains(file)) out.only_b.push_back(file.generic_string());
}

// ------------------------------------------------------------------------- truth

/// The file of true mitoses that a run was given, or empty.
struct GivenTruth {
  fs::path file;
  std::string digest;
};

GivenTruth given_truth(const RunFolder& run, const Options& options) {
  if (!run.record) return {};
  for (const auto& node : member(*run.record, "nodes")) {
    const auto port = options.truth_ports.find(node.value("type", ""));
    if (port == options.truth_ports.end()) continue;
    const std::string source = member(node, "inputs").value(port->second, "");
    if (!source.starts_with('$')) continue;
    const Json input = member(member(*run.record, "inputs"), source.substr(1));
    const Json files = member(input, "files");
    if (!files.empty()) return {files[0].get<std::string>(), input.value("digest", "")};
  }
  return {};
}

/// The truth to compare by; empty with a note when the runs had one that cannot be used.
fs::path truth_of(const RunFolder& a, const RunFolder& b, const Options& options, RunDiff& out) {
  if (!options.truth.empty()) return options.truth;
  const auto of_a = given_truth(a, options);
  const auto of_b = given_truth(b, options);
  if (of_a.file.empty() || of_b.file.empty()) return {};
  std::string problem;
  if (of_a.digest != of_b.digest) {
    problem = "the runs were given different true mitoses";
  } else if (!fs::exists(of_a.file)) {
    problem = fmt::format("{} is no longer there", of_a.file.string());
  } else if (sha256_file(of_a.file) != of_a.digest) {
    problem = fmt::format("{} has changed since", of_a.file.string());
  }
  if (problem.empty()) return of_a.file;
  out.notes.push_back(fmt::format(
      "found and missed mitoses are not compared: {}; give them with --truth", problem));
  return {};
}

/// For each truth, is a detection within the radius?
std::vector<std::uint8_t> found_by(const std::vector<PointL0>& truths,
                                   const std::vector<Found>& detections,
                                   const PixelSize& pixel,
                                   double radius_um) {
  std::vector<stats::Truth> places;
  std::vector<stats::Claim> asked;
  places.reserve(detections.size());
  asked.reserve(truths.size());
  for (const auto& f : detections) places.push_back({f.at.x * pixel.x, f.at.y * pixel.y});
  for (const auto& p : truths) asked.push_back({p.x * pixel.x, p.y * pixel.y, 0});
  return stats::in_reach(places, asked, radius_um);
}

TruthDiff compare_truth(const std::vector<PointL0>& truths,
                        const SlideFolder& a,
                        const SlideFolder& b,
                        const PixelSize& pixel,
                        double radius_um) {
  const auto by_a = found_by(truths, *a.detections, pixel, radius_um);
  const auto by_b = found_by(truths, *b.detections, pixel, radius_um);
  TruthDiff out;
  out.objects = static_cast<std::int64_t>(truths.size());
  for (std::size_t i = 0; i < truths.size(); ++i) {
    if (by_a[i] != by_b[i]) {
      out.only_one.push_back({truths[i], by_a[i] != 0});
    } else {
      ++(by_a[i] != 0 ? out.both : out.neither);
    }
  }
  return out;
}

// ------------------------------------------------------------------------ slides

PixelSize pixel_of(const SlideFolder& a, const SlideFolder& b, const Options& options) {
  if (a.pixel) return *a.pixel;
  if (b.pixel) return *b.pixel;
  if (options.mpp) return {*options.mpp, *options.mpp};
  throw DataError(
      fmt::format("slide '{}': neither run says how large its pixels are (no result.json); give "
                  "them with --mpp, um per level-0 pixel",
                  a.name));
}

SlideDiff compare_slide(const SlideFolder& a,
                        const SlideFolder& b,
                        const std::optional<CsvPoints>& truth,
                        const Options& options) {
  const PixelSize pixel = pixel_of(a, b, options);
  SlideDiff out;
  out.name = a.name;
  out.identity = a.identity.empty() ? a.name : a.identity;
  out.bounds_corner = a.bounds_corner;
  out.detections = compare_detections(*a.detections, *b.detections, pixel, options.detections);
  for (const auto& change : out.detections) ++out.counts[static_cast<std::size_t>(change.change)];
  if (!truth) return out;
  auto truths = true_mitoses(*truth, a.file.empty() ? a.name : a.file);
  if (!truths) return out;
  std::ranges::sort(*truths, {}, [](const PointL0& p) { return std::tuple(p.y, p.x); });
  out.truth = compare_truth(*truths, a, b, pixel, options.detections.radius_um);
  return out;
}

void compare_slides(const RunFolder& a, const RunFolder& b, const Options& options, RunDiff& out) {
  const fs::path file = truth_of(a, b, options, out);
  std::optional<CsvPoints> truth;
  if (!file.empty()) truth = read_points(file);
  for (const auto& slide : a.slides) {
    const auto* other = b.slide(slide.name);
    if (other == nullptr) {
      out.notes.push_back(fmt::format("slide '{}' is only in {}", slide.name, out.a));
    } else if (slide.detections && other->detections) {
      out.slides.push_back(compare_slide(slide, *other, truth, options));
    } else if (slide.detections || other->detections) {
      out.notes.push_back(fmt::format("slide '{}' has a detections.csv only in {}", slide.name,
                                      slide.detections ? out.a : out.b));
    }
  }
  for (const auto& slide : b.slides)
    if (a.slide(slide.name) == nullptr)
      out.notes.push_back(fmt::format("slide '{}' is only in {}", slide.name, out.b));
}

}  // namespace

bool RunDiff::same() const {
  const bool same_detections = std::ranges::all_of(slides, [](const SlideDiff& slide) {
    return slide.counts[static_cast<std::size_t>(Change::Kept)] ==
           static_cast<std::int64_t>(slide.detections.size());
  });
  return pipeline.empty() && parameters.empty() && metrics.empty() && only_a.empty() &&
         only_b.empty() && other_content.empty() && same_detections;
}

RunDiff compare(const RunFolder& a, const RunFolder& b, const Options& options) {
  RunDiff out;
  out.a = a.root.string();
  out.b = b.root.string();
  try {
    compare_records(a, b, out);
    compare_files(a, b, out);
    compare_slides(a, b, options, out);
  } catch (const Json::exception& error) {
    throw DataError(fmt::format("{} or {}: {}: {}", (a.root / run_files::kRecord).string(),
                                (b.root / run_files::kRecord).string(), "not as it was written",
                                error.what()));
  }
  return out;
}

}  // namespace mito::diff
