// The numbers of the paper, and of the method where the paper leaves one open, against the presets
// `paper` of the shipped pipelines and sweeps. paper_protocol.csv is written from the two texts.
//
// A row is about a parameter of a node. `node` is a node type, or the end of the name of nodes
// (after *), or with `pipeline` the name of a node in it; `pipeline` is a file, and of a sweep all
// its variants or one ("FILE VARIANT"). Of several rows that are about a parameter the narrowest
// counts: variant, file, name, type. A node type `augment X` is an augmentation of the preset X.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text_file.h"
#include "engine/types/points_csv.h"
#include "nodes/detector/augmentation/augmentation.h"
#include "nodes/detector/train_cnn/training_params.h"
#include "nodes/registry.h"
#include "tools/sweep/sweep_runs.h"

namespace mito {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fs::path(MITO_SOURCE_DIR) / "pipelines";
constexpr const char* kPreset = "paper";

struct Row {
  std::string pipeline;
  std::string node;
  std::string parameter;
  std::string value;
  std::string section;
  std::string method;
  std::string note;
  int line = 0;
  mutable bool used = false;
};

std::vector<Row> read_table() {
  const auto file = fs::path(MITO_SOURCE_DIR) / "tests/pipelines/paper_protocol.csv";
  const auto csv = CsvTable::read(file);
  std::vector<Row> out;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto text = [&](const char* column) { return csv.text(row, csv.require(column)); };
    out.push_back({text("pipeline"), text("node"), text("parameter"), text("value"),
                   text("section"), text("method"), text("note"), csv.position(row, 0).line});
  }
  return out;
}

/// A parameter of a node as it takes effect.
struct Parameter {
  std::string node;
  std::string type;
  std::string name;
  std::string value;
  bool must_be_listed = false;  ///< The paper's, or set by a pipeline file or preset.
};

/// A pipeline, or a run of a sweep, with its parameters.
struct Protocol {
  std::string file;     ///< Below pipelines/.
  std::string variant;  ///< Empty: no sweep.
  std::vector<Parameter> parameters;
};

std::string text_of(double value) { return fmt::format("{}", value); }
std::string text_of(const image::Augmentation::Range& range) {
  return fmt::format("[{}, {}]", range.low, range.high);
}

/// What an augmentation does, parameter by parameter: operators that are off have none.
std::map<std::string, std::string> numbers_of(const image::Augmentation& what) {
  std::map<std::string, std::string> out;
  std::vector<std::string> letters;
  const auto add = [&](const char* letter, const std::string& p_name, const auto& one) {
    if (!one) return;
    letters.emplace_back(letter);
    out[p_name] = text_of(one->p);
  };
  add("X", "p_exchange", what.exchange);
  add("R", "p_rotation", what.rotate);
  add("M", "p_seam", what.seam);
  add("S", "p_zoom", what.zoom);
  add("E", "p_elastic", what.elastic);
  add("C", "p_stain", what.stain);
  add("RandStainNA", "p_randstainna", what.randstainna);
  add("H", "p_enhance", what.enhance);
  add("B", "p_blur", what.blur);
  add("T", "p_shift", what.shift);
  add("U", "p_sharpen", what.sharpen);
  add("G", "p_noise", what.noise);
  add("JPEG", "p_jpeg", what.jpeg);
  out["operators"] = fmt::format("[{}]", fmt::join(letters, ", "));
  if (what.rotate) out["rotation"] = what.rotate->continuous ? "continuous" : "quarter";
  if (what.zoom) out["zoom_range"] = text_of(what.zoom->factor);
  if (what.elastic) {
    out["elastic_alpha"] = text_of(what.elastic->alpha);
    out["elastic_sigma_px"] = text_of(what.elastic->sigma_px);
  }
  if (what.stain) {
    out["stain_sigma"] = text_of(what.stain->sigma);
    out["stain_cutoff"] = what.stain->cutoff ? text_of(*what.stain->cutoff) : "[]";
  }
  if (what.enhance) {
    out["colour_range"] = text_of(what.enhance->colour);
    out["contrast_range"] = text_of(what.enhance->contrast);
    out["brightness_range"] = text_of(what.enhance->brightness);
  }
  if (what.blur) out["blur_px"] = text_of(what.blur->sigma_px);
  if (what.shift)
    out["shift_px"] =
        text_of(what.shift->most_px.value_or((image::kPatchSize - image::kCropSize) / 2));
  if (what.noise) out["noise_sd"] = text_of(what.noise->sd);
  return out;
}

bool is_unset(const std::string& value) { return value == "null" || value == "[]"; }

/// Values that a node leaves to a toolkit when they are not given, filled in.
void fill_in(const std::map<std::string, std::string>& values, std::vector<Parameter>& parameters) {
  for (auto& parameter : parameters) {
    const auto value = values.find(parameter.name);
    if (value == values.end() || !is_unset(parameter.value)) continue;
    parameter.value = value->second;
    parameter.must_be_listed = true;
  }
}

std::string value_of(const std::vector<Parameter>& parameters, const char* name) {
  return std::ranges::find(parameters, name, &Parameter::name)->value;
}

std::vector<Parameter> parameters_of(const graph::NodeView& node) {
  std::vector<Parameter> out;
  for (const auto& row : node.params) {
    // Seeds are nobody's numbers: a sweep has its own.
    if (row.field.affects == Affects::Execution || row.name == "seed") continue;
    out.push_back({node.id, std::string(node.type->info.type), row.name, row.value,
                   row.field.origin == Origin::Paper || !row.set_by.empty()});
  }
  if (node.type->info.type == std::string("augment")) {
    const auto preset = value_of(out, "preset");
    fill_in(numbers_of(image::augmentation(preset)), out);
    for (auto& parameter : out)
      if (parameter.name != "preset") parameter.type = "augment " + preset;
  }
  if (node.type->info.type == std::string("train_cnn")) {
    train_cnn::Params params;
    params.family = value_of(out, "family");
    const auto network = train_cnn::architecture(params);
    fill_in({{"width_factor", text_of(network.width_factor)}, {"slope", text_of(network.slope)}},
            out);
  }
  return out;
}

Protocol protocol_of(const std::string& file,
                     const std::string& variant,
                     const graph::Graph& graph) {
  Protocol out{file, variant, {}};
  for (const auto& node : graph.nodes()) {
    const auto parameters = parameters_of(node);
    out.parameters.insert(out.parameters.end(), parameters.begin(), parameters.end());
  }
  return out;
}

const graph::Registry& registry() {
  static const auto kRegistry = [] {
    graph::Registry all;
    nodes::register_all(all);
    return all;
  }();
  return kRegistry;
}

bool has_preset(const fs::path& path) {
  Diagnostics problems;
  const auto yaml = config::parse_yaml(read_unpacked(path, "a pipeline"), path.string(), problems);
  const auto* presets = yaml.find("presets");
  return presets != nullptr && presets->entry(kPreset) != nullptr;
}

/// Each variant of a sweep once with what it quotes as published, and the steps of `prepare` that
/// run a pipeline which has the preset, as that pipeline.
std::vector<Protocol> sweep_protocols(const fs::path& path, const std::string& file) {
  Diagnostics out;
  const auto sweep = sweep::read_sweep(path, out, kPreset);
  out.throw_if_any();
  std::vector<Protocol> protocols;
  for (const auto& run : sweep::make_runs(sweep, {}, registry(), false)) {
    if (!protocols.empty() && protocols.back().variant == run.variant) continue;  // another seed
    protocols.push_back(protocol_of(file, run.variant, run.graph));
  }
  auto& first = protocols.front().parameters;
  for (const auto& [metric, values] : sweep.report.published.values)
    for (const auto& [variant, value] : values)
      first.push_back({"published", "published", metric + " " + variant, text_of(value), true});
  for (std::size_t i = 0; i < sweep.prepare.size(); ++i) {
    const auto& base = sweep.prepare[i].base.pipeline;
    if (!has_preset(base)) continue;
    protocols.push_back(protocol_of(fs::relative(base, kRoot).generic_string(), "",
                                    sweep::make_step(sweep, i, {}, registry(), false).graph));
  }
  return protocols;
}

/// All shipped files that have the preset themselves.
std::vector<Protocol> protocols() {
  std::vector<Protocol> out;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot)) {
    const auto file = fs::relative(entry.path(), kRoot).generic_string();
    if (entry.path().extension() != ".yaml" || file.starts_with("parts/")) continue;
    if (!has_preset(entry.path())) continue;
    Diagnostics problems;
    const auto yaml = config::parse_yaml(read_unpacked(entry.path(), "a pipeline"), file, problems);
    if (yaml.find("base") != nullptr) {
      for (auto& one : sweep_protocols(entry.path(), file)) out.push_back(std::move(one));
      continue;
    }
    const auto pipeline = graph::load_pipeline(entry.path(), {}, problems, kPreset);
    const auto graph = graph::Graph::build(pipeline, registry(), problems, false);
    problems.throw_if_any();
    out.push_back(protocol_of(file, "", graph));
  }
  return out;
}

/// How narrowly a row is about the parameter; 0: it is about another.
int closeness(const Row& row, const Protocol& protocol, const Parameter& parameter) {
  if (row.parameter != parameter.name) return 0;
  if (row.pipeline.empty()) {
    if (row.node.starts_with('*')) return parameter.node.ends_with(row.node.substr(1)) ? 2 : 0;
    return row.node == parameter.type ? 1 : 0;
  }
  if (row.node != parameter.node) return 0;
  if (row.pipeline == protocol.file) return 3;
  return row.pipeline == protocol.file + " " + protocol.variant ? 4 : 0;
}

/// Texts as parameters have them: without quotes, numbers as numbers.
bool same_value(std::string_view wanted, std::string_view found) {
  const auto number = [](std::string_view text) { return csv_number(text, ';'); };
  if (found.size() > 1 && found.front() == '"') found = found.substr(1, found.size() - 2);
  const auto a = number(wanted);
  const auto b = number(found);
  // Four digits are what the method prints of 150/247700 per um2.
  return a && b ? std::abs(*a - *b) <= 1e-4 * std::abs(*a) : wanted == found;
}

class PaperProtocol : public ::testing::Test {
 protected:
  /// The row about the parameter, marked as used. Null: there is none.
  const Row* row_of(const Protocol& protocol, const Parameter& parameter) const {
    const Row* best = nullptr;
    int most = 0;
    for (const auto& row : table_) {
      const int close = closeness(row, protocol, parameter);
      if (close > 0) row.used = true;
      if (close > 0 && close == most)
        ADD_FAILURE() << "lines " << best->line << " and " << row.line
                      << " are about the same parameter";
      if (close > most) {
        most = close;
        best = &row;
      }
    }
    return best;
  }

  const std::vector<Row> table_ = read_table();
  const std::vector<Protocol> protocols_ = protocols();
};

TEST_F(PaperProtocol, IsThatOfThePresets) {
  for (const auto& protocol : protocols_)
    for (const auto& parameter : protocol.parameters) {
      const auto* row = row_of(protocol, parameter);
      const auto where = fmt::format("{} {}: {}.{} = {}", protocol.file, protocol.variant,
                                     parameter.node, parameter.name, parameter.value);
      if (row == nullptr) {
        EXPECT_FALSE(parameter.must_be_listed) << where << " is in no row";
      } else {
        EXPECT_TRUE(same_value(row->value, parameter.value))
            << where << ", but line " << row->line << " says " << row->value << " (" << row->section
            << ", method " << row->method << ")";
      }
    }
  for (const auto& row : table_)
    EXPECT_TRUE(row.used) << "line " << row.line << " is about no parameter: " << row.pipeline
                          << " " << row.node << "." << row.parameter;
}

TEST_F(PaperProtocol, EveryRowSaysWhereItsNumberStands) {
  for (const auto& row : table_) {
    EXPECT_FALSE(row.section.empty() && row.method.empty()) << "line " << row.line;
    EXPECT_THAT(row.section, testing::MatchesRegex("|(II|III|IV|V|VI)(-[A-D])?")) << row.line;
    EXPECT_THAT(row.method, testing::MatchesRegex("[0-9]+([.][0-9]+)?")) << row.line;
  }
}

/// Presets that would be missed if they went away: those of method 13.
TEST_F(PaperProtocol, IsHeldByEveryStepOfThePaper) {
  std::set<std::string> files;
  for (const auto& protocol : protocols_) files.insert(protocol.file);
  for (const char* file : {"reference/phh3_candidates.yaml",
                           "reference/phh3_train_cnn1.yaml",
                           "reference/phh3_second_sample.yaml",
                           "reference/phh3_train_cnn2.yaml",
                           "reference/phh3_reference.yaml",
                           "slides/standardise.yaml",
                           "slides/stain_template.yaml",
                           "train/train_detector.yaml",
                           "detect/detect.yaml",
                           "detect/submission.yaml",
                           "evaluate/tune_detect.yaml",
                           "evaluate/tune_slide.yaml",
                           "evaluate/evaluate_detect.yaml",
                           "evaluate/evaluate_slide.yaml",
                           "evaluate/observer_study.yaml",
                           "evaluate/observer_result.yaml",
                           "studies/table3.yaml",
                           "studies/table4.yaml",
                           "studies/fig7.yaml",
                           "studies/phh3_study.yaml"})
    EXPECT_TRUE(files.contains(file)) << file << " has no preset 'paper'";
}

}  // namespace
}  // namespace mito
