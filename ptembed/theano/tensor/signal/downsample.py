"""Pooling under the names it had before Theano 0.9; see :mod:`.pool` for the later ones."""

from ptembed.ops import pooling
from ptembed.theano._faces import Face
from ptembed.theano.tensor.signal import pool
from ptembed.theano.tensor.signal.pool import (
    AveragePoolGrad,
    DownsampleFactorMaxGradGrad,
    MaxPoolGrad,
    PoolGrad,
    max_pool_2d_same_size,
)

__all__ = [
    *("AveragePoolGrad", "DownsampleFactorMax", "DownsampleFactorMaxGrad", "DownsampleFactorMaxGradGrad"),
    *("MaxPoolGrad", "PoolGrad", "max_pool_2d", "max_pool_2d_same_size"),
]


def max_pool_2d(input, ds, ignore_border=False, st=None, padding=(0, 0), mode="max"):
    """Pool the last two dimensions of an array.

    Parameters
    ----------
    input : array of two dimensions or more
    ds : (int, int) or int vector of length 2
        Rows and columns of a window.
    ignore_border : bool, optional
        Whether windows that reach over the end are left out.
    st : (int, int) or int vector of length 2, optional
        Steps from a window to the next; the window by default.
    padding : (int, int) or int vector of length 2, optional
        Rows above and below, columns left and right, without numbers.
    mode : {"max", "sum", "average_inc_pad", "average_exc_pad"}, optional

    Returns
    -------
    array
        Of as many dimensions as ``input``.

    Raises
    ------
    ValueError, TypeError, NotImplementedError
        As :func:`.pool.pool_2d`.
    """
    return pool.pool_2d(input, ds, bool(ignore_border), st, padding, mode)


class DownsampleFactorMax(metaclass=Face):
    """The Op of pooling: ``DownsampleFactorMax(ds, ignore_border, st, padding, mode)(x)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.Pool)

    @staticmethod
    def _make(ds, ignore_border=False, st=None, padding=(0, 0), mode="max"):
        op = pooling.Pool(ignore_border, mode, 2)
        return lambda x: op(x, ds, st, padding)

    @staticmethod
    def out_shape(imgshape, ds, ignore_border=False, st=None, padding=(0, 0)):
        """Give the shape of what pooling an array of shape ``imgshape`` gives: a list of ints or of symbols."""
        return pooling.pooled_shape(imgshape, ds, ignore_border, st, padding)


class DownsampleFactorMaxGrad(metaclass=Face):
    """The Op of its gradient: ``DownsampleFactorMaxGrad(ds, ignore_border, st, padding, mode)(x, maxout, gz)``."""

    @staticmethod
    def _is(op):
        return isinstance(op, pooling.MaxPoolGrad | pooling.AveragePoolGrad)

    @staticmethod
    def _make(ds, ignore_border, st=None, padding=(0, 0), mode="max"):
        if mode == "max":
            op = pooling.MaxPoolGrad(ignore_border, mode, 2)
            return lambda x, maxout, gz: op(x, maxout, gz, ds, st, padding)
        op = pooling.AveragePoolGrad(ignore_border, mode, 2)
        return lambda x, maxout, gz: op(x, gz, ds, st, padding)
