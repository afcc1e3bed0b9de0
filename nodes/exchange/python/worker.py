"""The other end of a Python step: started by mitoloom as `python3 -c THIS declare|work FILE`.

declare: prints what FILE declares, as JSON, without running it.
work: answers calls until mitoloom closes its end. 3: socket of messages (4 bytes of length, JSON), 4: memory with the arrays of a
call, 5: memory for the arrays of its result, 6: a pipe that ends when mitoloom does.
"""
import ast
import hashlib
import json
import os
import sys

DTYPES = {"|u1", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"}
DECLARED = ("INPUTS", "OUTPUT", "PARAMS")
PARAM_KEYS = {"default", "min", "max", "choices", "doc"}


class Problem(Exception):
    def __init__(self, line, message):
        super().__init__(message)
        self.line = line


# --- what a file declares ------------------------------------------------------------------------

def literal(node, name):
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        raise Problem(node.lineno, f"{name} must be written out: names, numbers, texts and lists, so that it is known without "
                                   "running the file") from None


def lines_of(node):
    """{key: line} of a dict as it is written."""
    return {key.value: key.lineno for key in getattr(node, "keys", []) if isinstance(key, ast.Constant)}


def texts(node, value, name):
    if not isinstance(value, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in value.items()):
        raise Problem(node.lineno, f'{name} must be a dict of names and payloads, such as {{"tile": "Tile"}}')
    lines = lines_of(node)
    return [{"name": k, "payload": v.rstrip("?"), "optional": v.endswith("?"), "line": lines[k]} for k, v in value.items()]


def param(name, value, line):
    if not isinstance(value, dict) or "default" not in value:
        raise Problem(line, f"parameter '{name}' must be a dict with 'default' and 'doc', and 'min', 'max' or 'choices'")
    for key in value:
        if key not in PARAM_KEYS:
            raise Problem(line, f"parameter '{name}' has no '{key}'; known are {', '.join(sorted(PARAM_KEYS))}")
    default = value["default"]
    items = default if isinstance(default, list) else [default]
    kinds = {type(item) for item in items}
    if isinstance(default, list) and kinds <= {int, float}:
        default, kind = [float(item) for item in items], "numbers"
    elif isinstance(default, list) and kinds <= {str}:
        kind = "texts"
    elif kinds <= {bool, int, float, str} and not isinstance(default, list):
        kind = {bool: "yes/no", int: "integer", float: "number", str: "text"}[type(default)]
    else:
        raise Problem(line, f"parameter '{name}': the default must be yes or no (True, False), a number, a text, or a list of numbers "
                            "or texts")
    out = {"name": name, "line": line, "kind": kind, "default": default, "doc": str(value.get("doc", "")),
           "choices": [str(choice) for choice in value.get("choices", [])]}
    for bound in ("min", "max"):
        if bound in value:
            if kind not in ("integer", "number", "numbers") or not isinstance(value[bound], (int, float)):
                raise Problem(line, f"parameter '{name}': '{bound}' must be a number, of a parameter that is one")
            out[bound] = float(value[bound])
    return out


def imported(tree):
    """(top-level name, line, may be missing) of all imports."""
    tried = {id(node) for block in ast.walk(tree) if isinstance(block, ast.Try) for node in ast.walk(block)}
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
            [node.module] if isinstance(node, ast.ImportFrom) and node.module and node.level == 0 else []
        for name in names:
            yield name.split(".")[0], node.lineno, id(node) in tried


def version_of(name):
    import importlib.metadata as metadata
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        distributions = metadata.packages_distributions().get(name, [])
        return metadata.version(distributions[0]) if distributions else "unknown"


def read(path):
    with open(path, "rb") as file:
        raw = file.read()
    try:
        return raw, ast.parse(raw, path)
    except SyntaxError as error:
        raise Problem(error.lineno or 1, f"{type(error).__name__}: {error.msg}") from None


def beside(folder, name):
    """The files of the module of that name beside the step, of a package all of them; none when it is not there."""
    found = [os.path.join(at, file) for at, _, files in os.walk(f"{folder}/{name}") for file in files]
    package = sorted(file for file in found if file.endswith((".py", ".so")))
    module = f"{folder}/{name}.py"
    return package + [module] if os.path.exists(module) else package


def parsed(path):
    return read(path) if path.endswith(".py") else (open(path, "rb").read(), ast.Module([], []))


def sources(path, raw, tree):
    """What the result depends on beside parameters and inputs: the texts of the file and of the modules beside it that it imports,
    of packages all of them, the versions of all others."""
    import importlib.util
    folder = os.path.dirname(os.path.abspath(path))
    digest = hashlib.sha256()
    seen, versions, files = set(), {}, [(path, raw, tree)]
    while files:
        at, text, what = files.pop(0)
        digest.update(hashlib.sha256(text).digest())
        for name, line, optional in sorted(imported(what)):
            if name in seen:
                continue
            seen.add(name)
            own = beside(folder, name)
            if own:
                files += [(file, *parsed(file)) for file in own]
            elif name in sys.stdlib_module_names:
                continue
            elif importlib.util.find_spec(name):
                versions[name] = version_of(name)
            elif optional:
                versions[name] = "none"
            else:
                where = f" (in {os.path.basename(at)}, line {line})" if at != path else ""
                raise Problem(line if at == path else 1, f"imports '{name}'{where}, which is not installed for {sys.executable}")
    versions["python"] = ".".join(str(n) for n in sys.version_info[:2])
    return digest.hexdigest(), ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))


def declare(path):
    raw, tree = read(path)
    found = {}
    function = None
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and getattr(node.targets[0], "id", "") in DECLARED:
            found[node.targets[0].id] = node.value
        if isinstance(node, ast.FunctionDef) and node.name == "run":
            function = node
    for name in ("INPUTS", "OUTPUT"):
        if name not in found:
            raise Problem(1, f'{name} is missing: a step declares {name} = {{"name": "Payload"}}')
    inputs = texts(found["INPUTS"], literal(found["INPUTS"], "INPUTS"), "INPUTS")
    outputs = texts(found["OUTPUT"], literal(found["OUTPUT"], "OUTPUT"), "OUTPUT")
    if len(outputs) != 1:
        raise Problem(found["OUTPUT"].lineno, "OUTPUT must name one output")
    params = []
    if "PARAMS" in found:
        value = literal(found["PARAMS"], "PARAMS")
        if not isinstance(value, dict):
            raise Problem(found["PARAMS"].lineno, "PARAMS must be a dict of names")
        lines = lines_of(found["PARAMS"])
        params = [param(name, about, lines[name]) for name, about in value.items()]
    if function is None:
        raise Problem(1, "the function run is missing")
    given = [p["name"] for p in inputs] + [p["name"] for p in params]
    taken = [a.arg for a in function.args.posonlyargs + function.args.args + function.args.kwonlyargs]
    if sorted(given) != sorted(taken) or function.args.vararg or function.args.kwarg:
        raise Problem(function.lineno, f"run must take what the file declares: {', '.join(given)}; it takes {', '.join(taken) or 'nothing'}")
    digest, versions = sources(path, raw, tree)
    summary = (ast.get_docstring(tree) or "A step in Python.").split("\n")[0]
    return {"inputs": inputs, "output": outputs[0], "params": params, "summary": summary, "source": digest, "imports": versions}


# --- calls ---------------------------------------------------------------------------------------

def end_with_mitoloom():
    import threading

    def watch():
        os.read(6, 1)
        os._exit(1)
    threading.Thread(target=watch, daemon=True).start()


def load(path):
    import importlib.util
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location("step", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["step"] = module
    spec.loader.exec_module(module)
    return module.run


def described(error, path):
    """The exception in one line, with the last place of it in the step's own folder."""
    import traceback
    folder = os.path.dirname(os.path.abspath(path))
    own = [f for f in traceback.extract_tb(error.__traceback__) if os.path.dirname(os.path.abspath(f.filename)) == folder]
    text = " ".join(str(error).split())
    out = {"error": f"{type(error).__name__}{': ' if text else ''}{text}"}
    if own:
        out.update(file=own[-1].filename, line=own[-1].lineno)
    return out


class Input:
    """The values of an input by name: arrays that must not be written to, valid while run() runs; numbers and texts."""

    def __init__(self, payload, values):
        self.__dict__.update(values)
        self._payload = payload

    def __repr__(self):
        return f"<{self._payload} with {', '.join(name for name in self.__dict__ if name != '_payload')}>"


def input_of(about, memory, numpy):
    if about is None:
        return None
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in about["values"].items()}
    for name, (dtype, shape, offset) in about["arrays"].items():
        count = 1
        for n in shape:
            count *= n
        values[name] = numpy.frombuffer(memory, dtype, count, offset).reshape(shape) if count else numpy.zeros(shape, dtype)
    return Input(about["payload"], values)


def array_of(name, value, numpy):
    array = numpy.asarray(value)
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        array = array.astype(numpy.uint8)
    elif kind in "iu" and array.dtype.str not in DTYPES:
        array = array.astype(numpy.int64)
    elif kind == "f" and size != 8:
        array = array.astype(numpy.float32 if size < 8 else numpy.float64)
    elif kind not in "iuf":
        raise TypeError(f"'{name}' must be an array of numbers, got {type(value).__name__} of dtype {array.dtype}")
    return numpy.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def reply_of(result, payload, numpy):
    import mmap
    if not isinstance(result, dict) or not all(isinstance(name, str) for name in result):
        raise TypeError(f"run must return a dict of the arrays of a {payload}, got {type(result).__name__}")
    arrays, about, size = {}, {}, 0
    for name, value in result.items():
        array = array_of(name, value, numpy)
        arrays[name] = array
        about[name] = [array.dtype.str, list(array.shape), size]
        size += (array.nbytes + 63) // 64 * 64
    if size:
        os.ftruncate(5, size)
        with mmap.mmap(5, size) as memory:
            for name, array in arrays.items():
                offset = about[name][2]
                memory[offset:offset + array.nbytes] = array.tobytes() if array.nbytes < 4096 else memoryview(array).cast("B")
    return {"arrays": about, "size": size}


def work(path):
    import mmap
    import socket
    control = socket.socket(fileno=3)
    end_with_mitoloom()
    stream = control.makefile("rb")
    function = None
    while True:
        head = stream.read(4)
        if len(head) < 4:
            return
        call = json.loads(stream.read(int.from_bytes(head, "little")))
        try:
            import numpy
            if function is None:
                function = load(path)
            memory = mmap.mmap(4, call["size"], access=mmap.ACCESS_READ) if call["size"] else b""
            inputs = {name: input_of(about, memory, numpy) for name, about in call["inputs"].items()}
            reply = reply_of(function(**inputs, **call["params"]), call["output"], numpy)
        except (Exception, SystemExit) as error:
            reply = described(error, path)
        text = json.dumps(reply).encode()
        control.sendall(len(text).to_bytes(4, "little") + text)


def main():
    mode, path = sys.argv[1:]
    if mode == "work":
        return work(path)
    try:
        print(json.dumps(declare(path)))
    except Problem as problem:
        print(json.dumps({"error": str(problem), "line": problem.line}))


main()
