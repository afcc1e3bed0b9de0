"""Headless Chromium for tests of pages, driven by the WebDriver protocol; it reaches no network but
servers on this machine."""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


def missing_program():
    """The name of what is not installed, or None."""
    return next((p for p in ("chromium", "chromedriver") if shutil.which(p) is None), None)


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: expected {wanted!r}, found {actual!r}")


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
        self.call("/window/rect", {"width": width, "height": height})

    def prefer(self, scheme):
        """As if the system were set to light or dark."""
        self.call("/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {
            "features": [{"name": "prefers-color-scheme", "value": scheme},
                         {"name": "prefers-reduced-motion", "value": "reduce"}]}})

    def screenshot(self, file):
        pathlib.Path(file).write_bytes(base64.b64decode(self.call("/screenshot")))
