#include "engine/graph/pipeline.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/find_file.h"
#include "engine/config/param_io.h"
#include "engine/core/text.h"
#include "engine/graph/failed_include.h"
#include "engine/graph/pipeline_keys.h"

namespace mito::graph {
namespace {

using config::Value;
namespace fs = std::filesystem;

constexpr int kMaxIncludes = 16;       // one inside the other
constexpr int kMostIncludes = 10'000;  // in all
constexpr std::array<std::string_view, 6> kInputTypes{"file",    "files", "number",
                                                      "integer", "text",  "yes/no"};

bool is_scalar_type(std::string_view type) {
  return type == "number" || type == "integer" || type == "text" || type == "yes/no";
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_reference(const Value& value) {
  return value.is_scalar() && !value.quoted && value.scalar.starts_with('$');
}

/// What `$name` stands for inside one file: a scalar, or a source of the flattened pipeline.
struct Binding {
  std::string type;
  std::optional<Value> value;  // scalar inputs
  std::string source;          // others: "$input" or a node id of the flattened pipeline
};

class Loader {
 public:
  Loader(Pipeline& pipeline, Diagnostics& out) : pipeline_(pipeline), out_(out) {}

  void load(const Value& root,
            const std::string& file,
            const std::vector<Override>& overrides,
            const std::string& preset) {
    pipeline_.file = file;
    if (!root.is_map()) {
      out_.add({file, 1, 1}, "a pipeline is a map with 'inputs', 'nodes' and 'outputs'");
      return;
    }
    config::check_keys(root, kPipelineKeys, "pipeline", out_);
    preset_ = preset;
    take_preset(root, "", 0);
    for (const auto& o : overrides) given_.push_back(outside(o, root));
    if (const auto* title = root.find("title"); title != nullptr) pipeline_.title = title->scalar;
    const auto bindings = top_inputs(root, file);
    std::error_code no_file;  // a text that was given
    around_ = {fs::weakly_canonical(file, no_file)};
    add_nodes(root, file, "", bindings, 0);
    add_outputs(root);
    require_preset();
    // What an outer file gives wins over the files it includes.
    std::ranges::stable_sort(given_, std::ranges::greater{}, &Given::depth);
    for (auto& given : given_) set_parameter(given);
  }

 private:
  /// A value that wins over what the file says: an entry of the preset, or an override. Later ones
  /// win.
  struct Given {
    std::string name;
    SourcePos pos;
    Value value;
    std::optional<fs::path> base;  ///< Where relative paths start; none: where the file's do.
    int depth = 0;                 ///< Of the file among the included ones; 0: the outermost.
    bool only_checked = false;     ///< Of a preset that was not chosen.
    bool used = false;
  };

  /// Is `name` an input of files?
  static bool takes_files(const Value& root, const std::string& name) {
    const auto* inputs = root.find("inputs");
    const auto* input = inputs == nullptr ? nullptr : inputs->find(name);
    const auto* type = input == nullptr ? nullptr : input->find("type");
    return type != nullptr && (type->scalar == "file" || type->scalar == "files");
  }

  Given outside(const Override& o, const Value& root) {
    if (o.written) return {o.name, o.pos, *o.written, o.base};
    const std::string where = "--set " + o.name;
    std::error_code ignored;
    if (takes_files(root, o.name) && fs::exists(o.value, ignored)) {
      // The name of a file is that file, whatever its characters mean in YAML.
      Value name = Value::text(o.value, {where, 0, 0});
      name.quoted = true;
      name.given_by = "--set";
      return {o.name, {where, 0, 0}, std::move(name), fs::path()};
    }
    Value value = config::parse_override(o.value, where, out_);
    value.given_by = "--set";
    return {o.name, {where, 0, 0}, std::move(value), fs::path()};
  }

  /// Reads the presets of one file; `prefix` is what its nodes are called in the flattened
  /// pipeline. Values of the preset that was asked for are given, the names in all others are
  /// checked at the end.
  void take_preset(const Value& root, const std::string& prefix, int depth) {
    const Value* presets = root.find("presets");
    if (presets == nullptr || presets->is_null()) return;
    if (!presets->is_map()) out_.add(presets->pos, "'presets' must be a map of names");
    for (const auto& preset : presets->entries) {
      if (!preset.value.is_map() && !preset.value.is_null())
        out_.add(preset.value.pos,
                 fmt::format("preset '{}': must be a map of NODE.PARAM or INPUT to a value, got {}",
                             preset.key, preset.value.kind_name()));
      if (std::ranges::find(pipeline_.presets, preset.key) == pipeline_.presets.end())
        pipeline_.presets.push_back(preset.key);
      for (const auto& entry : preset.value.entries) {
        Value value = entry.value;
        value.given_by = "preset " + preset.key;
        given_.push_back({prefix + entry.key, entry.pos, std::move(value), std::nullopt, depth,
                          preset.key != preset_});
      }
    }
  }

  void require_preset() {
    const auto& known = pipeline_.presets;
    if (preset_.empty() || std::ranges::find(known, preset_) != known.end()) return;
    std::string hint = did_you_mean(preset_, known);
    if (hint.empty() && !known.empty()) hint = fmt::format("; it has {}", fmt::join(known, ", "));
    out_.add({"--preset " + preset_, 0, 0},
             fmt::format("the pipeline has no preset '{}'{}", preset_, hint));
  }

  InputDecl declare(const Value::Entry& entry, const std::string& file) {
    InputDecl input;
    input.name = entry.key;
    input.pos = entry.pos;
    input.base = fs::path(file).parent_path();
    const std::string owner = fmt::format("input '{}'", entry.key);
    if (!is_name(entry.key))
      out_.add(entry.pos, owner + ": a name has letters, digits and '_' only");
    if (!entry.value.is_map()) {
      out_.add(entry.value.pos, fmt::format("{}: must be a map with 'type', got {}", owner,
                                            entry.value.kind_name()));
      return input;
    }
    config::check_keys(entry.value, kInputKeys, owner, out_);
    const auto* type = entry.value.find("type");
    if (type == nullptr || !type->is_scalar()) {
      out_.add(entry.pos, owner + ": 'type' is missing");
    } else {
      input.type = type->scalar;
      const std::vector<std::string> known(kInputTypes.begin(), kInputTypes.end());
      const bool payload = !input.type.empty() && input.type[0] >= 'A' && input.type[0] <= 'Z';
      if (std::ranges::find(known, input.type) == known.end() && !payload) {
        out_.add(type->pos, fmt::format("{}: no input type '{}'{}; known are {}", owner, input.type,
                                        did_you_mean(input.type, known), fmt::join(known, ", ")));
      }
    }
    if (const auto* help = entry.value.find("help"); help != nullptr) input.help = help->scalar;
    if (const auto* optional = entry.value.find("optional"); optional != nullptr) {
      const auto flag = config::convert<bool>(*optional);
      if (!flag) out_.add(optional->pos, owner + ": 'optional' must be yes or no");
      input.optional = flag.value_or(false);
    }
    if (const auto* value = entry.value.find("default"); value != nullptr && !value->is_null())
      input.value = *value;
    return input;
  }

  void check_scalar(const InputDecl& input) {
    if (!input.value) return;
    const Value& v = *input.value;
    const bool fine = input.type == "number"    ? config::convert<double>(v).has_value()
                      : input.type == "integer" ? config::convert<std::int64_t>(v).has_value()
                      : input.type == "yes/no"  ? config::convert<bool>(v).has_value()
                      : input.type == "text"    ? v.is_scalar()
                                                : v.is_scalar() || v.is_list();
    if (!fine) {
      out_.add(v.pos, fmt::format("input '{}' must be {} {}, got {}", input.name,
                                  input.type == "integer" ? "an" : "a", input.type, v.kind_name()));
    }
  }

  /// What is given to an input that is called `name` in the flattened pipeline, by its own file or
  /// from outside.
  void take_given(InputDecl& input, const std::string& name, int depth) {
    for (auto& given : given_) {
      if (given.name != name || given.depth != depth) continue;
      given.used = true;
      if (given.only_checked) continue;
      input.value = given.value;
      if (given.base) input.base = *given.base;
      if (input.value->is_null()) input.value.reset();
    }
  }

  std::map<std::string, Binding> top_inputs(const Value& root, const std::string& file) {
    std::map<std::string, Binding> bindings;
    const auto* inputs = root.find("inputs");
    if (inputs != nullptr && !inputs->is_map() && !inputs->is_null())
      out_.add(inputs->pos, "'inputs' must be a map of names");
    if (inputs != nullptr) {
      for (const auto& entry : inputs->entries) {
        InputDecl input = declare(entry, file);
        take_given(input, input.name, 0);
        check_scalar(input);
        bindings[input.name] = {input.type, input.value, "$" + input.name};
        pipeline_.inputs.push_back(std::move(input));
      }
    }
    return bindings;
  }

  std::map<std::string, Binding> included_inputs(const Value& root,
                                                 const std::string& file,
                                                 const std::string& id,
                                                 const Value::Entry& node,
                                                 const std::string& outer_prefix,
                                                 const std::map<std::string, Binding>& outer,
                                                 int depth) {
    std::map<std::string, Binding> bindings;
    const Value empty;
    const Value* with = node.value.find("with");
    if (with == nullptr) with = &empty;
    const auto* inputs = root.find("inputs");
    std::vector<std::string> names;
    if (inputs != nullptr) {
      for (const auto& entry : inputs->entries) {
        InputDecl input = declare(entry, file);
        names.push_back(input.name);
        take_given(input, id + "." + input.name, depth);
        Binding binding{input.type, input.value, ""};
        if (const auto* given = with->find(input.name); given != nullptr) {
          input.value = *given;
          input.base = fs::path(node.pos.file).parent_path();
          if (is_reference(*given)) {
            const auto found = outer.find(given->scalar.substr(1));
            if (found == outer.end()) {
              unknown_input(*given, outer);
              continue;
            }
            binding.value = found->second.value;
            binding.source = found->second.source;
            if (binding.source.empty() && input.optional && !is_scalar_type(input.type)) {
              bindings[entry.key] = std::move(binding);  // not given to the outer file either
              continue;
            }
          } else if (is_scalar_type(input.type)) {
            binding.value = *given;
          } else if (input.type != "file" && input.type != "files") {
            binding.source = outer_prefix + given->scalar;
          }
        } else if (!input.value && input.optional && !is_scalar_type(input.type)) {
          bindings[entry.key] = std::move(binding);  // the ports it feeds are not connected
          continue;
        } else if (!input.value) {
          out_.add(node.pos,
                   fmt::format("node '{}': input '{}' ({}) of {} is not given under 'with'", id,
                               input.name, input.type, file));
          continue;
        }
        if (is_scalar_type(input.type)) {
          input.value = binding.value;
          check_scalar(input);
        } else if (binding.source.empty()) {
          input.name = id + "." + input.name;
          binding.source = "$" + input.name;
          check_scalar(input);
          pipeline_.inputs.push_back(input);
        }
        bindings[entry.key] = std::move(binding);
      }
    }
    for (const auto& entry : with->entries) {
      if (std::ranges::find(names, entry.key) != names.end()) continue;
      out_.add(entry.pos, fmt::format("node '{}': {} has no input '{}'{}", id, file, entry.key,
                                      did_you_mean(entry.key, names)));
    }
    return bindings;
  }

  void unknown_input(const Value& ref, const std::map<std::string, Binding>& bindings) {
    std::vector<std::string> names;
    names.reserve(bindings.size());
    for (const auto& [name, binding] : bindings) names.push_back(name);
    out_.add(ref.pos, fmt::format("there is no input '{}'{}", ref.scalar,
                                  did_you_mean(ref.scalar.substr(1), names)));
  }

  /// Replaces `$name` by the value of a scalar input, anywhere below `value`. False when there is
  /// no value to put there; then the entry is dropped, as if it had not been written.
  bool substitute(Value& value, const std::map<std::string, Binding>& bindings) {
    for (auto& item : value.items) substitute(item, bindings);
    std::erase_if(value.entries,
                  [&](Value::Entry& entry) { return !substitute(entry.value, bindings); });
    if (!is_reference(value)) return true;
    const auto found = bindings.find(value.scalar.substr(1));
    if (found == bindings.end()) {
      unknown_input(value, bindings);
      return false;
    }
    if (!is_scalar_type(found->second.type)) {
      out_.add(value.pos, fmt::format("input '{}' is of type {}; only number, integer, text and "
                                      "yes/no inputs can be parameters",
                                      value.scalar, found->second.type));
      return false;
    }
    if (!found->second.value) return false;
    const SourcePos where = value.pos;
    value = *found->second.value;
    value.pos = where;
    return true;
  }

  void add_nodes(const Value& root,
                 const std::string& file,
                 const std::string& prefix,
                 const std::map<std::string, Binding>& bindings,
                 int depth) {
    const auto* nodes = root.find("nodes");
    if (nodes == nullptr || !nodes->is_map() || nodes->entries.empty()) {
      out_.add(nodes == nullptr ? SourcePos{file, 1, 1} : nodes->pos,
               "'nodes' must name at least one node");
      return;
    }
    for (const auto& entry : nodes->entries) {
      const std::string id = prefix + entry.key;
      const std::string owner = fmt::format("node '{}'", id);
      if (!is_name(entry.key))
        out_.add(entry.pos, owner + ": a name has letters, digits and '_' only");
      if (!entry.value.is_map()) {
        out_.add(entry.pos, fmt::format("{}: must be a map with 'use', got {}", owner,
                                        entry.value.kind_name()));
        continue;
      }
      if (entry.value.find("include") != nullptr) {
        include(entry, id, prefix, bindings, depth);
      } else {
        add_node(entry, id, owner, prefix, bindings);
      }
    }
  }

  void add_node(const Value::Entry& entry,
                const std::string& id,
                const std::string& owner,
                const std::string& prefix,
                const std::map<std::string, Binding>& bindings) {
    NodeDecl node;
    node.id = id;
    node.pos = entry.pos;
    config::check_keys(entry.value, kNodeKeys, owner, out_);
    const auto* use = entry.value.find("use");
    if (use == nullptr || !use->is_scalar()) {
      out_.add(entry.pos, owner + ": 'use' is missing; it names the node type");
    } else {
      node.use = use->scalar;
      node.use_pos = use->pos;
    }
    if (const auto* in = entry.value.find("in"); in != nullptr && !in->is_null()) {
      if (!in->is_map())
        out_.add(in->pos,
                 fmt::format("{}: 'in' must be a map of ports, got {}", owner, in->kind_name()));
      for (const auto& port : in->entries) add_port(node, port, owner, prefix, bindings);
    }
    if (const auto* params = entry.value.find("params"); params != nullptr) {
      node.params = *params;
      substitute(node.params, bindings);
    } else {
      node.params.pos = entry.pos;
    }
    if (const auto* store = entry.value.find("store"); store != nullptr)
      read_store(node, *store, owner, bindings);
    pipeline_.nodes.push_back(std::move(node));
  }

  void read_store(NodeDecl& node,
                  Value store,
                  const std::string& owner,
                  const std::map<std::string, Binding>& bindings) {
    node.store_pos = store.pos;
    const bool of_input = is_reference(store);
    if (!substitute(store, bindings)) return;
    store.quoted = store.quoted && !of_input;  // a text input that says yes
    node.until_used = store.is_scalar() && store.scalar == kUntilUsed;
    const auto flag = node.until_used ? std::optional(true) : config::convert<bool>(store);
    if (!flag)
      out_.add(node.store_pos,
               fmt::format("{}: 'store' must be yes, no or {}, got {}", owner, kUntilUsed,
                           store.is_scalar() ? "'" + store.scalar + "'" : store.kind_name()));
    node.store = flag.value_or(false);
  }

  void add_port(NodeDecl& node,
                const Value::Entry& port,
                const std::string& owner,
                const std::string& prefix,
                const std::map<std::string, Binding>& bindings) {
    if (!port.value.is_scalar()) {
      out_.add(port.value.pos, fmt::format("{}: input '{}' must name a node or '$input', got {}",
                                           owner, port.key, port.value.kind_name()));
      return;
    }
    const bool input = is_reference(port.value);
    PortRef ref{port.key, port.pos, input ? port.value.scalar : prefix + port.value.scalar,
                port.value.pos};
    if (is_reference(port.value)) {
      const auto found = bindings.find(port.value.scalar.substr(1));
      if (found == bindings.end()) {
        unknown_input(port.value, bindings);
        node.in.push_back(std::move(ref));  // so that the port does not count as forgotten
        return;
      }
      if (is_scalar_type(found->second.type)) {
        out_.add(port.value.pos, fmt::format("{}: input '{}' expects data, but '{}' is a {}", owner,
                                             port.key, port.value.scalar, found->second.type));
        return;
      }
      if (found->second.source.empty()) return;  // optional, and not given
      ref.source = found->second.source;
    }
    node.in.push_back(std::move(ref));
  }

  void include(const Value::Entry& entry,
               const std::string& id,
               const std::string& prefix,
               const std::map<std::string, Binding>& bindings,
               int depth) {
    const std::string owner = fmt::format("node '{}'", id);
    config::check_keys(entry.value, kIncludeKeys, owner, out_);
    const auto* what = entry.value.find("include");
    const auto fail = [&](const std::string& message) {
      out_.add(what->pos, fmt::format("{}: {}", owner, message));
      add_failed(entry, id, prefix);
    };
    if (depth >= kMaxIncludes)
      return fail(fmt::format("includes nest deeper than {}", kMaxIncludes));
    const fs::path path = config::find_named_in(*what);
    std::error_code not_there;  // which reading it says
    const fs::path itself = fs::weakly_canonical(path, not_there);
    if (std::ranges::find(around_, itself) != around_.end())
      return fail(fmt::format("'{}' includes itself, without end", path.string()));
    if (++includes_ > kMostIncludes)
      return fail(fmt::format(
          "more than {} files are included; do files include several times what includes "
          "several times?",
          kMostIncludes));
    std::ifstream in(path);
    if (!what->is_scalar() || !in || fs::is_directory(path))
      return fail(fmt::format("cannot read the included file '{}'", path.string()));
    std::ostringstream text;
    text << in.rdbuf();
    const Value root = config::parse_yaml(text.str(), path.string(), out_);
    if (!root.is_map()) return fail(fmt::format("'{}' is not a pipeline", path.string()));
    config::check_keys(root, kPipelineKeys, "pipeline", out_);
    take_preset(root, id + ".", depth + 1);
    const auto inner = included_inputs(root, path.string(), id, entry, prefix, bindings, depth + 1);
    around_.push_back(itself);
    add_nodes(root, path.string(), id + ".", inner, depth + 1);
    around_.pop_back();
  }

  /// In the place of nodes that are not known: a node without a type, which uses what they would
  /// have been given.
  void add_failed(const Value::Entry& entry, const std::string& id, const std::string& prefix) {
    NodeDecl node;
    node.id = id;
    node.pos = entry.pos;
    if (const auto* with = entry.value.find("with"); with != nullptr)
      for (const auto& given : with->entries)
        if (given.value.is_scalar() && !is_reference(given.value))
          node.in.push_back({given.key, given.pos, prefix + given.value.scalar, given.value.pos});
    pipeline_.nodes.push_back(std::move(node));
  }

  void add_outputs(const Value& root) {
    const auto* outputs = root.find("outputs");
    if (outputs == nullptr || outputs->is_null()) return;
    if (!outputs->is_list()) {
      out_.add(outputs->pos,
               fmt::format("'outputs' must be a list of node names, got {}", outputs->kind_name()));
      return;
    }
    for (const auto& item : outputs->items) {
      if (!item.is_scalar()) {
        out_.add(item.pos, fmt::format("an output must be a node name, got {}", item.kind_name()));
        continue;
      }
      pipeline_.outputs.push_back({item.scalar, item.pos});
    }
  }

  /// The node that NODE.PARAM names, or null after a message.
  NodeDecl* target(const std::string& name, const SourcePos& where) {
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) {
      std::vector<std::string> names;
      for (const auto& input : pipeline_.inputs) names.push_back(input.name);
      out_.add(where, fmt::format(
                          "the pipeline has no input '{}'{}", name,
                          names.empty() ? "" : fmt::format("; it has {}", fmt::join(names, ", "))));
      return nullptr;
    }
    const std::string id = name.substr(0, dot);
    const auto node = std::ranges::find(pipeline_.nodes, id, &NodeDecl::id);
    if (node != pipeline_.nodes.end()) return &*node;
    if (in_failed_include(pipeline_, id)) return nullptr;
    std::vector<std::string> names;
    for (const auto& n : pipeline_.nodes) names.push_back(n.id);
    out_.add(where, fmt::format("the pipeline has no node '{}'{}", id, did_you_mean(id, names)));
    return nullptr;
  }

  void set_parameter(Given& given) {
    if (given.used) return;
    NodeDecl* node = target(given.name, given.pos);
    if (node == nullptr || given.only_checked) return;
    const std::string param = given.name.substr(given.name.rfind('.') + 1);
    if (node->params.is_null()) node->params.kind = Value::Kind::Map;
    const auto entry = std::ranges::find(node->params.entries, param, &Value::Entry::key);
    if (entry != node->params.entries.end()) {
      entry->value = std::move(given.value);
      entry->pos = given.pos;
    } else {
      node->params.entries.push_back({param, given.pos, std::move(given.value)});
    }
  }

  Pipeline& pipeline_;
  Diagnostics& out_;
  std::string preset_;
  std::vector<Given> given_;
  std::vector<fs::path> around_;  // the files that are being read, from the outermost in
  int includes_ = 0;
};

}  // namespace

const InputDecl* Pipeline::input(std::string_view name) const {
  const auto it = std::ranges::find(inputs, name, &InputDecl::name);
  return it == inputs.end() ? nullptr : &*it;
}

Override parse_override(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(
        fmt::format("--set {}: error: expected NODE.PARAM=VALUE or INPUT=VALUE", text));
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Pipeline parse_pipeline(const std::string& text,
                        const std::string& file,
                        const std::vector<Override>& overrides,
                        Diagnostics& out,
                        const std::string& preset) {
  Pipeline pipeline;
  const Value root = config::parse_yaml(text, file, out);
  if (root.is_null() && !out.empty()) return pipeline;  // not YAML at all: one message is enough
  Loader(pipeline, out).load(root, file, overrides, preset);
  return pipeline;
}

Pipeline load_pipeline(const std::filesystem::path& named,
                       const std::vector<Override>& overrides,
                       Diagnostics& out,
                       const std::string& preset) {
  const auto file = config::find_file(named);
  std::ifstream in(file);
  if (!in || fs::is_directory(file)) {
    out.add({file.string(), 0, 0}, "cannot read the pipeline file" + config::not_found_hint(named));
    return {};
  }
  std::ostringstream text;
  text << in.rdbuf();
  return parse_pipeline(text.str(), file.string(), overrides, out, preset);
}

}  // namespace mito::graph
