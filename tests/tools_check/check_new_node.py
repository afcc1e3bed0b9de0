#!/usr/bin/env python3
"""Makes a stage with tools/new_node.sh in a copy of the tree and looks at what was made.

    check_new_node.py ROOT COMPILER

The layers must allow it, clang-format (where it is installed) must have nothing to say, the compiler must accept adapter and
test without a warning, the test must pass, and mistakes on the command line must change nothing.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

FLAGS = ["-std=c++20", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Wold-style-cast", "-Werror"]
MADE = ["nodes/outcome/keep_best/keep_best.cpp", "nodes/outcome/keep_best/keep_best.h", "nodes/outcome/keep_best/keep_best_node.cpp",
        "tests/nodes/outcome/keep_best_test.cpp"]
LINE = "outcome/keep_best"
SUMMARY = "Keeps the detections with a high score."
REFUSED = [  # (arguments, what the message says)
    ([], "tools/new_node.sh PART/STAGE SECTION SUMMARY"),
    (["keep", "IV-D", SUMMARY], "expected PART/STAGE in lower case, words joined by _, got 'keep'"),
    (["outcome/Keep", "IV-D", SUMMARY], "got 'outcome/Keep'"),
    (["../keep", "IV-D", SUMMARY], "got '../keep'"),
    (["outcome/keep_node", "IV-D", SUMMARY], "must not end in _node"),
    (["outcome/keep", "IV D", SUMMARY], "SECTION must be one word"),
    (["outcome/keep", "IV-D", "keeps"], "SUMMARY must be a sentence"),
    (["outcome/keep", "IV-D", 'Keeps "all".'], "SUMMARY must be a sentence"),
    (["nowhere/keep", "IV-D", SUMMARY], "there is no folder nodes/nowhere"),
    (["outcome/grade", "IV-D", SUMMARY], "nodes/outcome/grade is there already"),
    (["slides/grade", "IV-D", SUMMARY], "nodes/STAGES has a stage grade already"),
    (["outcome/evaluate_detections", "VI", SUMMARY], "there is a node type evaluate_detections already"),
    (["outcome/keep_best", "IV-D", SUMMARY], "nodes/outcome/keep_best is there already"),
]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=100)
    return done.returncode, done.stdout


def state(root):
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*")
            if file.is_file() and file.parts[len(root.parts)] in ("nodes", "tests")}


def check(source, compiler, root):
    """Yields what is wrong."""
    ignored = shutil.ignore_patterns("__pycache__", "*.png", "*.json")
    for folder in ("engine", "nodes", "tests/nodes"):
        shutil.copytree(source / folder, root / folder, ignore=ignored)
    (root / "tools").mkdir()
    for name in ("tools/new_node.sh", "tools/check_layers.py", ".clang-format"):
        shutil.copy(source / name, root / name)

    before = state(root)
    code, said = run(["tools/new_node.sh", "outcome/keep_best", "IV-D", SUMMARY], root)
    if code != 0:
        yield f"new_node.sh failed: {said}"
        return
    after = state(root)
    made = sorted(after.keys() - before.keys())
    if made != MADE:
        yield f"made {made} instead of {MADE}"
        return
    changed = [name for name in before if after[name] != before[name]]
    if changed != ["nodes/STAGES"]:
        yield f"changed {changed}"
    lines, was = (files["nodes/STAGES"].decode().splitlines() for files in (after, before))
    at = max(number for number, line in enumerate(was) if line.startswith("outcome/"))
    if lines != [*was[:at + 1], LINE, *was[at + 1:]]:
        yield f"nodes/STAGES: {LINE!r} does not stand behind {was[at]!r}"

    commands = [["python3", "tools/check_layers.py", "."],
                [compiler, *FLAGS, "-fsyntax-only", "-I.", MADE[2]],
                [compiler, *FLAGS, "-I.", MADE[0], MADE[3], "-lgtest_main", "-lgtest", "-o", "made_test"],
                ["./made_test"]]
    if shutil.which("clang-format"):
        commands.insert(0, ["clang-format", "--dry-run", "--Werror", *MADE])
    for command in commands:
        code, said = run(command, root)
        if code != 0:
            yield f"{' '.join(command)}:\n{said}"

    for arguments, message in REFUSED:
        code, said = run(["tools/new_node.sh", *arguments], root)
        if code != 2 or message not in said:
            yield f"new_node.sh {arguments}: exit code {code}, {said!r}; expected 2 and '{message}'"
    if state(root) != after:
        yield "a refused command changed files"


def main(arguments):
    if len(arguments) != 2:
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        found = list(check(pathlib.Path(arguments[0]).resolve(), arguments[1], pathlib.Path(folder).resolve()))
    for line in found:
        print(line)
    print(f"a new node: {len(found)} problem(s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
