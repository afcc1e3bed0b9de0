#!/usr/bin/env python3
"""Runs the examples of tools/python/mitoloom.py on drawn slides, and makes mistakes with it.

    check_module.py MITOLOOM ROOT
"""
import doctest
import importlib.util
import os
import pathlib
import sys
import tempfile

from python_kit import use_python_with

MISTAKES = [  # (what is done, what the message says)
    (lambda m: m.Run("nowhere"), "'nowhere' is no folder"),
    (lambda m: m.run("detekt"), "did you mean 'detect'?"),
    (lambda m: m.run("detect", slide="nowhere.svs"), "nowhere.svs"),
    (lambda m: m.run("detect", slide="drawn/synthetic.svs", params={"objects.binarise": 2}), "must be in [0, 1], got 2"),
    (lambda m: m.Cohort("out/detect"), "out/detect/slides.json"),
    (lambda m: m.Run("drawn").detections(), "has no node export_csv"),
    (lambda m: m.Run("out/detect", store="empty").mask(), "no stored outputs of 'out/detect' are of type TissueMask"),
    (lambda m: next(iter(m.Store())).arrays(part=99), "no part 99"),
]


def check(mitoloom):
    """Yields what is wrong."""
    run = mitoloom.Run("out/detect")
    found, mask, probability = run.detections(), run.mask(), run.probability()
    best = found.iloc[0]
    if not mask.at(best["x"], best["y"]):
        yield "the best detection does not lie on tissue"
    column, row = (int(best["x"] // probability.scale[0]), int(best["y"] // probability.scale[1]))
    near = probability.values[max(row - 4, 0):row + 5, max(column - 4, 0):column + 5]
    if abs(near.max() - best["score"]) > 0.01:
        yield f"the map has {near.max()} around the best detection, whose score is {best['score']}"
    if (found["x_um"] - found["x"] * 0.25).abs().max() > 1e-9:
        yield "x_um is not x at 0.25 um/px"
    if found["in_hotspot"].sum() != run.result["hotspot"]["count_max"]:
        yield f"{found['in_hotspot'].sum()} detections are in the hotspot, which counts {run.result['hotspot']['count_max']}"

    store = mitoloom.Store()
    cells = next(a for a in store.find("he_candidates", slide="synthetic"))
    parts = [cells.arrays(part)["coords"] for part in range(cells.about["parts"])]
    if sum(map(len, parts)) != len(cells.arrays()["coords"]):
        yield "the parts of a result do not make up the whole"
    if store[cells.key[:16]].key != cells.key:
        yield "a result is not found by the beginning of its key"
    if len(run.candidates()) != len(cells.arrays()["coords"]):
        yield "a slide has other candidates than its tiles"
    if store.find("he_candidates", parameters={"max_intensity": 0.6}) == [] or store.find(parameters={"max_intensity": 0.9}):
        yield "results are not found by their parameters"

    for act, expected in MISTAKES:
        try:
            act(mitoloom)
            yield f"nothing says '{expected}'"
        except mitoloom.MitoloomError as error:
            if expected not in str(error):
                yield f"the message is '{error}', expected '{expected}'"

    program = os.environ["MITOLOOM"]
    os.environ["MITOLOOM"] = "env -u NOTHING " + program
    if not mitoloom.run("detect", slide="drawn/synthetic.svs", out="by-words").result:
        yield "a program of several words gives no result"
    os.environ["MITOLOOM"] = program

    if importlib.util.find_spec("anndata"):
        data = run.to_anndata()
        if data.shape != (len(found), 1) or data.obsm["spatial"][0, 0] != best["x_um"]:
            yield f"to_anndata() gives {data}"
    else:
        print("python_module: anndata is not installed: only its message was looked at")
        try:
            run.to_anndata()
            yield "to_anndata() works without anndata"
        except mitoloom.MitoloomError as error:
            if "python3-anndata" not in str(error):
                yield f"without anndata to_anndata() says '{error}'"


def main():
    use_python_with(["numpy", "pandas", "h5py", "PIL"], "python3-numpy python3-pandas python3-h5py python3-pil")
    program, root = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:])
    sys.path.insert(0, f"{root}/tools/python")
    os.environ["MITOLOOM"] = program
    os.environ.pop("MITOLOOM_STORE", None)
    import mitoloom
    with tempfile.TemporaryDirectory(prefix="mitoloom-python-") as folder:
        os.chdir(folder)
        failed, tried = doctest.testmod(mitoloom)
        problems = [f"{failed} of {tried} examples failed"] if failed or not tried else list(check(mitoloom))
    for problem in problems:
        print(f"python_module: {problem}")
    sys.exit(1 if problems else print(f"python_module: ok, {tried} examples"))


if __name__ == "__main__":
    main()
