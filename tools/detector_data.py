#!/usr/bin/env python3
"""Lays out the images that pipelines/train/general_detector.yaml trains on, with their marks, in one folder.

    detector_data.py DATA OUT

DATA holds the folders of the public sets (docs/detector_study.md lists them). OUT gets

    images/      links to the images
    marks.csv    image, case, x, y, label: every mark, and a line without a place for an image without marks
    sizes.csv    slide, mpp: the size of the pixels of each image
    atypical/    links to the crops alone
    atypical.csv image, case, x, y, label of these: an atypical figure is the `mitosis` that is looked for, a typical one a
                 `hard_negative`; the case is one of five folds of slides, or MIDOGPP, whose slides are not stated

A case is a patient, whatever scanner it was on: H03 and A03 are case H03. A crop shows one mitosis and belongs to the case
of its scanner (XR, S360, XT, MIDOGPP), so that scanners can be left out like patients. Labels are `mitosis`,
`hard_negative` (seen and named apoptosis) and `doubtful`: may be a mitosis, and is neither learnt as one nor as none.
Test sets are not touched: no crop that is in the test crops is laid out.
"""
import csv
import pathlib
import sys

SCANNERS = {
    "midog21_hamamatsu_xr": "XR",
    "midog21_hamamatsu_s360": "S360",
    "tupac16_cases01_23": "XT",
    "midogpp_unspecified": "MIDOGPP",
}
CROP_MIDDLE = 64
FOLDS = 5
# Marked in case12_05 at (808, 711) and not in case12_07, which shows the same place (README of the set).
UNMARKED = {"case12_07.jpg": [(40, 343)]}


class Layout:
    """Images with their case, size of pixels and marks."""

    def __init__(self):
        self.images = {}
        self.marks = []
        self.sizes = []

    def add(self, path, case, mpp):
        if path.name in self.images:
            sys.exit(f"detector_data.py: two images are called {path.name}: {self.images[path.name]} and {path}")
        self.images[path.name] = path
        self.sizes.append((path.name, mpp))
        self.marks.append((path.name, case, "", "", ""))

    def mark(self, name, case, x, y, label):
        self.marks.append((name, case, x, y, label))

    def write(self, out):
        link_all(self.images, out / "images")
        write_csv(out / "marks.csv", ("image", "case", "x", "y", "label"), self.marks)
        write_csv(out / "sizes.csv", ("slide", "mpp"), self.sizes)


def link_all(images, folder):
    """Links to images, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in images.items():
        link = folder / name
        if link.is_symlink():
            link.unlink()
        link.symlink_to(path.resolve())


def write_csv(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def rows_of(path):
    if not path.is_file():
        sys.exit(f"detector_data.py: {path}: no such file; DATA must hold the sets that docs/detector_study.md lists")
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def add_frames(layout, folder):
    for path in sorted((folder / "frames").glob("*.jpg")):
        layout.add(path, path.name[:3], 0.2274)
    for row in rows_of(folder / "mitoses.csv"):
        layout.mark(row["image"], row["case"], row["x"], row["y"], "mitosis")


def add_aperio(layout, folder):
    """Patients A03 and A04 are H03 and H04 on another scanner."""
    for path in sorted((folder / "images").glob("*.jpg")):
        layout.add(path, "H" + path.name[1:3], 0.2456)
    for row in rows_of(folder / "mitoses.csv"):
        layout.mark(row["image"], "H" + row["image"][1:3], row["x"], row["y"], "mitosis")


def add_fields(layout, folder):
    labels = {"mitosis": "mitosis", "apoptosis": "hard_negative"}
    cases = {row["image"]: row["case"] for row in rows_of(folder / "fields.csv")}
    for name, case in cases.items():
        layout.add(folder / "fields" / name, case, 0.25)
        for x, y in UNMARKED.get(name, []):
            layout.mark(name, case, x, y, "doubtful")
    for row in rows_of(folder / "marks.csv"):
        if row["label"] not in labels:
            continue
        label = "doubtful" if row["same_as"] else labels[row["label"]]  # counted once, in the other field
        layout.mark(row["image"], cases[row["image"]], row["x"], row["y"], label)


def add_tiles(layout, folder):
    cases = {}
    for row in rows_of(folder / "index.csv"):
        name = row["file"]
        cases[name] = "tile-" + row["patient"].replace(" ", "-")
        stated = row["mpp"].split()[0]
        layout.add(folder / "tiles" / name, cases[name], 0.275 if stated == "0.275" else 0.25)
    for row in rows_of(folder / "marks_suspected.csv"):
        layout.mark(row["file"], cases[row["file"]], row["x"], row["y"], "doubtful")


def add_crops(layout, folder):
    for row in rows_of(folder / "index.csv"):
        if row["in_multicentre"] != "no":
            continue
        case = SCANNERS[row["domain"]]
        layout.add(folder / "crops" / row["file"], case, 0.25)
        layout.mark(row["file"], case, CROP_MIDDLE, CROP_MIDDLE, "mitosis")


def folds_of(rows):
    """Slides dealt out to five folds, the largest first, each to the fold with the fewest crops."""
    sizes = {}
    for row in rows:
        sizes[row["domain"], row["slide"]] = sizes.get((row["domain"], row["slide"]), 0) + 1
    filled = [0] * FOLDS
    out = {}
    for slide in sorted(sizes, key=lambda one: (-sizes[one], one)):
        fold = filled.index(min(filled))
        filled[fold] += sizes[slide]
        out[slide] = f"fold-{fold + 1}"
    return out


def write_atypical(folder, out):
    rows = [row for row in rows_of(folder / "index.csv") if row["in_multicentre"] == "no"]
    folds = folds_of([row for row in rows if row["slide"]])
    marks = []
    link_all({row["file"]: folder / "crops" / row["file"] for row in rows}, out / "atypical")
    for row in rows:
        case = folds.get((row["domain"], row["slide"]), SCANNERS[row["domain"]])
        label = "mitosis" if row["majority_atypical"] == "True" else "hard_negative"
        marks.append((row["file"], case, CROP_MIDDLE, CROP_MIDDLE, label))
    write_csv(out / "atypical.csv", ("image", "case", "x", "y", "label"), marks)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: detector_data.py DATA OUT")
    data, out = map(pathlib.Path, sys.argv[1:])
    layout = Layout()
    add_frames(layout, data / "mitos14-hamamatsu-frames")
    add_aperio(layout, data / "icpr12-aperio-a03-a04")
    add_fields(layout, data / "brecahad-fields")
    add_tiles(layout, data / "he-tiles-many-centres")
    add_crops(layout, data / "mitosis-crops-amibr")
    layout.write(out)
    write_atypical(data / "mitosis-crops-amibr", out)
    print(f"{len(layout.images)} images, {sum(1 for mark in layout.marks if mark[4])} marks in {out}")


if __name__ == "__main__":
    main()
