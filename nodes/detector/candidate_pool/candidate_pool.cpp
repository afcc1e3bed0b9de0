#include "nodes/detector/candidate_pool/candidate_pool.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"

namespace mito::candidate_pool {

void add(CandidatePool& pool, const LabelledCandidates& slide) {
  const auto twin = std::ranges::find(pool.slides, slide.identity, &PoolSlide::identity);
  if (twin != pool.slides.end())
    throw DataError(fmt::format("slides '{}' and '{}' are the same image; list it once", twin->name,
                                slide.slide));
  const auto index = static_cast<std::uint32_t>(pool.slides.size());
  pool.slides.push_back({slide.slide, slide.identity, slide.case_id});
  for (std::size_t i = 0; i < slide.at.size(); ++i) {
    if (slide.label[i] == static_cast<std::uint8_t>(CandidateLabel::Ignored)) continue;
    pool.slide.push_back(index);
    pool.at.push_back(slide.at[i]);
    pool.label.push_back(slide.label[i]);
  }
}

}  // namespace mito::candidate_pool
