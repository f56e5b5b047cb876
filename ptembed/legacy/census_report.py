"""The census of :mod:`ptembed.legacy.census` as text, for a terminal."""

import os
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from ptembed.legacy.census import Census, Place
from ptembed.legacy.census_status import STATUSES

__all__ = ["report"]

_WIDTH = 110


def report(census: Census, path: str | os.PathLike) -> str:
    """The census as text: what is missing first, with its places; of the rest, names and how often they are used.

    Parameters
    ----------
    census : Census
    path : path
        What was looked at; files are named as seen from it.
    """
    root = Path(path) if Path(path).is_dir() else Path(path).parent
    python2 = f", {census.python2_files} of them Python 2" if census.python2_files else ""
    lines = [f"{census.files} file{'s' * (census.files != 1)}{python2}"]
    lines += [f"names of Theano's: {', '.join(f'{census.count(kind)} {kind}' for kind in STATUSES)}"]
    for place, message in census.errors.items():
        lines += ["", f"cannot be translated: {_place(place, root)}: {message}"]
    for found, places in _most_used(census.missing()):
        lines += ["", f"missing: {found.name} ({_places(places, root)})", *_wrapped(found.reason)]
    lines += _groups(census)
    lines += ["", _verdict(census)]
    return "\n".join(lines)


def _groups(census: Census) -> Iterator[str]:
    by_reason: dict[str, dict[str, list[Place]]] = defaultdict(dict)
    for kind in ("no-op", "emulated"):
        for found, places in census.theano.items():
            if found.status == kind:
                by_reason[f"{kind}: {found.reason}"][found.name] = places
    by_reason["dropped by their libraries, given back"] = {
        found.name: places for found, places in census.removed.items() if found.status == "served"
    }
    by_reason["Python 2, translated"] = dict(census.python2)
    for reason, names in by_reason.items():
        if names:
            yield from ("", reason, *_wrapped(", ".join(f"{n}\0({len(p)})" for n, p in _most_used(names))))


def _verdict(census: Census) -> str:
    if census.is_good:
        return "Nothing is missing: try `python -m ptembed run SCRIPT`."
    return "What is missing stops a program that gets there; below a `try`, or in a branch for a GPU, it may never."


def _most_used(names: Mapping) -> list[tuple]:
    return sorted(names.items(), key=lambda item: -len(item[1]))


def _wrapped(text: str) -> list[str]:
    lines = textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]  # a name and its count stay on one line


def _places(places: list[Place], root: Path) -> str:
    return _place(places[0], root) + (f" and {len(places) - 1} more" if len(places) > 1 else "")


def _place(place: Place, root: Path) -> str:
    return f"{os.path.relpath(place.file, root)}:{place.line}"
