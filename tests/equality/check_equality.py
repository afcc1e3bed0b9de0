#!/usr/bin/env python3
"""Shows that a program gives the results of an older one: same content keys, same bytes.

    check_equality.py OLD_PROGRAM OLD_PIPELINES NEW_PROGRAM NEW_PIPELINES FOLDER

The older program draws slides and a restained pair; then it detects mitoses, makes the reference
standard and trains small networks, with a store. The newer one does the same twice: with a copy of
that store, in which everything has to be found, and without any, so that equal means computed. In
FOLDER is kept what the older program did; it is not done again. The pipelines are folders, such as
`pipelines` of a checkout of each program's commit. Prints what differs; then the exit status is 1.
"""
import filecmp
import json
import pathlib
import re
import shutil
import subprocess
import sys

# Times, paths, and which results were found. What a training logs is there only where it trained.
OF_THE_RUN = {"run.json", "slides.json", "state.json", "manifest.json", "outputs.json", "metrics.csv", "metrics.jsonl", "f1_curve.csv", "ensemble.json"}
MODEL = pathlib.Path(__file__).resolve().parents[2] / "data/models/he_detector.h5"
SHORT = ["batches.epoch=number", "batches.epochs=2", "batches.samples_per_epoch=256", "members.width_factor=0.1"]


# Said here, as the model file says it for newer programs.
THRESHOLD = ["objects.binarise=0.8", "objects.min_probability=0.85"]


class Program:
    def __init__(self, program, pipelines):
        self.program = pathlib.Path(program).resolve()
        # by name, since folders of pipelines change
        self.pipelines = {p.stem: p for p in pathlib.Path(pipelines).resolve().rglob("*.yaml")}

    def run(self, pipeline, out, settings, store=None):
        """Runs a pipeline into `out`, unless it was run there before."""
        if (out.parent / f"{out.name}.done").exists():
            return
        shutil.rmtree(out, ignore_errors=True)
        command = [self.program, "run", self.pipelines[pipeline], "--out", out, "--progress", "off"]
        command += ["--store", store] if store else ["--no-store"]
        for setting in settings:
            command += ["--set", setting]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(map(str, command))}\nexit status {done.returncode}\n{done.stderr}")
        (out.parent / f"{out.name}.done").write_text(done.stdout)


def draw(old, given):
    """What both programs read. The model is a copy: that of the repository may change between two calls."""
    given.mkdir(parents=True, exist_ok=True)
    if not (given / "model.h5").exists():
        shutil.copyfile(MODEL, given / "model.h5")
    for seed in range(1, 4):
        old.run("draw_slide", given / f"slide{seed}", [f"drawing.name=case{seed}", f"drawing.seed={seed}", "drawing.width_px=3072",
                                                        "drawing.height_px=3072", "drawing.mitoses=12"])
    for seed in range(1, 3):
        old.run("phantom_pair", given / f"pair{seed}", [f"pair.name=pair{seed}", f"pair.seed={seed}", "pair.width_px=3072",
                                                        "pair.height_px=3072", "pair.mitoses=20", "pair.lookalikes=20",
                                                        "pair.artefacts=80", "pair.nonspecific=15"])
    old.run("phh3_candidates", given / "sheet", [f"phh3_slide={given}/pair*/pair*_phh3.svs", "sheet.count=200"])
    old.run("phh3_simulated_labels", given / "labels", [f"sheet={given}/sheet/sheet.csv", f"truth={given}/pair*/pair*_truth.csv",
                                                        "observers.question=artefact", "observers.observers=1"])
    old.run("phh3_train_cnn1", given / "network", labelled(given))


def labelled(given):
    return [f"sheet={given}/sheet/sheet.csv", f"labels={given}/labels/labels_*.csv", "train_cnn.width_factor=0.25", "batches.epochs=2"]


def work(program, given, out, store=None):
    """Everything that is compared."""
    pair, network = given / "pair1/pair1", given / "network/model.h5"
    slide = given / "slide1/case1"
    program.run("detect", out / "detect", [f"slide={slide}.svs", f"truth={slide}.csv", f"model={given}/model.h5", *THRESHOLD], store)
    program.run("phh3_train_cnn1", out / "cnn1", labelled(given), store)
    program.run("phh3_reference", out / "reference", [f"he_slide={pair}_he.svs", f"phh3_slide={pair}_phh3.svs", f"truth={pair}_truth.csv",
                                                      f"cnn1={network}", f"cnn2={network}"], store)
    networks = [f"detector.{name}.{setting}" for name in ["teacher.cnn3", "teacher.cnn4", "cnn5"] for setting in SHORT]
    program.run("train_detector", out / "detector",
                [f"slide={given}/slide*/case*.svs", f"annotations={given}/slide*/case*.csv", "data.stain.method=macenko",
                 "data.stain.tile_px=512", "data.stain.min_training=2000", "data.labelled.positives=nearest",
                 "split.training_count=1", "split.validation_count=1", "split.test_count=1",
                 "detector.teacher.cnn4_patches.members=2", "detector.teacher.validation.positives=0",
                 "detector.teacher.validation.negatives=200", "detector.teacher.cnn3_patches.negatives=300",
                 "detector.teacher.cnn4_patches.negatives=300", "detector.cnn5_patches.negatives=300", *networks], store)


def files(folder):
    """Names of the files of a folder that say something of its results."""
    names = {p.relative_to(folder) for p in folder.rglob("*") if p.is_file()}
    return {n.as_posix() for n in names
            if len(n.parts) > 1 and n.name not in OF_THE_RUN and not n.parts[1].startswith(".scratch")}


def without_seconds(file):
    if file.name == "run.html":
        return re.sub(r'(id="seconds">)[^<]*', r"\1", file.read_text())
    return {name: value for name, value in json.loads(file.read_text()).items() if name != "seconds"}


def same(old, new):
    if old.name not in ("result.json", "run.html"):
        return filecmp.cmp(old, new, shallow=False)
    return without_seconds(old) == without_seconds(new)


def differences(old, new):
    """Lines that say how two folders differ."""
    here, there = files(old), files(new)
    for name in sorted(here ^ there):
        yield f"{name}: only in {old if name in here else new}"
    for name in sorted(here & there):
        if not same(old / name, new / name):
            yield f"{name}: differs between {old} and {new}"


def main(old_program, old_pipelines, new_program, new_pipelines, folder):
    old, new = Program(old_program, old_pipelines), Program(new_program, new_pipelines)
    folder = pathlib.Path(folder).resolve()
    given, store, copy = folder / "given", folder / "old/store", folder / "new/store"
    draw(old, given)
    work(old, given, folder / "old/out", store)
    shutil.rmtree(folder / "new", ignore_errors=True)
    shutil.copytree(store, copy, symlinks=True)
    keys = {p for p in files(copy) if p.endswith("artefact.json")}
    work(new, given, folder / "new/cached", copy)
    work(new, given, folder / "new/computed")
    wrong = [f"{p}: computed again" for p in sorted(files(copy) - files(store)) if p.endswith("artefact.json")]
    compared = 0
    for out in ["cached", "computed"]:
        wrong += differences(folder / "old/out", folder / "new" / out)
        compared += len(files(folder / "new" / out))
    for line in wrong:
        print(line)
    print(f"{len(keys)} stored results, {compared} files compared, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
