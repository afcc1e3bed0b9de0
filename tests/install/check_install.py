#!/usr/bin/env python3
"""Installs the build into an empty folder and uses it from another one, as somebody who has no checkout would.

    check_install.py BUILD CMAKE

The folder is not the one the build was configured for, so nothing may depend on where the program lies; source and build folder
are there, but what the installed program finds must lie in its own folder.
"""
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
INSTALLED = ["bin/mitoloom", "share/mitoloom/pipelines/detect/detect.yaml", "share/mitoloom/pipelines/parts/he_candidates.yaml",
             "share/mitoloom/schemas/pipeline.schema.json", "share/mitoloom/data/models/he_detector.h5",
             "share/man/man1/mitoloom.1", "share/man/man7/mitoloom-nodes.7", "share/bash-completion/completions/mitoloom",
             "share/zsh/site-functions/_mitoloom", "share/fish/vendor_completions.d/mitoloom.fish",
             "share/doc/mitoloom/copyright", "lib/python3/dist-packages/mitoloom.py", "include/mitoloom/engine/graph/plugin.h",
             "lib/cmake/mitoloom/mitoloom-config.cmake"]
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


CROWDED = [  # (what is typed of the example plug-in, what must be offered)
    ("describe --plugin crowding.so drop_", "drop_crowded"),
    ("run crowding.yaml --plugin crowding.so --set kept.", "kept.max_neighbours="),
]
FAULTS = [  # (of tests/install/faulty, what must be said)
    ("throws", "its registration failed: out of luck"),
    ("throws a number", "its registration failed: it threw something that is no exception"),
    ("type", "node type 'grade' is there already, from this program"),
    ("payload", "node type 'regrade': its payload 'Grade' is another one than that of '"),
    ("unit", "its registration failed: node type 'no_unit': parameter 'radius': "),
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


def build_plugin(mitoloom, build, cmake, source):
    """The shared library that `source` builds with the installed package; named as its folder."""
    cache = dict(re.findall(r"^(CMAKE_CXX_COMPILER|CMAKE_CXX_FLAGS):[A-Z]+=(.*)$", (pathlib.Path(build) / "CMakeCache.txt").read_text(), re.M))
    folder = mitoloom.work.parent / source.name
    for command in ([cmake, "-S", source, "-B", folder, f"-DCMAKE_PREFIX_PATH={mitoloom.prefix}", f"-DCMAKE_INSTALL_PREFIX={mitoloom.prefix}",
                     "-DCMAKE_BUILD_TYPE=Debug", *(f"-D{name}={value}" for name, value in cache.items())],
                    [cmake, "--build", folder]):
        done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit(f"install: {command}: {done.stdout}")
    return folder


def refused(mitoloom, file, message, **environment):
    """What is wrong with the message about a plug-in that cannot be used, if something is."""
    code, out, err = mitoloom("nodes", "--plugin", str(file), **environment)
    if (code, out) != (2, "") or not err.startswith(f"{file}: error: {message}") or err.count("\n") != 1:
        yield f"plug-in {file} {environment}: exit code {code}: {out}{err}, expected '{message}'"


def check_faults(mitoloom, build, cmake):
    faulty = build_plugin(mitoloom, build, cmake, SOURCE / "tests/install/faulty") / "faulty.so"
    mitoloom.must("nodes", "--plugin", str(faulty))
    for fault, message in FAULTS:
        yield from refused(mitoloom, faulty, message, FAULT=fault)
    good = faulty.read_bytes()
    own = re.search(rb"mitoloom plug-in, ABI: ([^\0]*)", good)[1].decode()
    other = re.sub("headers ............", "headers 0123456789ab", own)
    files = [("other.so", good.replace(own.encode(), other.encode()), f"it was built for '{other}', this program is '{own}'"),
             ("no_entry.so", good.replace(b"mitoloom_plugin_register", b"mitoloom_plugin_registeR"), "it has no mitoloom_plugin_register"),
             ("cut.so", good[:len(good) // 2] + re.search(rb"mitoloom plug-in, ABI: [^\0]*\0", good)[0], "the library is cut short"),
             ("text.so", b"not a library", "it is no shared library (ELF)"),
             ("empty.so", b"", "it is no shared library (ELF)"),
             ("none.so", (mitoloom.prefix / "lib/mitoloom/mito_read_hdf5").read_bytes(), "it is no plug-in of mitoloom")]
    for name, content, message in files:
        (mitoloom.work / name).write_bytes(content)
        yield from refused(mitoloom, name, message)
    yield from refused(mitoloom, "nowhere.so", "there is no such plug-in, which --plugin names")
    code, out, err = mitoloom("nodes", MITOLOOM_PLUGINS="nowhere")
    if (code, err) != (2, "nowhere: error: there is no such plug-in, which $MITOLOOM_PLUGINS names\n"):
        yield f"MITOLOOM_PLUGINS=nowhere: exit code {code}: {err}"


def check_plugin(mitoloom, build, cmake):
    """The example of docs/plugins.md, beside the slide in drawn/."""
    source = SOURCE / "docs/examples/plugin"
    built = build_plugin(mitoloom, build, cmake, source)
    for file in (built / "crowding.so", source / "crowding.yaml"):
        shutil.copy(file, mitoloom.work)
    run = ["crowding.yaml", "--set", "slide=drawn/synthetic.svs", "--plugin", "crowding.so"]

    for command in (["nodes"], ["describe", "drop_crowded"]):
        said = mitoloom.must(*command, "--plugin", "crowding.so")
        if not re.search(r"Leaves out candidates in crowds\. \[plug-in crowding\.so\]", said):
            yield f"{command} does not know the plug-in: {said}"
    mitoloom.must("schema", "schemas", "--plugin", "crowding.so")
    if '"drop_crowded"' not in (mitoloom.work / "schemas/pipeline.schema.json").read_text() or \
            "max_neighbours" not in (mitoloom.work / "schemas/nodes/drop_crowded.schema.json").read_text():
        yield "schema does not know the plug-in"
    for typed, offered in CROWDED:
        if offered not in mitoloom.must("complete", "--", *typed.split(" ")).splitlines():
            yield f"'{typed}' is not completed by {offered}"
    mitoloom.must("validate", *run[:1], *run[-2:])
    code, out, err = mitoloom("validate", *run[:1])
    if code != 2 or "no node type 'drop_crowded'" not in err:
        yield f"validate without the plug-in: {out}{err}"

    said = mitoloom.must("run", *run)
    counted = re.search(r"cells.all.candidates (\d+), kept.candidates (\d+)", said)
    table = (mitoloom.work / "out/crowding/features.csv").read_text().splitlines()
    if not counted or not 0 < int(counted[2]) < int(counted[1]) or len(table) != int(counted[1]) + 1:
        yield f"the nodes of the plug-in give {said} and {table[:3]}"
    digest = hashlib.sha256((mitoloom.work / "crowding.so").read_bytes()).hexdigest()
    if f'"digest": "{digest}"' not in (mitoloom.work / "out/crowding/run.json").read_text():
        yield "run.json does not name the plug-in"
    if "everything was cached" not in (said := mitoloom.must("run", *run)):
        yield f"the second run: {said}"
    with open(mitoloom.work / "crowding.so", "ab") as file:
        file.write(b"another build")
    said = mitoloom.must("plan", *run)
    if not re.search(r"kept .*\bplugin\b", said):
        yield f"another build of the plug-in, and plan says: {said}"

    done = subprocess.run([cmake, "--install", built], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        yield f"the plug-in is not installed: {done.stdout}"
    if "[plug-in crowding.so]" not in mitoloom.must("describe", "crowding"):
        yield "an installed plug-in is not found"
    mitoloom.must("describe", "crowding", MITOLOOM_PLUGINS=str(mitoloom.prefix / "lib/mitoloom/plugins"))  # the same, once
    (mitoloom.prefix / "lib/mitoloom/plugins/crowding.so").unlink()


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
    yield from check_plugin(mitoloom, build, cmake)
    yield from check_faults(mitoloom, build, cmake)


def main():
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="mitoloom-install-") as folder:
        problems = list(check(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(folder)))
    for problem in problems:
        print(f"install: {problem}")
    sys.exit(1 if problems else print("install: ok"))


if __name__ == "__main__":
    main()
