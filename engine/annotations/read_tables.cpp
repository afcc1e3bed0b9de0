// The formats that are lines of comma-separated values.
#include <algorithm>
#include <cmath>
#include <map>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/readers.h"
#include "engine/core/error.h"
#include "engine/types/points_csv.h"

namespace mito::annotations {
namespace {

namespace fs = std::filesystem;

/// A number of a line and where it starts.
struct Cell {
  double value = 0;
  std::size_t offset = 0;
};

std::vector<Cell> numbers_of(const Source& source, std::string_view line, std::size_t start) {
  const char separator = csv_separator(line);
  while (line.ends_with(separator) || line.ends_with(' ')) line.remove_suffix(1);
  std::vector<Cell> cells;
  std::size_t at = 0;
  while (true) {
    const auto end = std::min(line.find(separator, at), line.size());
    const std::string text = trimmed(line.substr(at, end - at));
    const auto value = csv_number(text, separator);
    if (!value) source.fail(start + at, fmt::format("expected a number, found '{}'", text));
    cells.push_back({*value, start + at});
    if (end == line.size()) return cells;
    at = end + 1;
  }
}

/// Is a position written that is not known (NaN)?
bool is_nowhere(const std::string& text) { return !text.empty() && is_undefined_number(text); }

/// Images in the order in which they are met.
class Images {
 public:
  explicit Images(std::vector<Image>& images) : images_(images) {}
  Image& of(const std::string& name, const std::string& place) {
    const auto [found, fresh] = index_.emplace(name, images_.size());
    if (fresh) images_.push_back({name, "", place, {}});
    return images_[found->second];
  }

 private:
  std::vector<Image>& images_;
  std::map<std::string, std::size_t> index_;
};

void set_case(Image& image, const std::string& case_id, const std::string& place) {
  if (case_id.empty() || case_id == image.case_id) return;
  if (!image.case_id.empty())
    throw DataError(fmt::format("{}: image '{}' belongs to case '{}' here and to '{}' above", place,
                                image.name, case_id, image.case_id));
  image.case_id = case_id;
}

}  // namespace

Contents read_csv(const Source& source, const Naming& naming) {
  const CsvTable table = CsvTable::parse(source.text(), source.path());
  const auto x = table.require("x");
  const auto y = table.require("y");
  const auto image_column = table.find_any({"slide", "image"});
  const auto case_column = table.find("case");
  const auto score = table.find("score");
  const auto label = table.find("label");
  const auto id = table.find("id");

  Contents out;
  out.named_by_file = !image_column;
  Images images(out.images);
  const std::string own_name = image_column ? "" : naming.image_of(source.path());
  if (!image_column) images.of(own_name, source.at(0));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const std::string place = to_string(table.position(row, image_column.value_or(x)));
    const auto name =
        image_column ? without_image_extension(table.text(row, *image_column)) : own_name;
    if (name.empty()) throw DataError(place + ": expected the name of an image, found nothing");
    Image& image = images.of(name, place);
    if (case_column)
      set_case(image, table.text(row, *case_column), to_string(table.position(row, *case_column)));
    if (table.text(row, x).empty() && table.text(row, y).empty()) continue;
    Object object{{{}, "", {}, ""}, to_string(table.position(row, label.value_or(x)))};
    if (is_nowhere(table.text(row, x)) || is_nowhere(table.text(row, y))) {
      object.no_object = "without a place";
    } else {
      object.annotation.center = {table.number(row, x), table.number(row, y)};
    }
    if (score && !is_undefined_number(table.text(row, *score)))
      object.annotation.score = table.number(row, *score);
    if (label) object.annotation.label = table.text(row, *label);
    if (id) object.annotation.id = table.text(row, *id);
    image.objects.push_back(std::move(object));
  }
  return out;
}

Contents read_tupac(const Source& source, const Naming& naming) {
  const Naming by_case{naming.suffix, std::max(1, naming.folders)};
  const fs::path folder = fs::absolute(source.path()).lexically_normal().parent_path();
  const std::string set = folder.parent_path().filename().string();
  const std::string label = set == "mitoses_ground_truth"      ? "mitosis"
                            : set == "nonmitoses_ground_truth" ? "nonmitosis"
                                                               : "";
  Image image{by_case.image_of(source.path()), folder.filename().string(), source.at(0), {}};
  source.for_each_line([&](std::string_view line, std::size_t start) {
    const auto cells = numbers_of(source, line, start);
    if (cells.size() != 2 && cells.size() != 3)
      source.fail(start, fmt::format("expected row,column or row,column,confidence, found {} "
                                     "numbers",
                                     cells.size()));
    Object object{{{cells[1].value, cells[0].value}, label, {}, ""}, source.at(start)};
    if (cells.size() == 3) object.annotation.score = cells[2].value;
    image.objects.push_back(std::move(object));
  });
  return {{std::move(image)}, true};
}

Contents read_icpr(const Source& source, const Naming& naming) {
  Image image{naming.image_of(source.path()), "", source.at(0), {}};
  source.for_each_line([&](std::string_view line, std::size_t start) {
    const auto cells = numbers_of(source, line, start);
    if (cells.size() % 2 != 0)
      source.fail(start, fmt::format("expected the pixels of a region as x,y,x,y,..., found an odd "
                                     "number of values ({})",
                                     cells.size()));
    PointL0 sum;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].value < 0 || cells[i].value != std::floor(cells[i].value))
        source.fail(cells[i].offset, fmt::format("expected a pixel's coordinate, a whole number "
                                                 "from 0 on, found {}",
                                                 cells[i].value));
      (i % 2 == 0 ? sum.x : sum.y) += cells[i].value;
    }
    const double pixels = static_cast<double>(cells.size()) / 2;
    image.objects.push_back(
        {{{sum.x / pixels, sum.y / pixels}, "mitosis", {}, ""}, source.at(start)});
  });
  return {{std::move(image)}, true};
}

}  // namespace mito::annotations
