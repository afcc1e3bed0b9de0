#include "nodes/outcome/study/study_data.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

#include "engine/types/report.h"

namespace mito::study {

nlohmann::ordered_json data_json(const std::vector<CohortGroup>& groups) {
  auto out = nlohmann::ordered_json::array();
  for (const auto& group : groups)
    out.push_back({{"purpose", text_or_null(group.purpose)},
                   {"centre", text_or_null(group.centre)},
                   {"scanner", text_or_null(group.scanner)},
                   {"reference", text_or_null(group.reference)},
                   {"cases", group.cases},
                   {"slides", group.slides}});
  return out;
}

std::string interval_note(std::size_t cases) {
  constexpr std::size_t kFew = 6;
  if (cases < 2 || cases >= kFew) return {};
  if (cases == 2) return "the interval is one over two cases: it ends at the values of the two";
  return fmt::format("the interval is one over {} cases, and too narrow", cases);
}

}  // namespace mito::study
