#!/usr/bin/env python3
"""Opens cohort.html of a made-up cohort in headless Chromium, from file:// and without a network.

    use_cohort_page.py MITOLOOM [AXE_JS]

Bad slides come first, columns sort, the search finds, names are never markup, links lead to the pages of
slides, it fits windows of three sizes, light and dark; where AXE_JS is there, axe-core must find nothing. Exits with 77 when Chromium
is not installed.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from browser import Browser, check_everywhere, expect, missing_program  # noqa: E402

PLANTED = "<script>planted = 1</script>"
# name, state, count, message, doubt
SLIDES = [("b", "done", 7.5, "", None), (PLANTED, "done", 30.0, "", None),
          ("late", "failed", None, PLANTED, None), ("a", "done", 0.0, "", "it has no colour")]


def write(folder):
    for i, (name, state, count, message, doubt) in enumerate(SLIDES):
        place = folder / f"s {i}"
        place.mkdir()
        (place / "state.json").write_text(json.dumps({
            "mitoloom_state": 1, "slide": name, "state": state, "attempt": 1, "host": "h", "pid": "1", "job": "",
            "begun": "2026-01-01T00:00:00Z", "written": "2026-01-01T00:00:10Z", "seconds": 10.0 + i, "node": "n", "tile": 0,
            "tiles": 0, "message": message, "by_content": True, "again": False, "settings": "x", "content": "y", "files": []}))
        if count is None:
            continue
        (place / "result.json").write_text(json.dumps({
            "detections": int(count), "per_mm2": count / 2, "hotspot": {"count_p95": count}, "grade": 1 + (count > 6),
            "tissue_mm2": 2.0, "min_probability": 0.9, "mask": {"doubt": doubt}}))
        (place / "run.html").write_text("<title>page</title>")


def names(browser):
    return browser.js("return [...document.querySelectorAll('#slides .name')].map(e => e.textContent)")


def use(browser, page, axe, pictures):
    browser.open(page)
    expect(browser.js("return document.documentElement.dataset.ready"), "1", "ready")
    expect(names(browser), ["late", "a", "b", PLANTED], "bad slides first, then as they ran")
    expect(browser.js("return [window.planted ?? null, document.querySelectorAll('script').length]"), [None, 2], "markup")
    browser.js("[...document.querySelectorAll('th button')].find(b => b.textContent.startsWith('count')).click()")
    expect(names(browser), ["a", "b", PLANTED, "late"], "by count")
    browser.js("[...document.querySelectorAll('th button')].find(b => b.textContent.startsWith('count')).click()")
    expect(names(browser), [PLANTED, "b", "a", "late"], "by count, downwards; what has none stays last")
    expect(browser.js("return document.querySelector('[aria-sort=descending]').textContent").startswith("count"), True, "said")
    browser.js("const f = document.querySelector('#find'); f.value = 'LATE'; f.dispatchEvent(new Event('input'))")
    expect(names(browser), ["late"], "found")
    browser.js("const f = document.querySelector('#find'); f.value = ''; f.dispatchEvent(new Event('input'))")
    expect(browser.js("return [...document.querySelectorAll('#histogram rect')].filter(r => r.height.baseVal.value > 0)"
                      ".length"), 3, "bars of three counts")
    check_everywhere(browser, lambda: browser.open(page), axe=axe, pictures=pictures and (pathlib.Path(pictures), "cohort"))
    expect(browser.resources(), [], "resources loaded")
    expect(browser.console(), [], "console")
    browser.click("#slides .name a")
    expect(browser.js("return document.title"), "page", "the link leads to the slide's page")


def main(program, axe=None):
    if missing := missing_program():
        print(f"{missing} is not installed: the page cannot be opened")
        return 77
    axe = pathlib.Path(axe).read_text() if axe and pathlib.Path(axe).exists() else None
    with tempfile.TemporaryDirectory() as name:
        out = pathlib.Path(name) / "out"
        out.mkdir()
        write(out)
        subprocess.run([program, "cohort", "table", out, "--mixed"], check=True, stdout=subprocess.DEVNULL)
        browser = Browser(out, pathlib.Path(name) / "profile")
        try:
            use(browser, out / "cohort.html", axe, os.environ.get("MITO_SCREENSHOTS"))
        except AssertionError as error:
            print(f"cohort.html: {error}")
            return 1
        finally:
            browser.close()
    print("cohort.html: sorted, searched, no markup" + ("" if axe else "; axe-core is not there"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
