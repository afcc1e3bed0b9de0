#include "nodes/exchange/slide_annotations/slide_annotations.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "engine/core/error.h"

namespace mito::slide_annotations {
namespace {

SlideInfo slide(const std::string& path) {
  SlideInfo info;
  info.path = path;
  info.name = info.path.stem();
  info.width = 100;
  info.height = 50;
  return info;
}

const AnnotationTable& table() {
  static const AnnotationTable kTable{{{"01", "", {}},
                                       {"04/01", "04", {{{1, 2}}}},
                                       {"04/02", "04", {{{-0.5, 49.5}, "hard_negative"}}},
                                       {"b.c", "P", {}},
                                       {"x", "", {{{5, 5}}, {{99.6, 5}, "mitosis", {}, "17"}}}}};
  return kTable;
}

std::string refusal(const std::string& path) {
  try {
    static_cast<void>(of_slide({}, slide(path), table()));
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TEST(SlideAnnotations, FindsTheLongestNameThatThePathEndsIn) {
  EXPECT_EQ(of_slide({}, slide("/data/04/01.tif"), table()), table().images[1]);
  EXPECT_EQ(of_slide({}, slide("/data/21/01.tif"), table()), table().images[0]);
  EXPECT_EQ(of_slide({}, slide("/data/b.c.svs"), table()), table().images[3]);
  EXPECT_EQ(of_slide({}, slide("/data/b.c"), table()), table().images[3]);
}

TEST(SlideAnnotations, ObjectsMayLieOnTheVeryBorder) {
  EXPECT_EQ(of_slide({}, slide("/data/04/02.tif"), table()), table().images[2]);
}

TEST(SlideAnnotations, RefusesASlideThatIsNotListedNamingTheNearest) {
  EXPECT_EQ(refusal("/data/b.d.tif"),
            "slide 'b.d' (/data/b.d.tif) is not among the 5 images of the annotations; did you "
            "mean 'b.c'?; missing: none takes it for one without marked objects");
  EXPECT_EQ(refusal("/data/05/02.tif"),
            "slide '02' (/data/05/02.tif) is not among the 5 images of the annotations; did you "
            "mean '04/02'?; missing: none takes it for one without marked objects");
}

TEST(SlideAnnotations, TakesASlideThatIsNotListedForOneWithoutObjectsWhenToldTo) {
  EXPECT_EQ(of_slide({.missing = "none"}, slide("/data/05/02.tif"), table()),
            (ImageAnnotations{"02", "", {}}));
}

TEST(SlideAnnotations, ObjectsOfQuPathCountFromTheCornerOfWhatWasScanned) {
  SlideInfo info = slide("/data/q.mrxs");
  info.bounds = {40, 20, 60, 30};
  Annotation of_qupath{{1, 2}};
  of_qupath.from_bounds = true;
  const AnnotationTable both{{{"q", "", {of_qupath, {{1, 2}}}}}};

  const auto found = of_slide({}, info, both);

  EXPECT_EQ(found.items, (std::vector<Annotation>{{{41, 22}}, {{1, 2}}}));
}

TEST(SlideAnnotations, NamesAnObjectThatIsNotOnTheSlide) {
  EXPECT_EQ(refusal("/data/x.tif"),
            "slide 'x' (/data/x.tif): object 2 of image 'x' (mitosis, id 17) at (99.6, 5) does not "
            "lie on its 100 x 50 px");
}

}  // namespace
}  // namespace mito::slide_annotations
