"""Pooling: the largest number, the sum or the mean of each window of an array.

The computation, and what each mode means at a border, is that of :mod:`ptembed.ops.pooling`. The classes here stand for
its Ops, with the names, arguments and older keywords of Theano's.

Read next: :mod:`ptembed.theano.tensor.signal.downsample`.
"""

import warnings

from ptembed.ops import pooling
from ptembed.theano._faces import Face
from ptembed.theano.gof.type import EnumList
from ptembed.theano.tensor.basic import as_tensor_variable

__all__ = [
    *("AveragePoolGrad", "DownsampleFactorMaxGradGrad", "MaxPoolGrad", "MaxPoolRop", "Pool", "PoolGrad"),
    *("PoolingMode_t", "max_pool_2d_same_size", "pool_2d", "pool_3d"),
]

PoolingMode_t = EnumList(
    ("POOLING_MAX", "max"),
    ("POOLING_SUM", "sum"),
    ("POOLING_AVERAGE_COUNT_INCLUDE_PADDING", "average_inc_pad"),
    ("POOLING_AVERAGE_COUNT_EXCLUDE_PADDING", "average_exc_pad"),
)


def max_pool_2d_same_size(input, patch_size):
    """Keep the largest number of each patch of an array, and make all others zero.

    Parameters
    ----------
    input : array of two dimensions or more
    patch_size : (int, int) or int vector of length 2
        Rows and columns of a patch of the last two dimensions. Patches lie side by side; what fills none is zero.

    Returns
    -------
    array
        Of the shape of ``input``. Of equal largest numbers each is kept, and multiplied by nothing.
    """
    output = Pool(True)(input, patch_size)
    return MaxPoolGrad(True)(input, output, output, patch_size)


def pool_2d(input, ws=None, ignore_border=None, stride=None, pad=(0, 0), mode="max", ds=None, st=None, padding=None):
    """Pool the last two dimensions of an array.

    Parameters
    ----------
    input : array of two dimensions or more
    ws : (int, int) or int vector of length 2
        Rows and columns of a window.
    ignore_border : bool
        Whether windows that reach over the end are left out; without it False, with a warning.
    stride : (int, int) or int vector of length 2, optional
        Steps from a window to the next; the window by default.
    pad : (int, int) or int vector of length 2, optional
        Rows above and below, columns left and right, without numbers.
    mode : {"max", "sum", "average_inc_pad", "average_exc_pad"}, optional
        The mean counts the padding, or not.
    ds, st, padding
        Older names of ``ws``, ``stride`` and ``pad``.

    Returns
    -------
    array
        Of as many dimensions as ``input``.

    Raises
    ------
    ValueError
        Without a window, for one given by both names, another mode, windows or strides below 1.
    NotImplementedError
        For an array of less dimensions, padding that is as large as the window, or without ``ignore_border``.
    TypeError
        For windows that are no vectors of integers.
    """
    return _pool(2, input, ignore_border, mode, *_renamed(2, ws, stride, pad, ds, st, padding))


def pool_3d(input, ws=None, ignore_border=None, stride=None, pad=(0, 0, 0), mode="max", ds=None, st=None, padding=None):
    """Pool the last three dimensions of an array; see :func:`pool_2d`."""
    return _pool(3, input, ignore_border, mode, *_renamed(3, ws, stride, pad, ds, st, padding))


def _pool(ndim, input, ignore_border, mode, ws, stride, pad):
    input = as_tensor_variable(input)
    if input.ndim < ndim:
        raise NotImplementedError(f"pool_{ndim}d requires a dimension >= {ndim}, got {input.ndim}: reshape the input")
    if ignore_border is None:
        warnings.warn(
            f"pool_{ndim}d() will have the parameter ignore_border default value changed to True (currently False). To "
            "have consistent behavior with all Theano version, explicitly add the parameter ignore_border=True.",
            stacklevel=3,
        )
    return Pool(bool(ignore_border), mode=mode, ndim=ndim)(input, ws, stride, pad)


def _renamed(ndim, ws, stride, pad, ds, st, padding):
    """Give window, stride and padding, each by its name or by its older one."""
    if ds is None and ws is None:
        raise ValueError("You must provide a tuple value for the window size.")
    pad = None if _is_zeros(pad, ndim) else pad
    return tuple(
        _either(old, before, new, now)
        for old, before, new, now in (
            ("ds", ds, "ws", ws),
            ("st", st, "stride", stride),
            ("padding", padding, "pad", pad),
        )
    )


def _is_zeros(pad, ndim):
    return isinstance(pad, tuple) and pad == (0,) * ndim


def _either(old, before, new, now):
    if before is None:
        return now
    if now is not None:
        raise ValueError(
            f"You can't provide a tuple value to both '{old}' and '{new}'. Please provide a value only to '{new}'."
        )
    warnings.warn(
        f"DEPRECATION: the '{old}' parameter is not going to exist anymore as it is going to be replaced by the "
        f"parameter '{new}'.",
        stacklevel=5,
    )
    return before


class _WithShape:
    @staticmethod
    def out_shape(
        imgshape, ws=None, ignore_border=False, stride=None, pad=None, ndim=2, ds=None, st=None, padding=None
    ):
        """Give the shape of what pooling an array of shape ``imgshape`` gives: a list of ints or of symbols.

        Raises
        ------
        TypeError
            For fewer lengths than pooled dimensions.
        ValueError
            Without a window, or for one given by both names.
        """
        ndim = 2 if ndim is None else ndim
        ws, stride, pad = _renamed(ndim, ws, stride, pad, ds, st, padding)
        return pooling.pooled_shape(imgshape, ws, ignore_border, stride, pad, ndim)


class Pool(_WithShape, pooling.Pool, metaclass=Face):
    """The Op of pooling: ``Pool(ignore_border, mode, ndim)(x, ws, stride, pad)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.Pool)

    @staticmethod
    def _make(ignore_border=False, mode="max", ndim=2, openmp=None):
        return pooling.Pool(ignore_border, mode, ndim)


class PoolGrad(_WithShape, pooling.Pooling, metaclass=Face):
    """The Ops of the gradient: :class:`MaxPoolGrad` and :class:`AveragePoolGrad`."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.MaxPoolGrad | pooling.AveragePoolGrad)


class MaxPoolGrad(_WithShape, pooling.MaxPoolGrad, metaclass=Face):
    """``MaxPoolGrad(ignore_border, ndim)(x, maxout, gz, ws, stride, pad)``: the gradient by x of the largest."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.MaxPoolGrad)

    @staticmethod
    def _make(ignore_border, ndim=2, openmp=None):
        return pooling.MaxPoolGrad(ignore_border, "max", ndim)


class AveragePoolGrad(_WithShape, pooling.AveragePoolGrad, metaclass=Face):
    """``AveragePoolGrad(ignore_border, mode, ndim)(x, gz, ws, stride, pad)``: the gradient by x of sums or means."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.AveragePoolGrad)

    @staticmethod
    def _make(ignore_border, mode="average_inc_pad", ndim=2):
        return pooling.AveragePoolGrad(ignore_border, mode, ndim)


class DownsampleFactorMaxGradGrad(pooling.MaxPoolGradGrad, metaclass=Face):
    """The gradient of :class:`MaxPoolGrad` by the gradient given to it; ``(x, maxout, ggx, ws, stride, pad)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.MaxPoolGradGrad)

    @staticmethod
    def _make(ignore_border, mode="max", ndim=2, openmp=None):
        return pooling.MaxPoolGradGrad(ignore_border, mode, ndim)


class MaxPoolRop(pooling.MaxPoolRop, metaclass=Face):
    """What ``eval_point`` has where ``x`` is the largest of its window; ``(x, eval_point, ws, stride, pad)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.MaxPoolRop)

    @staticmethod
    def _make(ignore_border=False, mode="max", ndim=2, openmp=None):
        return pooling.MaxPoolRop(ignore_border, mode, ndim)
