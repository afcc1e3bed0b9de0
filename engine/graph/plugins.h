#pragma once
// Finds plug-ins and adds their node types; what a plug-in is made of: engine/graph/plugin.h.
#include <filesystem>
#include <string>
#include <vector>

#include "engine/graph/node_type.h"

namespace mito::graph {

/// The files of all plug-ins, each once: `named`; those of $MITOLOOM_PLUGINS, a list of files and
/// folders, separated by ':'; those in lib/mitoloom/plugins of the installation that this program
/// lies in. Of a folder all *.so, by name. Throws ConfigError for what is named and not there.
std::vector<std::filesystem::path> find_plugins(const std::vector<std::string>& named);

/// Adds the node types of a plug-in, which stays open. Throws ConfigError naming the file: it is no
/// shared library, no plug-in, one of another build (names both), cannot be opened, throws, or has
/// a node type that is there already.
void load_plugin(const std::filesystem::path& file, Registry& registry);

}  // namespace mito::graph
