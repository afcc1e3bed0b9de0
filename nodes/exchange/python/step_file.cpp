#include "nodes/exchange/python/step_file.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "nodes/exchange/python/interpreter.h"

namespace mito::python {
namespace {

using Json = nlohmann::json;

StepPort port_of(const Json& about) {
  return {about["name"], about["payload"], about["optional"], about["line"]};
}

StepParam::Value value_of(const std::string& kind, const Json& value) {
  if (kind == "yes/no") return value.get<bool>();
  if (kind == "integer") return value.get<std::int64_t>();
  if (kind == "number") return value.get<double>();
  if (kind == "text") return value.get<std::string>();
  if (kind == "numbers") return value.get<std::vector<double>>();
  return value.get<std::vector<std::string>>();
}

StepParam param_of(const Json& about) {
  StepParam param{about["name"], value_of(about["kind"], about["default"])};
  param.min = about.value("min", param.min);
  param.max = about.value("max", param.max);
  param.choices = about["choices"].get<std::vector<std::string>>();
  param.doc = about["doc"];
  param.line = about["line"];
  return param;
}

}  // namespace

StepFile read_step(const std::filesystem::path& file) {
  const std::string said = output_of_worker({"declare", file});
  const Json json = Json::parse(said, nullptr, false);
  if (json.is_discarded())
    throw DataError(fmt::format(
        "'{}' could not read the step; it is the Python of $MITOLOOM_PYTHON, else of the PATH, and "
        "must be 3.11 or later",
        interpreter()));
  if (json.contains("error")) throw StepError(json["line"], json["error"]);
  StepFile step;
  step.file = file;
  step.summary = json["summary"];
  step.output = port_of(json["output"]);
  step.source = json["source"];
  step.imports = json["imports"];
  for (const auto& about : json["inputs"]) step.inputs.push_back(port_of(about));
  for (const auto& about : json["params"]) step.params.push_back(param_of(about));
  return step;
}

}  // namespace mito::python
