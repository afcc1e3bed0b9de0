#!/usr/bin/env python3
"""Runs the examples of docs/examples/python as nodes, and steps that fail in every way there is a message for.

    check_steps.py MITOLOOM ROOT
"""
import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from python_kit import SKIPPED, missing_from, use_python_with

DRAW = "nodes: {drawn: {use: synthetic_slide, params: {width_px: 1536, height_px: 1024, mitoses: 4, lookalikes: 3}}}\n"
PIPELINE = """
inputs:
  slide: {type: files}
nodes:
  slide: {use: slide, in: {files: $slide}}
  mask: {use: tissue_mask, in: {slide: slide}}
  tiles: {use: tiles, in: {slide: slide, mask: mask}, params: {size_px: 512}}
  cells: {use: python, in: {tile: tiles}, params: {file: step.py, time_limit_s: 60}, store: true}
  candidates: {use: collect_candidates, in: {candidates: cells, slide: slide}, store: true}
outputs: [candidates]
"""
STEP = '''"""One candidate in the corner of each tile."""
import os
import numpy as np
INPUTS = {"tile": "Tile"}
OUTPUT = {"candidates": "CandidateSet"}
PARAMS = {"times": {"default": 1, "min": 1, "max": 9, "doc": "How many."}}
def run(tile, times):
    x, y = tile.core[:2]
    return {"grid": np.array([[x + i, y] for i in range(times)])}
'''
BODY = STEP[STEP.index("    x, y"):]
FAILS = [  # (what run does instead, what the message says)
    ("    raise ValueError('too\\ndark')\n", r"node 'cells' \(python\).*slide.* tile.*/step.py:8: ValueError: too dark"),
    ("    tile.rgb[0] = 1\n", r"step.py:8: ValueError: assignment destination is read-only"),
    ("    os.kill(os.getpid(), 9)\n", r"step.py: the process of the step was killed by signal 9 \(Killed\)"),
    ("    os._exit(3)\n", r"step.py: the process of the step ended with exit code 3"),
    ("    raise SystemExit(4)\n", r"step.py:8: SystemExit: 4"),
    ("    return [1]\n", r"TypeError: run must return a dict of the arrays of a CandidateSet, got list"),
    ("    return {'grid': np.zeros((2, 3), int)}\n", r"step.py: run 'grid' has shape \[2, 3\], expected \[N, 2\]"),
    ("    return {'grid': np.zeros((0, 2))}\n", r"run 'grid' has real numbers, expected whole ones"),
    ("    return {'grid': np.array([[-5, 7]])}\n", r"run 'grid' has the point \(-5, 7\), which is not in the core of the tile: x from"),
    ("    return {'points': np.zeros((0, 2), int)}\n", r"run returned 'points', expected grid, intensity"),
    ("    return {}\n", r"run did not return 'grid'"),
    ("    return {'grid': 'all'}\n", r"TypeError: 'grid' must be an array of numbers, got str"),
    ("    while True: pass\n", r"step.py: the step did not end within 4 s \(time_limit_s\)"),
    ("    os.close(3)\n    while True: pass\n", r"step.py: the step closed its connection to mitoloom"),
]
WRONG = [  # (what is replaced, by what, what `validate` says)
    ('"CandidateSet"}', '"CandidatSet"}', "step.py:5:1: error: 'CandidatSet' cannot be the output 'candidates'; did you mean "
     "'CandidateSet'?; known are CandidateSet, DetectionSet, FeatureTable, ProbabilityTile, Tile, TissueMask"),
    ('"CandidateSet"}', '"TissueMask"}', "step.py:5:1: error: a step that makes a TissueMask must have an input Slide"),
    ('{"tile": "Tile"}', '{"tile": "Grade"}', "step.py:4:1: error: 'Grade' cannot be the input 'tile'"),
    ('{"tile": "Tile"}', "dict(tile='Tile')", "step.py:4:1: error: INPUTS must be written out"),
    ("OUTPUT =", "OUT =", "step.py:1:1: error: OUTPUT is missing"),
    ("run(tile, times)", "run(tile)", "step.py:7:1: error: run must take what the file declares: tile, times; it takes tile"),
    ("import os", "import osx", "step.py:2:1: error: imports 'osx', which is not installed for"),
    ("    x, y = tile", "    x, y = = tile", "step.py:8:1: error: SyntaxError: invalid syntax"),
    ('"times": {', '"times_um": {', "step.py:7:1: error: run must take"),
    ('"min": 1', '"least": 1', "step.py:6:1: error: parameter 'times' has no 'least'"),
]


class Place:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        (folder / "draw.yaml").write_text(DRAW)
        (folder / "pipeline.yaml").write_text(PIPELINE)
        self.must("run", "draw.yaml", "--out", "drawn")
        self.slide = ["--set", "slide=drawn/synthetic.svs"]

    def __call__(self, *words):
        done = subprocess.run([self.program, *words], cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=250)
        return done.returncode, done.stdout, done.stderr

    def must(self, *words):
        code, out, err = self(*words)
        if code != 0:
            sys.exit(f"python_steps: mitoloom {' '.join(words)}: exit code {code}\n{out}{err}")
        return out

    def step(self, text):
        (self.folder / "step.py").write_text(text)

    def workers(self):
        """Processes that run the step."""
        found = []
        for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self.folder / "step.py") in line.read_text() or "\0work\0step.py\0" in line.read_text():
                    if os.path.realpath(line.parent / "cwd") == str(self.folder):
                        found.append(int(line.parent.name))
            except OSError:
                continue  # it has ended
        return found


def check_messages(place):
    for body, expected in FAILS:
        place.step(STEP.replace(BODY, body))
        limit = ["--set", "cells.time_limit_s=4"] if "while" in body else []
        code, out, err = place("run", "pipeline.yaml", *place.slide, *limit, "-j", "1", "--progress", "off")
        lines = [line for line in err.splitlines() if line.startswith("error")]
        if code != 1 or len(lines) != 1 or not re.search(expected, lines[0]):
            yield f"{body.strip()}: exit code {code}, {err!r}, expected one line with {expected!r}"
    for old, new, expected in WRONG:
        place.step(STEP.replace(old, new, 1))
        code, out, err = place("validate", "pipeline.yaml")
        if code != 2 or len(err.splitlines()) != 1 or expected not in err:
            yield f"{new}: exit code {code}, {err!r}, expected one line with {expected!r}"
    (place.folder / "step.py").unlink()
    code, out, err = place("validate", "pipeline.yaml")
    if (code, err) != (2, "pipeline.yaml:8:58: error: node 'cells': cannot read the step 'step.py'\n"):
        yield f"without the file: exit code {code}, {err!r}"


def check_keys(place):
    """Cached, resumed and planned as any node."""
    place.step(STEP)
    plan = ["plan", "pipeline.yaml", *place.slide]
    place.must("run", "pipeline.yaml", *place.slide)
    if not re.search(r"cells +cached|cells +not needed", place.must(*plan)):
        yield f"a second run computes again: {place.must(*plan)}"
    said = place.must(*plan, "--set", "cells.times=2")
    if "cells       runs: parameter times 1 -> 2" not in said:
        yield f"another parameter: {said}"
    code, out, err = place(*plan, "--set", "cells.times=12")
    if "must be in [1, 9], got 12" not in err:
        yield f"a parameter beyond its range: {err}"
    place.step(STEP.replace("corner", "upper left corner"))
    if "runs: parameter source " not in place.must(*plan):
        yield f"another text of the file: {place.must(*plan)}"
    place.step(STEP)
    (place.folder / "step.py").rename(place.folder / "other.py")
    if "cached" not in place.must(*plan, "--set", "cells.file=other.py"):
        yield "another name of the file is another result"


def check_modules(place, root):
    """Whatever of a module beside the step changes, the step is another one."""
    def source():
        return json.loads(subprocess.run([sys.executable, "-P", root / "nodes/exchange/python/worker.py", "declare", "step.py"],
                                         cwd=place.folder, check=True, capture_output=True, text=True).stdout)["source"]
    place.step("import stains.marks\nimport helper\nimport wave\n" + STEP)
    (place.folder / "stains").mkdir()
    files = {"stains/__init__.py": "", "stains/marks.py": "from . import cells\n", "stains/cells.py": "", "helper.py": "",
             "wave.py": "# in the place of Python's own\n"}
    for name, text in files.items():
        (place.folder / name).write_text(text)
    before = source()
    for name, text in files.items():
        (place.folder / name).write_text(text + "x = 1\n")
        if source() == before:
            yield f"another text of {name} is the same step"
        (place.folder / name).write_text(text)
    if source() != before:
        yield "the same texts are another step"
    for name in files:
        (place.folder / name).unlink()


def check_ends(place):
    """Nothing of a step is left behind, whatever ends the run."""
    place.step(STEP.replace(BODY, "    while True: pass\n"))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 75), (signal.SIGKILL, -9)):
        run = subprocess.Popen([place.program, "run", "pipeline.yaml", *place.slide], cwd=place.folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.time() + 60
        while not place.workers() and time.time() < until:
            time.sleep(0.1)
        time.sleep(1)
        run.send_signal(number)
        got = run.wait(timeout=60)
        until = time.time() + 20
        while place.workers() and time.time() < until:
            time.sleep(0.1)
        if got != code or place.workers():
            yield f"{number!r}: exit code {got}, still there {place.workers()}"


def check_examples(place, root):
    pipeline = root / "docs/examples/python/steps.yaml"
    place.must("run", str(pipeline), *place.slide, "--out", "steps")
    with open(place.folder / "steps/features.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or list(rows[0]) != ["x", "y", "nearest_um", "neighbours", "to_edge_um"] or not float(rows[0]["to_edge_um"]) > 0:
        yield f"features.csv: {rows[:1]}"
    said = []
    for threads, size in ((1, 1024), (3, 512)):
        said.append(place.must("run", str(pipeline), *place.slide, "--no-store", "--out", f"tiles{size}", "-j", str(threads),
                               "--set", f"tiles.size_px={size}").splitlines()[0])
    if said[0] != said[1] or not re.search(r"candidates [1-9]", said[0]):
        yield f"candidates depend on tiles or threads: {said}"


def main():
    use_python_with(["numpy", "scipy"], "python3-numpy python3-scipy python3-skimage")
    program, root = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    os.environ.pop("MITOLOOM_STORE", None)
    with tempfile.TemporaryDirectory(prefix="mitoloom-steps-") as folder:
        place = Place(program, pathlib.Path(folder).resolve())
        problems = [*check_messages(place), *check_keys(place), *check_modules(place, root), *check_ends(place)]
        examples = not missing_from(os.environ["MITOLOOM_PYTHON"], ["skimage"])
        problems += check_examples(place, root) if examples else []
    for problem in problems:
        print(f"python_steps: {problem}")
    if not problems and not examples:
        print("skipped in part: python3-skimage is not installed, which an example needs")
        sys.exit(SKIPPED)
    sys.exit(1 if problems else print("python_steps: ok"))


if __name__ == "__main__":
    main()
