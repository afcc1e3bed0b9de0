#include "engine/types/feature_table.h"

#include <cmath>
#include <tuple>

#include "engine/core/csv_table.h"
#include "engine/core/description.h"
#include "engine/core/text.h"
#include "engine/types/grid_attributes.h"

namespace mito {

std::string to_csv(const FeatureTable& table) {
  std::string text = "x,y";
  for (const auto& column : table.columns) text += ',' + csv_field(column);
  text += '\n';
  std::size_t next = 0;
  for (const auto& at : table.at) {
    text += number_text(at.x) + ',' + number_text(at.y);
    for (std::size_t c = 0; c < table.columns.size(); ++c, ++next) {
      text += ',';
      if (!std::isnan(table.values[next])) text += number_text(table.values[next]);
    }
    text += '\n';
  }
  return text;
}

void Payload<FeatureTable>::describe(Description<FeatureTable>& d) {
  d.about("Numbers of each of some places of a slide, such as its detections.");
  d.rows(&FeatureTable::at, "N")
      .column("coords", [](auto& p) { return std::tie(p.x, p.y); }, {"x, y on level 0.", "px"});
  describe_level(d);
  d.texts("columns", &FeatureTable::columns, "C",
          {"What each column is; a length ends in its unit."});
  d.array("values", &FeatureTable::values,
          [](const FeatureTable& table) {
            return std::vector<std::uint64_t>{table.at.size(), table.columns.size()};
          },
          "[N, C]", "dataset 'values' does not match 'coords' and 'columns'", {"NaN: none."});
  d.brief("rows", [](const FeatureTable& table) { return table.at.size(); });
}
template struct DescribedCodec<FeatureTable>;

}  // namespace mito
