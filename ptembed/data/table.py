"""The files of this room: tab-separated text in utf-8, a header line, no quoting, compressed with xz.

So plain, because anybody must be able to read them without ptembed::

    import lzma

    with lzma.open("glosses.tsv.xz", "rt", encoding="utf8") as f:
        names = next(f).rstrip("\\n").split("\\t")
        rows = [dict(zip(names, line.rstrip("\\n").split("\\t"))) for line in f]

`read_table` gives columns, not rows: one split of the whole text and a slice a column, which is four times as fast as
a split a line. Read next: `ptembed.data.glosses`.
"""

import lzma
from collections.abc import Iterable, Sequence
from pathlib import Path

from ptembed.whole_files import write_whole

FILES = Path(__file__).parent / "files"

# Text of single bytes: three bits of the byte before as context, no alignment.
XZ_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}]


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write `rows` under the header `columns`: the same rows give the same bytes.

    Parameters
    ----------
    path : Path
        The file to write, by convention ``*.tsv.xz``.
    columns : sequence of str
        The names of the columns.
    rows : iterable of sequences of str
        One cell a column.

    Returns
    -------
    int
        The number of rows.

    Raises
    ------
    ValueError
        If a row has more or fewer cells than columns, or a cell holds a tab or a line end. Nothing is written then.
    OSError
        If the file cannot be written. The old one is as it was.
    """
    lines = ["\t".join(columns)]
    for row in rows:
        if len(row) != len(columns) or any(mark in cell for cell in row for mark in "\t\r\n"):
            raise ValueError(f"A row of {path.name} must be {len(columns)} cells without tab or line end, got {row!r}.")
        lines.append("\t".join(row))
    text = "\n".join([*lines, ""])
    content = lzma.compress(text.encode("utf8"), filters=XZ_FILTERS)
    write_whole(path, lambda file: file.write(content))
    return len(lines) - 1


def read_table(path: Path, columns: Sequence[str]) -> list[list[str]]:
    """Read the columns of a file of this room.

    Parameters
    ----------
    path : Path
        The file.
    columns : sequence of str
        The names that its header must have.

    Returns
    -------
    list of list of str
        One list a column, in file order.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    OSError
        If it is damaged: not xz, cut short, not utf-8, another header, or rows of another width.
    """
    cure = "reinstall it with: pip install --force-reinstall ptembed"
    try:
        text = lzma.decompress(path.read_bytes()).decode("utf8")
    except FileNotFoundError:
        raise FileNotFoundError(f"The data file {path} is missing; {cure}") from None
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise OSError(f"The data file {path} is damaged ({error}); {cure}") from error
    header, _, body = text.partition("\n")
    if header.split("\t") != list(columns):
        raise OSError(f"The data file {path} must have the columns {', '.join(columns)}, got {header[:80]!r}; {cure}")
    width, lines = len(columns), body.count("\n")
    cells = body.replace("\n", "\t").split("\t")[:-1]
    if not text.endswith("\n") or len(cells) != width * lines:
        raise OSError(f"The data file {path} must have {width} cells a row, got {len(cells)} in {lines} rows; {cure}")
    return [cells[column::width] for column in range(width)]
