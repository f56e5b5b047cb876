"""Build the files of this room from the packages they come from.

Get the two packages, by name, with the ordinary tools of Debian and of Python::

    apt-get download wordnet-base=1:3.0-37
    pip download --no-deps bokeh_sampledata==2026.1

and give the two files to this script::

    python -m ptembed.data.build wordnet-base_1%3a3.0-37_all.deb bokeh_sampledata-2026.1-py3-none-any.whl

It checks the sha256 of both, writes ``glosses.tsv.xz`` and ``films.tsv.xz``, the same bytes each time, and prints their
counts and checksums, which ``PROVENANCE.md`` records. Another version of liblzma may compress to other bytes; the
checksum of the text inside does not depend on it.
"""

import argparse
import hashlib
import io
import lzma
import re
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ptembed.data import films, glosses
from ptembed.data.table import FILES, write_table

WORDNET_SHA256 = "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752"
FILMS_SHA256 = "f40331a40ca30c64a1c1471835aad9006b61b0d9731a3f649ee8cbbf48d3822f"

DATA_FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
MARKER = re.compile(r"\((?:a|p|ip)\)$")
NAME_SUFFIXES = ("Jr.", "Sr.", "III")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m ptembed.data.build", description=__doc__.split("\n")[0])
    parser.add_argument("wordnet", type=Path, help="the package file of wordnet-base 1:3.0-37")
    parser.add_argument("films", type=Path, help="the wheel of bokeh_sampledata 2026.1")
    parser.add_argument("--output", type=Path, default=FILES, help="the folder to write to (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        wordnet = checked_bytes(options.wordnet, WORDNET_SHA256)
        wheel = checked_bytes(options.films, FILMS_SHA256)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    options.output.mkdir(parents=True, exist_ok=True)
    build(options.output / glosses.FILE, glosses.COLUMNS, gloss_rows(wordnet_lines(wordnet)))
    build(options.output / films.FILE, films.COLUMNS, film_rows(film_records(wheel)))


def checked_bytes(path: Path, sha256: str) -> bytes:
    """The bytes of a package file, which must have this checksum."""
    content = path.read_bytes()
    got = hashlib.sha256(content).hexdigest()
    if got != sha256:
        raise ValueError(f"{path} must have the sha256 {sha256}, got {got}; download the version named in --help.")
    return content


def build(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Write one file and say what it is."""
    count = write_table(path, columns, rows)
    content = path.read_bytes()
    print(f"{path.name}: {count:,} rows, {len(content):,} bytes")
    print(f"  sha256 of the file          {hashlib.sha256(content).hexdigest()}")
    print(f"  sha256 of the text inside   {hashlib.sha256(lzma.decompress(content)).hexdigest()}")


# ---- WordNet


def wordnet_lines(package: bytes) -> dict[str, list[str]]:
    """The lines of the four data files in the Debian package, by part of speech."""
    lines = {}
    with tarfile.open(fileobj=io.BytesIO(ar_member(package, "data.tar"))) as archive:
        for part, name in DATA_FILES.items():
            file = archive.extractfile(f"./usr/share/wordnet/data.{name}")
            assert file is not None  # no folder, no device
            lines[part] = file.read().decode("ascii").splitlines()
    return lines


def ar_member(package: bytes, name: str) -> bytes:
    """The first member of an ar archive whose name begins with `name`."""
    place = len(b"!<arch>\n")
    while place < len(package):
        header, place = package[place : place + 60], place + 60
        size = int(header[48:58])
        if header.startswith(name.encode()):
            return package[place : place + size]
        place += size + size % 2
    raise ValueError(f"The package must hold a member {name}*, got none; is it a Debian package?")


def gloss_rows(lines: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """The rows of ``glosses.tsv.xz``: nouns, verbs, adjectives, adverbs, each in the order of WordNet's file.

    Links become row numbers. Of a line of WordNet (manual page wndb) are kept the synset type, the lexicographer file,
    the words without the syntactic marker of adjectives, the hypernyms (``@``), the antonyms (``!``) and the gloss.
    """
    synsets = [(part, *line.split(" | ", 1)) for part in lines for line in lines[part] if not line.startswith("  ")]
    row_of = {(part, left.split(" ", 1)[0]): row for row, (part, left, _) in enumerate(synsets)}
    return [gloss_row(left.split(), gloss.strip(), row_of) for _, left, gloss in synsets]


def gloss_row(fields: list[str], gloss: str, row_of: dict[tuple[str, str], int]) -> tuple[str, ...]:
    """One row of ``glosses.tsv.xz`` from the fields on the left of the gloss."""
    _, lexname, kind, word_count = fields[:4]
    links_at = 4 + 2 * int(word_count, 16)
    words = [MARKER.sub("", word) for word in fields[4:links_at:2]]
    links = fields[links_at + 1 : links_at + 1 + 4 * int(fields[links_at])]
    hypernyms, antonyms = [], []
    for symbol, offset, part, ends in zip(links[::4], links[1::4], links[2::4], links[3::4], strict=True):
        if symbol == "@":
            hypernyms.append(str(row_of[part, offset]))
        if symbol == "!":
            here, there = int(ends[:2], 16) - 1, int(ends[2:], 16) - 1
            antonyms.append(f"{here}:{row_of[part, offset]}:{there}")
    return kind, str(int(lexname)), " ".join(words), gloss, " ".join(hypernyms), " ".join(antonyms)


# ---- films


def film_records(wheel: bytes) -> list[tuple]:
    """Title, year, genres, directors, cast, languages, countries of the films in the wheel's database."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        content = archive.read("bokeh_sampledata/_data/movies.db")
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    query = "SELECT Title, Year, Genre, Director, [Cast], Language, Country FROM omdb ORDER BY Year, Title, ID"
    return database.execute(query).fetchall()


def film_rows(records: Iterable[tuple]) -> Iterator[tuple[str, ...]]:
    """The rows of ``films.tsv.xz``; the values of a cell are separated by ``|``, each is there once."""
    for title, year, *cells in records:
        yield title, str(year), *("|".join(values(cell or "")) for cell in cells)


def values(cell: str) -> list[str]:
    """The distinct values of a comma-separated list; ``Jr.``, ``Sr.`` and ``III`` belong to the name before them."""
    found: list[str] = []
    for value in filter(None, map(str.strip, cell.split(","))):
        if value in NAME_SUFFIXES and found:
            found[-1] += f", {value}"
        else:
            found.append(value)
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    main()
