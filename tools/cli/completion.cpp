#include "tools/cli/completion.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/config/find_file.h"
#include "engine/core/error.h"
#include "tools/cli/commands.h"
#include "tools/cli/revision.h"

namespace mito::cli {
namespace {

using mito::graph::Graph;

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  auto all = app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
  return all;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app, bool positional) {
  return app.get_options(
      [positional](const CLI::Option* o) { return o->get_positional() == positional; });
}

/// The option that `word` is the name of; null for none.
const CLI::Option* option_of(const CLI::App& app, const std::string& word) {
  for (const auto* option : options_of(app, false))
    if (word.starts_with('-') && option->check_name(word)) return option;
  return nullptr;
}

/// The values of an option that takes only some: its type reads "TEXT:{auto,cpu,cuda}".
std::vector<std::string> members(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{');
  const auto close = type.rfind('}');
  std::vector<std::string> values;
  if (open == std::string::npos || close == std::string::npos) return values;
  std::istringstream list(type.substr(open + 1, close - open - 1));
  for (std::string value; std::getline(list, value, ',');) values.push_back(value);
  return values;
}

/// A command line up to the word that is completed.
struct Typed {
  const CLI::App* command;
  const CLI::Option* value_of = nullptr;  ///< The option whose value is next.
  std::vector<std::string> positional;
};

Typed read_words(const CLI::App& app, const std::vector<std::string>& words) {
  Typed typed{&app, nullptr, {}};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto& word = words[i];
    if (typed.value_of != nullptr) {
      if (typed.value_of->check_name("--plugin")) named_plugins().push_back(word);
      typed.value_of = nullptr;
      continue;
    }
    if (word.starts_with('-')) {
      const auto* option = option_of(*typed.command, word);
      if (option != nullptr && option->get_items_expected_max() > 0) typed.value_of = option;
      continue;
    }
    const auto subs = commands_of(*typed.command);
    const auto sub = std::ranges::find(subs, word, [](const auto* s) { return s->get_name(); });
    if (sub != subs.end() && typed.positional.empty()) {
      typed.command = *sub;
    } else {
      typed.positional.push_back(word);
    }
  }
  return typed;
}

/// The pipeline named on the line, as far as it can be read.
mito::graph::Pipeline pipeline_of(const Typed& typed) {
  Diagnostics ignored;
  if (typed.positional.empty()) return {};
  return mito::graph::load_pipeline(typed.positional[0], {}, ignored);
}

/// INPUT= and NODE.PARAM=; behind "=" what the parameter may be.
Completions settings(const Typed& typed, const std::string& word) {
  Completions found;
  const auto pipeline = pipeline_of(typed);
  const auto equals = word.find('=');
  if (equals == std::string::npos) {
    for (const auto& input : pipeline.inputs)
      if (input.name.find('.') == std::string::npos) found.words.push_back(input.name + "=");
  } else {
    found.files = true;
  }
  for (const auto& node : pipeline.nodes) {
    const auto type = registry().find(node.use);
    if (type == nullptr) continue;
    Diagnostics ignored;
    for (const auto& row : type->bind(nullptr, "", ignored).rows) {
      const std::string start = fmt::format("{}.{}=", node.id, row.name);
      if (equals == std::string::npos) {
        found.words.push_back(start);
      } else if (word.starts_with(start)) {
        for (const auto choice : row.field.choices)
          found.words.push_back(start + std::string(choice));
        if (row.type == "yes/no") {
          found.words.push_back(start + "yes");
          found.words.push_back(start + "no");
        }
        found.files = row.type == "text" && row.field.choices.empty();
      }
    }
  }
  return found;
}

Completions value_of(const Typed& typed, const std::string& word) {
  const std::string name = typed.value_of->get_name();
  if (name == "--set") return settings(typed, word);
  if (name == "--preset") return {pipeline_of(typed).presets, false};
  auto values = members(*typed.value_of);
  const bool files = values.empty();
  return {std::move(values), files};
}

Completions positional_of(const Typed& typed) {
  const auto all = options_of(*typed.command, true);
  if (all.empty()) return {};
  const auto& next = *all[std::min(typed.positional.size(), all.size() - 1)];
  const std::string name = next.get_name(true);
  if (name == "pipeline" || name == "sweep") {
    if (!typed.positional.empty()) return {};
    return {config::file_names(), true};
  }
  if (name == "node") return {registry().names(), false};
  auto values = members(next);
  const bool files = values.empty() && name != "key";
  return {std::move(values), files};
}

/// troff takes a dot or a quote at the start of a line, and backslashes anywhere, for its own.
std::string troff(const std::string& text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    at_start = c == '\n';
  }
  return out;
}

std::string heading(const std::string& page, int section) {
  return fmt::format(".TH {} {} \"\" \"mitoloom {}\" \"mitoloom\"\n", page, section, version());
}

void write_options(const CLI::App& command, std::string& out) {
  for (const auto* option : options_of(command, true))
    out += fmt::format(".TP\n.I {}\n{}\n", troff(option->get_name(true)),
                       troff(option->get_description()));
  for (const auto* option : options_of(command, false)) {
    if (option->check_name("--help")) continue;
    const bool takes = option->get_items_expected_max() > 0;
    out += fmt::format(".TP\n.B {}{}\n{}\n", troff(option->get_name(false, true)),
                       takes ? " " + troff(option->get_type_name()) : "",
                       troff(option->get_description()));
  }
}

void write_command(const CLI::App& command, const std::string& before, std::string& out) {
  const std::string name = before + command.get_name();
  out += fmt::format(".SS {}\n{}\n", troff(name), troff(command.get_description()));
  write_options(command, out);
  for (const auto* sub : commands_of(command)) write_command(*sub, name + " ", out);
}

}  // namespace

Completions completions(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) return {};
  const auto typed = read_words(app, words);
  const auto& word = words.back();
  Completions found;
  if (typed.value_of != nullptr) {
    found = value_of(typed, word);
  } else if (word.starts_with('-')) {
    for (const auto* option : options_of(*typed.command, false))
      for (const auto& name : option->get_lnames()) found.words.push_back("--" + name);
  } else {
    found = positional_of(typed);
    if (typed.positional.empty())
      for (const auto* sub : commands_of(*typed.command)) found.words.push_back(sub->get_name());
  }
  std::erase_if(found.words, [&](const std::string& known) { return !known.starts_with(word); });
  std::ranges::sort(found.words);
  return found;
}

std::string manual(const CLI::App& app) {
  std::string out = heading("MITOLOOM", 1);
  out += ".SH NAME\nmitoloom \\- finds mitotic figures in whole-slide images\n";
  out += ".SH SYNOPSIS\n.B mitoloom\n.I command\n[options]\n";
  out += ".SH DESCRIPTION\n" + troff(app.get_description()) + "\n.SH COMMANDS\n";
  for (const auto* command : commands_of(app)) write_command(*command, "", out);
  out += ".SH EXIT STATUS\n" + troff(app.get_footer()) + "\n";
  out +=
      ".SH ENVIRONMENT\n"
      ".TP\n.B MITOLOOM_PATH\nFolders, separated by ':', in which pipelines and what they include "
      "as "
      "mitoloom/... are looked for before those that are installed.\n"
      ".TP\n.B MITOLOOM_MEMORY\nWhat a run may take, such as 8G, where \\-\\-memory is not given.\n"
      ".TP\n.B MITOLOOM_PLUGINS\nPlug-ins, shared libraries or folders of them, separated by ':'.\n"
      ".TP\n.B MITOLOOM_STORE\nThe store of cached results, where \\-\\-store is not given.\n"
      ".TP\n.B MITO_NN_LIBRARY\nThe network library, where it does not lie beside the program.\n"
      ".TP\n.B MITO_CODECS_LIBRARY\nThe library for PNG and JPEG, where it does not lie there.\n"
      ".SH FILES\n.TP\n.I share/mitoloom\nPipelines, models and schemas.\n"
      ".TP\n.I lib/mitoloom/plugins\nPlug-ins that are always there.\n"
      ".SH SEE ALSO\n.BR mitoloom\\-nodes (7)\n";
  return out;
}

std::string nodes_manual() {
  std::string out = heading("MITOLOOM\\-NODES", 7);
  out +=
      ".SH NAME\nmitoloom\\-nodes \\- node types of mitoloom pipelines\n.SH DESCRIPTION\n"
      "What may stand behind 'use:' in a pipeline file, with its inputs and parameters.\n";
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    out += fmt::format(".SH {}\n{}\n", troff(name), troff(std::string(type->info.summary)));
    if (type->plugin != nullptr)
      out += fmt::format("From the plug-in {}.\n", troff(type->plugin->file.string()));
    for (const auto& port : type->inputs)
      out += fmt::format(".TP\n.BI {} {}\nin{}\n", troff(std::string(port.name)),
                         "\" " + troff(std::string(port.type->name)) + "\"",
                         port.optional ? ", optional" : "");
    out += fmt::format(".TP\n.BI {} {}\nout\n", troff(std::string(type->output.name)),
                       "\" " + troff(std::string(type->output.type->name)) + "\"");
    Diagnostics ignored;
    for (const auto& row : type->bind(nullptr, "", ignored).rows)
      out += fmt::format(
          ".TP\n.BR {} {}\n{}\n", troff(row.name),
          "\" = " + troff(row.default_value == "\"\"" ? "''" : row.default_value) + "\"",
          troff(std::string(row.field.doc)));
  }
  return out;
}

}  // namespace mito::cli
