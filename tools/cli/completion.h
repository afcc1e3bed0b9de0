#pragma once
#include <string>
#include <vector>

#include <CLI/App.hpp>

// What the shells complete a command line with, and the manual pages: both from the options of the
// program and from its node types, so that they cannot say anything else.
namespace mito::cli {

/// How a word may go on.
struct Completions {
  std::vector<std::string> words;
  bool files = false;  ///< Files, too.
};

/// Of the last of `words`, which may be empty; the others stand before it on the command line,
/// without the program's name. Names of pipelines, node types, presets, and of what --set can set
/// in the pipeline that is named. What cannot be read is left out: nobody sees a message here.
Completions completions(const CLI::App& app, const std::vector<std::string>& words);

/// The manual page mitoloom(1), as troff.
std::string manual(const CLI::App& app);

/// The manual page mitoloom-nodes(7): all node types with ports and parameters.
std::string nodes_manual();

}  // namespace mito::cli
