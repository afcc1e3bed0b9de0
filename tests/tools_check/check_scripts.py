#!/usr/bin/env python3
"""Runs tools/test.sh with stand-ins for the build, and tools/hooks/pre-commit in a small repository.

    check_scripts.py ROOT
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

STANDIN = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
"""
NINJA = STANDIN + """cat <<'LIST'
tests/mito_test_headers: CXX_EXECUTABLE_LINKER__mito_test_headers_Release
tests/nodes/nodes_grade_test: CXX_EXECUTABLE_LINKER__nodes_grade_test_Release
tests/nodes/nodes_grade_test[1]_tests.cmake: CXX_EXECUTABLE_LINKER__nodes_grade_test_Release
tests/cli/grade_page_test: CXX_EXECUTABLE_LINKER__grade_page_test_Release
tests/slide/slide_test: CXX_EXECUTABLE_LINKER__slide_test_Release
tools/grade: CXX_EXECUTABLE_LINKER__grade_Release
LIST
"""
CTEST = STANDIN + """case "$*" in
  *^layers*show-only*) echo '"command" : [ "/usr/bin/python3", "/x/tools/check_layers.py" ]' ;;
  *^docs*show-only*) echo '"command" : [ "/usr/bin/python3", "/x/check_docs.py", "/x/build/release/mitoloom" ]' ;;
  *^Grade*show-only*) echo '"command" : [ "/x/build/release/tests/nodes/nodes_grade_test", "--gtest_filter=Grade.A" ]' ;;
esac
"""
PROGRAM = """#!/bin/sh
echo "$(basename "$0") $*" >>"$CALLS"
[ "$1" != fail ] || [ "$(basename "$0")" != nodes_grade_test ]
"""
CONFIGURE = "cmake --preset release"
TARGETS = "ninja -C build/release -t targets all"
BUILD = "cmake --build --preset release -j {jobs}"
CTEST_ALL = "ctest --test-dir build/release --output-on-failure -j {one more}"
CTEST_SHOW = "ctest --test-dir build/release -R ^{} --show-only=json-v1"
CTEST_RUN = "ctest --test-dir build/release --output-on-failure -R ^{}"
CASES = [  # (arguments, exit code, calls or None for any, part of what is said)
    ([], 0, [CONFIGURE, BUILD, CTEST_ALL], ""),
    (["-L", "vectors"], 0, [CONFIGURE, BUILD, CTEST_ALL + " -L vectors"], ""),
    (["grade"], 0, [CONFIGURE, TARGETS, BUILD + " --target nodes_grade_test grade_page_test", "nodes_grade_test",
                    "grade_page_test"], "== tests/nodes/nodes_grade_test"),
    (["nodes_grade_test", "--gtest_filter=A b"], 0,
     [CONFIGURE, TARGETS, BUILD + " --target nodes_grade_test", "nodes_grade_test --gtest_filter=A b"], ""),
    (["grade", "fail"], 1, None, "== tests/cli/grade_page_test"),
    (["layers"], 0, [CONFIGURE, TARGETS, CTEST_SHOW.format("layers"), CTEST_RUN.format("layers")], ""),
    (["docs"], 0, [CONFIGURE, TARGETS, CTEST_SHOW.format("docs"), BUILD + " --target mitoloom", CTEST_RUN.format("docs")], ""),
    (["Grade"], 2, None, "'Grade' is the name of tests within nodes_grade_test"),
    (["nothing"], 2, None, "no test program has 'nothing' in its name"),
]


def run(command, folder, **environment):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, env={**os.environ, **environment})
    return done.returncode, done.stdout


def write(file, text, executable=False):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    if executable:
        file.chmod(0o755)


def check_test_sh(source, root):
    """Yields what tools/test.sh does otherwise than CASES say."""
    (root / "tools").mkdir()
    shutil.copy(source / "tools/test.sh", root / "tools/test.sh")
    write(root / "tools/install.sh", "#!/bin/sh\n", True)
    for name, text in {"cmake": STANDIN, "ninja": NINJA, "ctest": CTEST}.items():
        write(root / "bin" / name, text, True)
    for program in ("nodes/nodes_grade_test", "cli/grade_page_test", "slide/slide_test"):
        write(root / "build/release/tests" / program, PROGRAM, True)
    jobs = int(run(["nproc"], root)[1])
    for arguments, code, calls, said in CASES:
        log = root / "calls"
        log.write_text("")
        got, out = run(["tools/test.sh", *arguments], root, CALLS=str(log), PATH=f"{root / 'bin'}:{os.environ['PATH']}",
                       MITO_PRESET="release")
        expected = [call.replace("{jobs}", str(jobs)).replace("{one more}", str(jobs + 1)) for call in calls or []]
        called = [line.rstrip() for line in log.read_text().splitlines()]
        if got != code or said not in out or (calls is not None and called != expected):
            yield f"test.sh {arguments}: exit code {got}, calls {called}, said {out!r}; expected {code}, {expected}, {said!r}"


def check_hook(source, root):
    """Yields what tools/hooks/pre-commit lets through, or refuses without reason."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[variable]  # those of a hook that runs the tests
    person = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def git(*arguments):
        return run(["git", *arguments], root, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1", **person)

    def commit(name, text, message):
        """Commits a file; `message`: what is said when that is refused, None when it must succeed."""
        write(root / name, text)
        git("add", name)
        code, out = git("commit", "-m", "x: y")
        if (code == 0) != (message is None) or (message or "") not in out:
            yield f"hook, {name} with {text!r}: exit code {code}, {out!r}; expected {message!r}"
        git("reset", "-q", "--hard", "HEAD" if code else "HEAD~1")

    for name in ("tools/hooks/pre-commit", "tools/check_layers.py", ".clang-format"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, root / name)
    git("init", "-q")
    git("config", "core.hooksPath", "tools/hooks")
    write(root / "engine/core/first.h", "#pragma once\n")
    git("add", ".")
    code, out = git("commit", "-qm", "x: first")
    if code != 0:
        yield f"hook: the first commit is refused: {out}"
        return
    yield from commit("engine/core/a.h", "#pragma once\n", None)
    yield from commit("engine/core/a.h", '#pragma once\n#include "engine/graph/node.h"\n', "engine/core must not include")
    if shutil.which("clang-format"):
        yield from commit("engine/core/a.h", "int  a;\n", "  engine/core/a.h")
        yield from commit("docs/a.md", "int  a;\n", None)
    # What is staged counts, not what lies in the folder.
    write(root / "engine/core/a.h", "#pragma once\n")
    git("add", ".")
    write(root / "engine/core/a.h", 'int  a;\n#include "engine/graph/node.h"\n')
    code, out = git("commit", "-m", "x: y")
    if code != 0:
        yield f"hook: looked at what is not staged: {out}"


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 2
    source = pathlib.Path(arguments[0]).resolve()
    found = []
    for check in (check_test_sh, check_hook):
        with tempfile.TemporaryDirectory() as folder:
            found += check(source, pathlib.Path(folder).resolve())
    for line in found:
        print(line)
    print(f"scripts: {len(found)} problem(s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
