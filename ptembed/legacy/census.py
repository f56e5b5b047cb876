"""``ptembed legacy check``: what an old code base uses, and what becomes of it.

Sources are parsed, never executed; Python 2 sources by way of fissix. Each name of Theano's is resolved through the
import aliases of its file and looked up in the drop-in (:mod:`ptembed.legacy.census_status`), names that NumPy, SciPy
and the standard library have dropped in :mod:`ptembed.legacy.removed_names`.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ptembed.legacy import activation, census_names, census_python2, python2_source, removed_names
from ptembed.legacy.census_status import STATUSES, Status, status
from ptembed.legacy.python2_kind import Kind, evidence

__all__ = ["Census", "Place", "check", "report"]

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
    removed : dict of str to list of Place
        Names of NumPy, SciPy and the standard library that are given back while ``theano`` is active.
    errors : dict of Place to str
        Sources that neither Python can parse.
    """

    files: int = 0
    python2_files: int = 0
    python2: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    theano: dict[Status, list[Place]] = field(default_factory=lambda: defaultdict(list))
    removed: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[Place, str] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        """How many of Theano's names have the status ``kind``."""
        return sum(found.status == kind for found in self.theano)

    @property
    def is_good(self) -> bool:
        """Whether all sources can be translated and no name is missing."""
        return not self.errors and not self.count("missing")

    def as_json(self) -> str:
        """The same as JSON."""
        names = [asdict(found) | {"uses": [asdict(place) for place in places]} for found, places in self.theano.items()]
        groups = {
            group: {name: [asdict(place) for place in places] for name, places in getattr(self, group).items()}
            for group in ("python2", "removed")
        }
        errors = [asdict(place) | {"message": message} for place, message in self.errors.items()]
        counts = {kind: self.count(kind) for kind in STATUSES}
        head = {"files": self.files, "python2_files": self.python2_files, "good": self.is_good, "counts": counts}
        return json.dumps(head | {"theano": names, **groups, "errors": errors}, indent=1)


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
    text = python2_source.decode(file.read_bytes())
    census.files += 1
    is_python2 = evidence(text, str(file)).kind is Kind.PYTHON2
    try:
        tree = (python2_source.parse if is_python2 else python2_source.parse_python3)(text, str(file))
    except SyntaxError as error:
        census.errors[Place(str(file), error.lineno or 1)] = error.msg
        return
    if is_python2:
        census.python2_files += 1
        for name, line in census_python2.constructs(text, str(file), tree):
            census.python2[name].append(Place(str(file), line))
    removed = removed_names.names()
    for name, line in census_names.uses(tree, {"theano", *(name.partition(".")[0] for name in removed)}):
        place = Place(str(file), line)
        if name.partition(".")[0] == "theano":
            census.theano[status(name)].append(place)
        else:
            parts = name.split(".")
            for found in {".".join(parts[:end]) for end in range(2, len(parts) + 1)} & removed.keys():
                census.removed[found].append(place)


def report(census: Census) -> str:
    """The census as text: what is missing first, then what has no effect."""
    lines = [f"{census.files} files, {census.python2_files} of them Python 2"]
    lines += [f"theano: {', '.join(f'{census.count(kind)} {kind}' for kind in STATUSES)}"]
    for place, message in census.errors.items():
        lines.append(f"  cannot be translated: {place}: {message}")
    for kind in ("missing", "no-op", "emulated"):
        for found, places in sorted(census.theano.items(), key=lambda item: -len(item[1])):
            if found.status == kind:
                lines.append(f"  {kind}: {found.name} ({_places(places)}): {found.reason}")
    for title, group in (("Python 2", census.python2), ("dropped by its library, given back", census.removed)):
        for name, places in sorted(group.items(), key=lambda item: -len(item[1])):
            lines.append(f"  {title}: {name} ({_places(places)})")
    lines.append(
        "it can be run" if census.is_good else "what is missing has to be replaced first, if the program uses it"
    )
    return "\n".join(lines)


def _places(places: list[Place]) -> str:
    return f"{places[0]}" + (f" and {len(places) - 1} more" if len(places) > 1 else "")
