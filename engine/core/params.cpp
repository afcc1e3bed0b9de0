#include "engine/core/params.h"

#include <algorithm>
#include <array>

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "engine/core/text.h"

namespace mito {
namespace {

struct UnitText {
  Unit unit;
  std::string_view suffix;
  std::string_view name;
  double max = std::numeric_limits<double>::infinity();  ///< Of units that have bounds, from 0.
};

// A suffix that ends in another one stands before it.
constexpr std::array kUnits{
    UnitText{Unit::PerSquareMillimetre, "_per_mm2", "per mm2"},
    UnitText{Unit::SquareMillimetre, "_mm2", "mm2"},
    UnitText{Unit::SquareMicron, "_um2", "um2"},
    UnitText{Unit::Micron, "_um", "um"},
    UnitText{Unit::MicronPerPixel, "mpp", "um/px"},
    UnitText{Unit::Pixel, "_px", "px"},
    UnitText{Unit::Second, "_s", "s"},
    UnitText{Unit::Mebibyte, "_mib", "MiB"},
    UnitText{Unit::Intensity, "", "of white", 1},
    UnitText{Unit::Level, "", "levels", 255},
    UnitText{Unit::Probability, "", "probability", 1},
    UnitText{Unit::None, "", ""},
};

const UnitText& text_of(Unit unit) {
  for (const auto& text : kUnits)
    if (text.unit == unit) return text;
  return kUnits.back();
}

/// The unit that the end of a name says.
const UnitText& said_by(std::string_view name) {
  for (const auto& text : kUnits)
    if (!text.suffix.empty() && name.ends_with(text.suffix)) return text;
  return kUnits.back();
}

}  // namespace

std::string_view suffix(Unit unit) { return text_of(unit).suffix; }

std::string_view name_of(Unit unit) { return text_of(unit).name; }

std::string unit_problem(std::string_view name, const Field& field) {
  const UnitText& unit = text_of(field.unit);
  const UnitText& said = said_by(name);
  if (said.suffix != unit.suffix && !unit.suffix.empty())
    return "its unit is " + std::string(unit.name) + ": the name must end in " +
           std::string(unit.suffix);
  if (said.suffix != unit.suffix)
    return "the name ends in " + std::string(said.suffix) + ", but its unit is not " +
           std::string(said.name);
  const bool bounded = unit.max < std::numeric_limits<double>::infinity();
  if (bounded && (field.range.min < 0 || field.range.max > unit.max))
    return "its range goes beyond [0, " + std::to_string(static_cast<int>(unit.max)) +
           "], where the unit '" + std::string(unit.name) + "' ends";
  return {};
}

std::string value_problem(const Field& field, double value) {
  if (value >= field.range.min && value <= field.range.max) return {};
  if (field.range.max == std::numeric_limits<double>::infinity()) {
    return fmt::format("must be at least {}, got {}", number_text(field.range.min),
                       number_text(value));
  }
  return fmt::format("must be in [{}, {}], got {}", number_text(field.range.min),
                     number_text(field.range.max), number_text(value));
}

std::string value_problem(const Field& field, const std::string& value) {
  if (field.choices.empty() || std::ranges::find(field.choices, value) != field.choices.end())
    return {};
  const std::vector<std::string> known(field.choices.begin(), field.choices.end());
  return fmt::format("must be one of {}, got '{}'{}", fmt::join(known, ", "), value,
                     did_you_mean(value, known));
}

}  // namespace mito
