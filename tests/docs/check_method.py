#!/usr/bin/env python3
"""Follows every reference of the tree to docs/method.md.

    check_method.py [ROOT]        checks the tree at ROOT (default: the repository of this file)
    check_method.py --self-test   plants one mistake of every kind and expects it to be found

A reference is "method 9.6", also as a list ("method 2.1, 2.3 and 4.1"), or a link to method.md#m9.6. Each must lead to a
paragraph that docs/method.md has. Papers that are not in the repository may not be cited at all. The page itself must have
all chapters, its paragraphs in order and each once.
"""
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = "docs/method.md"
CHAPTERS = range(17)
FOLDERS = ("engine", "nodes", "tools", "tests", "docs", "schemas", "pipelines", "data", ".ci")
ITSELF = "tests/docs/check_method.py"  # its examples lead nowhere on purpose
SUFFIXES = {".h", ".cpp", ".py", ".sh", ".cmake", ".txt", ".md", ".json", ".yaml", ".html", ".mjs", ".js", ""}

# What may stand between two words of one sentence: blanks, the line breaks of comments, and the joints of string literals.
GAP = r'(?:[ \t]|"?\r?\n[ \t]*(?:///?<?|\#|\*)?[ \t]*"?)+'
NUMBER = r"\d+(?:\.\d+)?[a-z]?(?![\w%]|\.\d)"
REFERENCE = re.compile(rf"\b[Mm]ethod{GAP}({NUMBER})((?:(?:,{GAP}(?:and{GAP})?|{GAP}and{GAP}|{GAP}to{GAP}){NUMBER})*)")
LINK = re.compile(rf"method\.md#m({NUMBER})")
OUTSIDE = re.compile(r"\bMETHODS\b|\bSTYLE \d")
ANCHOR = re.compile(r'<a id="m([\w.]+)"></a>')


def files(root):
    yield from sorted(root.glob("*.md"))
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file() and "__pycache__" not in file.parts:
                yield file


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def check_text(text, paragraphs, is_page):
    """Yields (line, message)."""
    for found in OUTSIDE.finditer(text):
        yield line_of(text, found.start()), f"cites {found[0]}, which is not in the repository: refer to docs/method.md or CONTRIBUTING.md"
    numbers = [(found.start(), number) for found in REFERENCE.finditer(text)
               for number in (found[1], *re.findall(NUMBER, found[2]))]
    numbers += [(found.start(), found[1]) for found in LINK.finditer(text)]
    if is_page:
        numbers += [(found.start(), found[1]) for found in re.finditer(r"\(#m([\w.]+)\)", text)]
    for at, number in numbers:
        if number not in paragraphs:
            yield line_of(text, at), f"method {number}: {PAGE} has no such paragraph"


def place(number):
    """The order of paragraphs: 2.1, 2.1b, 2.2, ..., 2.10."""
    chapter, _, rest = number.partition(".")
    digits = re.match(r"\d*", rest)[0]
    return int(chapter), int(digits or 0), rest[len(digits):]


def check_page(text):
    """Yields (line, message)."""
    found = [(line_of(text, match.start()), match[1]) for match in ANCHOR.finditer(text)]
    numbers = [number for _, number in found]
    for chapter in CHAPTERS:
        if str(chapter) not in numbers:
            yield 1, f"there is no chapter {chapter}"
    for line, number in found:
        if not re.fullmatch(NUMBER, number):
            yield line, f"m{number} is no number of a paragraph"
            return
        if not re.search(rf'<a id="m{re.escape(number)}"></a>(\*\*)?{re.escape(number)}\b', text):
            yield line, f"the paragraph m{number} does not begin with its number"
    for (_, before), (line, after) in zip(found, found[1:]):
        if place(after) <= place(before):
            yield line, f"paragraph {after} stands after {before}"


def check_tree(root):
    """(number of files, mistakes as 'FILE:LINE: message')."""
    page = root / PAGE
    if not page.exists():
        return 0, [f"{PAGE}:1: is missing"]
    method = page.read_text()
    paragraphs = set(ANCHOR.findall(method))
    mistakes = [f"{PAGE}:{line}: {what}" for line, what in check_page(method)]
    count = 0
    for file in files(root):
        name = file.relative_to(root).as_posix()
        if name == ITSELF:
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        count += 1
        mistakes += [f"{name}:{line}: {what}" for line, what in check_text(text, paragraphs, name == PAGE)]
    return count, mistakes


GOOD_PAGE = "".join(f'## <a id="m{n}"></a>{n}. Chapter\n' + (
    f'<a id="m{n}.1"></a>**{n}.1 One** as in [9.1](#m9.1)\n<a id="m{n}.1b"></a>**{n}.1b More**\n'
    f'<a id="m{n}.2"></a>**{n}.2 Two**\n<a id="m{n}.10"></a>**{n}.10 Ten**\n' if n else "") for n in CHAPTERS)
GOOD_CODE = """/// Counts. Method 9.1. Of method 9.1,
/// 9.2 and 12, method 2.1 to 2.10. A method 3.1's way; (method 14): method: 99.
auto text = "the numbers of method "
            "9.1b, 3 steps; methods 77 of a class";
"""
GOOD_DOC = "see [method 9.1](method.md#m9.1) and [2](method.md#m2)\n"
MISTAKES = [  # (file, text to replace, by what, expected message)
    ("nodes/x.h", "Method 9.1", "Method 9.3", "nodes/x.h:1: method 9.3: docs/method.md has no such paragraph"),
    ("nodes/x.h", "9.2 and 12", "9.7 and 12", "nodes/x.h:1: method 9.7"),
    ("nodes/x.h", "9.2 and 12", "9.2 and 17", "nodes/x.h:1: method 17"),
    ("nodes/x.h", "to 2.10", "to 2.11", "nodes/x.h:2: method 2.11"),
    ("nodes/x.h", '"9.1b', '"9.1c', "nodes/x.h:3: method 9.1c"),
    ("nodes/x.h", "method: 99", "METHODS 9.1", "nodes/x.h:2: cites "),
    ("nodes/x.h", "method: 99", "STYLE 4", "nodes/x.h:2: cites "),
    ("docs/a.md", "method.md#m2)", "method.md#m9.9)", "docs/a.md:1: method 9.9"),
    ("docs/method.md", "(#m9.1)", "(#m9.8)", "docs/method.md:3: method 9.8"),
    ("docs/method.md", '<a id="m7"></a>7', "7", "docs/method.md:1: there is no chapter 7"),
    ("docs/method.md", '<a id="m3.2"></a>**3.2', '<a id="m3.2"></a>**3.3',
     "docs/method.md:15: the paragraph m3.2 does not begin with its number"),
    ("docs/method.md", '<a id="m3.2"></a>**3.2', '<a id="m3.1"></a>**3.1', "docs/method.md:15: paragraph 3.1 stands after 3.1b"),
]


def self_test():
    good = {"docs/method.md": GOOD_PAGE, "nodes/x.h": GOOD_CODE, "docs/a.md": GOOD_DOC}
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)

        def check_with(changed):
            for name, text in {**good, **changed}.items():
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).write_text(text)
            return check_tree(root)

        count, found = check_with({})
        if found or count != len(good):
            failures.append(f"the tree without mistakes: {count} files, {found}")
        for name, old, new, message in MISTAKES:
            assert old in good[name], old
            _, found = check_with({name: good[name].replace(old, new, 1)})
            if not any(line.startswith(message) for line in found):
                failures.append(f"not found: {message}; found {found}")
    return failures


def main(arguments):
    if arguments == ["--self-test"]:
        found, what = self_test(), f"self-test of {len(MISTAKES)} mistakes"
    else:
        count, found = check_tree(pathlib.Path(arguments[0]) if arguments else ROOT)
        what = f"references to the method in {count} files"
    for line in found:
        print(line)
    print(f"{what}: {len(found)} problem(s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
