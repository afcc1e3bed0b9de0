#include "engine/types/phantom_truth.h"

#include <array>
#include <string>

#include <spdlog/fmt/fmt.h>

#include "engine/core/error.h"
#include "engine/core/text.h"
#include "engine/types/points_csv.h"

namespace mito {
namespace {

constexpr std::array<std::string_view, 7> kClasses{
    "mitosis", "pyknotic", "apoptotic", "hyperchromatic", "pigment", "artefact", "nonspecific"};

std::string known_classes() {
  std::string out;
  for (const auto name : kClasses) out += (out.empty() ? "" : ", ") + std::string(name);
  return out;
}

ObjectClass class_of(const CsvTable& table, std::size_t row, std::size_t column) {
  const std::string& text = table.text(row, column);
  for (std::size_t i = 0; i < kClasses.size(); ++i)
    if (text == kClasses[i]) return static_cast<ObjectClass>(i);
  throw DataError(fmt::format("{}: unknown class '{}': expected one of {}{}",
                              to_string(table.position(row, column)), text, known_classes(),
                              did_you_mean(text, {kClasses.begin(), kClasses.end()})));
}

}  // namespace

std::vector<PhantomObject> read_phantom_truth(const std::filesystem::path& file) {
  const CsvTable table = CsvTable::read(file);
  const auto kind = table.require("class");
  const auto dab = table.require("dab");
  const auto x_he = table.require("x_he");
  const auto y_he = table.require("y_he");
  const auto x_phh3 = table.require("x_phh3");
  const auto y_phh3 = table.require("y_phh3");
  std::vector<PhantomObject> objects;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    PhantomObject object;
    object.kind = class_of(table, row, kind);
    object.he = {table.number(row, x_he), table.number(row, y_he)};
    const auto brown = table.integer(row, dab);
    if (brown != 0 && brown != 1)
      throw DataError(fmt::format("{}: column 'dab': expected 0 or 1, found {}",
                                  to_string(table.position(row, dab)), brown));
    object.dab = brown == 1;
    if (object.dab) object.phh3 = {table.number(row, x_phh3), table.number(row, y_phh3)};
    objects.push_back(object);
  }
  return objects;
}

}  // namespace mito
