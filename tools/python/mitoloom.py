"""Results of mitoloom in Python: tables, masks, probability maps, the store, and runs.

One file, for Python 3.11 or later. It needs NumPy; pandas for tables, h5py for what lies in the store, Pillow for probability
maps, anndata for `to_anndata()`: each is imported when it is first asked for.

    >>> import mitoloom
    >>> drawing = {"drawing.width_px": 1024, "drawing.height_px": 1024, "drawing.mitoses": 3, "drawing.lookalikes": 2}
    >>> _ = mitoloom.run("draw_slide", out="drawn", params=drawing)
    >>> result = mitoloom.run("detect", slide="drawn/synthetic.svs")
    >>> result.name
    'synthetic'
    >>> list(result.detections().columns)
    ['slide', 'x', 'y', 'score', 'label', 'id', 'x_um', 'y_um', 'in_hotspot']
    >>> len(result.detections()) == result.result["detections"]
    True
    >>> probability = result.probability()
    >>> probability.values.shape, probability.mpp
    ((256, 256), 1.0)
    >>> mask = result.mask()
    >>> mask.values.dtype, mask.mpp, round(mask.area_mm2, 3) == round(result.result["tissue_mm2"], 3)
    (dtype('bool'), 8.0, True)
    >>> [artefact.node_type for artefact in mitoloom.Store().find(payload="TissueMask", slide="synthetic")]
    ['tissue_mask']

Positions x and y are pixels of level 0 of the slide, with pixel centres at whole numbers, unless a name ends in `_um`.
Research use only: not a medical device.
"""
from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import anndata
    import pandas

__all__ = ["Artefact", "Cohort", "Map", "MitoloomError", "Run", "Store", "run"]

Setting = str | int | float | bool | os.PathLike | Sequence
"""What `run` can set: a number, a text, yes or no, a path, or a list of these."""


class MitoloomError(RuntimeError):
    """What mitoloom, or a folder that it should have written, says went wrong: one message."""


def _needed(name: str, package: str, what: str) -> Any:
    """The module `name`, or one message that says who needs it and where to get it."""
    try:
        return __import__(name, fromlist=["_"])
    except ImportError as error:
        raise MitoloomError(f"{what} needs the Python package {name.split('.')[0]}; install {package} (Debian) or "
                            f"`pip install {name.split('.')[0]}`: {error}") from None


def _json(path: pathlib.Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MitoloomError(f"'{path}' is not there: expected the output folder of a run") from None
    except ValueError as error:
        raise MitoloomError(f"'{path}' is not JSON: {error}") from None


@dataclasses.dataclass(frozen=True)
class Map:
    """A picture of one number per pixel over a slide."""

    values: np.ndarray
    """[height, width]; of a mask bool, True on tissue; of a probability map float32 in [0, 1], 0 off tissue."""
    mpp: float
    """um per pixel of the map."""
    scale: tuple[float, float]
    """Level-0 pixels per pixel of the map, in x and y: pixel (row, column) begins at level-0 (column * scale[0], row * scale[1])."""

    @property
    def area_mm2(self) -> float:
        """mm2 of what is not 0."""
        return float(np.count_nonzero(self.values)) * self.mpp * self.mpp * 1e-6

    def at(self, x: float, y: float) -> Any:
        """The value under a level-0 position; 0 or False off the map."""
        column, row = int((x + 0.5) // self.scale[0]), int((y + 0.5) // self.scale[1])
        height, width = self.values.shape
        return self.values[row, column] if 0 <= row < height and 0 <= column < width else self.values.dtype.type(0)


class Artefact:
    """One stored result (schemas/store/README.md)."""

    def __init__(self, folder: str | os.PathLike):
        self.folder = pathlib.Path(folder)
        self.about = _json(self.folder / "artefact.json")

    def __repr__(self) -> str:
        return f"<Artefact {self.node_type} {self.key[:12]} of {self.slide or 'the run'}>"

    @property
    def key(self) -> str:
        """Content key: 64 hexadecimal digits."""
        return self.about["key"]

    @property
    def node_type(self) -> str:
        return self.about["node_type"]

    @property
    def payload(self) -> str:
        """Type of the result, such as "DetectionSet": a page of schemas/store says what its arrays mean."""
        return self.about["payload"]

    @property
    def slide(self) -> str:
        """Name of the slide it was first made of; empty for a result of the whole run."""
        return self.about.get("item", "")

    @property
    def parameters(self) -> dict[str, str]:
        """Parameters that change the result, as text."""
        return dict(part.partition("=")[::2] for part in self.about["parameters"].split(";") if part)

    @property
    def complete(self) -> bool:
        return (self.folder / "data.h5").exists()

    def _open(self) -> Any:
        if not self.complete:
            raise MitoloomError(f"{self!r} is not complete: the run that made it was stopped")
        return _needed("h5py", "python3-h5py", "reading a stored result").File(self.folder / "data.h5", "r")

    def attributes(self) -> dict[str, Any]:
        """Its numbers and texts by name; units are in schemas/store."""
        with self._open() as file:
            return {name: value.item() if isinstance(value, np.generic) else value for name, value in file.attrs.items()}

    def arrays(self, part: int | None = None) -> dict[str, Any]:
        """Its arrays by name; of a result that was made per tile those of all tiles, one behind the other, or of the tile
        `part`. Lists of texts are lists of str."""
        with self._open() as file:
            names = [name for name in file if name != "parts"]
            if part is None:
                rows = {name: file[name][()] for name in names}
            else:
                rows = {name: self._part(file, name, part) for name in names}
        for name in [name for name in rows if f"{name}_end" in rows]:
            ends = rows.pop(f"{name}_end")
            raw = rows[name].tobytes()
            starts = [0, *ends[:-1]] if len(ends) else []
            rows[name] = [raw[int(start):int(end)].decode() for start, end in zip(starts, ends)]
        return rows

    @staticmethod
    def _part(file: Any, name: str, part: int) -> np.ndarray:
        if "parts" not in file:
            raise MitoloomError(f"'{file.filename}' is one whole result, it has no parts")
        counts = file[f"parts/rows/{name}"][()]
        if not 0 <= part < len(counts):
            raise MitoloomError(f"'{file.filename}' has parts 0 to {len(counts) - 1}, no part {part}")
        end = int(np.cumsum(counts)[part])
        return file[name][end - int(counts[part]):end]


class Store:
    """Cached results: the folder that `run` keeps them in.

    `root`: default $MITOLOOM_STORE, else .mitoloom/store of the current folder."""

    def __init__(self, root: str | os.PathLike | None = None):
        self.root = pathlib.Path(root or os.environ.get("MITOLOOM_STORE") or ".mitoloom/store")

    def __iter__(self) -> Iterator[Artefact]:
        for about in sorted(self.root.glob("*/*/artefact.json")):
            yield Artefact(about.parent)

    def __getitem__(self, key: str) -> Artefact:
        """The result with this content key, or beginning of one."""
        found = [path.parent for path in self.root.glob(f"*/{key}*/artefact.json")]
        if len(found) != 1:
            raise KeyError(f"{len(found) or 'no'} results in '{self.root}' have a key that begins with '{key}'")
        return Artefact(found[0])

    def find(self, node_type: str | None = None, *, payload: str | None = None, slide: str | None = None,
             parameters: Mapping[str, Setting] | None = None) -> list[Artefact]:
        """Complete results of a node type, a payload, a slide, or with these values of parameters, in the order of types and
        keys."""
        wanted = {name: _text(value) for name, value in (parameters or {}).items()}
        return [a for a in self if a.complete
                and node_type in (None, a.node_type) and payload in (None, a.payload) and slide in (None, a.slide)
                and wanted.items() <= a.parameters.items()]


class Run:
    """The results of one slide: an output folder of `mitoloom run`, or the folder of a slide in one of several slides.

    `store`: where results are kept that the folder names (default as for `Store`)."""

    def __init__(self, folder: str | os.PathLike, store: Store | str | os.PathLike | None = None):
        self.folder = pathlib.Path(folder)
        self.store = store if isinstance(store, Store) else Store(store)
        if not self.folder.is_dir():
            raise MitoloomError(f"'{self.folder}' is no folder")

    def __repr__(self) -> str:
        return f"<Run {str(self.folder)!r}>"

    @property
    def result(self) -> dict[str, Any]:
        """result.json: slide, tissue_mm2, detections, hotspot, grade, model."""
        return _json(self.folder / "result.json")

    @property
    def name(self) -> str:
        """Of the slide."""
        return self.result["slide"]["name"]

    def detections(self) -> pandas.DataFrame:
        """detections.csv, best first: slide, x, y (level-0 px), score (probability in [0, 1]), label, id, x_um, y_um (um
        from the middle of the first pixel), and in_hotspot (1 if the hotspot counts it, else 0; NaN if not known)."""
        pandas = _needed("pandas", "python3-pandas", "Run.detections()")
        path = self.folder / "detections.csv"
        if not path.exists():
            raise MitoloomError(f"'{path}' is not there: the pipeline has no node export_csv, or the slide is not done")
        table = pandas.read_csv(path, dtype={"slide": str, "label": str})
        if "x_um" in table:
            return table
        slide = self.result["slide"]  # of a version that wrote pixels only
        return table.assign(x_um=table["x"] * slide["mpp_x"], y_um=table["y"] * slide["mpp_y"], in_hotspot=float("nan"))

    def probability(self) -> Map:
        """probability.tif: of mitosis, float32 [height, width] at 1 um per pixel, in steps of 1/65535."""
        image = _needed("PIL.Image", "python3-pil", "Run.probability()")
        path = self.folder / "probability.tif"
        if not path.exists():
            raise MitoloomError(f"'{path}' is not there: the pipeline has no node export_probability, or the slide is not done")
        limit, image.MAX_IMAGE_PIXELS = image.MAX_IMAGE_PIXELS, None  # a slide has more than Pillow expects
        try:
            with image.open(path) as file:
                mpp = 1e4 / float(file.tag_v2[282])  # pixels per centimetre
                values = np.asarray(file, dtype=np.uint16).astype(np.float32) / np.float32(65535)
        finally:
            image.MAX_IMAGE_PIXELS = limit
        slide = self.result["slide"]
        return Map(values, mpp, (mpp / slide["mpp_x"], mpp / slide["mpp_y"]))

    def outputs(self) -> dict[str, Artefact]:
        """What is stored of the outputs of the pipeline, by node: "objects", "dense.mask"."""
        found = {}
        for node, about in _json(self.folder / "outputs.json").items():
            try:
                found[node] = self.store[about["key"]]
            except KeyError:
                continue  # not kept, or removed since
        return found

    def output(self, payload: str) -> Artefact:
        """The stored output of a payload, such as "CandidateSet", where there is exactly one."""
        all_of_it = self.outputs()
        found = [artefact for artefact in all_of_it.values() if artefact.payload == payload]
        if len(found) != 1:
            raise MitoloomError(f"{len(found) or 'no'} stored outputs of '{self.folder}' are of type {payload} in the store "
                                f"'{self.store.root}'; there are {sorted(all_of_it)}")
        return found[0]

    def mask(self) -> Map:
        """The tissue mask, bool [height, width]; read from the store."""
        artefact = self.output("TissueMask")
        about = artefact.attributes()
        return Map(artefact.arrays()["mask"].astype(bool), float(about["grid_mpp"]), tuple(float(s) for s in about["grid_scale"]))

    def candidates(self) -> pandas.DataFrame:
        """The candidates, darkest first: x, y (level-0 px), intensity ((R + G + B) / 765); read from the store."""
        pandas = _needed("pandas", "python3-pandas", "Run.candidates()")
        arrays = self.output("CandidateSet").arrays()
        return pandas.DataFrame({"x": arrays["coords"][:, 0], "y": arrays["coords"][:, 1], "intensity": arrays["intensity"]})

    def to_anndata(self) -> anndata.AnnData:
        """The detections for scanpy and squidpy: an observation each, X [N, 1] the score, obsm["spatial"] [N, 2] x, y in um,
        obsm["spatial_px"] in level-0 px, uns["mitoloom"] what result.json says."""
        anndata = _needed("anndata", "python3-anndata", "Run.to_anndata()")
        pandas = _needed("pandas", "python3-pandas", "Run.to_anndata()")
        table = self.detections()
        names = [f"{self.name}-{number}" for number in table["id"]]
        data = anndata.AnnData(X=table[["score"]].to_numpy(np.float32),
                               obs=pandas.DataFrame({"slide": table["slide"].to_numpy(), "label": table["label"].to_numpy()},
                                                    index=names),
                               var=pandas.DataFrame(index=["score"]))
        data.obsm["spatial"] = table[["x_um", "y_um"]].to_numpy(np.float64)
        data.obsm["spatial_px"] = table[["x", "y"]].to_numpy(np.float64)
        data.uns["mitoloom"] = self.result
        return data


class Cohort:
    """The results of many slides: the output folder of a run over several.

        >>> import mitoloom
        >>> drawn = {"drawing.width_px": 512, "drawing.height_px": 512, "drawing.mitoses": 1, "drawing.lookalikes": 1}
        >>> for seed in (1, 2):
        ...     _ = mitoloom.run("draw_slide", out="cases", params={**drawn, "drawing.seed": seed, "drawing.name": f"case{seed}"})
        >>> cohort = mitoloom.run("detect", slide="cases/*.svs", out="cohort")
        >>> [run.name for run in cohort]
        ['case1', 'case2']
        >>> list(cohort.table()["slide"])
        ['case1', 'case2']
    """

    def __init__(self, folder: str | os.PathLike, store: Store | str | os.PathLike | None = None):
        self.folder = pathlib.Path(folder)
        self.store = store if isinstance(store, Store) else Store(store)
        self._slides = _json(self.folder / "slides.json")["slides"]

    def __repr__(self) -> str:
        return f"<Cohort {str(self.folder)!r} of {len(self._slides)} slides>"

    def __len__(self) -> int:
        return len(self._slides)

    def __iter__(self) -> Iterator[Run]:
        """The slides that have a result, in the order of the run."""
        for slide in self._slides:
            folder = self.folder / slide["folder"]
            if (folder / "result.json").exists():
                yield Run(folder, self.store)

    def __getitem__(self, name: str) -> Run:
        for slide in self._slides:
            if name in (slide["slide"], slide["folder"]):
                return Run(self.folder / slide["folder"], self.store)
        raise KeyError(f"'{self.folder}' has no slide '{name}'")

    def table(self, mixed: bool = False) -> pandas.DataFrame:
        """A row per slide, as `mitoloom cohort table` writes them: state, areas in mm2, counts, grade. `mixed`: also of slides
        by different models, thresholds or pipelines."""
        pandas = _needed("pandas", "python3-pandas", "Cohort.table()")
        _program("cohort", "table", str(self.folder), *(["--mixed"] if mixed else []))
        return pandas.read_csv(self.folder / "cohort.csv", dtype={"slide": str})

    def detections(self) -> pandas.DataFrame:
        """Those of all slides, one below the other (`Run.detections`)."""
        pandas = _needed("pandas", "python3-pandas", "Cohort.detections()")
        return pandas.concat([run.detections() for run in self], ignore_index=True)


def _text(value: Setting) -> str:
    """As a value stands in a pipeline file."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(json.dumps(_text(v), ensure_ascii=False) if isinstance(v, (str, os.PathLike)) else _text(v)
                               for v in value) + "]"
    return repr(value) if isinstance(value, float) else str(value)


def _program(*words: str) -> str:
    """What mitoloom prints; MitoloomError with its message when it fails. $MITOLOOM names the program, which may be several words
    ("apptainer run mitoloom.sif"), else PATH finds it."""
    program = os.environ.get("MITOLOOM", "mitoloom")
    command = [program] if shutil.which(program) else program.split()
    try:
        done = subprocess.run([*command, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise MitoloomError(f"there is no program '{program}'; set $MITOLOOM to it, or add its folder to PATH") from None
    if done.returncode != 0:
        raise MitoloomError(done.stderr.strip() or f"mitoloom {words[0]} ended with exit code {done.returncode}")
    return done.stdout


def run(pipeline: str | os.PathLike, *, out: str | os.PathLike | None = None, store: str | os.PathLike | None = None,
        preset: str | None = None, params: Mapping[str, Setting] | None = None, jobs: int | None = None, device: str = "auto",
        **inputs: Setting) -> Run | Cohort:
    """Runs a pipeline, shipped ("detect") or a file, and gives its results: a `Cohort` for several slides, else a `Run`.

    `inputs`: those of the pipeline, such as `slide`, which may be a path, a pattern or a list. `params`: {"NODE.PARAM": value}.
    `out`: default out/PIPELINE. `store`: as for `Store`. Raises MitoloomError with what mitoloom says, also when a slide failed."""
    words = ["run", os.fspath(pipeline), "--json", "--progress", "off", "--device", device]
    for option, value in (("--out", out), ("--store", store), ("--preset", preset), ("--jobs", jobs)):
        if value is not None:
            words += [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    for name, value in {**inputs, **(params or {})}.items():
        words += ["--set", f"{name}={_text(value)}"]
    folder = pathlib.Path(json.loads(_program(*words))["out"])
    slides = folder / "slides.json"
    return Cohort(folder, store) if slides.exists() and not (folder / "result.json").exists() else Run(folder, store)
