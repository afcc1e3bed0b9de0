#include "nodes/slide/slide_list.h"

#include <set>

#include "engine/core/error.h"

namespace mito::slide_list {

std::vector<Entry> entries(const FileList& files) {
  std::vector<Entry> out;
  std::set<std::string> taken;
  for (const auto& path : files.paths) {
    const std::string name = path.stem().string();
    std::string folder = name;
    for (int copy = 2; !taken.insert(folder).second; ++copy)
      folder = name + "-" + std::to_string(copy);
    out.push_back({path, name, files.single ? "" : folder});
  }
  return out;
}

Slide open(const Entry& entry, const Params& params) {
  return Slide::open(entry.path, {.assume_mpp = params.assume_mpp,
                                  .allow_objective_power = params.allow_objective_power,
                                  .allow_anisotropic = params.allow_anisotropic,
                                  .allow_upsampling = params.allow_upsampling});
}

std::string unreadable(const Entry& entry) { return "unreadable:" + entry.path.string(); }

}  // namespace mito::slide_list
