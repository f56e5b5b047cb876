"""Patches of images as rows of a matrix, and back; the Op is in :mod:`ptembed.ops.patches`."""

import pytensor.tensor as pt
from pytensor.raise_op import CheckAndRaise

from ptembed.ops.patches import Images2Neibs

__all__ = ["Images2Neibs", "images2neibs", "neibs2images"]

_FOUR = "original_shape must have 4 entries: images, channels, rows, columns"
_check_four = CheckAndRaise(ValueError, _FOUR)


def images2neibs(ten4, neib_shape, neib_step=None, mode="valid"):
    """Give the patches of images, one a row: :class:`ptembed.ops.patches.Images2Neibs`.

    Parameters
    ----------
    ten4 : array (m, channels, rows, columns)
    neib_shape : int vector (2,)
        The shape of a patch.
    neib_step : int vector (2,), optional
        From one patch to the next; the shape if it is left out.
    mode : {"valid", "half", "full", "wrap_centered", "ignore_borders"}, optional

    Returns
    -------
    matrix (patches, size of a patch)

    Examples
    --------
    >>> images2neibs(pt.arange(8).reshape((1, 1, 2, 4)), (2, 2)).eval().tolist()
    [[0, 1, 4, 5], [2, 3, 6, 7]]
    """
    return Images2Neibs(mode)(ten4, neib_shape, neib_step)


def neibs2images(neibs, neib_shape, original_shape, mode="valid"):
    """Give the images of which ``neibs`` are the patches, side by side.

    Parameters
    ----------
    neibs : matrix (patches, size of a patch)
        As :func:`images2neibs` gives them without ``neib_step``.
    neib_shape : int vector (2,)
    original_shape : int vector (4,)
        The shape of the images.
    mode : {"valid", "ignore_borders"}, optional
        In the latter, what is beyond the last patch is zero.

    Returns
    -------
    array of that shape

    Raises
    ------
    NotImplementedError
        For another mode.
    ValueError
        For ``neibs`` that are no matrix; in the call, where the patches are not those of images of that shape.
    """
    if mode not in ("valid", "ignore_borders"):
        raise NotImplementedError(f"neibs2images do not support mode={mode}: use valid or ignore_borders")
    neibs, neib_shape, shape = (pt.as_tensor(v) for v in (neibs, neib_shape, original_shape))
    if neibs.ndim != 2:
        raise ValueError(f"neibs must be a matrix with a patch in each row, got {neibs.ndim} dimensions")
    shape = _check_four(shape, pt.eq(shape.shape[0], 4))
    (c, d), (m, channels, height, width) = (neib_shape[i] for i in range(2)), (shape[i] for i in range(4))
    down, across = height // c, width // d
    images = neibs.reshape((m, channels, down, across, c, d)).dimshuffle(0, 1, 2, 4, 3, 5)
    if mode == "valid":
        return images.reshape(shape, ndim=4)
    images = images.reshape((m, channels, down * c, across * d))
    return pt.set_subtensor(
        pt.zeros((m, channels, height, width), images.dtype)[:, :, : down * c, : across * d], images
    )
