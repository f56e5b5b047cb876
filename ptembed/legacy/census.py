"""``ptembed legacy check``: what an old code base uses, and what becomes of it.

Sources are parsed, never executed; Python 2 sources by way of fissix. Each name of Theano's is resolved through the
import aliases of its file and looked up in the drop-in (:mod:`ptembed.legacy.census_status`), names that NumPy, SciPy
and the standard library have dropped in :mod:`ptembed.legacy.removed_names`.
"""

import ast
import json
import os
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ptembed.legacy import activation, census_names, census_python2, removed_names
from ptembed.legacy.census_status import STATUSES, Status, status
from ptembed.legacy.python2 import source, translation
from ptembed.legacy.python2.kind import Kind, evidence

__all__ = ["Census", "Place", "check"]

_OF_GPU = "it computes on a GPU, and ptembed has nothing in its place; leave it out."
_SKIPPED = {"site-packages", "dist-packages", "__pycache__", "build", "node_modules"}


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass
class Census:
    """What was found.

    Attributes
    ----------
    files : int
        Sources read.
    python2 : dict of str to list of Place
        Python 2 constructs.
    theano : dict of Status to list of Place
        Theano's names.
    removed : dict of Status to list of Place
        Names of NumPy, SciPy, scikit-learn and the standard library that are given back while ``theano`` is active; or
        missing, if they say what to use when they are called.
    errors : dict of Place to str
        Sources that neither Python can parse.
    """

    files: int = 0
    python2_files: int = 0
    python2: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    theano: dict[Status, list[Place]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[Status, list[Place]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[Place, str] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """How many of Theano's names have the status ``kind``."""
        return sum(found.status == kind for found in self.theano)

    def missing(self) -> dict[Status, list[Place]]:
        """The names that are missing, of Theano and of other libraries."""
        return {found: places for found, places in (self.theano | self.removed).items() if found.status == "missing"}

    @property
    def is_good(self) -> bool:
        """Whether all sources can be translated and no name is missing."""
        return not self.errors and not self.missing()

    def as_json(self) -> str:
        """The same as JSON."""
        groups = {
            group: [asdict(found) | {"uses": [asdict(place) for place in places]} for found, places in names.items()]
            for group, names in (("theano", self.theano), ("removed", self.removed))
        }
        python2 = {name: [asdict(place) for place in places] for name, places in self.python2.items()}
        errors = [asdict(place) | {"message": message} for place, message in self.errors.items()]
        counts = {kind: self.count(kind) for kind in STATUSES}
        head = {"files": self.files, "python2_files": self.python2_files, "good": self.is_good, "counts": counts}
        return json.dumps(head | groups | {"python2": python2, "errors": errors}, indent=1)


def check(path: str | os.PathLike) -> Census:
    """Read a source, or all sources below a folder.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(f"a file or a folder of Python sources is needed, but there is no {os.fspath(path)}.")
    census, was_active = Census(), activation.is_active()
    activation.activate()
    try:
        for file in _sources(Path(path)):
            _read(file, census)
    finally:
        if not was_active:
            activation.deactivate()
            status.cache_clear()
    return census


def _sources(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".py"))


def _read(file: Path, census: Census) -> None:
    text, path = source.decode(file.read_bytes()), str(file)
    census.files += 1
    is_python2 = evidence(text, path).kind is Kind.PYTHON2
    census.python2_files += is_python2
    try:
        tree = (source.parse if is_python2 else source.parse_python3)(text, path)
        _find_names(tree, path, census)
        if is_python2:
            for name, line in census_python2.constructs(text, path, tree):
                census.python2[name].append(Place(path, line))
            translation.with_meaning(tree)
        translation.compiled(tree, path)
    except SyntaxError as error:
        census.errors[Place(path, error.lineno or 1)] = error.msg


def _find_names(tree: ast.Module, path: str, census: Census) -> None:
    removed = removed_names.names()
    for name, line in census_names.uses(tree, {"theano", *(name.partition(".")[0] for name in removed)}):
        place = Place(path, line)
        if name.partition(".")[0] == "theano":
            census.theano[status(name)].append(place)
        elif found := _longest(name, removed):
            why = removed[found]
            census.removed[Status(found, "missing" if why else "served", why)].append(place)
    for name, line in census_names.gpu_imports(tree):
        census.removed[Status(name, "missing", _OF_GPU)].append(Place(path, line))


def _longest(name: str, names: Container[str]) -> str | None:
    """The longest part of a dotted name, from its start, that is among ``names``."""
    parts = name.split(".")
    starts = (".".join(parts[:end]) for end in range(len(parts), 1, -1))
    return next((start for start in starts if start in names), None)
