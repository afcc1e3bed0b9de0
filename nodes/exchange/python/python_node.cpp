#include <algorithm>
#include <deque>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/graph/file_type.h"
#include "engine/graph/node.h"
#include "nodes/exchange/python/payloads.h"
#include "nodes/exchange/python/step_file.h"
#include "nodes/exchange/python/worker.h"

namespace mito::nodes {
namespace {

namespace fs = std::filesystem;
using graph::NodeType;

constexpr graph::NodeInfo kInfo{
    .type = "python",
    .version = 1,
    .paper = "-",
    .summary = "Runs a step written in Python, whose file says its inputs and parameters.",
    .output = "result"};

/// Parameters of all steps; those of the file come beside them.
struct Common {
  std::string file;
  double time_limit_s = 600;
  double overview_um = 8;

  static void describe(auto& p, auto&& field) {
    field("file", p.file,
          {.affects = Affects::Execution,
           .doc = "The Python file, relative to the pipeline file. Its text is part of the content "
                  "key, its name is not."});
    field("time_limit_s", p.time_limit_s,
          {.unit = Unit::Second,
           .range = {0.001, 1e9},
           .affects = Affects::Execution,
           .doc = "A call that takes longer fails."});
    field("overview_um", p.overview_um,
          {.unit = Unit::Micron,
           .range = {0.25, 1000},
           .affects = Affects::Addition,
           .doc = "Of a step with a slide: side of the pixels of `overview`, and of the mask that "
                  "it makes."});
  }
};

/// A step, with the table of its ports.
struct Step {
  python::StepFile file;
  std::vector<const python::StepPayload*> inputs;
  const python::StepPayload* output = nullptr;
};

/// Values of the parameters of one node.
struct Values {
  Common common;
  std::deque<python::StepParam::Value> own;  // fields point into it

  nlohmann::json json(const Step& step) const {
    nlohmann::json out = nlohmann::json::object();
    for (std::size_t i = 0; i < own.size(); ++i)
      std::visit([&](const auto& value) { out[step.file.params[i].name] = value; }, own[i]);
    return out;
  }
};

class PythonBody final : public graph::MapBody {
 public:
  PythonBody(std::shared_ptr<const Step> step, const Values& values)
      : step_(std::move(step)),
        params_(values.json(*step_)),
        common_(values.common),
        pool_(step_->file.file) {}

  graph::Data run(const graph::NodeContext& context, graph::Inputs in) const override {
    python::Around around;
    around.overview_um = common_.overview_um;
    for (std::size_t i = 0; i < in.size(); ++i)
      python::note(around, step_->inputs[i]->type, in[i].get());
    python::StepCall call{{}, params_, std::string(step_->output->type->name)};
    for (std::size_t i = 0; i < in.size(); ++i) {
      auto& given = call.inputs[step_->file.inputs[i].name];
      if (in[i] != nullptr) given = step_->inputs[i]->give(in[i].get(), around);
    }
    auto worker = pool_.take();
    const auto returned = worker->call(call, common_.time_limit_s, context.stop);
    auto result = taken(returned, around);
    pool_.give_back(std::move(worker));
    return result;
  }

 private:
  graph::Data taken(const python::Returned& returned, const python::Around& around) const {
    try {
      return step_->output->take(returned, around);
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}: run {}", step_->file.file.string(), error.what()));
    }
  }

  std::shared_ptr<const Step> step_;
  nlohmann::json params_;
  Common common_;
  mutable python::WorkerPool pool_;  // its lock lets any number of calls in
};

Unit unit_of(std::string_view name) {
  Unit found = Unit::None;
  for (const Unit unit :
       {Unit::Pixel, Unit::Micron, Unit::SquareMicron, Unit::SquareMillimetre,
        Unit::PerSquareMillimetre, Unit::MicronPerPixel, Unit::Second, Unit::Mebibyte})
    if (!suffix(unit).empty() && name.ends_with(suffix(unit)) &&
        suffix(unit).size() > suffix(found).size())
      found = unit;
  return found;
}

Field field_of(const python::StepParam& param) {
  Field field{.unit = unit_of(param.name), .range = {param.min, param.max}, .doc = param.doc};
  field.choices.assign(param.choices.begin(), param.choices.end());
  return field;
}

/// What a step of this file cannot be; with the line of it.
void check_step(Step& step) {
  std::vector<std::string> known;
  for (const auto& payload : python::step_payloads()) known.emplace_back(payload.type->name);
  const auto find = [&](const python::StepPort& port, bool input) {
    const auto* payload = python::find_payload(port.payload);
    if (payload != nullptr && (input ? payload->give != nullptr : payload->take != nullptr))
      return payload;
    std::vector<std::string_view> possible;
    for (const auto& one : python::step_payloads())
      if (input ? one.give != nullptr : one.take != nullptr) possible.push_back(one.type->name);
    throw python::StepError(
        port.line, fmt::format("'{}' cannot be {} '{}'{}; known are {}", port.payload,
                               input ? "the input" : "the output", port.name,
                               did_you_mean(port.payload, known), fmt::join(possible, ", ")));
  };
  for (const auto& port : step.file.inputs) step.inputs.push_back(find(port, true));
  step.output = find(step.file.output, false);
  if (step.inputs.empty()) throw python::StepError(1, "INPUTS names no input");
  const auto& needs = step.output->needs;
  const bool enough =
      needs.empty() || std::ranges::any_of(step.file.inputs, [&](const python::StepPort& port) {
        return !port.optional && std::ranges::find(needs, port.payload) != needs.end();
      });
  if (!enough)
    throw python::StepError(step.file.output.line,
                            fmt::format("a step that makes a {} must have an input {}",
                                        step.file.output.payload, fmt::join(needs, " or ")));
  for (const auto& param : step.file.params) {
    if (param.name == "file" || param.name == "time_limit_s" || param.name == "overview_um")
      throw python::StepError(param.line,
                              fmt::format("all steps have a parameter '{}'", param.name));
    if (const auto problem = unit_problem(param.name, field_of(param)); !problem.empty())
      throw python::StepError(param.line, fmt::format("parameter '{}': {}", param.name, problem));
  }
}

config::ParamRow said(const std::string& name, const std::string& value, std::string_view doc) {
  return {name, "text", value, value, {.doc = doc}, {}};
}

graph::BoundParams bind(const std::shared_ptr<const Step>& step,
                        const config::Value* map,
                        const std::string& owner,
                        Diagnostics& out) {
  const auto values = std::make_shared<Values>();
  config::FieldList fields;
  Common::describe(values->common, fields);
  for (const auto& param : step->file.params) {
    values->own.push_back(param.standard);
    std::visit([&](auto& value) { fields(param.name, value, field_of(param)); },
               values->own.back());
  }
  auto bound = graph::detail::bind_fields(fields, kInfo, map, owner, out);
  bound.rows.push_back(said("source", step->file.source, "SHA-256 of the step's files."));
  bound.rows.push_back(said("imports", step->file.imports, "What the step imports."));
  bound.canonical = config::canonical(bound.rows);
  bound.make = [step, values]() -> graph::Body {
    return std::make_unique<PythonBody>(step, *values);
  };
  return bound;
}

template <class T>
void set_output_of(NodeType& type) {
  graph::detail::set_output<T>(type);
}

/// Codec, layout and summary of an output.
void set_output(NodeType& type, const TypeDesc* payload) {
  if (payload == type_of<CandidateSet>()) return set_output_of<CandidateSet>(type);
  if (payload == type_of<DetectionSet>()) return set_output_of<DetectionSet>(type);
  if (payload == type_of<FeatureTable>()) return set_output_of<FeatureTable>(type);
  if (payload == type_of<ProbabilityTile>()) return set_output_of<ProbabilityTile>(type);
  if (payload == type_of<Tile>()) return set_output_of<Tile>(type);
  set_output_of<TissueMask>(type);
}

/// The type of a node that runs the step.
std::shared_ptr<const NodeType> type_of_step(python::StepFile file) {
  Step read{std::move(file), {}, nullptr};
  check_step(read);
  const auto step = std::make_shared<const Step>(std::move(read));
  NodeType type;
  type.info = kInfo;
  type.info.summary = step->file.summary;
  type.info.output = step->file.output.name;
  type.takes_context = true;
  for (std::size_t i = 0; i < step->inputs.size(); ++i)
    type.inputs.push_back(
        {step->file.inputs[i].name, step->inputs[i]->type, step->file.inputs[i].optional});
  set_output(type, step->output->type);
  type.bind = [step](const config::Value* map, const std::string& owner, Diagnostics& out) {
    return bind(step, map, owner, out);
  };  // and with it what the names of the type refer to
  return std::make_shared<const NodeType>(std::move(type));
}

std::shared_ptr<const NodeType> of_node(const config::Value* params,
                                        const std::string& owner,
                                        Diagnostics& out) {
  const config::Value* file = params == nullptr ? nullptr : params->find("file");
  if (file == nullptr || !file->is_scalar() || file->scalar.empty()) {
    out.add(file != nullptr     ? file->pos
            : params != nullptr ? params->pos
                                : SourcePos{},
            fmt::format("{}: parameter 'file' must name the Python file of the step", owner));
    return nullptr;
  }
  const fs::path path = graph::file_named_by(*file);
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    out.add(file->pos, fmt::format("{}: cannot read the step '{}'", owner, path.string()));
    return nullptr;
  }
  try {
    return type_of_step(python::read_step(path));
  } catch (const python::StepError& error) {
    out.add({path.string(), error.line(), 1}, error.what());
  } catch (const DataError& error) {
    out.add(file->pos, fmt::format("{}: {}", owner, error.what()));
  }
  return nullptr;
}

/// Stands for all steps where node types are listed: what it takes and gives, their files say.
struct PythonNode {};
constexpr TypeDesc kByFile{"as the file says", 1};

}  // namespace
}  // namespace mito::nodes

namespace mito::graph {

template <>
NodeType describe_node<nodes::PythonNode>() {
  NodeType type;
  type.info = nodes::kInfo;
  type.output = {type.info.output, &nodes::kByFile};
  type.bind = FileType{[](const config::Value* map, const std::string& owner, Diagnostics& out) {
                         nodes::Common common;
                         config::FieldList fields;
                         nodes::Common::describe(common, fields);
                         return detail::bind_fields(fields, nodes::kInfo, map, owner, out);
                       },
                       nodes::of_node};
  return type;
}

}  // namespace mito::graph

namespace mito::nodes {

void register_python(graph::Registry& registry) { registry.add<PythonNode>(); }

}  // namespace mito::nodes
