#!/usr/bin/env python3
"""Runs a cohort, a pool of candidates and a training large enough to show what grows, and what a second run costs.

    check_scale.py MITOLOOM [--size small|full] [--only cohort,study,pool,training] [--folder FOLDER]

Draws a few slides; the others are the same pixels in files of other content, so nothing is shared. Prints a table: elapsed and processor
seconds, the most memory of the process (VmHWM), what came onto disk beside what `plan` said, and a second run. Fails when the second
run runs a node or takes a second or more of processor time for each thousand artefacts, when memory grows beyond what is stated here,
and when what came onto disk differs from the plan by more than a factor 1.5. FOLDER keeps what was drawn and computed.
"""
import argparse, json, os, pathlib, re, subprocess, sys, tempfile, threading, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MIB = 1 << 20
FACTOR = 1.5       # between plan and disk
TABLES = 4.0       # where tables of candidates are most of it: those of drawn slides shrink more than those of real ones
LEAST_MIB = 2.0    # below it the blocks of the file system decide
START_S = 1.0      # of processor time, that a process takes to start and to read a pipeline
PER_1000_S = 1.0   # of processor time, for a second run

# candidates lie half a diameter apart at least; a smaller one makes as many of a small slide as there are on a large one
POOL = """
inputs:
  slide: {type: files}
  annotations: {type: files}
nodes:
  slide: {use: slide, in: {files: $slide}}
  table: {use: annotations, in: {files: $annotations}}
  mask: {use: tissue_mask, in: {slide: slide}, params: {s_floor: 0}, store: true}
  marked: {use: slide_annotations, in: {slide: slide, annotations: table}}
  candidates: {include: %(parts)s/he_candidates.yaml, with: {slide: slide, mask: mask}}
  labelled:
    use: label_candidates
    in: {candidates: candidates.all, annotations: marked, slide: slide, mask: mask}
    params: {positives: nearest}
    store: true
  pool: {use: candidate_pool, in: {labelled: labelled}}
  split: {use: split_cases, in: {pool: pool}, params: {training_count: %(training)d, validation_count: %(validation)d, test_count: 1}}
  report: {use: candidate_report, in: {labelled: labelled}}
  validation: {use: sample_patches, in: {pool: split}, params: {positives: 0, negatives: %(validation_patches)d}, store: true}
"""
TRAINING = POOL + """
  slides: {use: collect_slides, in: {slide: slide}}
  patches: {use: sample_members, in: {pool: split}, params: {positives: 0, negatives: %(negatives)d}}
  network: {include: %(parts)s/network.yaml, with: {patches: patches, validation: validation, slides: slides}}
outputs: [network.model]
"""
NETWORK = ["network.members.width_factor=0.1", "network.batches.epochs=1", "network.batches.epoch=number"]

SIZES = {
    #          slides, side in px, drawn ones
    "small": dict(cohort=(12, 512, 2), pool=(4, 1024, 2), diameter=12, negatives=700, validation=200, samples=128, memory_mib=900),
    "full": dict(cohort=(800, 512, 20), pool=(18, 6144, 2), diameter=8, negatives=400000, validation=2000, samples=6400, memory_mib=3000),
}


def bytes_below(folder):
    """Of blocks, as `du` counts them."""
    total = 0
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(path, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def artefacts_in(store):
    return sum(1 for _ in store.glob("*/*/data.h5"))


class Scale:
    def __init__(self, program, size, folder):
        self.program, self.size, self.folder = program, SIZES[size], folder
        self.rows, self.problems = [], []

    def call(self, *args, scratch=None):
        """Runs the program. Output, elapsed and processor seconds, memory in MiB, the most scratch in MiB."""
        most, done = [0], threading.Event()

        def watch():
            while not done.wait(0.2):
                most[0] = max(most[0], bytes_below(scratch))

        watcher = threading.Thread(target=watch) if scratch else None
        start = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen([self.program, *map(str, args)], stdout=out, stderr=err)
            if watcher:
                watcher.start()
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            elapsed = time.monotonic() - start
            if watcher:
                done.set()
                watcher.join()
            for file in (out, err):
                file.seek(0)
            text, errors = out.read().decode(errors="replace"), err.read().decode(errors="replace")
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, args))}: exit {process.returncode}\n{errors}")
        return text, elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, most[0] / MIB

    def draw(self, name, count, side, drawn):
        """`count` slides with their marks in a folder; the first `drawn` are drawn, the others have their pixels."""
        folder = self.folder / name
        if len(list(folder.glob("*.svs"))) == count:
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        table = folder / "table.csv"
        mitoses = max(2, side * side // 200_000)
        table.write_text("case,seed,mitoses,lookalikes\n" + "".join(f"d{i:04},{i + 1},{mitoses},{mitoses}\n" for i in range(drawn)))
        self.call("run", ROOT / "pipelines/phantoms/cohort.yaml", "--set", f"table={table}", "--set", f"side_px={side}", "--no-store",
                  "--out", folder / "drawn", "--progress", "off")
        slides = sorted((folder / "drawn").rglob("*.svs"))
        for i in range(count):
            slide = slides[i % drawn]
            case = f"case{i:04}"
            (folder / f"{case}.svs").write_bytes(slide.read_bytes() + f"copy {i}".encode())
            marks = slide.with_name(slide.stem.removesuffix("_he") + "_mitoses.csv").read_text()
            (folder / f"{case}_mitoses.csv").write_text(re.sub(r"\bd\d{4}(_he)?\b", case, marks))
        return folder

    def measure(self, name, pipeline, values, factor=FACTOR):
        """`factor`: most between what the plan says of the store and what comes."""
        out, store = self.folder / f"{name}-out", self.folder / f"{name}-store"
        with_values = [word for value in values for word in ("--set", value)]
        common = [pipeline, *with_values, "--out", out, "--store", store, "--json"]
        told, plan_s, _, plan_mib, _ = self.call("plan", *common)
        need = json.loads(told)["disk"]
        _, elapsed, processor, memory, scratch = self.call("run", *common, "--progress", "off", scratch=store / "scratch")
        wrote = {"store": bytes_below(store) / MIB, "scratch": scratch, "output": bytes_below(out) / MIB}
        artefacts = artefacts_in(store)
        text, again_s, again_processor, again_mib, _ = self.call("run", *common, "--progress", "off")
        ran = json.loads(text)["node_runs"]
        replanned, replan_s, _, _, _ = self.call("plan", *common[:-1])
        self.rows.append([name, f"{elapsed:.1f}", f"{processor:.1f}", f"{memory:.0f}",
                          *(f"{wrote[k]:.1f} ({need[k + '_mib']:.1f})" for k in ("store", "scratch", "output")), str(artefacts),
                          f"{plan_s:.1f}", f"{again_s:.1f}", f"{again_processor:.1f}", f"{again_mib:.0f}", f"{replan_s:.1f}",
                          str(len(replanned.splitlines()))])
        print(" ".join(self.rows[-1]), flush=True)
        if ran:
            self.problems.append(f"{name}: a second run runs {ran}")
        if again_processor > START_S + PER_1000_S * artefacts / 1000:
            self.problems.append(f"{name}: a second run takes {again_processor:.1f} s of processor time for {artefacts} artefacts")
        if memory > self.size["memory_mib"]:
            self.problems.append(f"{name}: {memory:.0f} MiB of memory, at most {self.size['memory_mib']} expected")
        for kind, mib in wrote.items():
            planned = need[kind + "_mib"]
            most = factor if kind == "store" else FACTOR
            if max(mib, planned) > LEAST_MIB and not mib / most <= planned <= mib * most:
                self.problems.append(f"{name}: plan said {planned:.1f} MiB of {kind}, {mib:.1f} came")

    def cohort(self):
        folder = self.draw("cohort", *self.size["cohort"])
        self.measure("cohort", ROOT / "pipelines/detect/detect.yaml", [f"slide={folder}/*.svs"])

    def study(self):
        folder = self.draw("cohort", *self.size["cohort"])
        self.measure("study", ROOT / "pipelines/evaluate/evaluate_detect.yaml",
                     [f"slide={folder}/*.svs", f"annotations={folder}/*_mitoses.csv", "evaluation.replicates=20"])
        maps = list((self.folder / "study-store/cnn_dense").glob("*"))
        if maps:
            self.problems.append(f"study: {len(maps)} dense maps stayed in the store")

    def marked(self, name, text):
        slides = self.size["pool"][0]
        folder = self.draw("pool", *self.size["pool"])
        file = self.folder / f"{name}.yaml"
        validation = max(1, slides // 6)
        file.write_text(text % {"parts": ROOT / "pipelines/parts", "training": slides - validation - 1, "validation": validation,
                                "negatives": self.size["negatives"], "validation_patches": self.size["validation"]})
        return file, [f"slide={folder}/*.svs", f"annotations={folder}/*_mitoses.csv",
                      f"candidates.cells.diameter_um={self.size['diameter']}", "candidates.cells.max_intensity=0.9"]

    def pool(self):
        self.measure("pool", *self.marked("pool", POOL + "outputs: [validation]\n"), factor=TABLES)

    def training(self):
        file, values = self.marked("training", TRAINING)
        self.measure("training", file, values + NETWORK + [f"network.batches.samples_per_epoch={self.size['samples']}",
                                                           "network.batches.pack=file"], factor=TABLES)

    def report(self):
        head = ["", "s", "processor s", "MiB", "store MiB (plan)", "scratch MiB (plan)", "output MiB (plan)", "artefacts", "plan s",
                "again s", "again processor s", "again MiB", "plan again s", "its lines"]
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
        for row in self.rows:
            print("| " + " | ".join(row) + " |")
        for problem in self.problems:
            print("FAILED:", problem)
        return 1 if self.problems else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--only", default="cohort,study,pool,training")
    parser.add_argument("--folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scale = Scale(options.program, options.size, pathlib.Path(options.folder or temporary).resolve())
        for name in options.only.split(","):
            getattr(scale, name)()
        sys.exit(scale.report())


if __name__ == "__main__":
    main()
