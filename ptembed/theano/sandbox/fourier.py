"""The discrete Fourier transform of the rows or columns of a matrix, without a gradient.

:mod:`ptembed.theano.tensor.fft` has transforms with gradients.
"""

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

__all__ = ["FFT", "dct_matrix", "fft", "half_fft", "half_ifft", "ifft"]


class FFT(Op):
    """``FFT(half, inverse)(frames, n, axis)``: the ``n``-point transform along ``axis``.

    Parameters
    ----------
    half : bool
        Whether to give the first half of the frequencies alone; ``n`` must be even then.
    inverse : bool
        Whether it is the inverse transform.
    """

    __props__ = ("half", "inverse")

    def __init__(self, half=False, inverse=False):
        self.half, self.inverse = half, inverse

    def make_node(self, frames, n, axis):
        frames, n, axis = pt.as_tensor(frames, ndim=2), pt.as_tensor(n, ndim=0), pt.as_tensor(axis, ndim=0)
        if self.half and frames.type.dtype.startswith("complex"):
            raise TypeError(f"half a transform is of real frames, got {frames.type}: give their real part.")
        return Apply(self, [frames, n, axis], [pt.zmatrix()])

    def perform(self, node, inputs, output_storage):
        frames, n, axis = inputs
        n, axis = int(n), int(axis)
        result = (np.fft.ifft if self.inverse else np.fft.fft)(frames, n, axis)
        if self.half:
            if n % 2:
                raise ValueError(f"half a transform needs an even n, got {n}.")
            result = result.take(range(n // 2), axis)
        output_storage[0][0] = result.astype("complex128", copy=False)


fft = FFT(half=False, inverse=False)
half_fft = FFT(half=True, inverse=False)
ifft = FFT(half=False, inverse=True)
half_ifft = FFT(half=True, inverse=True)


def dct_matrix(rows, cols, unitary=True):
    """The NumPy matrix of the discrete cosine transform (DCT-II): ``rows`` frequencies of ``cols`` samples."""
    matrix = np.sqrt(2.0 / cols) * np.cos(np.pi * np.outer(np.arange(rows), np.arange(cols) + 0.5) / cols)
    if unitary:
        matrix[0] *= np.sqrt(0.5)
    return matrix
