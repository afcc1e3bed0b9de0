#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/database.h"
#include "engine/annotations/readers.h"
#include "engine/core/error.h"
#include "engine/core/text.h"

namespace mito::annotations {
namespace {

using Statement = Database::Statement;

/// Kinds of annotations by their number in the column `type`.
enum class Kind : std::uint8_t { Spot = 1, Area = 2, Polygon = 3, SpecialSpot = 4, Circle = 5 };

/// A statement over named columns of one table, whose first is the row's number `uid`.
class Rows {
 public:
  Rows(const Database& db,
       std::string table,
       std::vector<std::string> columns,
       const std::string& order = "uid")
      : db_(db), table_(std::move(table)), columns_(std::move(columns)), rows_(query(order)) {}

  bool next() { return rows_.next(); }
  std::string place() const {
    return fmt::format("{}: table {}, row {}", db_.name(), table_, rows_.text(0));
  }
  [[noreturn]] void fail(int column, const std::string& problem) const {
    throw DataError(fmt::format("{}: column {}: {}", place(),
                                columns_[static_cast<std::size_t>(column)], problem));
  }
  std::int64_t integer(int column) const {
    if (!rows_.is_integer(column)) expected(column, "a whole number");
    return rows_.integer(column);
  }
  double number(int column) const {
    if (!rows_.is_number(column) || !std::isfinite(rows_.number(column)))
      expected(column, "a number");
    return rows_.number(column);
  }
  std::string text(int column) const {
    if (rows_.is_null(column) || rows_.text(column).empty()) expected(column, "a text");
    return rows_.text(column);
  }
  const Statement& raw() const { return rows_; }

 private:
  [[noreturn]] void expected(int column, std::string_view what) const {
    fail(column, rows_.is_null(column)
                     ? fmt::format("expected {}, found nothing", what)
                     : fmt::format("expected {}, found '{}'", what, rows_.text(column)));
  }
  Statement query(const std::string& order) const {
    const auto tables = db_.tables();
    if (std::ranges::find(tables, table_) == tables.end())
      throw DataError(fmt::format("{}: expected a table '{}' as SlideRunner writes{}", db_.name(),
                                  table_, did_you_mean(table_, tables)));
    const auto known = db_.columns(table_);
    std::string list;
    for (const auto& column : columns_) {
      if (std::ranges::find(known, column) == known.end())
        throw DataError(fmt::format("{}: table {}: expected a column '{}'{}", db_.name(), table_,
                                    column, did_you_mean(column, known)));
      list += (list.empty() ? "" : ", ") + column;
    }
    return db_.query(fmt::format("SELECT {} FROM {} ORDER BY {}", list, table_, order));
  }

  const Database& db_;
  std::string table_;
  std::vector<std::string> columns_;
  Statement rows_;
};

/// Annotations left to place: their corners by number.
std::map<std::int64_t, Ring> corners_of(const Database& db) {
  std::map<std::int64_t, Ring> corners;
  for (Rows rows(db, "Annotations_coordinates",
                 {"uid", "annoId", "coordinateX", "coordinateY", "orderIdx"}, "orderIdx, uid");
       rows.next();) {
    if (rows.raw().is_null(1)) continue;  // of an annotation that is no more
    corners[rows.integer(1)].push_back({rows.number(2), rows.number(3)});
  }
  return corners;
}

PointL0 center_of(const Rows& row, int type_column, const Ring& corners) {
  const auto kind = row.integer(type_column);
  if (kind < 1 || kind > 5)
    row.fail(type_column, fmt::format("expected a kind of annotation from 1 to 5, found {}", kind));
  if (static_cast<Kind>(kind) == Kind::Polygon) return centroid({{corners, 1}});
  // A spot has one corner, areas and circles have two opposite ones.
  PointL0 low = corners.front();
  PointL0 high = low;
  for (const auto& corner : corners) {
    low = {std::min(low.x, corner.x), std::min(low.y, corner.y)};
    high = {std::max(high.x, corner.x), std::max(high.y, corner.y)};
  }
  return {(low.x + high.x) / 2, (low.y + high.y) / 2};
}

/// A database in use by SlideRunner may keep its latest changes beside it.
void refuse_unsaved_changes(const Source& source) {
  std::filesystem::path log = source.path();
  log += "-wal";
  std::error_code none;
  const auto size = std::filesystem::file_size(log, none);
  if (!none && size > 0)
    throw DataError(
        fmt::format("{}: has changes that are not in it yet, in {}; close the program "
                    "that writes it",
                    source.path().string(), log.string()));
}

}  // namespace

Contents read_sliderunner(const Source& source) {
  refuse_unsaved_changes(source);
  const Database db(source.path().string(), source.text());
  Contents out;
  std::map<std::int64_t, std::size_t> slides;
  std::set<std::string> names;
  for (Rows rows(db, "Slides", {"uid", "filename"}); rows.next();) {
    slides[rows.integer(0)] = out.images.size();
    out.images.push_back({without_image_extension(rows.text(1)), "", rows.place(), {}});
    if (!names.insert(out.images.back().name).second)
      rows.fail(1, fmt::format("slide '{}' is listed twice", rows.text(1)));
  }
  std::map<std::int64_t, std::string> classes;
  for (Rows rows(db, "Classes", {"uid", "name"}); rows.next();)
    classes[rows.integer(0)] = rows.text(1);

  const auto corners = corners_of(db);
  for (Rows rows(db, "Annotations", {"uid", "slide", "type", "agreedClass", "deleted", "guid"});
       rows.next();) {
    if (!rows.raw().is_null(4) && rows.integer(4) != 0) continue;
    const auto slide = slides.find(rows.integer(1));
    if (slide == slides.end())
      rows.fail(1, fmt::format("there is no row {} in table Slides", rows.integer(1)));
    Object object{{{}, "", {}, rows.raw().text(5)}, rows.place()};
    try {
      const auto found = corners.find(rows.integer(0));
      if (found == corners.end())
        throw DataError(rows.place() + ": has no row in table Annotations_coordinates");
      object.annotation.center = center_of(rows, 2, found->second);
    } catch (const DataError& error) {  // thrown again if the object counts
      object.problem = error.what();
    }
    if (object.annotation.id.empty()) object.annotation.id = std::to_string(rows.integer(0));
    // 0: the observers do not agree, or nobody has said anything.
    if (const auto agreed = rows.raw().is_null(3) ? 0 : rows.integer(3); agreed != 0) {
      const auto name = classes.find(agreed);
      if (name == classes.end())
        rows.fail(3, fmt::format("there is no row {} in table Classes", agreed));
      object.annotation.label = name->second;
    }
    out.images[slide->second].objects.push_back(std::move(object));
  }
  return out;
}

}  // namespace mito::annotations
