"""Headless Chromium for tests of pages, driven by the WebDriver protocol; it reaches no network but
servers on this machine."""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# What a page must fit, in CSS pixels: a telephone, a laptop, a screen of 4K.
WINDOWS = {"phone": (390, 844), "wide": (1440, 900), "huge": (3840, 2160)}


def missing_program():
    """The name of what is not installed, or None."""
    return next((p for p in ("chromium", "chromedriver") if shutil.which(p) is None), None)


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, found {actual!r}")


def check_axe(browser, axe, when):
    """axe-core finds nothing. `axe`: its text."""
    browser.js(axe)
    found = browser.js("return axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
                       "v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' ' + n.failureSummary)"
                       ".join(' | ')))")
    expect(found, [], f"axe-core, {when}")


def check_everywhere(browser, open_page, also=None, axe=None, pictures=None):
    """In every window, light and dark, with all that is folded open: nothing scrolls sideways, nothing is
    loaded or logged. open_page() opens the page and waits for it; also(when) looks at more of it. `pictures`:
    (folder, name) of pictures of the whole page, of at most 6000 px."""
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        for window, size in WINDOWS.items():
            when = f"{window}, {scheme}"
            browser.resize(*size)
            open_page()
            browser.js("for (const d of document.querySelectorAll('details:not(.vega-embed > details)')) d.open = true")
            wide = browser.js("return [innerWidth, document.documentElement.scrollWidth,"
                              "        document.documentElement.clientWidth]")
            expect(wide[0], size[0], f"width of the window, {when}")
            expect(wide[1] <= wide[2], True, f"the page is {wide[1]} wide in {wide[2]} ({when})")
            if also:
                also(when)
            if axe and window != "huge":  # no other rules of the style than wide
                check_axe(browser, axe, when)
            expect(browser.resources(), [], f"resources loaded, {when}")
            expect(browser.console(), [], f"console, {when}")
            if pictures:
                folder, name = pictures
                height = browser.js("return document.documentElement.scrollHeight")
                browser.resize(size[0], max(size[1], min(height, 6000)))
                time.sleep(0.5)
                browser.screenshot(folder / f"{name}-{window}-{scheme}.png")
    browser.prefer("light")
    browser.resize(*WINDOWS["wide"])


class Browser:
    """One headless window."""

    def __init__(self, downloads, profile):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        self.session = None
        self.http = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        else:
            raise RuntimeError("chromedriver did not start")
        self.base = f"http://127.0.0.1:{found[1]}/session"
        options = {"binary": shutil.which("chromium"),
                   "args": ["--headless=new", "--no-sandbox", "--disable-gpu",
                            "--disable-dev-shm-usage", "--no-first-run",
                            "--disable-background-networking", f"--user-data-dir={profile}",
                            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                            "--window-size=1280,900"]}
        made = self.call("", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = made["sessionId"]
        self.call("/goog/cdp/execute", {"cmd": "Browser.setDownloadBehavior", "params": {
            "behavior": "allow", "downloadPath": str(downloads)}})

    def call(self, path, body=None, method=None):
        url = self.base + (f"/{self.session}" if self.session else "") + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"},
                                         method=method)
        try:
            with self.http.open(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None

    def close(self):
        if self.session:
            self.call("", method="DELETE")
        self.driver.terminate()
        self.driver.wait()
        self.driver.stdout.close()

    def open(self, page):
        """A file, or an address."""
        self.call("/url", {"url": page if isinstance(page, str) else page.resolve().as_uri()})

    def js(self, code):
        return self.call("/execute/sync", {"script": code, "args": []})

    def press(self, *keys):
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def click(self, selector):
        found = self.call("/element", {"using": "css selector", "value": selector})
        self.call(f"/element/{found[ELEMENT]}/click", {})

    def text(self, selector):
        return self.js(f"return document.querySelector({json.dumps(selector)}).textContent")

    def console(self):
        """What pages have said since the last call."""
        return [entry["message"] for entry in self.call("/se/log", {"type": "browser"})]

    def resources(self):
        """What the page loaded from outside itself."""
        return self.js("return performance.getEntriesByType('resource').map(e => e.name)"
                       ".filter(n => !n.startsWith('data:') && !n.startsWith('blob:'))")

    def resize(self, width, height):
        """The page's own part of the window; windows themselves cannot be as small as a telephone."""
        self.call("/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})

    def prefer(self, scheme):
        """As if the system were set to light or dark."""
        self.call("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": scheme},
                         {"name": "prefers-reduced-motion", "value": "reduce"}]}})

    def screenshot(self, file):
        pathlib.Path(file).write_bytes(base64.b64decode(self.call("/screenshot")))
