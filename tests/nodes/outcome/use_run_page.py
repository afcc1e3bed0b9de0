#!/usr/bin/env python3
"""Uses the page of a run in headless Chromium as a person would, from file:// and without a network.

    use_run_page.py RUN_HTML EXPECTED FOLDER [--labels] [--windows] [--axe AXE_JS]

EXPECTED is JSON: `name`, the slide's; `thresholds`, a list of what the pipeline gives at each:
threshold, mitoses, p95, max, grade and, where they are known, positions, x, y, found, false. The page
must say the same at each, load nothing and log nothing. --labels: detections are labelled by keys, and
answers.csv is saved into FOLDER; what it must hold is written to FOLDER/given.json. --windows: the page
must fit windows of three sizes, light and dark, and where --axe is given, axe-core must find nothing in
any of them; pictures go into the folder MITO_SCREENSHOTS, where the environment names one. Exits with
77 when Chromium is not installed.
"""
import json
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from browser import WINDOWS, Browser, check_everywhere, expect, missing_program  # noqa: E402

OBSERVER = 'Ann "O" Neil'
ENTER, RIGHT, LEFT = "\ue007", "\ue014", "\ue012"


def wait_for(what, say):
    for _ in range(400):
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(say)


def open_page(browser, page):
    browser.open(page)
    wait_for(lambda: browser.js("return document.documentElement.dataset.ready"),
             "the page was not ready in 20 s")


def is_silent(browser, when):
    expect(browser.resources(), [], f"resources loaded {when}")
    expect(browser.console(), [], f"console {when}")


def set_threshold(browser, value):
    browser.js("const field = document.querySelector('#exact');"
               f"field.value = '{value!r}'; field.dispatchEvent(new Event('change'))")


def check_text(browser, expected):
    expect(browser.text("#name"), expected["name"], "name of the slide")
    expect(browser.js("return document.title").startswith(expected["name"]), True, "title")
    # Of all that the page was given nothing became markup.
    expect(browser.js("return document.querySelectorAll('script').length"), 4, "scripts")
    expect(browser.js("return document.querySelectorAll('b, #planted').length"), 0, "planted elements")
    expect(browser.js("return window.planted"), None, "planted script")
    expect("not a medical device" in browser.text("#notice"), True, "the notice is there")


def check_thresholds(browser, expected):
    for wanted in expected["thresholds"]:
        set_threshold(browser, wanted["threshold"])
        found = browser.js("return {...document.querySelector('#live').dataset}")
        for key, value in wanted.items():
            expect(float(found[key]), float(value), f"{key} at {wanted['threshold']}")
        same = browser.js("return mitoloomPage.data.result.grade") == wanted["grade"]
        if browser.js("return mitoloomPage.data.rule.doubt") is None:
            expect("Another grade" in browser.text("#live-note"), not same, f"the note at {wanted['threshold']}")
    # The head says what the run found, whatever the slider says; the slider goes by keys, too.
    browser.js("document.querySelector('#reset').click(); document.querySelector('#threshold').focus()")
    before = float(browser.js("return document.querySelector('#live').dataset.threshold"))
    browser.press(LEFT)
    after = float(browser.js("return document.querySelector('#live').dataset.threshold"))
    if before > browser.js("return mitoloomPage.data.lowest"):
        expect(before - 0.002 <= after < before, True, f"one step of the slider, {before} to {after}")
    expect(browser.text("#exact") == "" and float(browser.js(
        "return document.querySelector('#exact').value")) == after, True, "the number follows the slider")
    browser.js("document.querySelector('#reset').click()")


def check_gallery(browser):
    patches = browser.js("return [...document.querySelectorAll('.patch')].map(e => e.id)")
    expect(len(patches) > 2, True, f"{len(patches)} patches")
    scores = browser.js("return [...document.querySelectorAll('.patch .line span:first-child')]"
                        ".map(e => Number(e.textContent))")
    expect(scores, sorted(scores, reverse=True), "order of the gallery")
    sizes = browser.js("for (const i of document.images) i.loading = 'eager';"
                       "return Promise.all([...document.querySelectorAll('.patch img')].map("
                       "i => i.decode().then(() => i.naturalWidth)))")
    expect(all(size > 60 for size in sizes), True, f"widths of the close-ups {sizes}")
    browser.click(f"#{patches[2]}")
    expect(browser.js("return document.documentElement.dataset.current"), patches[2], "what was clicked")
    expect(browser.js("return document.querySelector('[aria-selected=true]').id"), patches[2], "selected")
    shown = browser.js(
        "const {state, data} = mitoloomPage, viewer = mitoloomPage.viewer();"
        "if (!viewer) return null;"
        "const b = viewer.viewport.viewportToImageRectangle(viewer.viewport.getBounds());"
        "return [state.current.x, state.current.y, b.x, b.y, b.width, b.height, data.mpp,"
        "        data.pyramid.width, data.pyramid.height]")
    if shown:
        x, y, left, top, width, height, mpp, _, _ = shown
        expect(left <= x <= left + width and top <= y <= top + height, True, f"in sight: {shown}")
        expect(min(width, height) * mpp < 130, True, f"{width * mpp} um are seen")
    browser.press("n")
    expect(browser.js("return document.documentElement.dataset.current"), patches[3], "next by n")
    browser.press("p", "p")
    expect(browser.js("return document.documentElement.dataset.current"), patches[1], "previous by p")
    browser.press(RIGHT)
    expect(browser.js("return document.documentElement.dataset.current"), patches[2], "next by arrow")


def check_rings(browser):
    """A click on the slide takes the detection there."""
    at = browser.js(
        "const viewer = mitoloomPage.viewer(); if (!viewer) return null;"
        "const {state} = mitoloomPage;"
        "const p = viewer.viewport.imageToViewerElementCoordinates("
        "  new OpenSeadragon.Point(state.current.x + 0.5, state.current.y + 0.5));"
        "const box = document.querySelector('#viewer').getBoundingClientRect();"
        "return [Math.round(box.x + p.x), Math.round(box.y + p.y), document.documentElement.dataset.current]")
    if at is None:
        return
    browser.js("mitoloomPage.state.current = null; document.documentElement.dataset.current = ''")
    browser.call("/actions", {"actions": [{
        "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": [
            {"type": "pointerMove", "x": at[0], "y": at[1]}, {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0}]}]})
    wait_for(lambda: browser.js("return document.documentElement.dataset.current") == at[2],
             f"a click at {at[:2]} did not choose {at[2]}")


def check_labels(browser, page, folder):
    # Without a name no answer is taken.
    browser.click(".patch")
    browser.press("1")
    expect(browser.text("#status"), "Enter your name first: every answer is saved with it.", "status")
    browser.press(*OBSERVER, ENTER)
    browser.js("document.querySelector('#gallery').focus()")
    browser.click(".patch")
    samples = browser.js("return mitoloomPage.data.objects.map(one => one.sample)")
    browser.press("1", "2", "3", "1")
    given = {samples[0]: "mitotic", samples[1]: "non_mitotic", samples[3]: "mitotic"}
    browser.click("#save")
    file = folder / "answers.csv"
    wait_for(lambda: file.exists() and file.stat().st_size > 0, "answers.csv was not saved")
    (folder / "given.json").write_text(json.dumps(given))
    # Whoever comes back finds the answers, unsure among them.
    open_page(browser, page)
    expect(browser.js("return mitoloomPage.state.labels.size"), 4, "answers that the browser kept")
    expect(browser.js("return [...document.querySelectorAll('.patch .said')].slice(0, 4)"
                      ".map(e => e.textContent)"), ["mitosis", "not", "unsure", "mitosis"], "answers shown")


def use(browser, page, expected, folder, labels, windows, axe, screenshots):
    browser.prefer("light")
    browser.resize(*WINDOWS["wide"])
    open_page(browser, page)
    is_silent(browser, "when opened")
    check_text(browser, expected)
    check_thresholds(browser, expected)
    check_gallery(browser)
    check_rings(browser)
    if labels:
        check_labels(browser, page, folder)
    is_silent(browser, "after use")
    if windows:
        check_everywhere(browser, lambda: open_page(browser, page), axe=axe,
                         pictures=screenshots and (screenshots, "run"))


def main(arguments):
    axe = None
    if "--axe" in arguments:
        at = arguments.index("--axe")
        axe = pathlib.Path(arguments[at + 1]).read_text()
        del arguments[at:at + 2]
    labels, windows = "--labels" in arguments, "--windows" in arguments
    page, expected, folder = (pathlib.Path(name) for name in arguments[:3])
    if program := missing_program():
        print(f"{program} is not installed: the page of a run cannot be used")
        return 77
    folder.mkdir(parents=True, exist_ok=True)
    screenshots = os.environ.get("MITO_SCREENSHOTS")
    if screenshots:
        screenshots = pathlib.Path(screenshots)
        screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(folder.resolve(), profile)
        try:
            use(browser, page, json.loads(expected.read_text()), folder, labels, windows, axe,
                screenshots)
        except AssertionError as error:
            print(f"page of a run: {error}")
            return 1
        finally:
            browser.close()
    print("page of a run: the same numbers at every threshold")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
