#!/usr/bin/env python3
"""Lays out a few drawn sets with tools/detector_data.py and reads what tools/detector_study.py makes of a run.

    check_detector_data.py ROOT
"""
import csv
import pathlib
import subprocess
import sys
import tempfile


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def draw_sets(data):
    frames = data / "mitos14-hamamatsu-frames"
    write(frames / "frames/H03_00Aa.jpg", "a frame")
    write(frames / "mitoses.csv", "image,case,x,y\nH03_00Aa.jpg,H03,10,20\n")
    aperio = data / "icpr12-aperio-a03-a04"
    write(aperio / "images/A03_02.jpg", "a field")
    write(aperio / "mitoses.csv", "image,index,x,y\nA03_02.jpg,0,30,40\n")
    fields = data / "brecahad-fields"
    for name in ("case12_01.jpg", "case12_02.jpg", "case12_07.jpg"):
        write(fields / "fields" / name, name)
    write(fields / "fields.csv", "image,case\ncase12_01.jpg,case12\ncase12_02.jpg,case12\ncase12_07.jpg,case12\n")
    write(fields / "marks.csv", "image,x,y,label,width,height,same_as\n"
          "case12_01.jpg,1,2,mitosis,3,3,\ncase12_01.jpg,5,6,tumour-nucleus,3,3,\n"
          "case12_02.jpg,7,8,apoptosis,3,3,\ncase12_02.jpg,9,9,mitosis,3,3,case12_01.jpg:1:2\n")
    tiles = data / "he-tiles-many-centres"
    write(tiles / "tiles/t1.jpg", "a tile")
    write(tiles / "index.csv", "file,patient,mpp\nt1.jpg,TNBC 01,0.25 (40x)\n")
    write(tiles / "marks_suspected.csv", "file,x,y,certainty,remark\nt1.jpg,3,4,clear,\n")
    crops = data / "mitosis-crops-amibr"
    rows = ["file,domain,slide,majority_atypical,in_multicentre"]
    for i, (domain, slide, atypical, tested) in enumerate([("midog21_hamamatsu_xr", "1", "True", "no"),
                                                           ("midog21_hamamatsu_xr", "2", "False", "yes"),
                                                           ("midogpp_unspecified", "", "False", "no")]):
        write(crops / f"crops/c{i}.jpg", f"crop {i}")
        rows.append(f"c{i}.jpg,{domain},{slide},{atypical},{tested}")
    write(crops / "index.csv", "\n".join(rows) + "\n")


def marks_of(path):
    with open(path, newline="") as file:
        return {(row["image"], row["case"], row["x"], row["y"], row["label"]) for row in csv.DictReader(file)}


def expect(what, condition):
    if not condition:
        sys.exit(f"check_detector_data.py: {what}")


def check_layout(tools, data, out):
    subprocess.run([sys.executable, tools / "detector_data.py", data, out], check=True, capture_output=True)
    marks = marks_of(out / "marks.csv")
    placed = {mark for mark in marks if mark[4]}
    expect(f"marks are {sorted(placed)}", placed == {
        ("H03_00Aa.jpg", "H03", "10", "20", "mitosis"), ("A03_02.jpg", "H03", "30", "40", "mitosis"),
        ("case12_01.jpg", "case12", "1", "2", "mitosis"), ("case12_02.jpg", "case12", "7", "8", "hard_negative"),
        ("case12_02.jpg", "case12", "9", "9", "doubtful"), ("case12_07.jpg", "case12", "40", "343", "doubtful"),
        ("t1.jpg", "tile-TNBC-01", "3", "4", "doubtful"),
        ("c0.jpg", "XR", "64", "64", "mitosis"), ("c2.jpg", "MIDOGPP", "64", "64", "mitosis")})
    images = {path.name for path in (out / "images").iterdir()}
    expect("every image has its case", images == {mark[0] for mark in marks})
    expect("a crop of the test set is left out", "c1.jpg" not in images)
    expect("links lead to the images", (out / "images/t1.jpg").read_text() == "a tile")
    expect("atypical figures are what is looked for", marks_of(out / "atypical.csv") == {
        ("c0.jpg", "fold-1", "64", "64", "mitosis"), ("c2.jpg", "MIDOGPP", "64", "64", "hard_negative")})


def check_study(tools, run):
    rows = ["slide,case,x,y,label,probability"]
    rows += [f"H03_00Aa,H03,0,0,1,{p}" for p in (0.9, 0.5)] + [f"H03_00Aa,H03,0,0,0,{p}" for p in (0.7, 0.2)]
    rows += ["A03_02,H03,0,0,1,0.8", "A03_02,H03,0,0,0,0.1", "c0,XR,0,0,1,0.6", "c2,XR,0,0,1,0.95"]
    write(run / "patches_scores.csv", "\n".join(rows) + "\n")
    done = subprocess.run([sys.executable, tools / "detector_study.py", run], check=True, capture_output=True, text=True)
    # a frame has 0.128 mm2: no false positive is allowed at 2 and 5 per mm2, one at 10
    for part in ("frames (2): 0.500 0.500 1.000", "aperio (1): 1.000 1.000 1.000", "XR (2): 0.500 0.500 1.000"):
        expect(f"'{part}' is in {done.stdout}", part in done.stdout)


def main():
    tools = pathlib.Path(sys.argv[1]) / "tools"
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        draw_sets(root / "data")
        check_layout(tools, root / "data", root / "out")
        check_study(tools, root / "run")
    print("detector_data: ok")


if __name__ == "__main__":
    main()
