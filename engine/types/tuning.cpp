#include "engine/types/tuning.h"

#include <cmath>
#include <utility>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/text_arrays.h"

namespace mito {
namespace {

void put(Record& record, const std::string& name, const NumberTable& table) {
  put_texts(record, name + "_columns", table.columns);
  record.arrays[name] = Array::of(table.values);
}

NumberTable get(const Record& record, const std::string& name) {
  NumberTable table;
  table.columns = get_texts(record, name + "_columns");
  const auto values = record.array(name).as<double>();
  table.values.assign(values.begin(), values.end());
  if (table.columns.empty() ? !values.empty() : values.size() % table.columns.size() != 0)
    throw DataError("dataset '" + name + "' does not fit its columns");
  return table;
}

}  // namespace

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

Record Codec<Tuning>::encode(const Tuning& tuning) {
  Record record;
  auto& a = record.attributes;
  a["measure"] = tuning.measure;
  a["rule"] = tuning.rule;
  a["min_probability"] = tuning.min_probability;
  a["value"] = tuning.value;
  a["has_grades"] = std::int64_t{tuning.has_grades ? 1 : 0};
  a["grade1_max_count"] = std::int64_t{tuning.grade1_max_count};
  a["grade2_max_count"] = std::int64_t{tuning.grade2_max_count};
  a["kappa"] = tuning.kappa;
  put_texts(record, "cases", tuning.cases);
  put_texts(record, "warnings", tuning.warnings);
  put(record, "delta_curve", tuning.delta_curve);
  put(record, "grade_curve", tuning.grade_curve);
  return record;
}

Tuning Codec<Tuning>::decode(const Record& record) {
  Tuning tuning;
  tuning.measure = record.text("measure");
  tuning.rule = record.text("rule");
  tuning.min_probability = record.number("min_probability");
  tuning.value = record.number("value");
  tuning.has_grades = record.integer("has_grades") != 0;
  tuning.grade1_max_count = static_cast<int>(record.integer("grade1_max_count"));
  tuning.grade2_max_count = static_cast<int>(record.integer("grade2_max_count"));
  tuning.kappa = record.number("kappa");
  tuning.cases = get_texts(record, "cases");
  tuning.warnings = get_texts(record, "warnings");
  tuning.delta_curve = get(record, "delta_curve");
  tuning.grade_curve = get(record, "grade_curve");
  return tuning;
}

}  // namespace mito
