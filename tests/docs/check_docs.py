#!/usr/bin/env python3
"""Runs the examples of the documentation and follows its links.

    check_docs.py MITOLOOM [ROOT]     checks *.md, docs/**/*.md and schemas/**/*.md under ROOT
    check_docs.py --self-test         plants one mistake of every kind and expects it to be found

What is checked, by the info string after the opening ``` of a block:

    yaml pipeline [file=NAME]   passes `mitoloom validate`
    ... file=NAME               is a file that later blocks of the page use
    console check               every `$ mitoloom ...` line gives exactly the lines below it (stdout
                                and stderr together, spaces at line ends do not count)
    ... from=PATH               is a run of whole lines of that file of the repository

Links to files of the repository must lead somewhere, with their #heading or #anchor, and the README names
every node type that pipelines/detect/detect.yaml uses. docs/pipelines_shipped.md lists every pipeline that has a
title, with that title. HTML comments are left out.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)(`{3,})\s*(.*)$")
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\(([^)\s]+)\)")
ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
PIPELINES = "docs/pipelines_shipped.md"
PIPELINE_ROW = re.compile(r"\| *\[`([^`]+)`\]\([^)]*\) *\|([^|]*)\|")
TITLE = re.compile(r"^title: *(.*?) *$", re.M)


class Block:
    def __init__(self, line, info, lines):
        self.line, self.words, self.lines = line, info.split(), lines

    def option(self, name):
        for word in self.words:
            if word.startswith(name + "="):
                return word[len(name) + 1:]
        return None


def parse(text):
    """(blocks, [(line number, prose line)])"""
    text = re.sub(r"<!--.*?-->", lambda m: "\n" * m[0].count("\n"), text, flags=re.S)
    blocks, prose, inside = [], [], None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = (len(fence[1]), fence[2], Block(number, fence[3], []))
        elif inside is None:
            prose.append((number, line))
        elif fence and fence[2].startswith(inside[1]) and not fence[3]:
            blocks.append(inside[2])
            inside = None
        else:
            inside[2].lines.append(line[inside[0]:] if line.startswith(" " * inside[0]) else line)
    return blocks, prose


def anchors(text):
    """The #names that a Markdown page offers: those of headings, as GitHub forms them, and anchors of its own."""
    _, prose = parse(text)
    names = {name for _, line in prose for name in ANCHOR.findall(line)}
    for _, line in prose:
        if line.startswith("#"):
            title = ANCHOR.sub("", line.lstrip("#")).strip().lower()
            names.add(re.sub(r"[^\w\- ]", "", title).replace(" ", "-"))
    return names


def check_links(page, text, prose, root):
    for number, line in prose:
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            if not file.exists():
                yield number, f"the link {target} leads nowhere"
            elif root not in file.parents:
                yield number, f"the link {target} leaves the repository"
            elif anchor and anchor not in anchors(file.read_text() if name else text):
                yield number, f"{name or 'this page'} has no heading #{anchor}"


def run(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    return done.returncode, [line.rstrip() for line in done.stdout.rstrip("\n").split("\n")]


def check_console(block, folder):
    commands = []
    for offset, line in enumerate(block.lines, 1):
        if line.startswith("$ "):
            commands.append((block.line + offset, line[2:], []))
        elif commands:
            commands[-1][2].append(line.rstrip())
    if not commands or not commands[0][1].startswith("mitoloom"):
        yield block.line, "a console block to check starts with '$ mitoloom'"
        return
    for number, command, expected in commands:
        # On a busy machine a run reports progress; its times are not what the page is about.
        _, got = run(command.replace("mitoloom run ", "mitoloom run --progress off ", 1), folder)
        if got != (expected or [""]):
            yield number, "`{}` gives\n{}\n  but the page shows\n{}".format(
                command, "\n".join("    " + x for x in got), "\n".join("    " + x for x in expected))


def quoted(lines, source):
    return any(source[i:i + len(lines)] == lines for i in range(len(source) - len(lines) + 1))


def check_page(page, root, folder):
    """Yields (line, message) for every mistake. `folder`: an empty one to work in."""
    text = page.read_text()
    blocks, prose = parse(text)
    yield from check_links(page, text, prose, root)
    for name in ("data", "pipelines", "tests"):
        if (root / name).exists():
            (folder / name).symlink_to(root / name)
    for block in blocks:
        pipeline = block.words[:2] == ["yaml", "pipeline"]
        name = block.option("file") or (f"line{block.line}.yaml" if pipeline else None)
        if name is not None:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("\n".join(block.lines) + "\n")
        if pipeline:
            code, out = run(f"mitoloom validate '{name}'", folder)
            if code != 0:
                yield block.line, "the pipeline is wrong:\n" + "\n".join("    " + x for x in out)
        elif block.words[:2] == ["console", "check"]:
            yield from check_console(block, folder)
        elif block.option("from") is not None:
            source = root / block.option("from")
            if not source.exists() or not quoted(block.lines, source.read_text().splitlines()):
                yield block.line, f"this is not in {block.option('from')} (any more)"


def check_readme(root):
    detect = root / "pipelines/detect/detect.yaml"
    if not detect.exists():
        return
    readme = (root / "README.md").read_text()
    for kind in sorted(set(re.findall(r"\buse: *(\w+)", detect.read_text()))):
        if f"`{kind}`" not in readme:
            yield 1, f"pipelines/detect/detect.yaml uses {kind}, which the README does not explain"


def check_pipelines(root):
    """Yields (line, message): the list of shipped pipelines against their titles."""
    files = {file.relative_to(root / "pipelines").as_posix(): TITLE.search(file.read_text())
             for file in sorted((root / "pipelines").rglob("*.yaml"))}
    titles = {name: found[1].strip("\"'") for name, found in files.items() if found}
    page = root / PIPELINES
    rows = {}
    for number, line in enumerate(page.read_text().splitlines() if page.exists() else [], 1):
        if row := PIPELINE_ROW.match(line):
            rows[row[1]] = number
            if row[1] not in titles:
                yield number, f"there is no pipeline {row[1]} with a title"
            elif row[2].strip() != titles[row[1]]:
                yield number, f"the title of {row[1]} is '{titles[row[1]]}', not '{row[2].strip()}'"
    for name in sorted(titles.keys() - rows.keys()):
        yield 1, f"pipelines/{name} is missing: {titles[name]}"
    for name in sorted(files.keys() - titles.keys()):
        if not name.startswith("parts/"):
            yield 1, f"pipelines/{name} has no title"


def check_tree(program, root):
    """All mistakes, as 'FILE:LINE: message'."""
    root = root.resolve()
    pages = [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md")), *sorted((root / "schemas").rglob("*.md"))]
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        (scratch / "bin").mkdir()
        (scratch / "bin/mitoloom").symlink_to(program)
        os.environ["PATH"] = f"{scratch / 'bin'}:{os.environ['PATH']}"
        os.environ.pop("MITOLOOM_STORE", None)
        for number, page in enumerate(pages):
            folder = scratch / str(number)
            folder.mkdir()
            found += [f"{page.relative_to(root)}:{line}: {what}" for line, what in check_page(page, root, folder)]
    found += [f"README.md:{line}: {what}" for line, what in check_readme(root)]
    found += [f"{PIPELINES}:{line}: {what}" for line, what in check_pipelines(root)]
    return found


FAKE = """#!/bin/sh
# Stands for the program in the self-test: says what it was asked, refuses pipelines with 'wrong'.
if [ "$1" = validate ] && grep -q wrong "$2"; then echo "$2:1:1: error: wrong"; exit 2; fi
echo "$@"
"""
GOOD = """# Title of it
[page](docs/a.md#some-heading) [here](#title-of-it) [away](https://example.org) `[no](link)` [part](docs/a.md#p1)
<!-- [not](yet.png) -->
`mask_maker`
```yaml pipeline file=sub/x.yaml
nodes: fine
```
```console check
$ mitoloom validate sub/x.yaml
validate sub/x.yaml
$ mitoloom two words
two words
```
```cpp from=code.h
int b;
```
"""
OTHERS = {
    "docs/a.md": '# <a id="p1"></a>Some heading\n', "code.h": "int a;\nint b;\n",
    "pipelines/detect/detect.yaml": "title: Finds it\nnodes: {m: {use: mask_maker}}\n",
    "pipelines/parts/mask.yaml": "nodes: {}\n",
    "docs/pipelines_shipped.md": "| [`detect/detect.yaml`](../pipelines/detect/detect.yaml) | Finds it | more |\n",
}
MISTAKES = [  # (text to replace, by what, expected message)
    ("docs/a.md#p1", "docs/a.md#p2", "README.md:2: docs/a.md has no heading #p2"),
    ("docs/a.md#some-heading", "docs/b.md", "README.md:2: the link docs/b.md leads nowhere"),
    ("#some-heading", "#other", "README.md:2: docs/a.md has no heading #other"),
    ("#title-of-it", "#title", "README.md:2: this page has no heading #title"),
    ("docs/a.md#some-heading", "../x", "README.md:2: the link ../x"),
    ("nodes: fine", "nodes: wrong", "README.md:5: the pipeline is wrong"),
    ("\ntwo words", "\nthree words", "README.md:11: `mitoloom two words` gives"),
    ("$ mitoloom validate", "$ other", "README.md:8: a console block to check starts with"),
    ("int b;", "int c;", "README.md:14: this is not in code.h"),
    ("`mask_maker`", "", "README.md:1: pipelines/detect/detect.yaml uses mask_maker"),
]
OTHER_MISTAKES = [  # (file, its text, expected message)
    (PIPELINES, "", "docs/pipelines_shipped.md:1: pipelines/detect/detect.yaml is missing: Finds it"),
    (PIPELINES, "\n| [`detect/detect.yaml`](a.md) | Finds |", "docs/pipelines_shipped.md:2: the title of detect/detect.yaml is 'Finds it'"),
    (PIPELINES, "| [`gone.yaml`](a.md) | Gone |", "docs/pipelines_shipped.md:1: there is no pipeline gone.yaml"),
    ("pipelines/detect/detect.yaml", "nodes: {}\n", "docs/pipelines_shipped.md:1: pipelines/detect/detect.yaml has no title"),
]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve() / "repo"
        for name, text in {"fake": FAKE, "README.md": GOOD, **OTHERS}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        (root / "fake").chmod(0o755)
        if found := check_tree(root / "fake", root):
            return ["the page without mistakes: " + found[0]]
        failures = []
        for old, new, message in MISTAKES:
            assert old in GOOD, old
            (root / "README.md").write_text(GOOD.replace(old, new))
            found = check_tree(root / "fake", root)
            if not any(line.startswith(message) for line in found):
                failures.append(f"not found: {message}; found {found}")
        (root / "README.md").write_text(GOOD)
        for name, text, message in OTHER_MISTAKES:
            (root / name).write_text(text)
            found = check_tree(root / "fake", root)
            (root / name).write_text(OTHERS[name])
            if not any(line.startswith(message) for line in found):
                failures.append(f"not found: {message}; found {found}")
        return failures


def main(arguments):
    if arguments == ["--self-test"]:
        found, what = self_test(), "self-test"
    elif arguments:
        root = pathlib.Path(arguments[1]) if len(arguments) > 1 else ROOT
        found, what = check_tree(pathlib.Path(arguments[0]).resolve(), root), "documentation"
    else:
        print(__doc__)
        return 2
    for line in found:
        print(line)
    print(f"{what}: {len(found)} problem(s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
