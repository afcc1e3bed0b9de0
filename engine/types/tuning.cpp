#include "engine/types/tuning.h"

#include <cmath>

#include "engine/core/description.h"
#include "engine/core/text.h"
#include "engine/core/text_arrays.h"
#include "engine/types/seen_images.h"

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

namespace {

/// The first stored tunings do not have it, and stay as they are.
StoredField<Tuning> images_field() {
  constexpr const char* kName = "images";
  constexpr const char* kReason = "images_not_known";
  return {{described::texts_row(kName, "I",
                                {"Files of the tuning slides: SHA-256, bytes, case and name, with "
                                 "tabs between them. Missing from the first."}),
           described::attribute_row(
               kReason, std::string(),
               {"Why there may be more of them; empty: there are none. Missing from the first."})},
          [](const Tuning& tuning, Record& record) {
            if (tuning.images == Tuning().images) return;
            put_texts(record, kName, seen_file_lines(tuning.images));
            record.attributes[kReason] = tuning.images.not_known;
          },
          [](const Record& record, Tuning& tuning) {
            if (!record.attributes.contains(kReason)) return;
            tuning.images =
                seen_files(read_seen_files(get_texts(record, kName), kName), record.text(kReason));
          }};
}

}  // namespace

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
  d.field(images_field());
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
