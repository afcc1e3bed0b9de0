// What each format's reader understands, and what it says when it does not.

#include <gmock/gmock.h>

#include "engine/annotations/database.h"
#include "tests/annotations/annotation_files.h"

namespace mito::annotations {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Formats : public Files {
 protected:
  /// A database made by these statements.
  std::filesystem::path database(const std::string& sql) const {
    Database db("a.sqlite");
    db.execute(sql);
    return write("a.sqlite", db.bytes());
  }
  static constexpr const char* kTables = R"(
    CREATE TABLE Slides (uid INTEGER PRIMARY KEY, filename TEXT);
    CREATE TABLE Classes (uid INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE Annotations (uid INTEGER PRIMARY KEY, slide INTEGER, type INTEGER,
                              agreedClass INTEGER, deleted INTEGER, guid TEXT);
    CREATE TABLE Annotations_coordinates (uid INTEGER PRIMARY KEY, annoId INTEGER,
                              coordinateX INTEGER, coordinateY INTEGER, orderIdx INTEGER);
    INSERT INTO Slides VALUES (1, 'a.svs'), (4, 'b.svs');
    INSERT INTO Classes VALUES (1, 'Mitosis'), (2, 'Nonmitosis');
  )";
};

// --- own CSV -------------------------------------------------------------------------------------

TEST_F(Formats, CsvReadsItsColumnsInAnyOrder) {
  const auto table = read_text("p.csv",
                               "case,y,image,x,label,score,more\n"
                               "H03,2,a.jpg,1,mitosis,0.5,z\nH03,4,a,3,Non-Mitosis,,z\n");

  EXPECT_EQ(
      table,
      (AnnotationTable{
          {{"a", "H03", {{{1, 2}, "mitosis", 0.5, ""}, {{3, 4}, "hard_negative", {}, ""}}}}}));
}

TEST_F(Formats, CsvWithoutAnImageColumnIsNamedAfterItsImage) {
  const auto table = read_text("H04_04_mitoses.csv", "x,y\n1,2\n",
                               {.unlabelled = "mitosis", .name_suffix = "_mitoses"});

  EXPECT_EQ(table, (AnnotationTable{{{"H04_04", "", {{{1, 2}}}}}}));
  EXPECT_EQ(failure("H04_04.csv", "x,y\n", {.name_suffix = "_mitoses"}),
            "H04_04.csv: names its image by its own name, expected it to end in '_mitoses' "
            "(name_suffix)");
}

TEST_F(Formats, CsvListsAnImageWithoutObjectsByARowWithoutAPoint) {
  EXPECT_EQ(read_text("p.csv", "slide,x,y,label\nb,,,\na,1,2,mitosis\n"),
            (AnnotationTable{{{"a", "", {{{1, 2}}}}, {"b", "", {}}}}));
}

TEST_F(Formats, CsvErrorsNameLineAndColumn) {
  EXPECT_EQ(failure("p.csv", "slide,X1,y\na,1,2\n"),
            "p.csv:1:1: expected a column 'x', found 'slide', 'X1', 'y'");
  EXPECT_EQ(failure("p.csv", "slide,x,y,label\na,1,2,mitosis\na,one,2,mitosis\n"),
            "p.csv:3:3: column 'x': expected a number, found 'one'");
  EXPECT_EQ(failure("p.csv", "slide,x,y,label\na,1\n"),
            "p.csv:2:1: expected 4 fields as in the header, found 2");
  EXPECT_EQ(failure("p.csv", "slide,x,y,label\n,1,2,mitosis\n"),
            "p.csv:2:1: expected the name of an image, found nothing");
  EXPECT_EQ(failure("p.csv", "slide,x,y,case\na,,,P1\na,,,P2\n"),
            "p.csv:3:5: image 'a' belongs to case 'P2' here and to 'P1' above");
  EXPECT_EQ(failure("p.csv", "slide,x,y,score,label\na,1,2,high,mitosis\n"),
            "p.csv:2:7: column 'score': expected a number, found 'high'");
}

// --- classes -------------------------------------------------------------------------------------

TEST_F(Formats, ComparesNamesOfClassesLoosely) {
  const auto table = read_text("p.csv",
                               "slide,x,y,label\na,1,1,Mitotic Figure\na,1,2,mitotic_figure\n"
                               "a,1,3,NOT-MITOTIC  figure\n");

  EXPECT_EQ(table.images[0].items[0].label, "mitosis");
  EXPECT_EQ(table.images[0].items[1].label, "mitosis");
  EXPECT_EQ(table.images[0].items[2].label, "hard_negative");
}

TEST_F(Formats, AssumesNoClassThatIsNotNamed) {
  const std::string rows = "slide,x,y,label\na,1.5,2,mitosiss\nb,3,4,mitosis\n";

  EXPECT_EQ(failure("p.csv", rows, {.other_labels = "error"}),
            "p.csv:2:9: 'mitosiss' is neither among mitosis_labels nor hard_negative_labels; did "
            "you mean 'mitosis'?; add it to one of them, or say with 'other_labels' to keep or to "
            "drop such objects");
  EXPECT_EQ(read_text("p.csv", rows, {.other_labels = "keep"}).images[0].items[0].label,
            "mitosiss");
  EXPECT_TRUE(read_text("p.csv", rows, {.other_labels = "drop"}).images[0].items.empty());
  EXPECT_EQ(read_text("p.csv", rows, {.mitosis_labels = {"mitosis", "mitosiss"}})
                .images[0]
                .items[0]
                .label,
            "mitosis");
}

TEST_F(Formats, AssumesNoClassForObjectsWithoutOne) {
  const std::string rows = "slide,x,y\na,1.5,2\n";

  EXPECT_EQ(failure("p.csv", rows),
            "p.csv:2:3: the object at (1.5, 2) has no class; say with 'unlabelled' what such "
            "objects are");
  EXPECT_EQ(read_text("p.csv", rows, {.unlabelled = "hard_negative"}).images[0].items[0].label,
            "hard_negative");
  EXPECT_TRUE(read_text("p.csv", rows, {.unlabelled = "drop"}).images[0].items.empty());
}

TEST_F(Formats, RefusesALabelOfBothClasses) {
  EXPECT_EQ(check({.mitosis_labels = {"a b"}, .hard_negative_labels = {"x", "A_B"}}),
            "'a b' is among mitosis_labels and among hard_negative_labels");
  EXPECT_EQ(check({}), "");
}

// --- several files -------------------------------------------------------------------------------

TEST_F(Formats, JoinsFilesOfDifferentClassesInOneImage) {
  const auto a = write("a.csv", "slide,x,y,label,case\ns,1,2,mitosis,P1\n");
  const auto b = write("b.csv", "slide,x,y,label\ns,3,4,hard_negative\nr,5,6,mitosis\n");

  EXPECT_EQ(read({a, b}, {}),
            (AnnotationTable{
                {{"r", "", {{{5, 6}}}}, {"s", "P1", {{{1, 2}}, {{3, 4}, "hard_negative"}}}}}));
}

TEST_F(Formats, RefusesObjectsThatTwoFilesMayBothHold) {
  const auto a = write("a.csv", "slide,x,y,label,case\ns,1,2,mitosis,P1\n");
  const auto b = write("b.csv", "slide,x,y,label\ns,1,2,mitosis\n");
  const auto c = write("c.csv", "slide,x,y,case\ns,,,P2\n");

  EXPECT_EQ(failure({a, b}),
            "b.csv:2:7: objects of class 'mitosis' in image 's' are also in a.csv: one file must "
            "hold all of them");
  EXPECT_EQ(failure({a, c}), "c.csv:2:1: image 's' belongs to case 'P2' here and to 'P1' in a.csv");
}

TEST_F(Formats, TellsImagesApartByTheirFoldersWhenAskedTo) {
  const std::string none = R"({"type": "FeatureCollection", "features": []})";
  const auto a = write("04/01.geojson", none);
  const auto b = write("21/01.geojson", none);

  EXPECT_EQ(failure({a, b}),
            "21/01.geojson: is called after image '01', which 04/01.geojson describes already; if "
            "folders tell the images apart, say so with 'name_folders'");
  EXPECT_EQ(read({a, b}, {.name_folders = 1}),
            (AnnotationTable{{{"04/01", "", {}}, {"21/01", "", {}}}}));
}

TEST_F(Formats, SaysWhenAFileCannotBeReadOrTold) {
  EXPECT_EQ(failure({folder_ / "none.csv"}),
            "none.csv: cannot be read: expected a file of "
            "annotations");
  EXPECT_THAT(failure("a.csv", ""), StartsWith("a.csv: is empty: expected annotations"));
  EXPECT_EQ(failure("a.csv", "1,2\n"),
            "a.csv:1:1: two numbers per line may be row,column (tupac) or the pixels x,y of an "
            "object (icpr): name the format");
  EXPECT_EQ(failure("a.xml", "\n <svg/>"),
            "a.xml:2:2: expected the element <ASAP_Annotations> (ASAP), <Annotations> (ImageScope) "
            "or <annotation> (Pascal VOC), found <svg>");
  EXPECT_EQ(failure("a.json", "{\"a\": 1}"),
            "a.json:1:1: expected 'images' and 'annotations' (MIDOG) or 'type' (GeoJSON) in it");
  EXPECT_EQ(failure("a.csv", std::string("1,\0002", 4)),
            "a.csv:1:3: expected text, found binary data");
}

/// What the program writes, cut short anywhere or with a wrong byte: understood, or refused with a
/// message that names the file; never anything else.
TEST_F(Formats, DamagedFilesAreReadOrRefused) {
  const AnnotationTable table{
      {{"04/01", "04", {{{10.25, 20.5}, "mitosis", 0.97, "7"}, {{3, 4}, "mitosis"}}}}};
  const auto check = [&](const std::string& name, const std::string& bytes) {
    const std::string message = failure(name, bytes, {.unlabelled = "drop"});
    EXPECT_TRUE(message == "no error" || message.starts_with(name)) << message;
    return message != "no error";
  };
  for (const auto* format : {"csv", "tupac", "midog", "asap", "geojson", "voc", "sliderunner"}) {
    const auto file = annotations::write(table, {.format = format}).front();
    const std::string name = file.path.string();
    const std::size_t step = file.bytes.size() / 40 + 1;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < file.bytes.size(); at += step) {
      refused += check(name, file.bytes.substr(0, at)) ? 1U : 0U;
      std::string wrong = file.bytes;
      wrong[at] = static_cast<char>(0x23 + at % 90);
      check(name, wrong);
    }
    EXPECT_GT(refused, 0U) << format;
  }
}

TEST_F(Formats, OfAMemberThatOccursTwiceTheLastCounts) {
  EXPECT_EQ(
      failure("m.json", R"({"images": 5, "images": [], "annotations": 1, "annotations": []})"),
      "no error");
  EXPECT_EQ(failure("m.json", R"({"annotations": [], "images": [], "images": [7]})"),
            "m.json:1:46: images/0: expected an object, found the number 7");
}

// --- TUPAC16 -------------------------------------------------------------------------------------

TEST_F(Formats, TupacIsRowThenColumnAndNamesCaseAndClassByFolders) {
  const auto a = write("mitoses_ground_truth/04/01.csv", "1437,487\r\n12,34,0.5\n");
  const auto b = write("nonmitoses_ground_truth/04/01.csv", "5.5,6\n");
  const auto c = write("mitoses_ground_truth/21/01.csv", "");

  EXPECT_EQ(read({a, b, c}, {}),
            (AnnotationTable{
                {{"04/01",
                  "04",
                  {{{487, 1437}}, {{34, 12}, "mitosis", 0.5, ""}, {{6, 5.5}, "hard_negative"}}},
                 {"21/01", "21", {}}}}));
}

TEST_F(Formats, TupacOutsideItsFoldersHasNoClass) {
  EXPECT_THAT(failure("04/01.csv", "1,2\n"),
              HasSubstr("04/01.csv:1:1: the object at (2, 1) has no class"));
  EXPECT_EQ(read_text("04/01.csv", "1,2\n", {.unlabelled = "mitosis"}),
            (AnnotationTable{{{"04/01", "04", {{{2, 1}}}}}}));
}

TEST_F(Formats, TupacErrorsNameLineAndColumn) {
  const ReadParams tupac{.format = "tupac", .unlabelled = "mitosis"};
  EXPECT_EQ(failure("1/2.csv", "1,2\n\n3, x\n", tupac),
            "1/2.csv:3:3: expected a number, found 'x'");
  EXPECT_EQ(failure("1/2.csv", "1,2\n3\n", tupac),
            "1/2.csv:2:1: expected row,column or row,column,confidence, found 1 numbers");
  EXPECT_EQ(failure("1/2.csv", "1,2,3,4\n", tupac),
            "1/2.csv:1:1: expected row,column or row,column,confidence, found 4 numbers");
}

// --- ICPR 2012 -----------------------------------------------------------------------------------

TEST_F(Formats, IcprTakesTheMeanOfARegionsPixels) {
  EXPECT_EQ(read_text("A00_01.csv", "10,20,11,20,10,21,11,21\n5,5,\n"),
            (AnnotationTable{{{"A00_01", "", {{{10.5, 20.5}}, {{5, 5}}}}}}));
}

TEST_F(Formats, IcprErrorsNameLineAndColumn) {
  EXPECT_EQ(failure("a.csv", "1,2,3,4\n1,2,3,4,5\n"),
            "a.csv:2:1: expected the pixels of a region as x,y,x,y,..., found an odd number of "
            "values (5)");
  EXPECT_EQ(failure("a.csv", "1,2,3,4.5\n"),
            "a.csv:1:7: expected a pixel's coordinate, a whole number from 0 on, found 4.5");
  EXPECT_EQ(failure("a.csv", "1,2,,4\n"), "a.csv:1:5: expected a number, found ''");
}

// --- MIDOG ---------------------------------------------------------------------------------------

constexpr const char* kMidogStart = R"({"images": [{"id": 7, "file_name": "001.tiff"}],
)";

TEST_F(Formats, MidogTakesTheCentresOfCorners) {
  const auto table = read_text("m.json", std::string(kMidogStart) + R"("annotations": [
    {"bbox": [4336, 346, 4386, 396], "category_id": 2, "image_id": 7, "id": 3},
    {"bbox": [6672.5, 706.5, 6722.5, 756.5], "category_id": 1, "image_id": 7, "score": 0.5}]})");

  EXPECT_EQ(table, (AnnotationTable{{{"001",
                                      "",
                                      {{{4361, 371}, "hard_negative", {}, "3"},
                                       {{6697.5, 731.5}, "mitosis", 0.5, ""}}}}}));
}

TEST_F(Formats, MidogNamesClassesByItsCategories) {
  const auto table =
      read_text("m.json",
                std::string(kMidogStart) +
                    R"("categories": [{"id": 1, "name": "hard negative"}, {"id": 5, "name": "x"}],
    "annotations": [{"bbox": [0, 0, 2, 2], "category_id": 1, "image_id": 7},
                    {"bbox": [0, 0, 2, 2], "category_id": 5, "image_id": 7}]})",
                {.other_labels = "keep"});

  EXPECT_EQ(table.images[0].items[0].label, "hard_negative");
  EXPECT_EQ(table.images[0].items[1].label, "x");
}

TEST_F(Formats, ANameWithAZeroByteIsNoName) {
  EXPECT_THAT(failure("m.json", R"({"images": [{"id": 7, "file_name": "a\u0000b.tiff"}],
    "annotations": [{"bbox": [0, 0, 2, 2], "category_id": 1, "image_id": 7}]})"),
              HasSubstr("the name of an image holds a zero byte after 'a', expected the name"));
}

TEST_F(Formats, MidogErrorsNameLineColumnAndMember) {
  const auto with = [&](const std::string& rest) {
    return failure("m.json", kMidogStart + rest, {.format = "midog"});
  };
  EXPECT_THAT(with("\"annotations\": [{"), StartsWith("m.json:2:18: is not JSON: "));
  EXPECT_EQ(with("\"annotation\": []}"),
            "m.json:1:1: expected a member 'annotations'; did you mean 'annotation'?");
  EXPECT_EQ(with("\"annotations\": 5}"),
            "m.json:2:16: annotations: expected an array, found the number 5");
  EXPECT_EQ(with(R"("annotations": [
{"bbox": "\"]", "image_id": 7, "category_id": 1}]})"),
            "m.json:3:10: annotations/0/bbox: expected an array, found the text '\"]'");
  EXPECT_EQ(with(R"("annotations": [
{"bbox": [1, 2, "3", 4], "image_id": 7, "category_id": 1}]})"),
            "m.json:3:17: annotations/0/bbox/2: expected a number, found the text '3'");
  EXPECT_EQ(with(R"("annotations": [{"bbox": [1, 2, 3], "image_id": 7, "category_id": 1}]})"),
            "m.json:2:26: annotations/0/bbox: expected four numbers [x0, y0, x1, y1], found 3");
  EXPECT_EQ(
      failure(
          "m.json",
          kMidogStart +
              std::string(
                  R"("annotations": [{"bbox": [99, 99, 50, 50], "image_id": 7, "category_id": 1}]})"),
          {.box = "corners"}),
      "m.json:2:26: annotations/0/bbox: expected corners [x0, y0, x1, y1] with x0 <= x1 and "
      "y0 <= y1, found [99, 99, 50, 50]; is it [x, y, width, height] (box: size)?");
  EXPECT_EQ(with(R"("annotations": [{"bbox": [1, 2, 3, 4], "image_id": 8, "category_id": 1}]})"),
            "m.json:2:52: annotations/0/image_id: there is no image 8");
  EXPECT_EQ(with(R"("annotations": [{"bbox": [1, 2, 3, 4], "image_id": 7.5, "category_id": 1}]})"),
            "m.json:2:52: annotations/0/image_id: expected a whole number, found the number 7.5");
  EXPECT_EQ(failure("m.json", R"({"images": [{"id": 1, "file_name": "a.tif"},
 {"id": 2, "file_name": "a.png"}], "annotations": []})"),
            "m.json:2:25: images/1/file_name: image 'a.png' is listed twice");
  EXPECT_EQ(with(R"("categories": [{"id": 1, "name": "what"}],
 "annotations": [{"bbox": [1, 2, 3, 4], "image_id": 7, "category_id": 1}]})")
                .substr(0, 20),
            "m.json:3:71: 'what' ");
}

// --- QuPath ------------------------------------------------------------------------------------

TEST_F(Formats, GeojsonReadsPointsPolygonsAndMeasurements) {
  const auto table = read_text("slide.svs.geojson", R"({"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": "u1", "geometry": {"type": "Point", "coordinates": [1.5, 2]},
     "properties": {"classification": {"name": "Mitosis"}, "measurements": {"probability": 0.25}}},
    {"type": "Feature", "geometry": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
     "properties": {"classification": {"names": ["non", "mitosis"]},
                    "measurements": [{"name": "area", "value": 1}]}},
    {"type": "Feature", "geometry": {"type": "Polygon", "coordinates":
      [[[0, 0], [0, 8], [8, 8], [8, 0], [0, 0]], [[4, 0], [8, 0], [8, 8], [4, 8], [4, 0]]]},
     "properties": {"classification": "mitosis",
                    "measurements": [{"name": "probability", "value": 1}]}}]})",
                               {.hard_negative_labels = {"non: mitosis"}});

  EXPECT_EQ(table, from_bounds({{{"slide",
                                  "",
                                  {{{1.5, 2}, "mitosis", 0.25, "u1"},
                                   {{1, 2}, "hard_negative"},
                                   {{3, 4}, "hard_negative"},
                                   {{2, 4}, "mitosis", 1, ""}}}}}));
}

TEST_F(Formats, GeojsonReadsListsAndSingleFeatures) {
  const std::string feature =
      R"({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates":
      [[[[0, 0], [2, 0], [2, 2], [0, 2]]], [[[10, 0], [10, 2], [12, 2], [12, 0]]]]},
      "properties": {"classification": {"name": "mitosis"}}})";
  const AnnotationTable expected = from_bounds({{{"s", "", {{{6, 1}}}}}});

  EXPECT_EQ(read_text("s.json", feature), expected);
  EXPECT_EQ(read_text("s.json", "[" + feature + "]"), expected);
  EXPECT_TRUE(read_text("s.json", "[]").images[0].items.empty());
}

TEST_F(Formats, GeojsonErrorsNameLineColumnAndMember) {
  const auto with = [&](const std::string& geometry) {
    return failure("s.geojson",
                   "{\"type\": \"FeatureCollection\", \"features\": [\n"
                   "{\"type\": \"Feature\", \"geometry\": " +
                       geometry + "}]}");
  };
  EXPECT_THAT(with("{"), StartsWith("s.geojson:2:35: is not JSON: "));
  EXPECT_EQ(with(R"({"type": "Point", "coordinates": ["1", 2]})"),
            "s.geojson:2:67: features/0/geometry/coordinates/0: expected a number, found the text "
            "'1'");
  EXPECT_EQ(with(R"({"type": "Point", "coordinates": [1]})"),
            "s.geojson:2:66: features/0/geometry/coordinates: expected a position [x, y], found 1 "
            "numbers");
  EXPECT_EQ(with(R"({"type": "Point", "coordinates": [1, 2]})").substr(0, 40),
            "s.geojson:2:1: the object at (1, 2) has ");
}

// --- ASAP --------------------------------------------------------------------------------------

TEST_F(Formats, AsapReadsDotsSetsAndOutlines) {
  const auto table = read_text("s.xml", R"(<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
  <Annotation Name="A 1" Type="Dot" PartOfGroup="mitosis" Color="#F4FA58">
    <Coordinates><Coordinate Order="0" X="10.5" Y="20" /></Coordinates></Annotation>
  <Annotation Name="A 2" Type="PointSet" PartOfGroup="nonmitosis"><Coordinates>
    <Coordinate Order="1" X="3" Y="4" /><Coordinate Order="0" X="1" Y="2" /></Coordinates>
  </Annotation>
  <Annotation Name="A 3" Type="Polygon" PartOfGroup="mitosis"><Coordinates>
    <Coordinate Order="0" X="0" Y="0"/><Coordinate Order="2" X="6" Y="6"/>
    <Coordinate Order="1" X="6" Y="0"/><Coordinate Order="3" X="0" Y="6"/></Coordinates>
  </Annotation>
</Annotations><AnnotationGroups/></ASAP_Annotations>)");

  EXPECT_EQ(table, (AnnotationTable{{{"s",
                                      "",
                                      {{{10.5, 20}, "mitosis", {}, "A 1"},
                                       {{1, 2}, "hard_negative", {}, "A 2"},
                                       {{3, 4}, "hard_negative", {}, "A 2"},
                                       {{3, 3}, "mitosis", {}, "A 3"}}}}}));
}

TEST_F(Formats, AsapErrorsNameLineAndColumn) {
  const auto with = [&](const std::string& annotation) {
    return failure("s.xml", "<ASAP_Annotations><Annotations>\n" + annotation +
                                "</Annotations></ASAP_Annotations>");
  };
  EXPECT_EQ(with("<Annotation"), "s.xml:2:13: is not XML: Error parsing start element tag");
  EXPECT_EQ(failure("s.xml", "<ASAP_Annotations>\n<Annotations>"),
            "s.xml:2:13: is not XML: Start-end tags mismatch");
  EXPECT_EQ(failure("s.xml", "<ASAP_Annotations/>"),
            "s.xml:1:2: <ASAP_Annotations>: expected an element <Annotations> in it");
  EXPECT_EQ(with("<Annotation Type='Dot'>\n<Coordinates><Coordinate X='1,5' Y='2'/></Coordinates>"
                 "</Annotation>"),
            "s.xml:3:15: <Coordinate>: attribute 'X': expected a number, found '1,5'");
  EXPECT_EQ(with("<Annotation Type='Dot' PartOfGroup='None'><Coordinates><Coordinate X='1' Y='2'/>"
                 "</Coordinates></Annotation>")
                .substr(0, 37),
            "s.xml:2:2: the object at (1, 2) has n");
}

// --- Pascal VOC --------------------------------------------------------------------------------

TEST_F(Formats, VocTakesTheCentresOfBoxes) {
  const auto table = read_text("other name.xml", R"(<?xml version="1.0" encoding="utf-8"?>
<annotation><folder>x</folder><filename>H03_00Aa.png</filename>
 <object><name> mitosis </name><bndbox><xmin>1148</xmin><ymin>1292</ymin><xmax>1208</xmax>
 <ymax>1353</ymax></bndbox></object></annotation>)");

  EXPECT_EQ(table, (AnnotationTable{{{"H03_00Aa", "", {{{1178, 1322.5}}}}}}));
}

TEST_F(Formats, VocErrorsNameLineAndColumn) {
  const auto with = [&](const std::string& rest) {
    return failure("s.xml", "<annotation><filename>a.png</filename>\n" + rest + "</annotation>");
  };
  EXPECT_EQ(failure("s.xml", "<annotation></annotation>"),
            "s.xml:1:2: <annotation>: expected an element <filename> in it");
  EXPECT_EQ(failure("s.xml", "<annotation><filename> </filename></annotation>"),
            "s.xml:1:14: <filename>: expected a text, found nothing");
  EXPECT_EQ(with("<object><name>mitosis</name><bndbox><xmin>x</xmin><ymin>1</ymin><xmax>1</xmax>"
                 "<ymax>1</ymax></bndbox></object>"),
            "s.xml:2:38: <xmin>: expected a number, found 'x'");
  EXPECT_EQ(with("<object><name>mitosis</name><bndbox><xmin>5</xmin><ymin>1</ymin><xmax>1</xmax>"
                 "<ymax>1</ymax></bndbox></object>"),
            "s.xml:2:30: <bndbox>: expected xmin <= xmax and ymin <= ymax");
  EXPECT_EQ(with("<object><name>what</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>1</xmax>"
                 "<ymax>1</ymax></bndbox></object>")
                .substr(0, 20),
            "s.xml:2:10: 'what' i");
  EXPECT_EQ(failure("s.xml", "<annotation/>", {.format = "asap"}),
            "s.xml:1:2: <annotation>: expected the element <ASAP_Annotations>");
}

// --- SlideRunner ---------------------------------------------------------------------------------

TEST_F(Formats, SlideRunnerReadsSpotsAreasPolygonsAndSkipsWhatIsDeleted) {
  const auto file = database(std::string(kTables) + R"(
    INSERT INTO Annotations VALUES (1, 1, 1, 1, 0, 'g'), (2, 1, 2, 2, NULL, NULL),
                                   (3, 1, 3, 1, 0, ''), (5, 1, 1, 1, 1, 'deleted');
    INSERT INTO Annotations_coordinates VALUES (1, 1, 10.5, 20, 1), (2, 2, 8, 9, 2),
      (3, 2, 0, 1, 1), (4, 3, 0, 0, 1), (5, 3, 6, 6, 3), (6, 3, 6, 0, 2), (7, 3, 0, 6, 4),
      (8, NULL, 1, 1, 1);)");

  EXPECT_EQ(read({file}, {}), (AnnotationTable{{{"a",
                                                 "",
                                                 {{{10.5, 20}, "mitosis", {}, "g"},
                                                  {{4, 5}, "hard_negative", {}, "2"},
                                                  {{3, 3}, "mitosis", {}, "3"}}},
                                                {"b", "", {}}}}));
}

TEST_F(Formats, SlideRunnerErrorsNameTableAndRow) {
  const auto with = [&](const std::string& sql) {
    return failure({database(std::string(kTables) + sql)});
  };
  EXPECT_EQ(failure({database("CREATE TABLE Slide (uid INTEGER)")}),
            "a.sqlite: expected a table 'Slides' as SlideRunner writes; did you mean 'Slide'?");
  EXPECT_EQ(with("ALTER TABLE Annotations RENAME COLUMN agreedClass TO agreed_class"),
            "a.sqlite: table Annotations: expected a column 'agreedClass'; did you mean "
            "'agreed_class'?");
  EXPECT_EQ(with("INSERT INTO Annotations VALUES (9, 1, 1, 1, 0, NULL);"
                 "INSERT INTO Annotations_coordinates VALUES (17, 9, 'abc', 2, 1)"),
            "a.sqlite: table Annotations_coordinates, row 17: column coordinateX: expected a "
            "number, found 'abc'");
  EXPECT_EQ(with("INSERT INTO Annotations VALUES (9, 1, 1, 1, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: has no row in table Annotations_coordinates");
  EXPECT_EQ(with("INSERT INTO Annotations VALUES (9, 3, 1, 1, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: column slide: there is no row 3 in table Slides");
  EXPECT_EQ(with("INSERT INTO Annotations VALUES (9, NULL, 1, 1, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: column slide: expected a whole number, found "
            "nothing");
  EXPECT_EQ(with("INSERT INTO Slides VALUES (5, 'a.tif')"),
            "a.sqlite: table Slides, row 5: column filename: slide 'a.tif' is listed twice");
  const std::string point = "INSERT INTO Annotations_coordinates VALUES (1, 9, 1, 2, 1);";
  EXPECT_EQ(with(point + "INSERT INTO Annotations VALUES (9, 1, 1, 7, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: column agreedClass: there is no row 7 in table "
            "Classes");
  EXPECT_EQ(with(point + "INSERT INTO Annotations VALUES (9, 1, 8, 1, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: column type: expected a kind of annotation from 1 "
            "to 5, found 8");
  EXPECT_EQ(with(point + "INSERT INTO Annotations VALUES (9, 1, 1, 0, 0, NULL)"),
            "a.sqlite: table Annotations, row 9: the object at (1, 2) has no class; say with "
            "'unlabelled' what such objects are");
}

TEST_F(Formats, SlideRunnerRefusesATruncatedDatabaseAndUnsavedChanges) {
  const auto file = database(kTables);
  std::filesystem::resize_file(file, 6000);
  EXPECT_THAT(failure({file}), StartsWith("a.sqlite: is not a readable SQLite database: "));

  const auto other = database(kTables);
  write("a.sqlite-wal", "something");
  EXPECT_EQ(failure({other}),
            "a.sqlite: has changes that are not in it yet, in a.sqlite-wal; close "
            "the program that writes it");
}

TEST_F(Formats, SlideRunnerReadsADatabaseKeptWithAWriteAheadLog) {
  Database db("a.sqlite");
  db.execute(kTables);
  std::string bytes = db.bytes();
  bytes[18] = bytes[19] = 2;  // "uses a log", in the header

  EXPECT_EQ(read_text("a.sqlite", bytes).images.size(), 2U);
}

TEST_F(Formats, SlideRunnerFilesHaveItsTablesAndTriggers) {
  const auto files =
      annotations::write({{{"a", "", {{{1.5, 2}, "mitosis", {}, ""}}}}}, {.format = "sliderunner"});
  const Database db("a.sqlite", files.at(0).bytes);
  const auto value = [&](const std::string& sql) {
    auto rows = db.query(sql);
    return rows.next() ? rows.text(0) : "no row";
  };

  EXPECT_EQ(value("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"), "8");
  EXPECT_EQ(value("SELECT label.class FROM Annotations JOIN Annotations_label label ON "
                  "label.annoId = Annotations.uid JOIN Persons ON Persons.uid = label.person"),
            "1");
  EXPECT_EQ(value("SELECT coordinateX FROM Annotations_coordinates"), "1.5");
  EXPECT_EQ(value("SELECT name FROM Classes WHERE uid = 1"), "mitotic figure");
  EXPECT_EQ(value("PRAGMA integrity_check"), "ok");
}

}  // namespace
}  // namespace mito::annotations
