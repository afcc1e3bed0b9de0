#!/usr/bin/env python3
"""Opens report pages in headless Chromium, from file:// and without a network.

    view_pages.py FIGURES PAGE... [--screenshots FOLDER] [--axe AXE_JS]

Every page must show FIGURES figures, each drawn and no wider than the page, in windows of three sizes, light
and dark, load nothing and log nothing. FIGURES 0: the page of a build that draws none must name a file
in the place of each. Where AXE_JS is there, axe-core must find nothing. Exits with 77 when Chromium is not installed.
"""
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from browser import Browser, check_everywhere, expect, missing_program  # noqa: E402


def wait_until_drawn(browser):
    for _ in range(600):
        if browser.js("return document.documentElement.dataset.drawn") is not None:
            return
        time.sleep(0.1)
    raise AssertionError("the figures were not drawn in a minute")


def check_without_figures(browser, page):
    for name, text in browser.js("return [...document.querySelectorAll('[data-figure]')]"
                                 ".map(e => [e.dataset.figure, e.textContent])"):
        expect(f"{name}.vl.json" in text, True, f"{name} names its file")
        expect((page.parent / f"{name}.vl.json").is_file(), True, f"{name}.vl.json is there")


def check_figures(browser, figures, name):
    wait_until_drawn(browser)
    drawn = browser.js(
        "return [...document.querySelectorAll('[data-figure]')].map(e => {"
        "  const svg = e.querySelector('svg.marks');"
        "  return [e.dataset.figure, svg ? svg.querySelectorAll('path, text').length : 0,"
        "          svg ? svg.getBoundingClientRect().right : 0];})")
    expect(len(drawn), figures, "figures")
    expect(len({figure for figure, _, _ in drawn}), figures, "names of figures")
    width = browser.js("return document.documentElement.clientWidth")
    for figure, parts, right in drawn:
        expect(parts > 10, True, f"{figure} is drawn ({parts} parts)")
        expect(right <= width, True, f"{figure} ends at {right} of {width} ({name})")


def check(browser, page, figures, screenshots, axe):
    def look(when):
        if figures:
            check_figures(browser, figures, when)
        else:
            check_without_figures(browser, page)
        expect("not a medical device" in browser.text("body"), True, "the notice is there")
        expect(browser.js("return [document.querySelectorAll('main script, main b, main i').length,"
                          "        window.planted ?? null]"), [0, None], "text that became markup")

    check_everywhere(browser, lambda: browser.open(page), look, axe,
                     pictures=screenshots and (screenshots, f"{page.parent.name}-{page.stem}"))


def main(arguments):
    screenshots, axe = None, None
    if "--axe" in arguments:
        at = arguments.index("--axe")
        axe = pathlib.Path(arguments[at + 1])
        axe = axe.read_text() if axe.exists() else None
        del arguments[at:at + 2]
    if "--screenshots" in arguments:
        at = arguments.index("--screenshots")
        screenshots = pathlib.Path(arguments[at + 1])
        screenshots.mkdir(parents=True, exist_ok=True)
        del arguments[at:at + 2]
    if program := missing_program():
        print(f"{program} is not installed: report pages cannot be opened")
        return 77
    figures, pages = int(arguments[0]), [pathlib.Path(name) for name in arguments[1:]]
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(pathlib.Path(profile) / "downloads", profile)
        try:
            for page in pages:
                check(browser, page, figures, screenshots, axe)
                print(f"{page}: {figures} figures drawn")
        except AssertionError as error:
            print(f"{page}: {error}")
            return 1
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
