#!/usr/bin/env python3
"""Fails when an #include crosses the layers in a forbidden direction.

    check_layers.py [ROOT]        checks the tree at ROOT (default: the repository of this file)
    check_layers.py --self-test   plants one violation of every rule and expects it to be found

The tables below are the architecture. A file may always include its own folder; folders that no
table names (tools, tests) may include anything of the project.
"""
import pathlib
import re
import sys
import tempfile

PURE = ["engine/core/", "engine/types/", "engine/image/", "engine/stats/", "engine/stain/", "engine/slide/",
        "engine/nn/", "engine/tiff/", "engine/annotations/", "engine/report/"]

# What each layer may include of the project, beside itself. Prefixes; a full name allows one file.
LAYERS = {
    "engine/core": [],
    "engine/types": ["engine/core/"],
    "engine/config": ["engine/core/"],
    "engine/image": ["engine/core/", "engine/types/"],
    "engine/stats": ["engine/core/", "engine/types/"],
    "engine/stain": ["engine/core/", "engine/types/", "engine/image/", "engine/stats/"],
    "engine/report": ["engine/core/", "engine/types/"],
    "engine/tiff": ["engine/core/"],
    "engine/annotations": ["engine/core/", "engine/types/"],
    "engine/slide": ["engine/core/", "engine/types/", "engine/tiff/"],
    "engine/nn": ["engine/core/", "engine/types/", "engine/image/", "engine/stats/", "engine/slide/",
                  "engine/store/record_file.h"],
    "engine/store": ["engine/core/", "engine/types/", "engine/graph/artefact_store.h"],
    "engine/graph": ["engine/core/", "engine/config/", "engine/types/inputs.h"],
    "a stage's pure half": [*PURE, "engine/store/patch_file.h"],
    "a stage's adapter": [*PURE, "engine/graph/"],
    "nodes": ["engine/core/", "engine/graph/"],
}

# Outside headers that only one place may include, so that their types stay out of sight elsewhere.
ONLY_IN = [
    (re.compile(r"hdf5(_hl)?\.h|H5[A-Za-z]*\.h"), "engine/store/"),
    (re.compile(r"torch/.*|ATen/.*|c10/.*"), ("engine/nn/torch/", "tools/bench/plain_step.cpp")),
    (re.compile(r"hwy/.*"), ("engine/nn/dense/", "tools/bench/peak.cpp")),
    (re.compile(r"(openslide/)?openslide.*\.h"), "engine/slide/"),
    (re.compile(r"(tiffio|jpeglib)\.h"), "engine/tiff/"),
    (re.compile(r"openssl/.*\.h"), "engine/core/"),
    (re.compile(r"sqlite3\.h"), "engine/annotations/"),
    (re.compile(r"pugi(xml|config)\.hpp"), ("engine/annotations/", "engine/slide/ome.cpp")),
    (re.compile(r"png\.h"), "engine/slide/"),
    (re.compile(r"yaml-cpp/.*"), "engine/config/"),
    (re.compile(r"zlib\.h"), ("engine/core/", "tests/annotations/")),
    (re.compile(r"unicode/.*"), "engine/types/"),
    (re.compile(r"CLI/.*"), "tools/"),
]
# Pairs that must not meet in one file: libtiff's int64 clashes with OpenCV's.
NEVER_TOGETHER = [(re.compile(r"tiffio\.h"), re.compile(r"opencv2/.*"))]

SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".c"}
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def layer_of(path):
    """(layer, folder of its own) of a file, or (None, "") where anything goes."""
    parts = path.split("/")
    if parts[0] == "engine" and len(parts) > 2:
        return f"engine/{parts[1]}", f"engine/{parts[1]}/"
    if parts[0] == "nodes" and len(parts) > 2:
        adapter = re.search(r"_node\.(h|cpp)$", path)
        return ("a stage's adapter" if adapter else "a stage's pure half"), f"nodes/{parts[1]}/"
    if parts[0] == "nodes":
        return "nodes", "nodes/"
    return None, ""


def check_file(path, text):
    """The violations in one file, as messages."""
    found = []
    layer, own = layer_of(path)
    if layer is not None and layer not in LAYERS:
        return [f"{path}:1: {layer} is not in the table of layers (tools/check_layers.py)"]
    includes = [(number, match[1], match[2]) for number, line in enumerate(text.splitlines(), 1)
                if (match := INCLUDE.match(line))]
    for number, quote, name in includes:
        if name.startswith(("engine/", "nodes/", "tests/", "tools/")):
            if layer is not None and not name.startswith((own, *LAYERS[layer])):
                found.append(f"{path}:{number}: {layer} must not include {name}")
        elif quote == '"' and layer is not None:
            found.append(f'{path}:{number}: "{name}": write project headers from the root, '
                         "others in <>")
        for header, place in ONLY_IN:
            if header.fullmatch(name) and not path.startswith(place):
                found.append(f"{path}:{number}: {name} may only be included in {place}")
    for one, other in NEVER_TOGETHER:
        if any(one.fullmatch(n) for _, _, n in includes):
            found += [f"{path}:{number}: {name} must not meet tiffio.h in one file"
                      for number, _, name in includes if other.fullmatch(name)]
    return found


def check_tree(root):
    files = [file for folder in ("engine", "nodes", "tools", "tests")
             for file in sorted((root / folder).rglob("*")) if file.suffix in SUFFIXES]
    found = []
    for file in files:
        found += check_file(file.relative_to(root).as_posix(), file.read_text(errors="replace"))
    return len(files), found


PLANTED = {
    "engine/core/a.h": '#include "engine/types/geometry.h"',
    "engine/types/a.h": '#include "engine/graph/node.h"',
    "engine/config/a.h": '#include "engine/types/geometry.h"',
    "engine/image/a.cpp": '#include "engine/slide/slide.h"',
    "engine/stats/a.cpp": '#include "engine/image/hed.h"',
    "engine/slide/a.cpp": '#include "engine/image/hed.h"',
    "engine/stain/a.cpp": '#include "engine/slide/slide.h"',
    "engine/nn/a.cpp": '#include "engine/store/hdf5_store.h"',
    "engine/report/a.cpp": '#include "engine/stats/cohort.h"',
    "engine/annotations/a.cpp": '#include "engine/slide/slide.h"',
    "engine/store/a.cpp": '#include "engine/graph/node.h"',
    "engine/graph/a.cpp": '#include "engine/types/pathology.h"',
    "engine/unknown/a.cpp": "",
    "nodes/x/x.cpp": '#include "engine/graph/node.h"',
    "nodes/w/w.cpp": '#include "engine/store/record_file.h"',
    "nodes/x/x.h": '#include "nodes/y/y.h"',
    "nodes/x/x_node.cpp": '#include "engine/store/record_file.h"',
    "nodes/y/y_node.cpp": '  #  include "nodes/x/x.h"',
    "nodes/y/y.cpp": '#include "y.h"',
    "engine/nn/b.cpp": "#include <hdf5.h>",
    "engine/nn/c.cpp": "#include <torch/torch.h>",
    "engine/nn/d.cpp": "#include <hwy/highway.h>",
    "nodes/z/z.cpp": "#include <openslide.h>",
    "engine/graph/b.cpp": "#include <yaml-cpp/yaml.h>",
    "nodes/z/a.cpp": "#include <sqlite3.h>",
    "nodes/z/b.cpp": "#include <openssl/evp.h>",
    "tests/b_test.cpp": "#include <pugixml.hpp>",
    "tests/c_test.cpp": "#include <png.h>",
    "engine/config/b.cpp": "#include <CLI/CLI.hpp>",
    "tests/a_test.cpp": "#include <tiffio.h>\n#include <opencv2/core.hpp>",
}
ALLOWED = {
    "engine/core/ok.cpp": "#include <openssl/evp.h>",
    "engine/nn/ok.cpp": '#include "engine/store/record_file.h"\n#include <vector>',
    "engine/nn/dense/ok.cpp": "#include <hwy/highway.h>",
    "engine/nn/torch/ok.cpp": "#include <torch/torch.h>",
    "engine/store/ok.cpp": '#include <hdf5.h>\n#include "engine/graph/artefact_store.h"',
    "engine/slide/ome.cpp": "#include <pugixml.hpp>\n#include <png.h>",
    "engine/annotations/ok.cpp": '#include <sqlite3.h>\n#include "engine/types/points_csv.h"',
    "nodes/ok/ok.cpp": '#include "nodes/ok/ok.h"\n#include "engine/slide/slide.h"',
    "nodes/ok/ok.h": '#include "engine/store/patch_file.h"',
    "nodes/ok/ok_node.cpp": '#include "nodes/ok/ok.h"\n#include "engine/graph/node.h"',
    "tests/ok_test.cpp": '#include "nodes/ok/ok.h"\n#include "engine/store/h5.h"',
    "tools/ok.cpp": '#include <CLI/CLI.hpp>\n#include "engine/graph/node.h"',
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**PLANTED, **ALLOWED}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n")
        _, found = check_tree(root)
    blamed = {message.split(":")[0] for message in found}
    missed = sorted(PLANTED.keys() - blamed)
    wronged = sorted(blamed & ALLOWED.keys())
    for path in missed:
        print(f"self-test: the planted violation in {path} was not found")
    for path in wronged:
        print(f"self-test: {path} was blamed without reason")
    if not missed and not wronged:
        print(f"self-test: all {len(PLANTED)} planted violations found")
    return 1 if missed or wronged else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parent.parent
    files, found = check_tree(root)
    if files == 0:
        print(f"{root}: no sources found")
        return 1
    print("\n".join(found) or f"layers: {files} files, no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
