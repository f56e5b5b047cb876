"""Arrays in zip files from anywhere: nothing is allocated that the file does not hold.

The header of an array says how many numbers follow, and NumPy makes room for them first. Here the header, and what the
zip file says of its member, are held against the bytes that are there.
"""

import lzma
import math
import os
import struct
import tokenize
import zipfile
import zlib
from typing import Any

import numpy as np

__all__ = ["DAMAGED", "array_of", "member_of", "read_array"]

#: What reading a zip file that is not whole, or was made to harm, raises.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, tokenize.TokenError, SyntaxError, EOFError),
    *(KeyError, IndexError, ValueError, TypeError, OverflowError, NotImplementedError, RuntimeError),
)
DEFLATED = 1100  # bytes that one byte of a zip file can become


def member_of(zip_file: Any, name: Any) -> Any:
    """Read a member of a zip file.

    Parameters
    ----------
    zip_file : zipfile.ZipFile
    name : str

    Returns
    -------
    bytes

    Raises
    ------
    any of DAMAGED
        When there is no such member, or it is not whole.
    """
    _refuse_false_size(zip_file, name)
    return zip_file.read(name)


def read_array(zip_file: Any, name: Any) -> np.ndarray:
    """Read an array that ``numpy.save`` wrote into a zip file; never one of objects.

    Parameters
    ----------
    zip_file : zipfile.ZipFile
    name : str

    Returns
    -------
    array

    Raises
    ------
    any of DAMAGED
        When there is no such member, it is not whole, or it has objects.
    """
    size = _refuse_false_size(zip_file, name)
    with zip_file.open(name) as file:
        return array_of(file, size)


def array_of(file: Any, size: Any) -> np.ndarray:
    """Read an array that ``numpy.save`` wrote from here to the end of a file.

    Parameters
    ----------
    file : binary file, seekable
    size : int
        Of the whole file, in bytes.

    Returns
    -------
    array

    Raises
    ------
    any of DAMAGED
        As :func:`read_array`.
    """
    begin = file.tell()
    shape, dtype = _header(file)
    if math.prod(shape) * dtype.itemsize != size - file.tell():
        raise ValueError(f"an array of {math.prod(shape)} {dtype} must follow, got {size - file.tell()} bytes")
    file.seek(begin)
    return np.lib.format.read_array(file, allow_pickle=False)


def _header(file):
    version = np.lib.format.read_magic(file)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"an array's file must have version 1 or 2, got {version}")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject or dtype.itemsize == 0 or any(size < 0 for size in shape):
        raise ValueError(f"an array must be of numbers, got {dtype} of shape {shape}")
    return shape, dtype


def _refuse_false_size(zip_file, name):
    info = zip_file.getinfo(name)
    there = zip_file.fp.seek(0, os.SEEK_END)
    if info.compress_size > there or info.file_size > DEFLATED * info.compress_size:
        raise zipfile.BadZipFile(f"{name} must be as long as the file says, {info.file_size} bytes, and is not")
    return info.file_size
