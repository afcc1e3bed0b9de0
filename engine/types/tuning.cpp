#include "engine/types/tuning.h"

#include <cmath>

#include "engine/core/description.h"
#include "engine/core/text.h"

namespace mito {
std::string NumberTable::to_csv() const {
  std::string text;
  for (std::size_t i = 0; i < columns.size(); ++i)
    text += columns[i] + (i + 1 < columns.size() ? "," : "\n");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) text += number_text(values[i]);
    text += (i + 1) % columns.size() == 0 ? "\n" : ",";
  }
  return text;
}

void Payload<Tuning>::describe(Description<Tuning>& d) {
  d.about("Thresholds that were chosen on the cases of a tuning set, and how.");
  d.attribute("measure", &Tuning::measure, {"What delta maximises: f1 or spearman."});
  d.attribute("rule", &Tuning::rule,
              {"How it was measured: matching rule and radius, or the hotspot."});
  d.attribute("min_probability", &Tuning::min_probability, {"delta."});
  d.attribute("value", &Tuning::value, {"Of the measure at delta."});
  d.attribute("has_grades", &Tuning::has_grades,
              {"1 when the thresholds of grades are chosen, too."});
  d.attribute("grade1_max_count", &Tuning::grade1_max_count, {"theta1."});
  d.attribute("grade2_max_count", &Tuning::grade2_max_count, {"theta2."});
  d.attribute("kappa", &Tuning::kappa, {"Quadratic weighted kappa at theta1 and theta2."});
  d.texts("cases", &Tuning::cases, "N", {"Cases of the tuning set, sorted, each once."});
  d.texts("warnings", &Tuning::warnings, "W", {"A maximum at the edge of its grid, a plateau."});
  const auto table = [](const std::string& name, const std::string& count, std::string_view help) {
    return [=](Description<NumberTable>& columns) {
      columns.texts(name + "_columns", &NumberTable::columns, count, {"Names of the columns."});
      columns.column(name, &NumberTable::values, "rows * " + count, {help});
      columns.check([name](const NumberTable& t) {
        if (t.columns.empty() ? !t.values.empty() : t.values.size() % t.columns.size() != 0)
          throw DataError("dataset '" + name + "' does not fit its columns");
      });
    };
  };
  d.within(&Tuning::delta_curve, table("delta_curve", "C", "Row by row, one per threshold."));
  d.within(&Tuning::grade_curve,
           table("grade_curve", "D", "Row by row, one per pair of thresholds."));
}

template struct DescribedCodec<Tuning>;

}  // namespace mito
