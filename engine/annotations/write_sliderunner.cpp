#include <cstdint>
#include <string>
#include <string_view>

#include <spdlog/fmt/fmt.h>

#include "engine/annotations/database.h"
#include "engine/annotations/writers.h"

namespace mito::annotations {
namespace {

// The schema of SlideRunner 1.31 as in the data sets published with it. Its triggers call functions
// that only SlideRunner defines, so they are made after the rows.
constexpr const char* kTables = R"(
CREATE TABLE `Annotations_label` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `person` INTEGER, `class` INTEGER, `exact_id` INTEGER, `annoId` INTEGER);
CREATE TABLE `Annotations_coordinates` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `coordinateX` INTEGER, `coordinateY` INTEGER, `coordinateZ` INTEGER DEFAULT 0, `slide` INTEGER, `annoId` INTEGER, `orderIdx` INTEGER);
CREATE TABLE `Annotations` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `slide` INTEGER, `guid` TEXT, `lastModified` REAL DEFAULT 0, `deleted` INTEGER DEFAULT 0, `type` INTEGER, `agreedClass` INTEGER, `description` TEXT, `clickable` INTEGER DEFAULT 1);
CREATE TABLE `Classes` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `name` TEXT, `color` TEXT);
CREATE TABLE `Persons` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `name` TEXT, `isExactUser` INTEGER DEFAULT 0);
CREATE TABLE `Slides` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, `filename` TEXT, `width` INTEGER, `height` INTEGER, `directory` TEXT, `uuid` TEXT, `exactImageID` TEXT, `EXACTUSER` INTEGER DEFAULT 0);
CREATE TABLE `Log` (`uid` INTEGER PRIMARY KEY AUTOINCREMENT, `dateTime` FLOAT, `labelId` INTEGER);
)";

std::string triggers() {
  std::string sql;
  for (const auto* event : {"UPDATE", "INSERT"}) {
    for (const auto* from : {"label", "coordinates"})
      sql += fmt::format(
          "CREATE TRIGGER updateAnnotation_from{}{} AFTER {} ON Annotations_{} BEGIN UPDATE "
          "Annotations SET lastModified=pycurrent_time() where uid==new.annoId; END;\n",
          from == std::string_view("label") ? "Label" : "Coords", event, event, from);
    sql += fmt::format(
        "CREATE TRIGGER updateAnnotation_{} AFTER {} ON Annotations BEGIN UPDATE Annotations SET "
        "lastModified=pycurrent_time() where uid==new.uid; END;\n",
        event, event);
  }
  return sql +
         "CREATE TRIGGER updateAnnotation_ins AFTER INSERT ON Annotations BEGIN UPDATE Annotations "
         "SET guid=generate_uuid() where uid==new.uid and guid is Null; END;\n"
         "CREATE TRIGGER setRandomcolor AFTER INSERT ON Classes BEGIN UPDATE Classes SET "
         "color=randcolor() where uid==new.uid and color is Null; END;\n";
}

/// Fills the tables of annotations.
class SlideRunnerRows {
 public:
  explicit SlideRunnerRows(Database& db)
      : annotation_(db.query("INSERT INTO Annotations (slide, guid, type, agreedClass) "
                             "VALUES (?, nullif(?, ''), 1, ?)")),
        label_(db.query("INSERT INTO Annotations_label (person, class, annoId) VALUES (1, ?, ?)")),
        point_(db.query("INSERT INTO Annotations_coordinates (coordinateX, coordinateY, slide, "
                        "annoId, orderIdx) VALUES (?, ?, ?, ?, 1)")) {}

  void add(std::int64_t slide, const Annotation& item, std::int64_t label) {
    ++count_;
    annotation_.bind(1, slide);
    annotation_.bind(2, item.id);
    annotation_.bind(3, label);
    annotation_.run();
    label_.bind(1, label);
    label_.bind(2, count_);
    label_.run();
    point_.bind(1, item.center.x);
    point_.bind(2, item.center.y);
    point_.bind(3, slide);
    point_.bind(4, count_);
    point_.run();
  }

 private:
  Database::Statement annotation_;
  Database::Statement label_;
  Database::Statement point_;
  std::int64_t count_ = 0;
};

void fill(Database& db, const AnnotationTable& table, const std::string& extension) {
  const auto classes = classes_of(table);
  const auto numbers = numbered(classes);
  auto add_class = db.query("INSERT INTO Classes (name, color) VALUES (?, ?)");
  for (const auto& name : classes) {
    add_class.bind(1, class_name(name));
    add_class.bind(2, color_of(name));
    add_class.run();
  }
  auto add_slide = db.query("INSERT INTO Slides (filename) VALUES (?)");
  SlideRunnerRows rows(db);
  std::int64_t slide = 0;
  for (const auto& image : table.images) {
    add_slide.bind(1, image.name + extension);
    add_slide.run();
    ++slide;
    for (const auto& item : image.items) rows.add(slide, item, numbers.at(item.label));
  }
}

}  // namespace

std::string write_sliderunner(const AnnotationTable& table, const std::string& extension) {
  Database db("annotations.sqlite");
  db.execute(kTables);
  db.execute("BEGIN; INSERT INTO Persons (name) VALUES ('mitoloom');");
  fill(db, table, extension);
  db.execute("COMMIT");
  db.execute(triggers());
  return db.bytes();
}

}  // namespace mito::annotations
