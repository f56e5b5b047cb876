"""Arrays in zip files: those of NumPy come back, and no header makes room for what is not there."""

import io
import zipfile

import numpy as np
import pytest

from ptembed.zipped_arrays import DAMAGED, member_of, read_array


def zipped(content, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as zip_file:
        zip_file.writestr("x", content)
    return zipfile.ZipFile(file)


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "array", [np.eye(3, 2, dtype="f"), np.array(4), np.zeros((0, 3)), np.asfortranarray(np.eye(3, 2))]
)
def test_arrays_come_back(array, method):
    read = read_array(zipped(npy(array), method), "x")
    assert read.dtype == array.dtype and read.flags.f_contiguous == array.flags.f_contiguous
    np.testing.assert_array_equal(read, array)


def header(shape, descr="<f8"):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"shape": shape, "fortran_order": False, "descr": descr})
    return file.getvalue()


LIES = {
    "too large": header((10**12,)),
    "too large by far": header((2**62, 2**62)),
    "below zero": header((-1,)),
    "too short": npy(np.eye(3))[:-1],
    "too long": npy(np.eye(3)) + b"a",
    "objects": npy(np.array([None]), allow_pickle=True),
    "no size": header((10**12,), "|V0"),
    "no array": b"abc",
    "nothing": b"",
    "version 9": npy(np.eye(3)).replace(b"NUMPY\x01", b"NUMPY\x09"),
}


@pytest.mark.parametrize("content", LIES.values(), ids=LIES)
def test_a_header_that_lies(content):
    with pytest.raises(DAMAGED):
        read_array(zipped(content), "x")


@pytest.mark.parametrize("reader", [member_of, read_array])
def test_a_zip_file_that_lies_about_a_size(reader):
    zip_file = zipped(header((10**9,)), zipfile.ZIP_DEFLATED)
    zip_file.getinfo("x").file_size = 8 * 10**9 + len(header((10**9,)))
    with pytest.raises(zipfile.BadZipFile, match="x must be as long as the file says, 80000"):
        reader(zip_file, "x")
    with pytest.raises(KeyError):
        reader(zip_file, "y")
