#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/value.h"
#include "engine/core/error.h"

namespace mito::graph {

/// A run input declared under `inputs:`.
struct InputDecl {
  std::string name;
  SourcePos pos;
  std::string
      type;  ///< file, files, number, integer, text, yes/no; or a payload name in sub-graphs.
  std::string help;
  bool optional = false;  ///< Without a value, optional ports it feeds count as not connected.
  std::optional<config::Value> value;  ///< From --set, `with:`, or the default.
  std::filesystem::path base;          ///< Folder that relative paths of `value` start from.
};

/// One connection: port <- source. `source` is a node id, or "$name" for an input.
struct PortRef {
  std::string port;
  SourcePos port_pos;
  std::string source;
  SourcePos pos;
};

struct NodeDecl {
  std::string id;  ///< "objects"; "sub.objects" inside the sub-graph included as `sub`.
  SourcePos pos;
  std::string use;
  SourcePos use_pos;
  std::vector<PortRef> in;
  config::Value params;  ///< Overrides applied, `$input` replaced.
  bool store = false;
  bool until_used = false;  ///< Of what is stored: only until all that is made of it is stored.
  SourcePos store_pos;
};

/// A pipeline file with its includes flattened and its overrides applied; not yet type-checked.
struct Pipeline {
  struct Output {
    std::string node;
    SourcePos pos;
  };
  std::string file;
  std::string title;
  std::vector<std::string> presets;  ///< Names of the sets of values it and its parts offer.
  std::vector<InputDecl> inputs;
  std::vector<NodeDecl> nodes;
  std::vector<Output> outputs;

  const InputDecl* input(std::string_view name) const;
};

/// One value from outside the file, `--set NAME=VALUE`: NAME is an input, or NODE.PARAM.
struct Override {
  std::string name;
  std::string value;
  /// The value as another file (a sweep) gives it, with its place; then `value` is not looked at.
  std::optional<config::Value> written = {};
  SourcePos pos = {};               ///< Of the name in that file.
  std::filesystem::path base = {};  ///< Folder that relative paths start from; empty: the current.
};

/// Splits "NAME=VALUE". Throws ConfigError.
Override parse_override(const std::string& text);

/// Reads a pipeline file and everything it includes. `preset` names one of the `presets:` of it or
/// of the files it includes: each that has it takes its values, those of an outer file win. They
/// win over what the files say without a preset and lose against `overrides`; empty: none. Problems
/// go to `out`; the result holds what could be understood, so that the graph check can report more
/// of them in the same run.
Pipeline load_pipeline(const std::filesystem::path& file,
                       const std::vector<Override>& overrides,
                       Diagnostics& out,
                       const std::string& preset = {});

/// The same from text, for tests and examples; includes are looked up beside `file`.
Pipeline parse_pipeline(const std::string& text,
                        const std::string& file,
                        const std::vector<Override>& overrides,
                        Diagnostics& out,
                        const std::string& preset = {});

}  // namespace mito::graph
