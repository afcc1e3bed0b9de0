#include "tools/cli/layout_pages.h"

#include <vector>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tools/cli/commands.h"

namespace mito::cli {
namespace {

/// A payload and who makes it.
struct Described {
  const TypeDesc* type = nullptr;
  Layout layout;
  std::vector<std::string> nodes;  ///< Links to their pages.
};

std::map<std::string, Described> described_payloads() {
  std::map<std::string, Described> out;
  for (const auto& name : registry().names()) {
    const auto type = registry().find(name);
    if (type->layout == nullptr) continue;
    auto& payload = out[std::string(type->output.type->name)];
    if (payload.type == nullptr) payload = {type->output.type, type->layout(), {}};
    payload.nodes.push_back(fmt::format("[`{0}`](../../docs/nodes/{0}.md)", name));
  }
  return out;
}

std::string table(const Layout& layout, bool arrays) {
  std::string rows;
  for (const auto& row : layout.rows) {
    if (row.array == arrays)
      rows += fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.type, row.unit, row.help);
  }
  if (rows.empty()) return rows;
  return fmt::format("\n| {} | type | unit | meaning |\n|---|---|---|---|\n{}",
                     arrays ? "dataset" : "attribute", rows);
}

std::string page(const Described& payload) {
  return fmt::format(
      "# {}\n\n{}\n\nVersion {}; made by {}. How datasets, attributes and lists of texts lie in "
      "the file: [README.md](README.md).\n{}{}",
      payload.type->name, payload.layout.about, payload.type->version,
      fmt::join(payload.nodes, ", "), table(payload.layout, true), table(payload.layout, false));
}

}  // namespace

std::map<std::string, std::string> layout_pages() {
  std::map<std::string, std::string> pages;
  std::string& index = pages["payloads.md"];
  index =
      "# What is stored of each payload\n\nPrinted by `mitoloom schema --docs docs` from the "
      "descriptions that write and read the files ([README.md](README.md)). Networks: "
      "[model.md](model.md).\n\n| payload | what it is | made by |\n|---|---|---|\n";
  for (const auto& [name, payload] : described_payloads()) {
    pages[name + ".md"] = page(payload);
    index += fmt::format("| [{0}]({0}.md) | {1} | {2} |\n", name, payload.layout.about,
                         fmt::join(payload.nodes, ", "));
  }
  return pages;
}

}  // namespace mito::cli
