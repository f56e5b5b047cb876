"""Arrays of the dtype that was asked for."""

import numpy as np

from ptembed.theano.configparser import config

__all__ = ["_asarray"]


def _asarray(a, dtype, order=None):
    """``numpy.asarray(a, dtype, order)``, where ``dtype`` may be ``"floatX"``.

    The result has the very dtype that is asked for: where C has two integers of one size, NumPy may give the other one.

    Parameters
    ----------
    a : array_like
    dtype : str or dtype
    order : {"C", "F"}, optional

    Examples
    --------
    >>> _asarray([1, 2], "float32")
    array([1., 2.], dtype=float32)
    """
    dtype = np.dtype(config.floatX if str(dtype) == "floatX" else dtype)
    array = np.asarray(a, dtype=dtype, order=order)
    return array if array.dtype.num == dtype.num else array.view(dtype)
