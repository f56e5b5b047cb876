"""Convolution and pooling of images by one sparse product.

A sparse matrix of ones gathers the pixels under each position of the kernel (its rows: positions x taps); the
convolution is then one dense product with the kernels, the pooling a maximum. The images are rows of a matrix. Slower
than ``theano.tensor.nnet.conv2d``, which is for new programs.
"""

import numpy as np
import pytensor.tensor as pt
import scipy.sparse

from ptembed.theano import _gone
from ptembed.theano.sparse.basic import (
    CSM,
    ColScaleCSC,
    Diag,
    EnsureSortedIndices,
    Remove0,
    RowScaleCSC,
    SpSum,
    SquareDiagonal,
    clean,
    col_scale,
    diag,
    ensure_sorted_indices,
    remove0,
    row_scale,
    sp_sum,
    square_diagonal,
    structured_dot,
)


class ConvolutionIndices:
    """The pattern of the csc matrix that gathers patches; :data:`convolution_indices` is its one instance."""

    @staticmethod
    def conv_eval(inshp, kshp, strides=(1, 1), mode="valid"):
        """The matrix for images ``inshp`` = (height, width) or (channels, height, width) and a kernel ``kshp``.

        Parameters
        ----------
        inshp, kshp : tuple of int
        strides : (int, int)
            Along the width, along the height.
        mode : {"valid", "full"}
            Whether the kernel stays inside the image, or may hang over its edge.

        Returns
        -------
        indices, indptr : int32 arrays
        shape : (int, int)
            Positions x channels x taps, and the pixels of an image.
        format : str
            ``"csc"``.
        outshp : int64 array (2,)
            Positions along the height, along the width.

        Raises
        ------
        ValueError
            If there is no position.
        """
        return convolution_indices.evaluate(inshp, kshp, strides, mode=mode)

    @staticmethod
    def evaluate(inshp, kshp, strides=(1, 1), nkern=1, mode="valid", ws=True):
        """:meth:`conv_eval`; ``nkern`` must be 1 and ``ws`` true, as in Theano since the kernels share their taps."""
        if not ws or nkern != 1:
            raise Exception("ws is obsolete and it must be always True, and nkern must be 1")
        channels, *image = inshp if np.size(inshp) == 3 else (1, *inshp)
        axes = [
            _axis(pixels, taps, stride, mode) for pixels, taps, stride in zip(image, kshp, strides[::-1], strict=True)
        ]
        outshp = np.array([start.size for start, _ in axes], dtype="int64")
        if not outshp.all():
            raise ValueError("Invalid kernel", kshp, "and/or step size", strides, "for given input shape", inshp)
        y, x = (start[:, None] + taps for start, taps in axes)  # pixel of each (position, tap), outside too
        y, x, channel = y[:, None, :, None, None], x[None, :, None, :, None], np.arange(channels)
        inside = (y >= 0) & (y < image[0]) & (x >= 0) & (x < image[1]) & (channel >= 0)
        position = np.arange(outshp.prod()).reshape(*outshp, 1, 1, 1)
        tap = np.arange(np.prod(kshp)).reshape(1, 1, *kshp, 1)
        row = (position * channels + channel) * np.prod(kshp) + tap
        column = (channel * image[0] + y) * image[1] + x
        shape = (int(outshp.prod() * np.prod(kshp) * channels), int(channels * np.prod(image)))
        ones = np.ones(int(inside.sum()))
        matrix = scipy.sparse.csc_matrix((ones, (row[inside], (column + 0 * tap)[inside])), shape=shape)
        matrix.sort_indices()
        return matrix.indices.astype("int32"), matrix.indptr.astype("int32"), shape, "csc", outshp


def _axis(pixels, taps, stride, mode):
    """First pixels under the kernel at each position (negative: over the edge), and offsets of the taps."""
    first = 0 if mode == "valid" else 1 - taps
    last = pixels - taps if mode == "valid" else pixels - 1
    return np.arange(first, last + 1, stride), np.arange(taps)


convolution_indices = ConvolutionIndices()


def _patches(images, imgshp, kshp, step, mode):
    """The pixels under each position: ``(taps x channels x positions, images)`` transposed, and the positions."""
    indices, indptr, shape, format, outshp = convolution_indices.conv_eval(imgshp, kshp, step, mode)
    gather = CSM(format)(np.ones(indices.size), indices, indptr, np.asarray(shape, dtype="int32"))
    return structured_dot(gather, images.T).T, outshp


def convolve(kerns, kshp, nkern, images, imgshp, step=(1, 1), bias=None, mode="valid", flatten=True):
    """The convolution of images with kernels.

    Parameters
    ----------
    kerns : matrix (nkern, channels x height x width of a kernel)
        The taps in the order in which they meet the pixels (not flipped).
    kshp : (int, int)
        Height and width of a kernel.
    nkern : int
    images : matrix (N, channels x height x width)
    imgshp : tuple of int
        (height, width) or (channels, height, width).
    step : (int, int)
        Along the width, along the height.
    bias : vector (nkern,), optional
    mode : {"valid", "full"}
    flatten : bool

    Returns
    -------
    output : matrix (N, nkern x positions), or tensor (N, nkern, positions) unless ``flatten``
    shape : array (nkern, height, width)
        Of one output.
    """
    channels = imgshp[0] if np.size(imgshp) == 3 else 1
    patches, outshp = _patches(images, imgshp, kshp, step, mode)
    output = pt.dot(patches.reshape((-1, int(channels * np.prod(kshp)))), kerns.T)
    if bias is not None:
        output = output + bias
    output = output.reshape((images.shape[0], int(np.prod(outshp)), nkern)).dimshuffle(0, 2, 1)
    return output.flatten(2) if flatten else output, np.hstack((nkern, outshp))


def max_pool(images, imgshp, maxpoolshp):
    """The largest pixel of each patch; patches do not overlap, an incomplete one at the edge is left out.

    Parameters
    ----------
    images : matrix (N, channels x height x width)
    imgshp : tuple of int
        (height, width) or (channels, height, width).
    maxpoolshp : (int, int)
        Height and width of a patch.

    Returns
    -------
    output : matrix (N, channels x patches)
    shape : array (2,)
        Patches along the height, along the width.
    """
    channels = imgshp[0] if np.size(imgshp) == 3 else 1
    patches, outshp = _patches(images, imgshp, maxpoolshp, maxpoolshp, "valid")
    largest = patches.reshape((images.shape[0], int(np.prod(outshp)), channels, int(np.prod(maxpoolshp)))).max(axis=3)
    return largest.dimshuffle(0, 2, 1).flatten(2), outshp


__getattr__ = _gone.getattr_of(__name__, lazy={"register_specialize": "ptembed.theano.tensor.opt:register_specialize"})
