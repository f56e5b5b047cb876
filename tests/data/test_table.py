"""The file format: round trip, the same bytes each time, and one clear sentence for a file that is not whole."""

import lzma
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptembed.data import films, glosses
from ptembed.data.table import FILES, read_table, write_table

CELL = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=5)
COLUMNS = ("one", "two")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("table") / "some.tsv.xz"


@given(rows=st.lists(st.tuples(CELL, CELL), max_size=5))
@settings(deadline=None, max_examples=20)
def test_what_is_written_is_read(path, rows):
    assert write_table(path, COLUMNS, rows) == len(rows)
    assert list(zip(*read_table(path, COLUMNS), strict=True)) == rows
    first = path.read_bytes()
    write_table(path, COLUMNS, rows)
    assert path.read_bytes() == first


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c"), ("a\tb", "c"), ("a", "b\n")])
def test_a_row_that_cannot_be_read_back_is_not_written(tmp_path, row):
    with pytest.raises(ValueError, match=r"A row of some\.tsv\.xz must be 2 cells"):
        write_table(tmp_path / "some.tsv.xz", COLUMNS, [row])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "columns"), [(glosses.FILE, glosses.COLUMNS), (films.FILE, films.COLUMNS)])
def test_plain_python_reads_the_files(name, columns):
    with lzma.open(FILES / name, "rt", encoding="utf8") as f:
        names = next(f).rstrip("\n").split("\t")
        rows = [tuple(line.rstrip("\n").split("\t")) for line in f]
    assert tuple(names) == columns
    assert rows == list(zip(*read_table(FILES / name, columns), strict=True))


WHOLE = b"one\ttwo\na\tb\n"
BROKEN = {
    "truncated": lzma.compress(WHOLE)[:-20],
    "empty": b"",
    "not xz": WHOLE,
    "not utf-8": lzma.compress(WHOLE + b"\xff\t\xff\n"),
    "header": lzma.compress(b"one\tthree\na\tb\n"),
    "width": lzma.compress(WHOLE + b"a\n"),
    "last line": lzma.compress(WHOLE[:-1]),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_damaged_file_says_so(tmp_path, content):
    path = tmp_path / "some.tsv.xz"
    path.write_bytes(content)
    with pytest.raises(OSError, match=r"some\.tsv\.xz .*pip install --force-reinstall ptembed$"):
        read_table(path, COLUMNS)


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"some\.tsv\.xz is missing; .*pip install --force-reinstall ptembed$"):
        read_table(tmp_path / "some.tsv.xz", COLUMNS)


def test_importing_the_room_imports_no_more_than_numpy_and_scipy():
    heavy = "{'pytensor', 'numba', 'sklearn', 'matplotlib', 'pandas', 'tqdm'}"
    code = f"import sys, ptembed.data; print(*sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
