#!/usr/bin/env python3
"""Fails when an #include crosses the layers in a forbidden direction.

    check_layers.py [ROOT]        checks the tree at ROOT (default: the repository of this file)
    check_layers.py --self-test   plants one violation of every rule and expects it to be found

The tables below are the architecture (ADR 0019). A file may always include its own folder; tests may include anything of
the project. Beside the arrows: the machinery has no word of pathology, no two headers have one name, and nodes/STAGES
lists all stages, in the order of the paper.
"""
import pathlib
import re
import sys
import tempfile

PARTS = ["slides", "reference", "detector", "outcome", "exchange", "drawn"]  # of nodes/, in the order of the paper

TOOLKITS = ["engine/core/", "engine/types/", "engine/image/", "engine/stats/", "engine/slide/", "engine/nn/", "engine/tiff/",
            "engine/annotations/", "engine/report/", "engine/hdf5/"]

# What each layer may include of the project, beside itself. Prefixes; a full name allows one file.
LAYERS = {
    # the machinery
    "engine/core": [],
    "engine/config": ["engine/core/"],
    "engine/graph": ["engine/core/", "engine/config/"],
    "engine/hdf5": ["engine/core/"],
    "engine/store": ["engine/core/", "engine/hdf5/"],
    # toolkits of more than one part
    "engine/types": ["engine/core/"],
    "engine/image": ["engine/core/", "engine/types/"],
    "engine/stats": ["engine/core/", "engine/types/"],
    "engine/report": ["engine/core/", "engine/types/"],
    "engine/tiff": ["engine/core/"],
    "engine/annotations": ["engine/core/", "engine/types/"],
    "engine/slide": ["engine/core/", "engine/types/", "engine/tiff/"],
    "engine/nn": ["engine/core/", "engine/config/", "engine/types/", "engine/hdf5/"],
    # toolkits of one part: its stages may include them, too
    "nodes/slides/stain": ["engine/core/", "engine/types/", "engine/image/", "engine/stats/"],
    "nodes/reference/registration": ["engine/core/", "engine/types/", "engine/image/", "engine/stats/"],
    "nodes/detector/augmentation": ["engine/core/", "engine/image/"],
    "nodes/detector/candidates": [],
    "nodes/detector/training": ["engine/core/", "engine/types/", "engine/slide/", "engine/nn/", "engine/hdf5/"],
    "nodes/outcome/close_ups": ["engine/core/", "engine/types/", "engine/image/", "engine/slide/", "engine/report/"],
    "nodes/outcome/study": ["engine/core/", "engine/types/", "engine/nn/", "engine/stats/"],
    # stages
    "a stage's pure half": TOOLKITS,
    "a stage's adapter": [*TOOLKITS, "engine/graph/"],
    "nodes": ["engine/core/", "engine/graph/"],
    # programs
    "tools/sweep": ["engine/core/", "engine/config/", "engine/graph/", "engine/types/", "engine/stats/", "engine/report/"],
    "tools/cohort": ["engine/core/", "engine/graph/", "engine/types/", "engine/report/"],
    "tools/view": [*TOOLKITS, "engine/store/", "tools/cohort/"],
    "tools/diff": ["engine/core/", "engine/types/", "engine/stats/", "nodes/exchange/export_geojson/export_geojson.h"],
    "tools/cli": [*TOOLKITS, "engine/config/", "engine/graph/", "engine/store/", "nodes/registry.h",
                  "nodes/detector/augment/augment_node.h", "tools/cohort/", "tools/diff/", "tools/sweep/", "tools/view/"],
    "tools/bench": [*TOOLKITS, "engine/store/", "nodes/reference/registration/", "nodes/detector/augmentation/",
                    "nodes/detector/candidates/", "nodes/detector/he_candidates/he_candidates.h",
                    "nodes/drawn/synthetic_slide/synthetic_slide.h", "tests/support/temp_folder.h"],
}

# Outside headers that only one place may include, so that their types stay out of sight elsewhere.
ONLY_IN = [
    (re.compile(r"hdf5(_hl)?\.h|H5[A-Za-z]*\.h"), "engine/hdf5/"),
    (re.compile(r"torch/.*|ATen/.*|c10/.*"), ("engine/nn/torch/", "tools/bench/plain_step.cpp", "tests/support/script_file.cpp")),
    (re.compile(r"hwy/.*"), ("engine/nn/dense/", "tools/bench/peak.cpp")),
    (re.compile(r"(openslide/)?openslide.*\.h"), "engine/slide/"),
    (re.compile(r"(tiffio|jpeglib)\.h"), ("engine/tiff/", "tests/support/pyramid_tiff.cpp")),
    (re.compile(r"openssl/.*\.h"), "engine/core/"),
    (re.compile(r"sqlite3\.h"), "engine/annotations/"),
    (re.compile(r"pugi(xml|config)\.hpp"), ("engine/annotations/", "engine/slide/ome.cpp")),
    (re.compile(r"png\.h"), "engine/slide/"),
    (re.compile(r"opencv2/imgcodecs.*"), ("engine/image/codecs.cpp", "engine/image/opencv/", "tests/")),
    (re.compile(r"(ft2build|freetype/.*)\.h"), "engine/image/letters.cpp"),
    (re.compile(r"yaml-cpp/.*"), "engine/config/"),
    (re.compile(r"zlib\.h"), ("engine/core/", "tests/annotations/")),
    (re.compile(r"unicode/.*"), "engine/types/"),
    (re.compile(r"CLI/.*"), "tools/"),
    (re.compile(r"httplib\.h"), ("tools/view/", "tests/view/")),
]
# Pairs that must not meet in one file: libtiff's int64 clashes with OpenCV's.
NEVER_TOGETHER = [(re.compile(r"tiffio\.h"), re.compile(r"opencv2/.*"))]

# The machinery runs graphs; it does not know what a mitosis is. The few places where a comment, a message or an attribute's name
# takes a slide or a tile as its example are counted.
MACHINERY = ("engine/core/", "engine/config/", "engine/graph/", "engine/hdf5/", "engine/store/")
PATHOLOGY = re.compile(r"(?<![a-z])(mitos[ie]s|mitotic|tissue|stain|nucle(us|i)|hotspot|patholog|histolog|tumou?r|biops|phh3|h&e"
                       r"|slides?(?![a-z])|tiles?(?![a-z])|mpp)", re.IGNORECASE)
EXAMPLES = {
    "engine/core/artefact_store.h": 2,
    "engine/core/params.cpp": 1,
    "engine/core/payload.h": 2,
    "engine/core/record.h": 1,
    "engine/core/run_files.h": 1,
    "engine/graph/check.cpp": 2,
    "engine/graph/file_manifest.cpp": 2,
    "engine/graph/graph.h": 3,
    "engine/graph/node_type.h": 2,
    "engine/graph/packet.h": 2,
    "engine/graph/run_state.cpp": 1,
    "engine/graph/schedule.h": 1,
    "engine/store/artefact_file.cpp": 5,
}

SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".c"}
INCLUDE = re.compile(r'\s*#\s*include\s*(["<])([^">]+)[">]')


def layer_of(path):
    """(layer, folder of its own) of a file, or (None, "") where anything goes."""
    parts = path.split("/")
    folder = "/".join(parts[:3])
    if parts[0] in ("engine", "tools") and len(parts) > 2:
        return f"{parts[0]}/{parts[1]}", f"{parts[0]}/{parts[1]}/"
    if folder in LAYERS:
        return folder, f"{folder}/"
    if parts[0] == "nodes" and len(parts) > 3 and parts[1] in PARTS:
        adapter = re.search(r"_node\.(h|cpp)$", path)
        return ("a stage's adapter" if adapter else "a stage's pure half"), f"{folder}/"
    if parts[0] == "nodes":
        return ("nodes" if len(parts) == 2 else folder), "nodes/"
    return (parts[0], "tools/") if parts[0] == "tools" else (None, "")


def allowed_in(path, layer):
    """What a file of this layer may include of the project."""
    own_part = path.split("/")[1] if layer.startswith("a stage's") else None
    return (*LAYERS[layer], *(f"{toolkit}/" for toolkit in LAYERS if own_part and toolkit.startswith(f"nodes/{own_part}/")))


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
            if layer is not None and not name.startswith((own, *allowed_in(path, layer))):
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
    return found + check_words(path, text) + check_node_types(path, text)


NODE_TYPE = re.compile(r"info\.type\s*[!=]=")


def check_node_types(path, text):
    """Tools ask nodes what they are; they do not know them by name."""
    if not path.startswith(("tools/cli/", "tools/sweep/", "tools/diff/")):
        return []
    return [f"{path}:{number}: a tool must not compare the name of a node type: let the node say what is to be known of it "
            "(docs/writing_a_node.md)" for number, line in enumerate(text.splitlines(), 1) if NODE_TYPE.search(line)]


def check_words(path, text):
    """What the machinery says of pathology, beyond the counted examples."""
    if not path.startswith(MACHINERY):
        return []
    words = [(text.count("\n", 0, match.start()) + 1, match[0]) for match in PATHOLOGY.finditer(text)]
    expected = EXAMPLES.get(path, 0)
    if len(words) == expected:
        return []
    line, word = words[-1] if words else (1, "none")
    return [f"{path}:{line}: the machinery knows no pathology: {len(words)} of its words ('{word}'), {expected} are counted in "
            "tools/check_layers.py"]


def check_names(paths):
    """Headers of one name: tools that go by names, and people, take one for the other."""
    names = {}
    for path in paths:
        if path.endswith((".h", ".hpp")):
            names.setdefault(path.rsplit("/", 1)[-1], []).append(path)
    return [f"{path}:1: {name} is the name of {same[0]}, too" for name, same in names.items() for path in same[1:]]


def check_stages(root, paths):
    """nodes/STAGES: all stages, by part, in the order of the paper."""
    lines = (root / "nodes/STAGES").read_text().splitlines() if (root / "nodes/STAGES").exists() else []
    listed = [line.split()[0] for line in lines if re.match("[a-z]", line)]
    stages = sorted({"/".join(path.split("/")[1:3]) for path in paths if re.match(r"nodes/\w+/\w+/\w+_node\.cpp$", path)})
    found = [f"nodes/{stage}/{stage.split('/')[1]}_node.cpp:1: {stage} is not in nodes/STAGES" for stage in stages if stage not in listed]
    order = [PARTS.index(stage.split("/")[0]) if stage.split("/")[0] in PARTS else -1 for stage in listed]
    found += [f"nodes/STAGES:1: {stage} stands after a later part of the paper" for stage, before, here
              in zip(listed[1:], order, order[1:]) if here < before]
    return found


def check_tree(root):
    files = [file for folder in ("engine", "nodes", "tools", "tests")
             for file in sorted((root / folder).rglob("*")) if file.suffix in SUFFIXES]
    paths = [file.relative_to(root).as_posix() for file in files]
    found = []
    for path, file in zip(paths, files):
        found += check_file(path, file.read_text(errors="replace"))
    return len(files), found + check_names(paths) + check_stages(root, paths)


PLANTED = {
    "engine/core/a.h": '#include "engine/types/geometry.h"',
    "engine/types/b.h": '#include "engine/graph/node.h"',
    "engine/config/c.h": '#include "engine/types/geometry.h"',
    "engine/image/a.cpp": '#include "engine/slide/slide.h"',
    "engine/stats/a.cpp": '#include "engine/image/hed.h"',
    "engine/slide/a.cpp": '#include "engine/image/hed.h"',
    "engine/hdf5/a.cpp": '#include "engine/store/hdf5_store.h"',
    "engine/nn/a.cpp": '#include "engine/store/hdf5_store.h"',
    "engine/nn/slides.cpp": '#include "engine/slide/slide.h"',
    "nodes/detector/training/a.cpp": '#include "nodes/detector/augmentation/smooth.h"',
    "engine/report/a.cpp": '#include "engine/stats/cohort.h"',
    "engine/annotations/a.cpp": '#include "engine/slide/slide.h"',
    "engine/store/a.cpp": '#include "engine/graph/node.h"',
    "engine/graph/a.cpp": '#include "engine/types/pathology.h"',
    "engine/unknown/a.cpp": "",
    "engine/graph/words.cpp": "int count_mitoses();",
    "engine/core/words.h": "/// As large as a tile.",
    "engine/image/twice.h": "",
    "nodes/slides/stain/a.cpp": '#include "engine/slide/slide.h"',
    "nodes/slides/x/x.cpp": '#include "engine/graph/node.h"',
    "nodes/slides/w/w.cpp": '#include "engine/store/hdf5_store.h"',
    "nodes/slides/x/x.h": '#include "nodes/slides/y/y.h"',
    "nodes/slides/x/x_node.cpp": '#include "engine/store/hdf5_store.h"',
    "nodes/slides/y/y_node.cpp": '  #  include "nodes/slides/x/x.h"',
    "nodes/slides/y/y.cpp": '#include "y.h"',
    "nodes/detector/x2/x2.cpp": '#include "nodes/slides/stain/lab.h"',
    "nodes/elsewhere/x3/x3.cpp": "",
    "nodes/slides/x4.cpp": "",
    "nodes/slides/unlisted/unlisted_node.cpp": "",
    "tools/sweep/a.cpp": '#include "tools/cli/run_record.h"',
    "tools/diff/a.cpp": '#include "engine/graph/node.h"',
    "tools/cli/a.cpp": '#include "nodes/outcome/grade/grade.h"',
    "tools/bench/a.cpp": '#include "tools/cli/output.h"',
    "tools/cli/types.cpp": 'if (node.type->info.type == "slide") return;',
    "tools/unknown/a.cpp": "",
    "tools/a.cpp": "",
    "engine/nn/b.cpp": "#include <hdf5.h>",
    "engine/store/b.cpp": "#include <hdf5.h>",
    "engine/nn/c.cpp": "#include <torch/torch.h>",
    "engine/nn/d.cpp": "#include <hwy/highway.h>",
    "nodes/slides/z/z.cpp": "#include <openslide.h>",
    "engine/graph/b.cpp": "#include <yaml-cpp/yaml.h>",
    "nodes/slides/z/a.cpp": "#include <sqlite3.h>",
    "nodes/slides/z/b.cpp": "#include <openssl/evp.h>",
    "tests/b_test.cpp": "#include <pugixml.hpp>",
    "tests/c_test.cpp": "#include <png.h>",
    "engine/config/b.cpp": "#include <CLI/CLI.hpp>",
    "tools/cli/b.cpp": "#include <httplib.h>",
    "tools/view/a.cpp": '#include "tools/cli/output.h"',
    "tests/a_test.cpp": "#include <tiffio.h>\n#include <opencv2/core.hpp>",
}
ALLOWED = {
    "engine/annotations/twice.h": "// the first of two",
    "engine/core/ok.cpp": "#include <openssl/evp.h>\n// mitoloom, profile, a percentile: words that only look alike",
    "engine/nn/ok.cpp": '#include "engine/hdf5/record_file.h"\n#include <vector>',
    "engine/nn/dense/ok.cpp": "#include <hwy/highway.h>",
    "engine/nn/torch/ok.cpp": "#include <torch/torch.h>",
    "engine/hdf5/ok.cpp": "#include <hdf5.h>",
    "engine/store/ok.cpp": '#include "engine/hdf5/h5.h"\n#include "engine/core/artefact_store.h"',
    "engine/slide/ome.cpp": "#include <pugixml.hpp>\n#include <png.h>",
    "engine/annotations/ok.cpp": '#include <sqlite3.h>\n#include "engine/types/points_csv.h"',
    "nodes/slides/ok/ok.cpp": '#include "nodes/slides/ok/ok.h"\n#include "engine/slide/slide.h"',
    "nodes/slides/ok/ok.h": '#include "engine/hdf5/patch_file.h"\n#include "nodes/slides/stain/lab.h"',
    "nodes/slides/ok/ok_node.cpp": '#include "nodes/slides/ok/ok.h"\n#include "engine/graph/node.h"',
    "tests/ok_test.cpp": '#include "nodes/slides/ok/ok.h"\n#include "engine/hdf5/h5.h"',
    "tools/cli/ok.cpp": '#include <CLI/CLI.hpp>\n#include "engine/graph/node.h"\n#include "tools/sweep/table.h"',
}
PLANTED_STAGES = "# all but one\nslides/ok  slide\nslides/x\nslides/y\noutcome/late\ndetector/early\n"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in {**PLANTED, **ALLOWED}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n")
        (root / "nodes/STAGES").write_text(PLANTED_STAGES)
        _, found = check_tree(root)
    blamed = {message.split(":")[0] for message in found}
    missed = sorted({*PLANTED, "nodes/STAGES"} - blamed)
    wronged = sorted(blamed & ALLOWED.keys())
    for path in missed:
        print(f"self-test: the planted violation in {path} was not found")
    for path in wronged:
        print(f"self-test: {path} was blamed without reason")
    if not missed and not wronged:
        print(f"self-test: all {len(PLANTED) + 1} planted violations found")
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
