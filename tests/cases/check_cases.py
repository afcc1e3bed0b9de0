#!/usr/bin/env python3
"""Runs the program on the files of ../shared/cases and compares with the right answers of its README.

    check_cases.py MITOLOOM CASES_FOLDER [--table]

CASES_FOLDER holds make_cases.py, which draws the files; it needs numpy, PIL and vips. Exit 77 (skipped, with the reason) where
the folder or one of these is missing; --table prints what was seen in every row instead of failures only.
"""
import csv, glob, json, math, os, pathlib, shutil, subprocess, sys, tempfile

TISSUE = 0.06  # share by which a tissue area may differ from the README's, which has three digits


class Case:
    """One run of the program in a folder of its own."""

    def __init__(self, program, cases, work):
        self.program, self.cases, self.work = program, cases, work
        self.runs = 0

    def call(self, *args, cwd=None, env=None, stdout=None):
        done = subprocess.run([os.fsencode(a) for a in (self.program, *args)], capture_output=stdout is None,
                              stdout=stdout, stderr=subprocess.PIPE if stdout is not None else None,
                              cwd=cwd, env=env and {**os.environ, **env})
        self.code = done.returncode
        self.out = (done.stdout or b"").decode(errors="replace")
        self.err = (done.stderr or b"").decode(errors="replace")
        return self

    def folder(self):
        self.runs += 1
        self.to = self.work / f"out{self.runs}"
        return self.to

    def detect(self, file, truth="truth.csv", *more, cwd=None):
        return self.call("run", PIPELINES / "detect/detect.yaml", "--set", b"slide=" + os.fsencode(self.cases / file), "--set",
                         f"truth={self.cases / truth}", *more, "--out", self.folder(), "--no-store", cwd=cwd)

    def convert(self, file, *more):
        return self.call("run", PIPELINES / "slides/convert_annotations.yaml", "--set", f"files={self.cases / file}", *more, "--out",
                         self.folder(), "--no-store")

    def json(self, name):
        return json.loads((self.to / name).read_bytes())

    def found(self):
        """'n of m, k false' by nearest_per_truth, or what the run said instead."""
        if self.code != 0:
            return f"exit {self.code}"
        evaluation = self.json("evaluation.json")
        if "rules" not in evaluation:
            return evaluation["reason"]
        counts = evaluation["rules"]["nearest_per_truth"]
        return f"{counts['tp']} of {counts['tp'] + counts['fn']}, {counts['fp']} false"

    def tissue(self):
        return self.json("result.json")["tissue_mm2"] if self.code == 0 else math.nan

    def rows(self):
        """Rows of the table that convert_annotations wrote."""
        if self.code != 0:
            return []
        table = next(iter(glob.glob(f"{self.to}/**/*.csv", recursive=True)), None)
        return list(csv.DictReader(open(table, newline=""))) if table else []

    def lines(self):
        """Error lines; a refusal is one line of our own."""
        return [line for line in self.err.splitlines() if line and not line.startswith(("slides ", "tiles ", "info:"))]

    def refused(self, *words, codes=(1,)):
        text = "\n".join(self.lines())
        ours = len(self.lines()) == 1 and ("error" in text)
        return self.code in codes and ours and all(word in text for word in words)


def near(a, b):
    return abs(a - b) <= TISSUE * b


def check(case, cases, work):
    """Yields (id, right?, what was seen)."""

    def found(name, want, tissue=None):
        seen = case.found()
        right = seen == want and (tissue is None or near(case.tissue(), tissue))
        return name, right, seen + (f", tissue {case.tissue():.4f}" if tissue else "") + ("" if case.code == 0 else f": {case.err[-200:]}")

    def refusal(name, *words, codes=(1,)):
        return name, case.refused(*words, codes=codes), f"exit {case.code}: {case.err.strip()[-240:]}"

    case.detect("base/base.svs")
    yield found("control base", "8 of 8, 0 false", 0.0611)
    case.detect("crop_control.tif", "truth_crop.csv")
    yield found("control crop", "4 of 4, 0 false", 0.0214)
    case.detect("transparent_control.png", "truth_crop.csv", "--set", "slide.assume_mpp=0.25")
    yield found("control transparent", "4 of 4, 0 false", 0.0214)
    case.detect("faded80.tif")
    yield found("control faded", "6 of 8, 0 false", 0.0632)
    case.detect("all_tissue_control.tif", "truth_all_tissue.csv")
    yield found("control all tissue", "42 of 42, 0 false", 0.1229)

    case.detect("sparse_jpeg.tif")
    yield found("1", "8 of 8, 0 false")
    slide, store, seen = work / "slide.tif", work / "store", []
    for version in ("before", "after"):
        shutil.copy(cases / f"same_hash_{version}/slide.tif", slide)
        case.call("run", PIPELINES / "detect/detect.yaml", "--set", f"slide={slide}", "--out", case.folder(), "--store", store)
        seen.append(case.json("result.json")["detections"] if case.code == 0 else case.err)
    yield "2", seen == [2, 0], f"detections {seen[0]}, then {seen[1]}"
    case.detect("leica.scn")
    yield "3", *points_on_truth(case, cases / "truth.csv")
    case.detect("mpp_mm.svs")
    yield refusal("4a", "0.00025", "assume_mpp")
    case.detect("mpp_mm.svs", "truth.csv", "--set", "slide.assume_mpp=0.25")
    name, right, text = found("4b", "8 of 8, 0 false")
    source = case.json("result.json")["slide"]["mpp_source"] if case.code == 0 else ""
    yield name, right and "0.00025" in source, f"{text}, mpp_source '{source}'"
    case.detect("transparent.png", "truth_crop.csv", "--set", "slide.assume_mpp=0.25")
    yield found("5", "4 of 4, 0 false", 0.0214)
    case.detect("black_around.tif")
    yield found("6", "8 of 8, 0 false", 0.0611)
    case.detect("alone.mrxs")
    yield refusal("7a", "folder", "alone")
    case.detect("alone.mrxs", "truth.csv", "--set", "slide.assume_mpp=0.25")
    yield refusal("7b", "folder", "alone")
    case.detect("hole.jpg", "truth.csv", "--set", "slide.assume_mpp=0.25")
    yield refusal("8a", "damaged")
    case.detect("appended.jpg", "truth.csv", "--set", "slide.assume_mpp=0.25")
    yield found("8b", "8 of 8, 0 false")
    case.detect("faded80_pen_green.tif")
    name, right, text = found("9", "6 of 8, 0 false", 0.0632)
    yield name, right, text
    yield from names(case, cases)
    yield from texts(case, cases)
    case.detect("orientation4_tiled.tif", "truth_crop.csv")
    yield ("17", case.found() == "4 of 4, 0 false" or case.refused("orientation"), f"{case.found()} {case.err[-200:]}")
    case.detect("rgb12in16.tif", "truth_rgb12.csv")
    yield ("18", case.found() == "2 of 2, 0 false" or case.refused("65535"), f"{case.found()} {case.err[-200:]}")
    case.detect("drawn.ome.tif")
    name, right, text = found("19", "8 of 8, 0 false")
    yield name, right and case.json("result.json")["slide"]["mpp_x"] == 0.25, text
    yield from resources(case, cases, work)
    case.call("run", cases / "mask_file.yaml", "--set", f"slide={cases}/base/base.svs", "--set", f"file={cases}/mask_half.png", "--out",
              case.folder(), "--no-store")
    yield refusal("23", "100", "160", "1536", "1280")
    case.convert("xywh_top_left.json")
    centres = sorted((float(row["x"]), float(row["y"])) for row in case.rows())
    yield ("24", centres == [(30, 33), (45, 55), (66, 27)] or case.refused("box"), f"exit {case.code}: {centres} {case.err[-200:]}")
    case.detect("huge_strips.tif")
    yield refusal("25", "strips", "vips tiffsave")
    case.detect("float_strips.tif")
    yield refusal("26", "float")
    case.detect("all_tissue.tif", "truth_all_tissue.csv")
    yield found("27", "42 of 42, 0 false", 0.1229)
    case.call("run", PIPELINES / "detect/detect.yaml", "--set", f"slide={cases}/folder/s*", "--out", case.folder(), "--no-store")
    counts = [json.loads((case.to / name / "result.json").read_bytes())["detections"] for name in ("s01", "s02")
              if (case.to / name / "result.json").exists()]
    yield "28", case.code == 0 and counts == [8, 8] and "s01.csv" in case.err and not (case.to / "s01-2").exists(), \
        f"exit {case.code}, detections {counts}, {sorted(os.listdir(case.to)) if case.to.exists() else ''}: {case.err[-200:]}"


def points_on_truth(case, truth):
    if case.code != 0:
        return False, case.err[-200:]
    circles = [f["geometry"]["coordinates"][0] for f in case.json("detections.geojson")["features"]
               if f["properties"]["classification"]["name"] in ("Mitosis", "Mitosis: found", "Mitosis: false")]
    points = [[sum(axis) / len(axis) for axis in zip(*circle[1:])] for circle in circles]
    wanted = [(float(row["x"]), float(row["y"])) for row in csv.DictReader(open(truth))]
    hits = {n for x, y in points for n, (a, b) in enumerate(wanted) if math.hypot(x - a, y - b) <= 30}
    return len(points) == len(wanted) == len(hits), f"{len(points)} points, on {len(hits)} of {len(wanted)}"


def names(case, cases):
    case.detect(os.fsdecode(b"names/latin\xe9.svs"))
    right = case.code == 0 and case.found() == "8 of 8, 0 false" and case.json("result.json") and case.json("run.json")
    yield "10", bool(right) or (case.refused() and not case.to.exists()), f"{case.found()} {case.err[-200:]}"
    for name, file in (("11a", "a [1].svs"), ("11b", "[x].svs")):
        case.call("run", PIPELINES / "detect/detect.yaml", "--set", f"slide={file}", "--out", case.folder(), "--no-store", cwd=cases / "names")
        yield name, case.code == 0 and (case.to / "result.json").exists(), f"exit {case.code} {case.err[-200:]}"


def texts(case, cases):
    case.call("validate", cases / "two_documents.yaml")
    yield "12a", case.code == 2 and ":7:" in case.err, f"exit {case.code}: {case.err.strip()}"
    case.call("plan", PIPELINES / "detect/detect.yaml", "--set", f"slide=[{cases}/base/base.svs] {cases}/sparse_jpeg.tif")
    yield "12b", case.code == 2 and len(case.lines()) == 1, f"exit {case.code}: {case.err.strip()}"
    case.convert("nan_text/base.geojson")
    rows = case.rows()
    yield "13a", case.code == 0 and len(rows) == 1 and not rows[0].get("score"), f"exit {case.code}, {len(rows)} rows {case.err[-200:]}"
    case.convert("line/base.geojson", "--set", "read.other_labels=drop")
    yield "13b", case.code == 0 and len(case.rows()) == 8 and "1 object" in case.err + case.out, f"exit {case.code}, {len(case.rows())} rows: {case.err[-200:]}"
    case.detect("base/base.svs", "paths.csv")
    yield "14", case.found() == "8 of 8, 0 false" or "paths.csv" in case.err, f"{case.found()} {case.err[-200:]}"
    case.convert("semicolon.csv")
    rows = case.rows()
    right = len(rows) == 8 and abs(float(rows[0]["x"]) - 787.806) < 1e-3 and abs(float(rows[0]["y"]) - 836.401) < 1e-3
    yield "15a", right or case.refused("semicolons"), f"exit {case.code}, {len(rows)} rows {case.err[-200:]}"
    case.convert("empty_rows.csv")
    yield "15b", len(case.rows()) == 8, f"exit {case.code}, {len(case.rows())} rows {case.err[-200:]}"
    with open("/dev/full", "w") as full:
        case.call("plan", PIPELINES / "detect/detect.yaml", "--set", f"slide={cases}/base/base.svs", "--json", stdout=full)
    yield "16", case.code == 1 and "No space left" in case.err, f"exit {case.code}: {case.err.strip()}"


def resources(case, cases, work):
    command = f'ulimit -n 256; exec "$0" run {cases}/mask.yaml --set slide={cases}/many/\\*.tif --out {case.folder()} --store {work}/many'
    done = subprocess.run(["bash", "-c", command, case.program], capture_output=True, text=True)
    folders = len(list(case.to.iterdir())) if case.to.exists() else 0
    named = done.returncode == 1 and "ulimit -n" in done.stderr
    yield "20", done.returncode == 0 or named, f"exit {done.returncode}, {folders} folders: {done.stderr.strip()[-200:]}"
    file = work / "file"
    file.touch()
    case.call("run", PIPELINES / "detect/detect.yaml", "--set", f"slide={cases}/base/base.svs", "--out", file, "--no-store")
    yield "21a", case.code == 1 and len(case.lines()) == 1 and str(file) in case.err and "filesystem error" not in case.err, f"exit {case.code}: {case.err.strip()}"
    yield unlisted(case, work)
    library = work / "no_flock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, cases / "no_flock.c"], check=True)
    case.call("run", cases / "mask.yaml", "--set", f"slide={cases}/base/base.svs", "--out", case.folder(), "--store", work / "locks",
              env={"LD_PRELOAD": str(library)})
    ran, said = case.code, case.err
    case.call("store", "verify", "--store", work / "locks")
    yield "22", (ran == 0 or (ran == 1 and "--no-store" in said)) and case.code == 0, f"exit {ran}, verify {case.code}: {said.strip()[-200:]} {case.out.strip()}"


def unlisted(case, work):
    if os.geteuid() != 0:
        return "21b", True, "not tried: needs to become another user"
    hidden = work / "hidden"
    hidden.mkdir()
    hidden.chmod(0)
    os.chmod(work, 0o777)
    command = ["setpriv", "--reuid=65534", "--clear-groups", case.program, "run", PIPELINES / "detect/detect.yaml", "--set", f"slide={hidden}/*.svs",
               "--out", case.folder(), "--no-store"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=work)
    hidden.chmod(0o700)
    right = done.returncode in (1, 2) and str(hidden) in done.stderr and "filesystem error" not in done.stderr
    return "21b", right, f"exit {done.returncode}: {done.stderr.strip()}"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def main():
    global PIPELINES
    program, source = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    PIPELINES = pathlib.Path(__file__).resolve().parents[2] / "pipelines"
    if not (source / "make_cases.py").exists():
        skip(f"no {source}/make_cases.py")
    os.environ.pop("MITOLOOM_STORE", None)
    with tempfile.TemporaryDirectory(prefix="mitoloom-cases-") as folder:
        work = pathlib.Path(folder)
        cases = work / "cases"
        drawn = subprocess.run(["/usr/bin/python3", source / "make_cases.py", program, cases], capture_output=True, text=True)
        if drawn.returncode != 0:
            missing = "No module named" in drawn.stderr or "'vips'" in drawn.stderr
            skip(drawn.stderr.strip().splitlines()[-1]) if missing else sys.exit(drawn.stderr)
        wrong = 0
        total = 0
        for name, right, seen in check(Case(program, cases, work), cases, work):
            total += 1
            wrong += not right
            if "--table" in sys.argv or not right:
                print(f"{'right' if right else 'WRONG':6s} {name:20s} {' '.join(str(seen).split())}", flush=True)
    print(f"{total - wrong} of {total} right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
