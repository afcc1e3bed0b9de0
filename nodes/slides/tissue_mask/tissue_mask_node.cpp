#include <spdlog/spdlog.h>

#include "engine/core/error.h"
#include "engine/core/input_files.h"
#include "engine/graph/node.h"
#include "engine/slide/pixel_source.h"
#include "engine/slide/slide.h"
#include "nodes/slides/tissue_mask/tissue_mask.h"

namespace mito::nodes {
namespace {

/// slide [, mask file] -> tissue mask. A slide that came with a mask of its own has that.
struct TissueMaskNode {
  static constexpr graph::NodeInfo kInfo{
      .type = "tissue_mask",
      .version = 2,
      .paper = "II",
      .summary = "Finds tissue against background at low resolution.",
      .inputs = {"slide", "file"},
      .output = "mask"};

  static TissueMask run(const tissue_mask::Params& params, const Slide& slide, const File* file) {
    TissueMask mask = find(params, slide, file);
    const std::string path = slide.info().path.string();
    if (mask.regions == 0) {
      const std::string message = fmt::format(
          "{}: no tissue found (method {}); nothing will be detected", path, params.method);
      if (params.fail_if_empty) throw DataError(message);
      spdlog::warn("{}", message);
    }
    if (!mask.doubt.empty()) spdlog::warn("{}: the tissue mask is doubtful: {}", path, mask.doubt);
    if (const auto excluded = mask.excluded(); !excluded.empty())
      spdlog::info("{}: excluded: {}", path, excluded);
    return mask;
  }

 private:
  static TissueMask find(const tissue_mask::Params& params, const Slide& slide, const File* file) {
    if (!slide.info().tissue.empty()) return read(params, slide, slide.info().tissue);
    if (params.method != "file") return tissue_mask::find(slide, params);
    if (file == nullptr)
      throw DataError(
          "method 'file' needs the mask file: connect the input 'file', or give slides one each in "
          "the column 'mask' of a manifest");
    return read(params, slide, file->path);
  }

  static TissueMask read(const tissue_mask::Params& params,
                         const Slide& slide,
                         const std::filesystem::path& file) {
    slide::check_complete(file);
    return tissue_mask::from_file(image::read_mask(file), slide.info().width, slide.info().height,
                                  slide.grid(params.mpp));
  }
};

}  // namespace

void register_tissue_mask(graph::Registry& registry) { registry.add<TissueMaskNode>(); }

}  // namespace mito::nodes
