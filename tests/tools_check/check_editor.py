#!/usr/bin/env python3
"""Opens pipelines in the language server that editors use for YAML, and looks at what it says.

    check_editor.py SERVER ROOT

In no shipped pipeline or sweep anything may be underlined; behind `use:` all node types are offered with
what they are for; a misspelt type is underlined, and so is a parameter that the type has not. Exits with
77 where SERVER (yaml-language-server of npm) is not there.
"""
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

MODELINE = "# yaml-language-server: $schema=../../schemas/pipeline.schema.json\n"
PLANTED = MODELINE + """nodes:
  a: {use: he_candidats}
  b:
    use:\x20
  c: {use: tissue_mask, in: {slide: x}, params: {nothing: 1}}
  d:
    use: he_candidates
    in: {tile: t}
    params:
      max
"""
SECONDS = 120


class Server:
    def __init__(self, program, root):
        self.process = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.messages = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.last = 0
        completion = {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": False}}
        self.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {
            "textDocument": {"completion": completion, "publishDiagnostics": {}}, "workspace": {"configuration": True}}})
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": {
            "validate": True, "completion": True, "schemaStore": {"enable": False}}}})

    def read(self):
        while True:
            size = 0
            while line := self.process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            if size == 0:
                return
            self.messages.put(json.loads(self.process.stdout.read(size)))

    def send(self, message):
        text = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(text) + text)
        self.process.stdin.flush()

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def wait(self, is_it):
        end = time.monotonic() + SECONDS
        while True:
            message = self.messages.get(timeout=max(0.1, end - time.monotonic()))
            if "method" in message and "id" in message:  # it asks for settings
                items = message["params"].get("items", []) if message.get("params") else []
                self.send({"id": message["id"], "result": [{} for _ in items]})
            elif is_it(message):
                return message

    def ask(self, method, params):
        self.last += 1
        self.send({"id": self.last, "method": method, "params": params})
        return self.wait(lambda m: m.get("id") == self.last)["result"]

    def open(self, file, text):
        """What is underlined: [(line from 1, message)]."""
        self.tell("textDocument/didOpen", {"textDocument": {"uri": file.as_uri(), "languageId": "yaml", "version": 1,
                                                            "text": text}})
        told = self.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics"
                         and m["params"]["uri"] == file.as_uri())
        return [(d["range"]["start"]["line"] + 1, d["message"]) for d in told["params"]["diagnostics"]]

    def offered(self, file, line, column):
        place = {"textDocument": {"uri": file.as_uri()}, "position": {"line": line - 1, "character": column}}
        return {item["label"]: str(item.get("documentation", ""))
                for item in self.ask("textDocument/completion", place)["items"]}


def check(server, root):
    bad = []
    for file in sorted((root / "pipelines").rglob("*.yaml")):
        text = file.read_text()
        if not text.startswith("# yaml-language-server: $schema="):
            bad.append(f"{file}: its first line does not say which schema it has")
        bad += [f"{file}:{line}: underlined: {message[:160]}" for line, message in server.open(file, text)]
    planted = root / "pipelines/detect/planted.yaml"
    underlined = {line: message for line, message in server.open(planted, PLANTED)}
    if "he_candidates" not in underlined.get(3, ""):
        bad.append(f"a misspelt type is not underlined with those there are: {underlined.get(3)}")
    if "nothing" not in underlined.get(6, ""):
        bad.append(f"a parameter that is none is not underlined: {underlined.get(6)}")
    types = {file.name.removesuffix(".schema.json"): json.loads(file.read_text())["description"]
             for file in (root / "schemas/nodes").glob("*.schema.json")}
    offered = server.offered(planted, 5, 9)
    bad += [f"use: {name} is not offered with its help" for name, help in types.items()
            if repr(help)[1:-1] not in offered.get(name, "")]
    parameters = server.offered(planted, 11, 9)
    if not {"max_intensity", "diameter_um"} <= parameters.keys():
        bad.append(f"parameters are not offered: {sorted(parameters)}")
    return bad, len(types)


def main(program, root):
    if not pathlib.Path(program).exists():
        print(f"{program} is not there: a build with MITO_REPORT_BUNDLE has it")
        return 77
    root = pathlib.Path(root).resolve()
    server = Server(program, root)
    try:
        bad, types = check(server, root)
    finally:
        server.process.kill()
        server.process.wait()
    print("\n".join(bad) or f"editor: nothing is underlined, {types} types are offered")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
