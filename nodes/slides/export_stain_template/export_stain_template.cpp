#include "nodes/slides/export_stain_template/export_stain_template.h"

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::export_stain_template {

stain::StainTemplate from_slides(const std::vector<Standardisation>& slides, const Params& params) {
  std::vector<StainStatistics> statistics;
  for (const auto& slide : slides) {
    if (slide.method != slides.front().method)
      throw DataError(fmt::format("a stain template needs slides of one method, got '{}' and '{}'",
                                  slides.front().method, slide.method));
    statistics.push_back(slide.source);
  }
  auto pooled = stain::pooled(statistics);
  const std::string source =
      params.source.empty()
          ? fmt::format("{} slide{}", slides.size(), slides.size() == 1 ? "" : "s, pooled")
          : params.source;
  return {source, {{slides.front().method, std::move(pooled)}}, ""};
}

}  // namespace mito::export_stain_template
