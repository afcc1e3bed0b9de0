#!/usr/bin/env python3
"""Ends the program, or lets its disk fail, at the points at which it writes, and expects that the next run puts all right.

    check_crash.py PROGRAM LIBRARY                 a few points, as CI does (half a minute)
    check_crash.py PROGRAM LIBRARY --every 1       every point of every job (hours); --every 10: each tenth
    check_crash.py PROGRAM LIBRARY --only gc       one job: run, sweep, train, gc, merge

LIBRARY is write_points.c, compiled; its head says what a point is. For each job the program first works undisturbed. Then, for
a point and a kind of fault, the job begins anew, meets the fault, and is run once more without one: that must succeed, the
results must be those of the undisturbed job, the store must be without a fault, and no file that was on its way may be left.
A fault that the program lives through must end in words, not in a signal.
"""
import argparse, os, pathlib, shutil, subprocess, sys, tempfile, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cohort"))
import cohort_kit  # noqa: E402
from cohort_kit import SPOTS, Failed, Program, expect, expect_equal  # noqa: E402

cohort_kit.NOT_RESULTS |= {"sweep_run.json", "sweep.csv", "sweep.md", "sweep.html"}  # they hold seconds
FAULTS = [("kill", 0), ("power", 0), ("eio", 0), ("enospc", 0), ("eio", 1), ("enospc", 1)]
SWEEP = """title: Spots
base: spots.yaml
set: {slide: slides/case00.svs}
variants: {all: {}}
grid: {cells.max_intensity: [0.4, 0.5]}
metrics: {spots: {file: contact_sheet.csv, at: x}}
"""
RUN = ["run", "spots.yaml", "--set", "slide=slides/*.svs", "--out", "out", "--store", "store", "--progress", "off", "-j", "1"]
# A run's own metrics need a file with one: the table of the drawn slide.
SWEEP_BASE = SPOTS + """  drawing: {use: synthetic_slide, params: {name: drawing, width_px: 256, height_px: 256, mitoses: 1, lookalikes: 0}}
"""


# One small network from labelled patches; a checkpoint is written after every epoch.
PIPELINES = cohort_kit.ROOT / "pipelines"
TRAIN = ["run", PIPELINES / "reference/phh3_train_cnn1.yaml", "--set", "sheet=sheet/sheet.csv", "--set", "labels=labels/labels_*.csv",
         "--set", "train_cnn.width_factor=0.05", "--set", "batches.epochs=3",
         "--set", "patches.need=1", "--out", "out", "--store", "store", "--progress", "off", "-j", "1"]


class Job:
    """Commands in a folder that holds what they need; the last are those that are disturbed. `quick`: how many kinds of fault CI tries."""

    def __init__(self, name, prepare, commands, afterwards=(), quick=len(FAULTS)):
        self.name, self.prepare, self.commands, self.afterwards, self.quick = name, prepare, commands, afterwards, quick


def spots(program):
    program.draw(512, 2)
    (program.folder / "spots.yaml").write_text(SPOTS)


def sweep(program):
    spots(program)
    (program.folder / "base.yaml").write_text(SWEEP_BASE)
    (program.folder / "sweep.yaml").write_text(SWEEP.replace("spots.yaml", "base.yaml").replace(
        "{file: contact_sheet.csv, at: x}", "{file: drawing.csv, at: x}"))


def stored(program):
    spots(program)
    program.run(*RUN)


def two_stores(program):
    stored(program)
    (program.folder / "store").rename(program.folder / "from")
    shutil.rmtree(program.folder / "out")


def labelled(program):
    def draw(pipeline, out, *settings):
        program.run("run", PIPELINES / pipeline, "--no-store", "--progress", "off", "--out", out,
                    *(word for setting in settings for word in ("--set", setting)))

    for case in (1, 2):
        draw("reference/phantom_pair.yaml", f"pair{case}", f"pair.name=case{case}", f"pair.seed={case}", "pair.width_px=1024",
             "pair.height_px=1024", "pair.mitoses=12", "pair.lookalikes=6", "pair.artefacts=24", "pair.nonspecific=2",
             "pair.shift_x_um=40", "pair.shift_y_um=-20")
    draw("reference/phh3_candidates.yaml", "sheet", "phh3_slide=pair*/case*_phh3.svs", "sheet.count=100")
    draw("reference/phh3_simulated_labels.yaml", "labels", "sheet=sheet/sheet.csv", "truth=pair*/case*_truth.csv",
         "observers.question=artefact", "observers.observers=1")


JOBS = [
    Job("run", spots, [RUN]),
    Job("sweep", sweep, [["sweep", "sweep.yaml", "--out", "out", "--store", "store", "--progress", "off", "-j", "1"]], quick=0),
    Job("train", labelled, [TRAIN], quick=2),
    Job("gc", stored, [["store", "gc", "--keep-days", "0", "--store", "store"]], [RUN]),
    Job("merge", two_stores, [["store", "merge", "from", "--store", "store"]], [RUN]),
]


class Trials:
    def __init__(self, path, library, folder, job):
        self.path, self.library, self.folder, self.job = path, pathlib.Path(library).resolve(), folder / job.name, job
        job.prepare(Program(path, self.folder / "begin"))
        program = self.fresh()
        self.points = self.disturbed(program, 0, "kill", 0)
        self.finish(program)
        self.calm = shutil.copytree(program.folder / "out", self.folder / "calm")

    def fresh(self):
        folder = self.folder / "work"  # always the same: results name the files that they were made of
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder / "begin", folder)
        return Program(self.path, folder)

    def disturbed(self, program, at, do, ever):
        """The job with a fault; how many points it had, as far as it came."""
        count = program.folder / "points"
        for command in self.job.commands:
            environment = dict(os.environ, LD_PRELOAD=str(self.library), POINTS_BELOW=str(program.folder.resolve()), POINTS_AT=str(at),
                               POINTS_DO=do, POINTS_EVER=str(ever), POINTS_COUNT=str(count))
            process = program.start(*command, env=environment)
            out, err = process.communicate(timeout=600)
            if process.returncode == 0:
                continue
            killed = do in ("kill", "power") and process.returncode == -9
            expect(at > 0 and (killed or (process.returncode in (1, 3) and "error: " in err)),
                   f"{' '.join(command)}: exit code {process.returncode}\n{out}{err}")
            break
        points = int(count.read_text()) if count.exists() else 0
        count.unlink(missing_ok=True)
        return points

    def finish(self, program):
        for command in [*self.job.commands, *self.job.afterwards]:
            program.run(*command)
        program.run("store", "verify", "--store", "store")
        left = [str(p) for p in program.folder.rglob("*") if p.name.endswith(".part") or ".tmp-" in p.name]
        expect(not left, f"left: {left}")

    def trial(self, at, do, ever):
        program = self.fresh()
        try:
            self.disturbed(program, at, do, ever)
            self.finish(program)
            expect_equal(self.calm, program.folder / "out")
        except Failed as failure:
            raise Failed(f"{self.job.name}, point {at} of {self.points}, {do}{' for good' if ever else ''}: {failure}") from failure


def points_of(count, every, quick, number, kinds):
    """Which points one kind of fault of so many is tried at."""
    if quick:  # each kind elsewhere
        return sorted({1 + (count * (2 * number + 1)) // (2 * kinds)})
    return range(1 + number % every, count + 1, every)


def is_left_out(job, arguments):
    if arguments.only not in (None, job.name) or (arguments.every == 0 and job.quick == 0 and not arguments.only):
        return True
    if job.name == "train" and not (pathlib.Path(arguments.program).resolve().parent / "mito_nn_torch.so").exists():
        print("train: left out, the program was built without LibTorch")
        return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("library")
    parser.add_argument("--every", type=int, default=0)
    parser.add_argument("--only", choices=[job.name for job in JOBS])
    parser.add_argument("--minutes", type=float, default=0, help="end after so long, between two trials")
    arguments = parser.parse_args()
    quick = arguments.every == 0
    end = time.time() + arguments.minutes * 60 if arguments.minutes else float("inf")
    failed = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        for job in JOBS:
            if is_left_out(job, arguments):
                continue
            trials = Trials(arguments.program, arguments.library, pathlib.Path(folder), job)
            done = 0
            faults = FAULTS[:job.quick] if quick and not arguments.only else FAULTS
            for number, (do, ever) in enumerate(faults):
                for at in points_of(trials.points, arguments.every, quick, number, len(faults)):
                    if time.time() > end:
                        break
                    try:
                        trials.trial(at, do, ever)
                    except (Failed, subprocess.TimeoutExpired) as failure:
                        print(f"FAILED {failure}", flush=True)
                        failed += 1
                    done += 1
            tried += done
            print(f"{job.name}: {trials.points} points, {done} faults", flush=True)
    print(f"{tried} faults, {failed} failed")
    return 1 if failed or tried == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
