// Files of other programs hold more than mitoses: what is left out of them, and what is not.
#include <zlib.h>

#include <gmock/gmock.h>
#include <spdlog/fmt/fmt.h>

#include "engine/core/memory_limit.h"
#include "tests/annotations/annotation_files.h"

namespace mito::annotations {
namespace {

using ::testing::HasSubstr;

class LeftOut : public Files {
 protected:
  struct Reading {
    std::vector<Annotation> items;
    std::string left_out;
  };
  Reading reading(const std::string& name,
                  const std::string& text,
                  const ReadParams& params = {}) const {
    Reading out;
    const auto table = read({write(name, text)}, params, &out.left_out);
    for (const auto& image : table.images)
      out.items.insert(out.items.end(), image.items.begin(), image.items.end());
    for (auto& item : out.items) item.from_bounds = false;  // of another test
    if (const auto at = out.left_out.find(folder_.path().string()); at != std::string::npos)
      out.left_out.erase(at, folder_.path().string().size() + 1);
    return out;
  }
  /// A mitosis at (1, 2), and another feature.
  Reading beside(const std::string& feature, const ReadParams& params = {}) const {
    return reading("s.geojson",
                   R"({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry":
{"type": "Point", "coordinates": [1, 2]}, "properties": {"classification": {"name": "Mitosis"}}},
)" + feature + "]}",
                   params);
  }
  static std::string feature(const std::string& geometry, const std::string& label) {
    return R"({"type": "Feature", "geometry": )" + geometry +
           R"(, "properties": {"classification": )" +
           (label.empty() ? "null" : R"({"name": ")" + label + "\"}") + "}}";
  }
  static std::string packed(const std::string& text) {
    std::string out(text.size() + 100, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string in = text;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
  }
};

constexpr const char* kLine = R"({"type": "LineString", "coordinates": [[10, 10], [100, 10]]})";
constexpr const char* kSquare =
    R"({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]})";

TEST_F(LeftOut, ARulerIsNoObjectWhateverItsClass) {
  for (const std::string label : {"Other", "Mitosis", ""}) {
    const auto found = beside(feature(kLine, label));

    EXPECT_EQ(found.items, (std::vector<Annotation>{{{1, 2}}})) << label;
    EXPECT_EQ(found.left_out,
              "1 object is left out of the annotations: 1 of type LineString "
              "(the first: s.geojson:3:1)");
  }
}

TEST_F(LeftOut, ShapesWithoutAPlaceAreNoObjects) {
  EXPECT_THAT(beside(feature("null", "Mitosis")).left_out, HasSubstr("1 without a geometry"));
  EXPECT_THAT(beside(R"({"type": "Feature", "properties": {}})").left_out,
              HasSubstr("1 without a geometry"));
  EXPECT_THAT(beside(feature(R"({"type": "Polygon", "coordinates": [[]]})", "Mitosis")).left_out,
              HasSubstr("1 without a place"));
  EXPECT_THAT(
      beside(feature(R"({"type": "Point", "coordinates": ["NaN", "NaN"]})", "Mitosis")).left_out,
      HasSubstr("1 without a place"));
  EXPECT_THAT(beside(feature(R"({"type": "GeometryCollection", "geometries": [)" +
                                 std::string(kLine) + "]}",
                             "Other"))
                  .left_out,
              HasSubstr("1 of type GeometryCollection"));
}

TEST_F(LeftOut, ACollectionWithAnAreaIsTheAreasCentroid) {
  const auto found = beside(feature(R"({"type": "GeometryCollection", "geometries": [)" +
                                        std::string(kLine) + "," + kSquare + "]}",
                                    "Mitosis"));

  EXPECT_EQ(found.items, (std::vector<Annotation>{{{1, 2}}, {{2, 2}}}));
  EXPECT_EQ(found.left_out, "");
}

TEST_F(LeftOut, RegionsOfOtherClassesAreCountedBesideMitoses) {
  const auto found = beside(feature(kSquare, "Tumor") + "," + feature(kSquare, ""));

  EXPECT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.left_out,
            "2 objects are left out of the annotations: 1 of class 'Tumor', 1 without a class "
            "(the first: s.geojson:3:1)");
  EXPECT_THAT(failure("s.geojson", "[" + feature(kSquare, "Tumor") + "]"),
              HasSubstr("'Tumor' is neither among mitosis_labels nor hard_negative_labels"));
  EXPECT_THAT(failure("s.geojson", "[" + feature(kSquare, "") + "]"),
              HasSubstr("the object at (2, 2) has no class"));
}

TEST_F(LeftOut, WhatIsWrongWithAnObjectMattersOnlyWhenItsClassIsWanted) {
  const std::string broken = R"({"type": "Point", "coordinates": [1]})";

  EXPECT_EQ(beside(feature(broken, "Other")).items.size(), 1U);
  EXPECT_THAT(failure("s.geojson", "[" + feature(broken, "Mitosis") + "]"),
              HasSubstr("expected a position [x, y], found 1 numbers"));
}

TEST_F(LeftOut, AMeasurementThatCouldNotBeComputedIsNoScore) {
  for (const std::string value : {R"("NaN")", R"("Infinity")", "null", "NaN", "-Infinity"}) {
    for (const std::string& measurements :
         {R"({"probability": )" + value + "}",
          R"([{"name": "probability", "value": )" + value + "}]"}) {
      const auto found = reading("s.geojson",
                                 R"([{"type": "Feature", "geometry": {"type": "Point",
          "coordinates": [1, 2]}, "properties": {"classification": {"name": "Mitosis"},
          "measurements": )" + measurements +
                                     "}}]");

      EXPECT_EQ(found.items, (std::vector<Annotation>{{{1, 2}}})) << measurements;
    }
  }
  EXPECT_EQ(reading("s.csv", "slide,x,y,score,label\na,1,2,NaN,mitosis\n").items,
            (std::vector<Annotation>{{{1, 2}}}));
}

TEST_F(LeftOut, AsapFilesHoldMeasurementsAndEmptyShapes) {
  const auto found = reading("s.xml", R"(<ASAP_Annotations><Annotations>
<Annotation Type="Dot" PartOfGroup="mitosis"><Coordinates><Coordinate X="1" Y="2"/></Coordinates>
</Annotation><Annotation Type="Measurement" PartOfGroup="mitosis"><Coordinates/></Annotation>
<Annotation Type="Polygon" PartOfGroup="mitosis"><Coordinates/></Annotation>
<Annotation Type="Dot" PartOfGroup="mitosis"><Coordinates><Coordinate X="nan" Y="nan"/>
</Coordinates></Annotation></Annotations></ASAP_Annotations>)");

  EXPECT_EQ(found.items, (std::vector<Annotation>{{{1, 2}}}));
  EXPECT_THAT(found.left_out, HasSubstr("1 of type Measurement, 2 without a place"));
}

TEST_F(LeftOut, ImageScopeLayersNameTheClassOfTheirRegions) {
  const auto found = reading("s.xml", R"(<?xml version="1.0" encoding="UTF-8"?>
<Annotations MicronsPerPixel="0.25"><Annotation Id="1" Name="">
<Attributes><Attribute Name="Description" Value="Mitotic figure"/></Attributes><Regions>
<RegionAttributeHeaders/>
<Region Id="1" Type="2"><Vertices><Vertex X="10" Y="10"/><Vertex X="30" Y="20"/></Vertices></Region>
<Region Id="2" Type="0"><Vertices><Vertex X="0" Y="0"/><Vertex X="4" Y="0"/><Vertex X="4" Y="4"/>
<Vertex X="0" Y="4"/></Vertices></Region>
<Region Id="3" Type="4"><Vertices><Vertex X="0" Y="0"/><Vertex X="9" Y="9"/></Vertices></Region>
</Regions></Annotation>
<Annotation Id="2" Name="Layer 2"><Regions>
<Region Id="1" Type="0" Text="non-mitosis"><Vertices><Vertex X="7" Y="8"/></Vertices></Region>
<Region Id="2" Type="1"><Vertices><Vertex X="7" Y="8"/></Vertices></Region>
</Regions></Annotation></Annotations>)");

  EXPECT_EQ(found.items, (std::vector<Annotation>{{{20, 15}, "mitosis", {}, "1"},
                                                  {{2, 2}, "mitosis", {}, "2"},
                                                  {{7, 8}, "hard_negative", {}, "1"}}));
  EXPECT_THAT(found.left_out, HasSubstr("2 objects are left out of the annotations: 1 of class "
                                        "'Layer 2', 1 of type ruler"));
}

TEST_F(LeftOut, FilesThatGzipPackedAreUnpacked) {
  const std::string csv = "slide,x,y,label\na,1,2,mitosis\n";
  const std::string dot =
      "[" + feature(R"({"type": "Point", "coordinates": [1, 2]})", "mitosis") + "]";

  EXPECT_EQ(reading("a.csv.gz", packed(csv)).items, (std::vector<Annotation>{{{1, 2}}}));
  EXPECT_EQ(read_text("slide.geojson.gz", packed(dot)).images[0].name, "slide");
  for (const auto& bytes : {packed(dot), packed(dot.substr(0, 20)) + packed(dot.substr(20))})
    EXPECT_EQ(reading("slide.geojson", bytes).items, (std::vector<Annotation>{{{1, 2}}}));
  EXPECT_EQ(failure("a.csv.gz", packed(csv).substr(0, 30)),
            "a.csv.gz: cannot be unpacked as gzip: it is cut short");
}

TEST_F(LeftOut, FilesThatTakeMoreThanTheMemoryAreRefusedBeforeTheyTakeIt) {
  std::string zeros = "[0";
  for (int i = 0; i < 5'000'000; ++i) zeros += ",0";
  set_memory_budget("64M");
  EXPECT_THAT(failure("a.json", zeros + "]"), HasSubstr("a.json takes at least 0.1 GiB of memory"));
  EXPECT_THAT(failure("a.json", packed(std::string(std::size_t{20} << 20U, ' '))),
              HasSubstr("more than 4 GiB, or a quarter of the memory"));
  set_memory_budget("1T");
}

TEST_F(LeftOut, TablesWithoutHeaderMayHaveSemicolonsAndDecimalCommas) {
  EXPECT_EQ(
      read_text("mitoses_ground_truth/04/01.csv", "1437,5;487\n12;34,25;0,5\n;;\n"),
      (AnnotationTable{{{"04/01", "04", {{{487, 1437.5}}, {{34.25, 12}, "mitosis", 0.5, ""}}}}}));
}

// --- boxes ---------------------------------------------------------------------------------------

class Boxes : public Files {
 protected:
  /// Centres of the boxes of one image, or what reading them says.
  std::string centers(const std::string& boxes,
                      const std::string& size = "",
                      const std::string& more = "",
                      const std::string& kind = "auto") const {
    std::string list;
    for (std::size_t at = boxes.find('['); at != std::string::npos; at = boxes.find('[', at + 1))
      list +=
          (list.empty() ? "" : ",") + (R"({"image_id": 1, "category_id": 1, "bbox": )" +
                                       boxes.substr(at, boxes.find(']', at) - at + 1) + more + "}");
    const auto text = R"({"images": [{"id": 1, "file_name": "a.svs")" + size +
                      R"(}], "annotations": [)" + list + "]}";
    const ReadParams params{.box = kind};
    if (const auto problem = failure("m.json", text, params); problem != "no error") return problem;
    std::string out;
    const auto table = read_text("m.json", text, params);
    for (const auto& item : table.images[0].items)
      out += fmt::format("({}, {})", item.center.x, item.center.y);
    return out;
  }
};

TEST_F(Boxes, OfMidogAreCorners) {
  EXPECT_EQ(centers("[4336, 346, 4386, 396]"), "(4361, 371)");
  EXPECT_EQ(centers("[5, 8, 55, 58] [20, 30, 70, 80]"), "(30, 33)(45, 55)");
  EXPECT_EQ(centers("[-10, 8, 40, 58]"), "(15, 33)");
}

TEST_F(Boxes, OfCocoNearTheCornerAreSizes) {
  EXPECT_EQ(centers("[5, 8, 50, 50] [20, 30, 50, 50] [41, 2, 50, 50]"), "(30, 33)(45, 55)(66, 27)");
  EXPECT_EQ(centers("[5, 8, 40, 50]", "", R"(, "area": 2000)"), "(25, 33)");
  EXPECT_EQ(centers("[5, 8, 40, 50] [800, 900, 40, 52]"), "(25, 33)(820, 926)");
}

TEST_F(Boxes, AreaAndImageSizeTellThemApart) {
  EXPECT_EQ(centers("[5, 8, 45, 58]", "", R"(, "area": 2000)"), "(25, 33)");
  EXPECT_EQ(centers("[5, 8, 40, 50] [600, 30, 640, 90]", R"(, "width": 700, "height": 600)"),
            "(22.5, 29)(620, 60)");
}

TEST_F(Boxes, ThatMayBeEitherAreAskedFor) {
  const std::string question =
      "m.json:1:105: annotations/0/bbox: [5, 8, 40, 50] may be two corners or left, top, width and "
      "height, and nothing in the file tells which: say it with 'box', corners or size";

  EXPECT_EQ(centers("[5, 8, 40, 50]"), question);
  EXPECT_EQ(centers("[5, 8, 40, 50]", "", "", "size"), "(25, 33)");
  EXPECT_EQ(centers("[5, 8, 40, 50]", "", "", "corners"), "(22.5, 29)");
}

TEST_F(Boxes, ThatContradictEachOtherAreAskedFor) {
  EXPECT_THAT(centers("[90, 90, 50, 50] [600, 30, 650, 80]", R"(, "width": 700, "height": 600)"),
              HasSubstr("say it with 'box'"));
  EXPECT_THAT(centers("[90, 90, 50, 50] [600, 30, 650, 80] [700, 30, 750, 80] [20, 20, 70, 70] "
                      "[30, 30, 80, 80] [30, 40, 80, 90] [30, 50, 80, 100] [30, 60, 80, 110] "
                      "[30, 70, 80, 120] [30, 80, 80, 130]"),
              HasSubstr("say it with 'box'"));
}

TEST_F(LeftOut, CategoriesThatAreNotListedAreOtherClasses) {
  const auto found = reading("m.json", R"({"images": [{"id": "1", "file_name": "a.svs"}],
"categories": [{"id": "7", "name": "mitotic figure"}], "annotations": [
{"id": 1, "image_id": "1", "category_id": "7", "bbox": [100, 100, 150, 150]},
{"id": 2, "image_id": "1", "category_id": "9", "bbox": [300, 100, 350, 150]},
{"id": 3, "image_id": "1", "category_id": null, "bbox": [300, 100, 350, 150]},
{"id": 4, "image_id": "1", "category_id": "7", "bbox": ["NaN", null, 350, 150]}]})");

  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].center, (PointL0{125, 125}));
  EXPECT_THAT(found.left_out, HasSubstr("3 objects are left out"));
  EXPECT_THAT(found.left_out, HasSubstr("1 of class 'category 9'"));
  EXPECT_THAT(found.left_out, HasSubstr("1 without a box"));
}

TEST_F(LeftOut, NumbersThatOtherSystemsCouldNotCompute) {
  for (const std::string word : {"NaN", "-nan(ind)", "1.#QNAN", "#N/A", "#DIV/0!", "None", "-Inf"})
    EXPECT_THAT(
        reading("t.csv", "slide,x,y,label\na,1,2,mitosis\na," + word + ",7,mitosis\n").left_out,
        HasSubstr("1 without a place"))
        << word;
  const auto voc = reading("v.xml", R"(<annotation><filename>a.tif</filename>
<object><name>mitosis</name><bndbox><xmin>NaN</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object>
<object><name>mitosis</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox></object>
</annotation>)");
  EXPECT_EQ(voc.items.size(), 1U);
  EXPECT_THAT(voc.left_out, HasSubstr("1 without a place"));
}

constexpr const char* kDot =
    "<ASAP_Annotations><Annotations><Annotation Name=\"{}\" Type=\"Dot\" PartOfGroup=\"Mitosis\">"
    "<Coordinates><Coordinate Order=\"0\" X=\"1\" Y=\"2\"/></Coordinates></Annotation>{}"
    "</Annotations></ASAP_Annotations>";

TEST_F(LeftOut, AnObjectOfAsapWithoutATypeIsNone) {
  const auto found = reading("a.xml", fmt::format(fmt::runtime(kDot), "n", "<Annotation/>"));

  EXPECT_EQ(found.items.size(), 1U);
  EXPECT_THAT(found.left_out, HasSubstr("1 object is left out"));
}

TEST_F(LeftOut, LettersOfXmlThatSaysItIsLatin1) {
  const auto found = reading("a.xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n" +
                                          fmt::format(fmt::runtime(kDot), "caf\xE9", ""));

  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].id, "caf\xC3\xA9");
}

TEST_F(LeftOut, WhatStandsBehindTheEndOfAFileIsNotDroppedSilently) {
  const std::string dot = fmt::format(fmt::runtime(kDot), "n", "");
  for (const std::string& more : {dot, std::string("text")})
    EXPECT_THAT(failure("a.xml", dot + "\n" + more),
                HasSubstr("something stands beside <ASAP_Annotations>"))
        << more;
  EXPECT_THAT(failure("a.xml", dot + dot), HasSubstr("expected one element"));
  EXPECT_EQ(reading("a.xml", "<!-- before -->" + dot + "\n<!-- after -->\n").items.size(), 1U);
  EXPECT_THAT(failure("a.geojson", "[" + feature(kSquare, "Mitosis") + "]\n[]"),
              HasSubstr("a.geojson:2:1"));
  EXPECT_THAT(failure("a.json", "{\"a\": 1e999}"), HasSubstr("a number is larger than any"));
}

}  // namespace
}  // namespace mito::annotations
