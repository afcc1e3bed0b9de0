"""What the tests of cohorts share: drawn slides, runs of the program, comparison of output folders."""
import json, os, pathlib, re, signal, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRAW = """
nodes:
  drawn: {use: synthetic_slide, params: {name: drawn, width_px: %(side)d, height_px: %(side)d, mitoses: 2, lookalikes: 1, seed: %(seed)d}}
outputs: [drawn]
"""
# Small enough for many runs a minute: no network, one file per slide.
SPOTS = """
title: Dark spots of H&E slides
inputs:
  slide: {type: files, help: H&E slides}
nodes:
  slide: {use: slide, in: {files: $slide}}
  mask: {use: tissue_mask, in: {slide: slide}, store: true}
  tiles: {use: tiles, in: {slide: slide, mask: mask}}
  cells: {use: he_candidates, in: {tile: tiles, slide: slide, mask: mask}, store: true}
  spots: {use: collect_candidates, in: {candidates: cells, slide: slide}, store: true}
  patches: {use: preview_patches, in: {slide: slide, candidates: spots}}
  batch: {use: preview_batch, in: {patches: patches}}
  sheet: {use: contact_sheet, in: {original: batch}}
"""
NOT_RESULTS = {"state.json", "slides.json", "cohort.csv", "cohort.json", "cohort.html"}  # they say who did what and when


class Failed(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failed(message)


class Program:
    """The program, in a folder of its own."""

    def __init__(self, path, folder):
        self.path, self.folder = pathlib.Path(path).resolve(), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def start(self, *arguments, **options):
        return subprocess.Popen([self.path, *map(str, arguments)], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def run(self, *arguments, code=0, **options):
        process = self.start(*arguments, **options)
        out, err = process.communicate()
        line = " ".join(map(str, arguments))
        expect(process.returncode == code, f"{line}: exit code {process.returncode}, expected {code}\n{out}{err}")
        return out, err

    def draw(self, side, count, drawn=2):
        """`count` slides; the first `drawn` are drawn, the others have their pixels in files of other content."""
        slides = self.folder / "slides"
        slides.mkdir(exist_ok=True)
        for seed in range(1, drawn + 1):
            (self.folder / "draw.yaml").write_text(DRAW % {"side": side, "seed": seed})
            self.run("run", "draw.yaml", "--no-store", "--out", f"drawn{seed}", "--progress", "off")
        for i in range(count):
            pixels = (self.folder / f"drawn{i % drawn + 1}" / "drawn.svs").read_bytes()
            (slides / f"case{i:02}.svs").write_bytes(pixels + b"copy %d" % i)
        return slides


def files_of(out):
    """Name and content of every result below `out`; seconds are left out."""
    found = {}
    for path in sorted(pathlib.Path(out).rglob("*")):
        if not path.is_file() or path.name in NOT_RESULTS:
            continue
        content = path.read_bytes()
        if path.name == "result.json":
            content = json.dumps({k: v for k, v in json.loads(content).items() if k != "seconds"}).encode()
        if path.name == "run.html":
            content = re.sub(rb'(id="seconds">)[^<]*', rb"\1", content)
        if path.name == "manifest.json":  # results differ in the digits of their seconds
            content = json.dumps({k: v["key"] for k, v in sorted(json.loads(content).items())}).encode()
        if path.name == "metrics.csv":  # of an epoch, the last two columns: samples per second, seconds waited
            content = b"\n".join(line.rsplit(b",", 2)[0] for line in content.splitlines())
        if path.name == "metrics.jsonl":
            content = json.dumps([{k: v for k, v in json.loads(line).items() if k not in ("samples_per_second", "waited_s")}
                                  for line in content.splitlines()]).encode()
        if path.name == "outputs.json":  # in the order in which nodes ended
            content = json.dumps(json.loads(content), sort_keys=True).encode()
        found[str(path.relative_to(out))] = content
    return found


def expect_equal(calm, other):
    a, b = files_of(calm), files_of(other)
    expect(a, f"{calm}: no files")
    for name in sorted(a.keys() | b.keys()):
        expect(name in b, f"{other}: {name} is missing")
        expect(name in a, f"{other}: {name} is not in {calm}")
        expect(a[name] == b[name], f"{other}: {name} is not as in {calm}")
    return len(a)


def states(out):
    return {path.parent.name: json.loads(path.read_text()) for path in sorted(pathlib.Path(out).glob("*/state.json"))}


def wait_until(condition, seconds=60, what="something"):
    end = time.time() + seconds
    while time.time() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise Failed(f"waited {seconds} s for {what}")
