#!/usr/bin/env python3
"""Installs the build into an empty folder and uses it from another one, as somebody who has no checkout would.

    check_install.py BUILD CMAKE

The folder is not the one the build was configured for, so nothing may depend on where the program lies; source and build folder
are there, but what the installed program finds must lie in its own folder.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

INSTALLED = ["bin/mitoloom", "share/mitoloom/pipelines/detect/detect.yaml", "share/mitoloom/pipelines/parts/he_candidates.yaml",
             "share/mitoloom/schemas/pipeline.schema.json", "share/mitoloom/data/models/he_detector.h5",
             "share/man/man1/mitoloom.1", "share/man/man7/mitoloom-nodes.7", "share/bash-completion/completions/mitoloom",
             "share/zsh/site-functions/_mitoloom", "share/fish/vendor_completions.d/mitoloom.fish",
             "share/doc/mitoloom/copyright", "lib/python3/dist-packages/mitoloom.py"]
DRAW = "--set drawing.width_px=1024 --set drawing.height_px=1024 --set drawing.mitoses=3 --set drawing.lookalikes=2".split()
OWN = """
inputs:
  slide: {type: files}
nodes:
  slide: {use: slide, in: {files: $slide}}
  mask: {use: tissue_mask, in: {slide: slide}}
  otsu: {use: tissue_mask, in: {slide: slide}, params: {method: otsu}}
  cells: {include: mitoloom/parts/he_candidates.yaml, with: {slide: slide, mask: mask}}
outputs: [cells.all, mask, otsu]
"""
BASH = r"""
source "$1"; COMP_LINE=$2; COMP_POINT=${#COMP_LINE}
read -ra COMP_WORDS <<<"$COMP_LINE"
_mitoloom; printf '%s\n' "${COMPREPLY[@]}"
"""
COMPLETED = [  # (what is typed, what must be offered, what must not)
    ("mitoloom ru", ["run"], ["plan"]),
    ("mitoloom run det", ["detect"], ["plan", "table3"]),
    ("mitoloom describe he_", ["he_candidates"], ["hotspot"]),
    ("mitoloom run detect --pre", ["--preset"], ["--set"]),
    ("mitoloom run detect --preset ", ["paper"], ["detect"]),
    ("mitoloom run detect --set sli", ["slide=", "slide.assume_mpp=", "slide_table="], ["hotspot.min_probability="]),
    ("mitoloom run detect --set objects.form=", ["peaks"], ["slide="]),
    ("mitoloom run detect --device ", ["auto", "cpu", "cuda"], []),
    ("mitoloom store ", ["gc", "ls", "merge"], ["run"]),
    ("mitoloom run own", ["own.yaml"], []),
]


class Installed:
    def __init__(self, prefix, work):
        self.prefix, self.work = prefix, work
        self.environment = {"PATH": f"{prefix / 'bin'}:/usr/bin:/bin", "HOME": str(work)}

    def __call__(self, *words, **environment):
        done = subprocess.run(["mitoloom", *words], cwd=self.work, env={**self.environment, **environment}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=200)
        return done.returncode, done.stdout, done.stderr

    def must(self, *words, **environment):
        code, out, err = self(*words, **environment)
        if code != 0:
            sys.exit(f"install: mitoloom {' '.join(words)}: exit code {code}\n{out}{err}")
        return out


def check_completion(mitoloom):
    script = mitoloom.prefix / "share/bash-completion/completions/mitoloom"
    for typed, offered, others in COMPLETED:
        done = subprocess.run(["bash", "-c", BASH, "bash", script, typed], cwd=mitoloom.work, env=mitoloom.environment,
                              text=True, stdout=subprocess.PIPE, timeout=60)
        found = done.stdout.splitlines()
        kept = typed.rsplit(" ", 1)[-1]
        kept = kept[:kept.index("=") + 1] if "=" in kept else ""  # bash takes what stands before "=" as a word of its own
        for word in offered:
            if word.removeprefix(kept) not in found:
                yield f"bash completes '{typed}' with {found}, expected {word}"
        for word in others:
            if word in found:
                yield f"bash completes '{typed}' with {word}, too"
    for shell, file in (("zsh", "share/zsh/site-functions/_mitoloom"), ("fish", "share/fish/vendor_completions.d/mitoloom.fish")):
        if not shutil.which(shell):
            print(f"install: {shell} is not installed: its completion was not read")
        elif subprocess.run([shell, "-n", mitoloom.prefix / file]).returncode != 0:
            yield f"{shell} cannot read {file}"


def check_manual(prefix):
    pages = {name: (prefix / f"share/man/man{name[-1]}/{name}") for name in ("mitoloom.1", "mitoloom-nodes.7")}
    if not shutil.which("groff"):
        print("install: groff is not installed: the manual pages were not set")
        return
    for name, words in (("mitoloom.1", ["run", "--preset", "MITOLOOM_PATH"]), ("mitoloom-nodes.7", ["he_candidates", "diameter_um"])):
        done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-P-cbou", pages[name]], text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.stderr:
            yield f"{name}: {done.stderr}"
        for word in words:
            if word not in done.stdout:
                yield f"{name} does not speak of {word}"


def check(build, cmake, root):
    """Yields what is wrong."""
    prefix, work = root / "prefix", root / "work"
    work.mkdir()
    for command in ([cmake, "--build", build, "--target", "manual"], [cmake, "--install", build, "--prefix", prefix]):
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit(f"install: {command}: {done.stdout}")
    for name in INSTALLED:
        if not (prefix / name).is_file():
            yield f"{name} is not installed"
    mitoloom = Installed(prefix, work)

    version = mitoloom.must("--version").strip()
    if not re.fullmatch(r"mitoloom \d+\.\d+\.\d+( \([0-9a-f]{12}\+?\))?", version):
        yield f"--version says '{version}'"
    code, out, err = mitoloom("doctor")
    if str(prefix / "share/mitoloom/pipelines") not in out or "he_detector.h5" not in out:
        yield f"doctor does not find what was installed: {out}{err}"

    mitoloom.must("run", "draw_slide", *DRAW, "--out", "drawn")
    said = mitoloom.must("run", "detect", "--set", "slide=drawn/synthetic.svs")
    if "results in out/detect" not in said:
        yield f"run detect says: {said}"
    record = (work / "out/detect/run.json").read_text()
    revision = version.partition("(")[2].rstrip(")")
    if f'"revision": "{revision}"' not in record:
        yield f"run.json does not name the revision {revision}"

    (work / "own.yaml").write_text(OWN)
    said = mitoloom.must("run", "own.yaml", "--set", "slide=drawn/synthetic.svs")
    if not re.search(r"^synthetic: mask.tissue_mm2 [\d.]+, otsu.tissue_mm2 [\d.]+, candidates \d+$", said, re.M):
        yield f"outputs of one kind have no names: {said}"
    mine = work / "mine/parts"
    mine.mkdir(parents=True)
    (mine.parent / "detect.yaml").write_text(OWN)
    said = mitoloom.must("validate", "detect", MITOLOOM_PATH=f"{work / 'nowhere'}:{mine.parent}")
    if "6 nodes" not in said:
        yield f"MITOLOOM_PATH does not come first: {said}"
    (mine / "he_candidates.yaml").write_text("nodes: {}\n")
    code, out, err = mitoloom("validate", "detect", MITOLOOM_PATH=str(mine.parent))
    if "mine/parts/he_candidates.yaml" not in err:
        yield f"MITOLOOM_PATH does not come first for parts: {out}{err}"
    code, out, err = mitoloom("run", "detekt")
    if (code, err) != (2, "detekt: error: cannot read the pipeline file; did you mean 'detect'?\n"):
        yield f"run detekt: exit code {code}: {err}"
    yield from check_completion(mitoloom)
    yield from check_manual(prefix)


def main():
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="mitoloom-install-") as folder:
        problems = list(check(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(folder)))
    for problem in problems:
        print(f"install: {problem}")
    sys.exit(1 if problems else print("install: ok"))


if __name__ == "__main__":
    main()
