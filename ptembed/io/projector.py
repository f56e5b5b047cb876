"""A folder for TensorBoard's projector: ``tensors.tsv``, ``metadata.tsv`` and ``projector_config.pbtxt``.

``tensorboard --logdir FOLDER`` shows the vectors in three dimensions, with their words. Nothing of TensorBoard is
needed to write it. Read next: :mod:`ptembed.io.frames`.
"""

from collections.abc import Iterable
from pathlib import Path

from ptembed.io.named import named
from ptembed.io.streams import written
from ptembed.kinds import File, Matrix

__all__ = ["write_projector"]

CONFIG = b"""embeddings {
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
}
"""


def write_projector(
    folder: File, words: Iterable[str], E: Matrix, columns: dict[str, Iterable[str]] | None = None
) -> None:
    """Write the three files.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    words : iterable of str
        Without tabs and line breaks.
    E : array, shape (n, d)
    columns : dict of str to sequence, optional
        What else is known of each word, to colour the points by.

    Raises
    ------
    TypeError, ValueError
        When words and vectors do not fit, a column has another length, or there is a tab in a field. Nothing is
        written.
    OSError
        When the files cannot be written.
    """
    words, E = named(words, E)
    names: list[str] = ["word", *(columns or {})]
    rows: list[list[str]] = [list(words), *map(list, (columns or {}).values())]
    lengths = {name: len(row) for name, row in zip(names, rows, strict=True) if len(row) != len(words)}
    if lengths:
        raise ValueError(f"columns must have a value for each of {len(words)} words, got {lengths}")
    lines = [_line(row) for row in zip(*rows, strict=True)]
    head = _line(names) if columns else b""  # the projector takes no header where there is one column
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written(folder / "tensors.tsv", b"", ("\t".join(map(str, row)).encode() + b"\n" for row in E))
    written(folder / "metadata.tsv", head, lines)
    written(folder / "projector_config.pbtxt", CONFIG, [])


def _line(fields):
    fields = [str(field) for field in fields]
    strange = next((field for field in fields if set(field) & set("\t\n\r")), None)
    if strange is not None:
        raise ValueError(f"a word or a column must have no tab and no line break, got {strange!r}")
    return "\t".join(fields).encode() + b"\n"
