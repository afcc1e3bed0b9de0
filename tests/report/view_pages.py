#!/usr/bin/env python3
"""Opens report pages in headless Chromium, from file:// and without a network.

    view_pages.py FIGURES PAGE... [--screenshots FOLDER]

Every page must show FIGURES figures, each drawn and no wider than the page, in a wide and in a narrow
window, load nothing and log nothing. FIGURES 0: the page of a build that draws none must name a file
in the place of each. Exits with 77 when Chromium is not installed.
"""
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from browser import Browser, expect, missing_program  # noqa: E402

WINDOWS = {"wide": (1280, 1000), "narrow": (420, 900)}


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
    browser.js("for (const d of document.querySelectorAll('main > details')) d.open = true")
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


def check(browser, page, figures, screenshots):
    for name, size in WINDOWS.items():
        browser.resize(*size)
        browser.open(page)
        if figures:
            check_figures(browser, figures, name)
        else:
            check_without_figures(browser, page)
        expect("not a medical device" in browser.text("body"), True, "the notice is there")
        wide = browser.js("return [document.documentElement.scrollWidth,"
                          "        document.documentElement.clientWidth]")
        expect(wide[0] <= wide[1], True, f"the page is {wide[0]} wide in {wide[1]} ({name})")
        expect(browser.resources(), [], "resources loaded")
        expect(browser.console(), [], "console")
        if screenshots:
            height = browser.js("return document.documentElement.scrollHeight")
            browser.resize(size[0], min(height + 140, 6000))
            time.sleep(0.5)
            browser.screenshot(screenshots / f"{page.parent.name}-{page.stem}-{name}.png")


def main(arguments):
    screenshots = None
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
                check(browser, page, figures, screenshots)
                print(f"{page}: {figures} figures drawn")
        except AssertionError as error:
            print(f"{page}: {error}")
            return 1
        finally:
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
