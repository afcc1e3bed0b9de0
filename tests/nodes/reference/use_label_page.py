#!/usr/bin/env python3
"""Labels patches in headless Chromium as a person would, and saves the CSV.

    use_label_page.py LABEL_HTML FOLDER KEYS AXE_JS [SCREENSHOT]

KEYS is one of 1 and 2 for every patch of the page. The CSV is downloaded into FOLDER. The page must fit windows
of three sizes, light and dark; where AXE_JS is there, axe-core must find nothing. Exits with 77 when Chromium is
not installed.
"""
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from browser import ELEMENT, Browser, check_everywhere, expect, missing_program  # noqa: E402

ARROWS = {"left": "\ue012", "up": "\ue013", "right": "\ue014", "down": "\ue015", "home": "\ue011"}
ENTER = "\ue007"
OBSERVER = 'Ann "O" Neil'


def wait_for(file):
    for _ in range(200):
        if file.exists() and file.stat().st_size > 0:
            return file.read_text()
        time.sleep(0.05)
    there = sorted(other.name for other in file.parent.iterdir())
    raise AssertionError(f"{file} was not saved; there are {there}")


def counted(browser):
    return browser.text("#count").split(" (")[0]


def rename(browser, name):
    browser.js("const field = document.querySelector('#observer'); field.value = ''; field.focus()")
    browser.press(*name, ENTER)


def selected(browser):
    return browser.text("[aria-selected=true] .name span")


def label(browser, page, folder, keys, screenshot):
    count = len(keys)
    browser.open(page)
    # Nothing came from outside, and every picture can be decoded.
    expect(browser.resources(), [], "resources loaded")
    sizes = browser.js("for (const i of document.images) i.loading = 'eager';"
                       "return Promise.all([...document.images]"
                       ".map(i => i.decode().then(() => i.naturalWidth)))")
    expect(sizes, [128] * count, "widths of the pictures")

    # Without a name no label is taken.
    browser.click("#patch-s0001")
    browser.press("1")
    expect(browser.text("#status"), "Enter your name first: every label is saved with it.",
           "status")
    state = "return ['give1', 'give2', 'give0', 'save'].map(id => document.getElementById(id).ariaDisabled)"
    expect(browser.js(state), ["true"] * 4, "disabled without a name")
    expect(browser.js("return document.querySelector('#observer').matches(':invalid')"), True, "a name is asked for")
    browser.press(*OBSERVER, ENTER)
    expect(browser.js(state), ["false"] * 3 + ["true"], "disabled without a label")

    # Wrong at first, then put right with the arrows; the key 0 clears.
    browser.press("2" if keys[0] == "1" else "1")
    expect(selected(browser), "s0002", "the patch after the first label")
    browser.press(ARROWS["left"], "0")
    expect(counted(browser), f"0 of {count} labelled", "count after clearing")
    half = count // 2
    browser.press(*keys[:half])
    expect(counted(browser), f"{half} of {count} labelled", "count")

    # Another observer at the same computer sees nothing of it.
    rename(browser, "Bob")
    browser.press("1")
    expect(counted(browser), f"1 of {count} labelled", "count of the second observer")
    rename(browser, OBSERVER)

    # The work survives a reload, which goes on at the first patch without a label.
    browser.open(page)
    expect(browser.js("return document.querySelector('#observer').value"), OBSERVER,
           "name after a reload")
    expect(counted(browser), f"{half} of {count} labelled", "count after a reload")
    expect(selected(browser), f"s{half + 1:04}", "the patch after a reload")

    # Up and down move by a row, also where the last row is not full.
    columns = int(browser.js("return document.querySelector('#columns').value"))
    browser.press(ARROWS["home"], ARROWS["down"])
    expect(selected(browser), f"s{columns + 1:04}", "the patch below the first")
    browser.press(ARROWS["up"], ARROWS["right"], ARROWS["left"])
    expect(selected(browser), "s0001", "the patch after going back")

    # With the filter only the open ones are shown, and every label takes one away.
    browser.click("#unlabelled")
    shown = "return document.querySelectorAll('.patch:not(.hidden)').length"
    expect(browser.js(shown), count - half, "patches shown")
    browser.press(*keys[half:-1])
    expect(browser.js(shown), 1, "patches shown")
    browser.click(f"#patch-s{count:04}")
    browser.click("#give" + keys[-1])
    expect(browser.js(shown), 0, "patches shown")
    expect(browser.text("#status"), "Every patch has a label. Press Save CSV.", "status")
    browser.click("#unlabelled")
    expect(browser.js(shown), count, "patches shown")

    browser.click("#save")
    saved = wait_for(folder / "labels_Ann_O_Neil.csv")
    expect(saved.splitlines()[0], "sample,observer,label", "header")
    expect(len(saved.splitlines()), count + 1, "lines")
    expect(browser.text("#status"), f"Saved labels_Ann_O_Neil.csv with {count} labels.",
           "status")
    if screenshot:
        browser.press(ARROWS["home"], ARROWS["right"], ARROWS["right"])
        browser.screenshot(screenshot)


def check_patches(browser, when):
    """So many in a row that what they show is seen, also on a telephone, and the answers in reach."""
    width = browser.js("return document.querySelector('.patch').clientWidth")
    expect(width > 60, True, f"a patch is {width} px wide, {when}")
    below = browser.js("return document.querySelector('#give1').getBoundingClientRect().bottom - innerHeight")
    expect(below <= 0, True, f"the answers end {below} px below the window, {when}")


def reopen(browser, page, folder, count, axe):
    """In a browser that knows nothing, the saved file brings the labels back."""
    browser.open(page)
    expect(counted(browser), f"0 of {count} labelled", "count in a new browser")
    field = browser.call("/element", {"using": "css selector", "value": "#open"})[ELEMENT]
    saved = folder / "labels_Ann_O_Neil.csv"
    browser.call(f"/element/{field}/value", {"text": str(saved.resolve())})
    for _ in range(100):
        if browser.text("#status").startswith("labels_Ann"):
            break
        time.sleep(0.05)
    expect(browser.text("#status"), f"{saved.name}: {count} labels of {OBSERVER} read.", "status")
    expect(counted(browser), f"{count} of {count} labelled", "count after opening")
    pictures = os.environ.get("MITO_SCREENSHOTS")
    check_everywhere(browser, lambda: browser.open(page), lambda when: check_patches(browser, when), axe,
                     pictures=pictures and (pathlib.Path(pictures), "label"))


def main(arguments):
    page, folder, keys = pathlib.Path(arguments[0]), pathlib.Path(arguments[1]), arguments[2]
    axe = pathlib.Path(arguments[3])
    axe = axe.read_text() if axe.exists() else None
    screenshot = arguments[4] if len(arguments) > 4 else None
    if program := missing_program():
        print(f"{program} is not installed: the labelling page cannot be tried")
        return 77
    folder.mkdir(parents=True, exist_ok=True)
    for step in (lambda b: label(b, page, folder, keys, screenshot),
                 lambda b: reopen(b, page, folder, len(keys), axe)):
        with tempfile.TemporaryDirectory() as profile:
            browser = Browser(folder.resolve(), profile)
            try:
                step(browser)
            except AssertionError as error:
                print(f"labelling page: {error}")
                return 1
            finally:
                browser.close()
    print(f"labelling page: {len(keys)} patches labelled and saved")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
