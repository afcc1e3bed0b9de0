#!/usr/bin/env python3
"""Counts what shows the plan of the code: house_counts.py [ROOT].

Prints, for the tree at ROOT (default: this repository), one `name value` a line: lines of adapters,
codecs, machinery and toolkits, arrows between rooms, entries of the longest folder, references to the
method and how many of them resolve. Two trees are compared by comparing what it prints.
"""
import pathlib
import re
import subprocess
import sys

MACHINERY = ("core", "config", "graph", "hdf5", "store")
# The document had this name in capitals before it came into the repository.
REFERENCE = re.compile(rf"\b[Mm]ethod (\d+\.\d+)|{'methods'.upper()} (\d+\.\d+)")


def lines(paths):
    return sum(len(p.read_text(errors="replace").splitlines()) for p in paths)


def room(path):
    """engine/graph, nodes/slides, ...: the first two folders, or three in a part of nodes."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def arrows(root, sources):
    found = set()
    for path in sources:
        name = path.relative_to(root).as_posix()
        for match in re.finditer(r'^\s*#\s*include\s*"((?:engine|nodes)/[^"]+)"', path.read_text(errors="replace"), re.M):
            if room(match[1]) != room(name):
                found.add((room(name), room(match[1])))
    return found


def main(root):
    tracked = [root / f for f in subprocess.run(["git", "-C", root, "ls-files"], check=True, capture_output=True, text=True).stdout.split()]
    sources = [f for f in tracked if f.suffix in (".cpp", ".h") and f.is_file()]
    inside = lambda *folders: [f for f in sources if f.relative_to(root).as_posix().startswith(folders)]
    machinery = inside(*(f"engine/{r}/" for r in MACHINERY))
    engine = inside("engine/")
    folders = {}
    for f in tracked:
        folders.setdefault(f.parent, set()).add(f)
        if f.parent != root:
            folders.setdefault(f.parent.parent, set()).add(f.parent)
    method = root / "docs/method.md"
    known = set(re.findall(r"\b(\d+\.\d+)\b", method.read_text())) if method.exists() else set()
    cited = [m[1] or m[2] for f in tracked if f.suffix in (".cpp", ".h", ".md", ".py", ".yaml") and f != method and f.is_file()
             for m in REFERENCE.finditer(f.read_text(errors="replace"))]
    longest = max((f for f in folders if f.relative_to(root).parts[:1] in (("engine",), ("nodes",), ("tools",), ("pipelines",))),
                  key=lambda f: len(folders[f]))
    counts = {
        "lines of adapters": lines(f for f in inside("nodes/") if f.name.endswith("_node.cpp")),
        "lines of codecs": lines(f for f in sources if re.search(r"codecs?\.cpp$", f.name)),
        "lines of engine machinery": lines(machinery),
        "lines of engine toolkits": lines(set(engine) - set(machinery)),
        "arrows between rooms of engine": len({a for a in arrows(root, engine)}),
        f"entries of the longest folder ({longest.relative_to(root)})": len(folders[longest]),
        "lines of the longest file of engine/graph": max(lines([f]) for f in inside("engine/graph/")),
        "lines of preset values in pipelines": sum(
            len(re.findall(r"^    [\w.]+: ", block, re.M)) for f in tracked if f.suffix == ".yaml" and "pipelines" in f.parts
            and "tests" not in f.parts for block in re.findall(r"^presets:\n((?:  .*\n)+)", f.read_text(), re.M)),
        "references to the method": len(cited),
        "of them resolve": sum(c in known for c in cited),
    }
    for name, value in counts.items():
        print(f"{name:<58}{value}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent).resolve())
