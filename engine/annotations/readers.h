#pragma once
#include "engine/annotations/source.h"

// One reader per format. All throw DataError "FILE:LINE:COLUMN: ..." (a database: file, table and
// row) saying what was expected and what was found. docs/annotation_formats.md describes them.
namespace mito::annotations {

/// The program's own table: columns x, y; slide or image, case, score, label, id may be missing. A
/// row whose x and y are both empty lists an image without objects.
Contents read_csv(const Source& source, const Naming& naming);

/// TUPAC16: lines `row,column[,confidence]`, no header, in CASE/IMAGE.csv. Below the folder
/// `mitoses_ground_truth` or `nonmitoses_ground_truth` the class is known. Method 1.1.
Contents read_tupac(const Source& source, const Naming& naming);

/// ICPR 2012: one line per mitosis, the pixels of its region as x,y,x,y,...; the object is their
/// mean.
Contents read_icpr(const Source& source, const Naming& naming);

/// MIDOG and MIDOG++: COCO-like JSON whose boxes are corners, method 1.2; or COCO itself, whose
/// boxes are left, top, width and height. `kind_of_box`: "corners", "size", or "auto" to tell it
/// from all boxes of the file (kind_of).
Contents read_midog(const Source& source, const std::string& kind_of_box);

/// QuPath: points, multi-points (an object each) and polygons (their centroid). Lines, features
/// without a geometry and so on are no objects.
Contents read_geojson(const Source& source, const Naming& naming);

/// ASAP: dots, point sets (an object each), outlines (their centroid); the group is the class.
Contents read_asap(const Source& source, const Naming& naming);

/// ImageScope (Aperio): regions of one vertex, outlines (their centroid), ellipses (the centre of
/// their two corners). Rulers and arrows are no objects, nor is what is cut out of an outline. The
/// class is the layer's name or description, else the text of the region.
Contents read_imagescope(const Source& source, const Naming& naming);

/// Pascal VOC: the centres of boxes.
Contents read_voc(const Source& source);

/// SlideRunner: the agreed class of annotations that are not deleted.
Contents read_sliderunner(const Source& source);

}  // namespace mito::annotations
