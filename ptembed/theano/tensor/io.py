"""Arrays from files."""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Constant
from pytensor.graph.op import Op
from pytensor.link.c.type import generic

from ptembed.theano import _gone

__all__ = ["LoadFromDisk", "load", "mpi_enabled"]

mpi_enabled = False


class LoadFromDisk(Op):
    """Reads an array from a ``.npy`` file; see :func:`load`."""

    __props__ = ("dtype", "broadcastable", "mmap_mode")

    def __init__(self, dtype, broadcastable, mmap_mode=None):
        if mmap_mode not in (None, "c"):
            raise ValueError(f"The only supported values for mmap_mode are None and 'c', got {mmap_mode}")
        self.dtype = np.dtype(dtype)
        self.broadcastable = tuple(bool(b) for b in broadcastable)
        self.mmap_mode = mmap_mode

    def __str__(self):
        return f"Load{{dtype: {self.dtype}, broadcastable: {self.broadcastable}, mmep: {self.mmap_mode}}}"

    def make_node(self, path):
        path = Constant(generic, path) if isinstance(path, str) else path
        array = pt.tensor(dtype=self.dtype, shape=[1 if b else None for b in self.broadcastable])
        return Apply(self, [path], [array])

    def perform(self, node, inputs, output_storage):
        (path,) = inputs
        if path.endswith(".npz"):
            raise ValueError(f"Expected a .npy file, got {path} instead")
        array = np.load(path, mmap_mode=self.mmap_mode)
        if array.dtype != self.dtype:
            raise TypeError(f"Expected an array of type {self.dtype}, got {array.dtype} instead")
        output_storage[0][0] = array


def load(path, dtype, broadcastable, mmap_mode=None):
    """An array that is read from a ``.npy`` file: at each call, or once if ``path`` is a constant; without a gradient.

    Parameters
    ----------
    path : str or variable of type ``Generic``
    dtype : str
        What the file must hold.
    broadcastable : sequence of bool
    mmap_mode : {None, "c"}
        ``"c"`` reads from the disk only what is used.
    """
    return LoadFromDisk(dtype, broadcastable, mmap_mode)(path)


_MPI = ("PyTensor has no Ops for MPI", "mpi4py's Send and Recv around the compiled functions")
_MPI_NAMES = """
    MPIRecv MPIRecvWait MPISend MPISendWait isend send irecv recv mpi_send_wait_key mpi_tag_key mpi_send_wait_cmp
    mpi_tag_cmp mpi_keys mpi_cmps
"""
MPI_NAMES = dict.fromkeys(_MPI_NAMES.split(), _MPI)

__getattr__ = _gone.getattr_of(__name__, MPI_NAMES)
