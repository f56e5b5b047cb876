"""Blocks of counts on disk, and their sum.

A block is a CSR matrix in three files of NumPy. The sum is taken some rows at a time and written to disk too, so that
memory is bounded by those rows of all blocks, and in the end by the sum itself. The order of the blocks decides the
order of the additions, and nothing else does.

Read next: :mod:`ptembed.factor.counts`.
"""

import tempfile
import tokenize
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from ptembed.factor.count_kernels import merge_rows
from ptembed.kinds import Matrix

__all__ = ["merged", "write_block"]

AT_ONCE = 10_000_000  # non-zeros that are added up at once
NAMES = ("indptr", "indices", "data")


def write_block(folder: Any, number: Any, arrays: Any) -> Any:
    """Write the arrays of a CSR matrix; gives the names of the files without their ends."""
    stem = str(Path(folder, f"{number:06d}"))
    for name, array in zip(NAMES, arrays, strict=True):
        np.save(f"{stem}-{name}.npy", array)
    return stem


def merged(stems: Any, shape: Any, dtype: Any, least: float = 0.0) -> Matrix:
    """Add up blocks.

    Parameters
    ----------
    stems : list of str
        What :func:`write_block` has given, in order.
    shape : pair of int
        Of all blocks and of the sum.
    dtype : dtype
        Of the sum; it is added up in float64.
    least : float
        Sums below this are left out.

    Returns
    -------
    csr_array

    Raises
    ------
    ValueError
        When a file is cut short or does not fit its block.
    OSError
        When a file is missing.
    """
    indptrs, folder = [_checked(stem, shape) for stem in stems], Path(stems[0]).parent
    ends = np.zeros(shape[0] + 1, np.int64)
    with tempfile.TemporaryFile(dir=folder) as indices, tempfile.TemporaryFile(dir=folder) as data:
        for first, last in _row_ranges(indptrs, shape[0]):
            cuts = [slice(indptr[first], indptr[last]) for indptr in indptrs]
            starts = np.stack([indptr[first : last + 1] for indptr in indptrs])
            rows = ends[first + 1 : last + 1]
            for part, file in zip(
                _sum(stems, cuts, starts, shape[1], dtype, least, rows), (indices, data), strict=True
            ):
                part.tofile(file)
            rows += ends[first]
        indptr = ends.astype(np.int32 if ends[-1] < 2**31 else np.int64)
        return sp.csr_array((_whole(data, dtype), _whole(indices, np.int32), indptr), shape=shape)


def _sum(stems, cuts, starts, n_columns, dtype, least, ends):
    """Add up the rows that lie in these cuts of the files; sets ``ends``, gives indices and data."""
    indices, data = (_read(stems, name, cuts) for name in NAMES[1:])
    if len(indices) and not 0 <= indices.min() <= indices.max() < n_columns:
        raise ValueError(f"the files {stems[0]}-*.npy and on must have columns below {n_columns}: count once more")
    if not np.isfinite(data).all():
        raise ValueError(f"the files {stems[0]}-*.npy and on must have finite counts, got others: count once more")
    places = np.cumsum([0, *(cut.stop - cut.start for cut in cuts[:-1])])
    out = np.empty_like(indices), np.empty(len(data), dtype)
    s = merge_rows(starts, indices, data, places, len(ends), n_columns, least, ends, *out)
    return out[0][:s], out[1][:s]


def _read(stems, name, cuts):
    """Give a part of each file, one after the other; the maps are let go, since they count as memory."""
    return np.concatenate([_mapped(f"{stem}-{name}.npy", name)[cut] for stem, cut in zip(stems, cuts, strict=True)])


def _whole(file, dtype):
    file.seek(0)
    return np.fromfile(file, dtype)


def _row_ranges(indptrs, n_rows):
    """Cut the rows into ranges of about ``AT_ONCE`` non-zeros of all blocks."""
    total = sum(map(np.diff, indptrs)).cumsum()
    goals = np.arange(AT_ONCE, total[-1], AT_ONCE)
    bounds = np.unique([0, *np.searchsorted(total, goals), n_rows])
    return list(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True))


def _checked(stem, shape):
    """Give where the rows of a block begin, once its files fit each other."""
    indptr, indices, data = (_mapped(f"{stem}-{name}.npy", name) for name in NAMES)
    fits = (indptr.dtype.kind, indices.dtype, data.dtype.kind) == ("i", np.int32, "f") and len(indptr) == shape[0] + 1
    fits = fits and indptr[0] == 0 and (np.diff(indptr) >= 0).all() and indptr[-1] == len(indices) == len(data)
    if not fits:
        raise ValueError(f"the files {stem}-*.npy must hold {shape[0]} rows of counts, got others: count once more")
    return np.array(indptr)


def _mapped(path, name):
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except (ValueError, EOFError, OverflowError, TypeError, SyntaxError, tokenize.TokenError) as error:
        raise ValueError(f"{path} must be a whole file of counts, got one cut short: count once more") from error
    if array.ndim != 1:
        raise ValueError(f"{path} must hold a vector, and does not: count once more")
    return array
