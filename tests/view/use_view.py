#!/usr/bin/env python3
"""Uses `mitoloom view` as a person would: a slide alone, a run while it goes on and after it.

    use_view.py MITOLOOM

Draws a slide, opens it, runs detect.yaml beside an open page, answers by keys, reads answers.csv, ends the
server with SIGINT, and says how many tiles a second it gave. Pictures go into the folder
MITO_SCREENSHOTS, where the environment names one. Exits with 77 when Chromium is not installed.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from browser import Browser, expect, missing_program  # noqa: E402

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Server:
    """`mitoloom view`, until stop()."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, "view", *map(str, arguments)], stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        expect(bool(re.fullmatch(r"http://127\.0\.0\.1:\d+/[0-9a-f]{32}/", self.address)), True,
               f"the address is printed first: {self.address!r}")

    def get(self, path):
        with OPENER.open(self.address + path, timeout=60) as answer:
            return answer.read()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        start = time.monotonic()
        expect(self.process.wait(timeout=20), 0, "exit code after Ctrl-C")
        self.process.stdout.close()
        return time.monotonic() - start


def wait_for(what, say, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(say)


def is_ready(browser):
    return browser.js("return document.documentElement.dataset.ready")


def is_silent(browser, server, when):
    outside = [name for name in browser.resources() if not name.startswith(server.address)]
    expect(outside, [], f"loaded from elsewhere {when}")
    expect(browser.console(), [], f"console {when}")


def tiles_drawn(browser):
    return browser.js("return mitoloomPage.viewer().world.getItemAt(0)?.getFullyLoaded()")


def screenshot(browser, name):
    if folder := os.environ.get("MITO_SCREENSHOTS"):
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        browser.screenshot(pathlib.Path(folder) / f"view-{name}.png")


def use_slide(program, browser, slide):
    server = Server(program, slide)
    try:
        browser.open(server.address)
        wait_for(lambda: is_ready(browser), "the page of a slide was not ready")
        wait_for(lambda: tiles_drawn(browser), "the tiles were not drawn")
        expect(browser.text("#name"), slide.stem, "name of the slide")
        is_silent(browser, server, "from a slide")
        screenshot(browser, "slide")
        count, start = 0, time.process_time()
        begun = time.monotonic()
        for y in range(6):
            for x in range(8):
                expect(server.get(f"slide/0/tile/11/{x}_{y}.jpg")[:2], b"\xff\xd8", "a JPEG")
                count += 1
        print(f"{count / (time.monotonic() - begun):.0f} tiles/s of level 11, one after the other")
    finally:
        print(f"ended in {server.stop():.2f} s")


def use_run(program, browser, slide, folder):
    out, store = folder / "out", folder / "store"
    run = subprocess.Popen(
        [program, "run", ROOT / "pipelines/detect/detect.yaml", "--set", f"slide={slide}", "--out", out, "--store", store,
         "--progress", "off", "-j", "1"], stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: (out / "state.json").exists(), "the run did not begin")
        server = Server(program, out, slide, "--store", store)
        try:
            browser.open(server.address)
            wait_for(lambda: is_ready(browser), "the page of a run was not ready")
            seen = wait_for(lambda: browser.js("return [document.documentElement.dataset.map ?? '0', "
                                               "!document.body.classList.contains('bare')]") if is_ready(browser)
                            and browser.js("return Number(document.documentElement.dataset.map) > 0 || "
                                           "!document.body.classList.contains('bare')") else None,
                            "neither a tile of the map nor the result came")
            print(f"tiles of the map, and is it done: {seen}")
            screenshot(browser, "running")
            expect(run.wait(timeout=200), 0, "exit code of the run")
            wait_for(lambda: is_ready(browser) and browser.js("return !document.body.classList.contains('bare')"),
                     "the page did not turn into that of the result")
            answer(browser, out)
            is_silent(browser, server, "from a run")
            screenshot(browser, "result")
        finally:
            server.stop()
    finally:
        run.kill()
        run.wait()


def answer(browser, out):
    samples = browser.js("return mitoloomPage.data.objects.map(one => one.sample)")
    browser.js("const name = document.querySelector('#observer'); name.value = 'Ann'; "
               "name.dispatchEvent(new Event('change')); document.querySelector('#gallery').focus()")
    browser.click(".patch")
    browser.press("1", "3")
    browser.js("return mitoloomPage.saved().then(() => 1)")
    wanted = f"sample,observer,label\n{samples[0]},Ann,mitotic\n{samples[1]},Ann,unsure\n"
    expect((out / "answers.csv").read_text(), wanted, "answers.csv")
    browser.js("localStorage.clear(); location.reload()")
    wait_for(lambda: is_ready(browser), "the page did not come again")
    browser.js("const name = document.querySelector('#observer'); name.value = 'Ann'; "
               "name.dispatchEvent(new Event('change'))")
    expect(browser.js("return [...document.querySelectorAll('.patch .said')].slice(0, 2).map(e => e.textContent)"),
           ["mitosis", "unsure"], "answers that the server kept")


def main(program):
    if missing := missing_program():
        print(f"{missing} is not installed: pages cannot be used")
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([program, "run", ROOT / "pipelines/slides/draw_slide.yaml", "--no-store", "--progress", "off", "--out",
                        folder / "drawn", "--set", "drawing.width_px=2048", "--set", "drawing.height_px=1536", "--set",
                        "drawing.mitoses=8", "--set", "drawing.lookalikes=6", "--set", "drawing.name=slide"],
                       check=True, stdout=subprocess.DEVNULL)
        browser = Browser(folder, folder / "profile")
        try:
            browser.prefer("light")
            browser.resize(1366, 850)
            use_slide(program, browser, folder / "drawn/slide.svs")
            use_run(program, browser, folder / "drawn/slide.svs", folder)
        except AssertionError as error:
            print(f"view: {error}")
            return 1
        finally:
            browser.close()
    print("view: the slide, its run and the answers")
    return 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
