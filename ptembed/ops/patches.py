r"""Patches of images as the rows of a matrix, and the images that such rows add up to.

Along an axis of length :math:`n` patches of length :math:`c` start every :math:`r` elements, from :math:`p` before the
first on; what lies outside of the image is zero, or the image from its other end on. A row holds
one patch, its last axis fastest; the rows go through the images, their channels, then down and across. Both directions
take one pass over the rows.

Read next: :mod:`ptembed.theano.tensor.nnet.neighbours`.
"""

import numpy as np
import pytensor.tensor as pt
from numba import njit
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor

__all__ = ["MODES", "Images2Neibs", "Neibs2Images"]

MODES = ("valid", "half", "full", "wrap_centered", "ignore_borders")
VALID, HALF, FULL, WRAP, IGNORE = range(len(MODES))

TOO_SMALL = "neib_shape and neib_step must be 1 or more"
TWO = "neib_shape and neib_step must have two entries, for rows and columns"
NOT_ODD = "in mode wrap_centered neib_shape must be odd, and no larger than the images"
NO_FIT = (
    "neib_shape, neib_step and the images are not consistent: patches must end where the images, and the zeros that "
    "the mode puts around them, end; mode ignore_borders leaves the rest out"
)
WRONG_ROWS = "the rows must be those that images of this shape have"


class _OfPatches(Op):
    __props__ = ("mode",)

    def __init__(self, mode="valid"):
        if mode not in MODES:
            raise NotImplementedError(f"mode must be one of {', '.join(MODES)}, got {mode}")
        self.mode = mode

    def __str__(self):
        return f"{type(self).__name__}{{{self.mode}}}"

    def windows(self, shape, neib_shape, neib_step):
        """Give for rows and for columns how many patches there are, and how far before the image the first begins."""
        if len(neib_shape) != 2 or len(neib_step) != 2:
            raise ValueError(TWO)
        sizes = zip(shape, neib_shape.tolist(), neib_step.tolist(), strict=True)
        return [windows.py_func(n, c, r, MODES.index(self.mode)) for n, c, r in sizes]

    def places(self, shape, neib_shape, neib_step):
        """Give where the elements of all patches lie, and whether inside, shape (grid, grid, c, d)."""
        down, across = (
            np.arange(count)[:, None] * r + np.arange(c) - before
            for (count, before), c, r in zip(
                self.windows(shape, neib_shape, neib_step), neib_shape, neib_step, strict=True
            )
        )
        down, across = down[:, None, :, None], across[None, :, None, :]
        inside = (down >= 0) & (down < shape[0]) & (across >= 0) & (across < shape[1])
        return down % max(shape[0], 1), across % max(shape[1], 1), inside | (self.mode == "wrap_centered")


class Images2Neibs(_OfPatches):
    """The patches of images, one a row.

    Parameters
    ----------
    mode : {"valid", "half", "full", "wrap_centered", "ignore_borders"}, optional
        What there is around the images: nothing; ``neib_shape // 2`` zeros; ``neib_shape - 1`` zeros; half a patch of
        the image from its other end on; nothing, and what does not fill a patch is left out.

    Notes
    -----
    It is called with the images, shape (m, channels, rows, columns); the shape (c, d) of a patch, and the step (r, s)
    from one to the next, which is the shape if it is left out. The result has the shape (patches, c * d).

    Raises
    ------
    NotImplementedError
        For another mode.
    AssertionError
        For inputs of another rank.
    TypeError
        In the call, where the patches do not end with the images, or are even in mode ``wrap_centered``.
    ValueError
        In the call, for a shape or a step below 1.
    """

    def make_node(self, ten4, neib_shape, neib_step=None):
        ten4, neib_shape = pt.as_tensor(ten4), pt.as_tensor(neib_shape)
        neib_step = neib_shape if neib_step is None else pt.as_tensor(neib_step)
        for name, v, ndim in (("ten4", ten4, 4), ("neib_shape", neib_shape, 1), ("neib_step", neib_step, 1)):
            if v.type.ndim != ndim:
                raise AssertionError(f"{name} must have {ndim} dimensions, got {v.type}: reshape it")
        for v in (neib_shape, neib_step):
            if v.type.dtype not in integer_dtypes:
                raise TypeError(f"neib_shape and neib_step must be integers, got {v.type}: cast them")
        return Apply(self, [ten4, neib_shape, neib_step], [pt.matrix(dtype=ten4.type.dtype)])

    def perform(self, node, inputs, output_storage):
        images, neib_shape, neib_step = inputs
        down, across, inside = self.places(images.shape[2:], neib_shape, neib_step)
        patches = images[:, :, down, across] * inside.astype(images.dtype)
        output_storage[0][0] = patches.reshape(-1, int(neib_shape.prod()))

    def pullback(self, inputs, outputs, cotangents):
        images, *sizes = inputs
        return [Neibs2Images(self.mode)(cotangents[0], images.shape, *sizes), *_no_gradients(self, sizes)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        m, channels, *lengths = shapes[0]
        _, c, r = node.inputs
        down, across = (self._grid(lengths[i], c[i], r[i]) for i in range(2))
        return [(m * channels * down * across, c[0] * c[1])]

    def _grid(self, n, c, r):
        if self.mode == "wrap_centered":
            return (n + r - 1) // r
        before = {"half": c // 2, "full": c - 1}.get(self.mode, 0)
        return pt.maximum(0, 1 + (n + 2 * before - c) // r)


class Neibs2Images(_OfPatches):
    """The images that patches add up to: the gradient of :class:`Images2Neibs`.

    It is called with the rows, the shape of the images, and the shape and the step of the patches.
    """

    def make_node(self, rows, shape, neib_shape, neib_step):
        return Apply(self, [rows, shape, neib_shape, neib_step], [pt.tensor4(dtype=rows.type.dtype)])

    def perform(self, node, inputs, output_storage):
        rows, shape, neib_shape, neib_step = inputs
        down, across, inside = self.places(shape[2:].tolist(), neib_shape, neib_step)
        patches = rows.reshape(*shape[:2], *inside.shape) * inside.astype(rows.dtype)
        images = np.zeros(shape, dtype=rows.dtype)
        np.add.at(images, (slice(None), slice(None), down, across), patches)
        output_storage[0][0] = images

    def pullback(self, inputs, outputs, cotangents):
        _, *sizes = inputs
        return [Images2Neibs(self.mode)(cotangents[0], *sizes[1:]), *_no_gradients(self, sizes)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [tuple(node.inputs[1][i] for i in range(4))]


def _no_gradients(op, sizes):
    return [grad_undefined(op, 1 + i, v, "a patch has a whole number of pixels") for i, v in enumerate(sizes)]


@njit
def windows(n, c, r, mode):
    """Give how many patches of length ``c`` there are along ``n`` elements, and how far before them the first is."""
    if c < 1 or r < 1:
        raise ValueError(TOO_SMALL)
    if mode == WRAP:
        if c % 2 == 0 or n < c:
            raise TypeError(NOT_ODD)
        return (n + r - 1) // r, c // 2
    before = c // 2 if mode == HALF else c - 1 if mode == FULL else 0
    room = n + 2 * before - c
    if mode != IGNORE and (n < c or room % r != 0):
        raise TypeError(NO_FIT)
    return max(0, 1 + room // r), before


@njit
def both_windows(shape, neib_shape, neib_step, mode):
    """Give what :func:`windows` gives for rows, then for columns."""
    if len(neib_shape) != 2 or len(neib_step) != 2:
        raise ValueError(TWO)
    a, up = windows(shape[2], np.int64(neib_shape[0]), np.int64(neib_step[0]), mode)
    b, left = windows(shape[3], np.int64(neib_shape[1]), np.int64(neib_step[1]), mode)
    return a, up, b, left


@njit
def around(i, n):
    """Count ``i`` from the other end on where it lies outside of ``n`` elements."""
    return i + n if i < 0 else i - n if i >= n else i


def over_pixels(mode, step):
    """Make the loop of ``step(images, pixel, rows, element)`` over all pixels of patches and their places in rows."""

    @njit
    def run(images, rows, neib_shape, neib_step):
        grid_a, up, grid_b, left = both_windows(images.shape, neib_shape, neib_step, mode)
        m, channels, height, width = images.shape
        c, d = np.int64(neib_shape[0]), np.int64(neib_shape[1])
        r, s = np.int64(neib_step[0]), np.int64(neib_step[1])
        row = 0
        for n in range(m):
            for channel in range(channels):
                for a in range(grid_a):
                    for b in range(grid_b):
                        for i in range(c):
                            y = a * r + i - up
                            if mode == WRAP:
                                y = around(y, height)
                            if 0 <= y < height:
                                for j in range(d):
                                    x = b * s + j - left
                                    if mode == WRAP:
                                        x = around(x, width)
                                    if 0 <= x < width:
                                        step(images, (n, channel, y, x), rows, (row, i * d + j))
                        row += 1

    return run


@njit
def take(images, pixel, rows, element):
    rows[element] = images[pixel]


@njit
def add(images, pixel, rows, element):
    images[pixel] += rows[element]


@njit
def shape_of_rows(shape, neib_shape, neib_step, mode):
    """Give how many patches images have, and how many pixels a patch."""
    grid_a, _, grid_b, _ = both_windows(shape, neib_shape, neib_step, mode)
    return shape[0] * shape[1] * grid_a * grid_b, np.int64(neib_shape[0]) * np.int64(neib_shape[1])


@_pytensor.numba_kernel(Images2Neibs)
def patches_kernel(op, node):
    mode = MODES.index(op.mode)
    take_all = over_pixels(mode, take)

    @njit
    def patches(images, neib_shape, neib_step):
        rows = np.zeros(shape_of_rows(images.shape, neib_shape, neib_step, mode), images.dtype)
        take_all(images, rows, neib_shape, neib_step)
        return rows

    return patches


@_pytensor.numba_kernel(Neibs2Images)
def images_kernel(op, node):
    mode = MODES.index(op.mode)
    add_all = over_pixels(mode, add)

    @njit
    def images_of(rows, shape, neib_shape, neib_step):
        images = np.zeros((shape[0], shape[1], shape[2], shape[3]), rows.dtype)
        if rows.shape != shape_of_rows(images.shape, neib_shape, neib_step, mode):
            raise ValueError(WRONG_ROWS)
        add_all(images, rows, neib_shape, neib_step)
        return images

    return images_of
