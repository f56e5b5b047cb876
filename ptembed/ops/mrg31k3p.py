r"""Random numbers of the generator MRG31k3p, from many streams at once.

The generator (L'Ecuyer and Touzin, Fast combined multiple recursive generators with multipliers of the form
:math:`a = \pm 2^q \pm 2^r`, Winter Simulation Conference 2000) is the difference of two recurrences of order three,

.. math::
    x_n &= 2^{22} x_{n-2} + (2^7 + 1) x_{n-3} \mod m_1 = 2^{31} - 1 \\
    y_n &= 2^{15} y_{n-1} + (2^{15} + 1) y_{n-3} \mod m_2 = 2^{31} - 21069

whose powers of two need shifts alone. A state is :math:`(x_n, x_{n-1}, x_{n-2}, y_n, y_{n-1}, y_{n-2})`. A jump over
:math:`2^k` numbers multiplies it by the :math:`2^k`-th power of the recurrences' matrices; the starts of :math:`n`
streams are found by doubling, in :math:`\log_2 n` products.

Number :math:`i` of an array of random numbers is the next one of stream :math:`i \bmod n`: this order, the spacing of
the streams (:math:`2^{72}`) and the way a state becomes a float are Theano's, whose numbers these are, to the last bit.

Read next: :mod:`ptembed.theano.sandbox.rng_mrg`.
"""

from functools import cache

import numpy as np
import pytensor.tensor as pt
from numba import njit
from numba.np.unsafe.ndarray import to_fixed_tuple
from pytensor.gradient import grad_undefined
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.tensor.type import integer_dtypes

from ptembed import _pytensor

__all__ = ["M1", "M2", "Uniform", "advance", "floats", "jump", "jump_matrices", "streams"]

M1, M2 = 2**31 - 1, 2**31 - 21069
ONE_STEP = (((0, 2**22, 2**7 + 1), (1, 0, 0), (0, 1, 0)), ((2**15, 0, 2**15 + 1), (1, 0, 0), (0, 1, 0)))
MOST = 2**31 - 1
SIDE_BY_SIDE = 256

# what a difference of the two recurrences is multiplied with: below 2^-31, so that no float is 1
NORMS = {"float16": float(np.float16(3.0458e-05)), "float32": np.float32(4.6566126e-10), "float64": 2.0**-31}
TOO_MANY = "rng_mrg does not support more than 2**31 - 1 samples in one array: draw them in several"
BAD_SIZE = "every length in size must be 0 or more"


@cache
def jump_matrices(k):
    """Give the matrices, modulo ``M1`` and ``M2``, of a jump over ``2**k`` numbers.

    Parameters
    ----------
    k : int
        0 or more.

    Returns
    -------
    A1, A2 : int64 array, shape (3, 3)
    """
    if k == 0:
        return tuple(np.array(A, dtype="int64") for A in ONE_STEP)
    return tuple(_product(A, A, m) for A, m in zip(jump_matrices(k - 1), (M1, M2), strict=True))


def jump(states, k):
    """Give the states ``2**k`` numbers further on.

    Parameters
    ----------
    states : int array, shape (n, 6) or (6,)
    k : int

    Returns
    -------
    int32 array
        Of the same shape.
    """
    halves = [
        _product(states[..., :3], jump_matrices(k)[0].T, M1),
        _product(states[..., 3:], jump_matrices(k)[1].T, M2),
    ]
    return np.concatenate(halves, axis=-1).astype("int32")


def streams(state, n, k=72):
    """Give the starts of ``n`` streams ``2**k`` numbers apart, the first at ``state``.

    Parameters
    ----------
    state : int array, shape (6,)
    n : int
        1 or more.
    k : int, optional

    Returns
    -------
    int32 array, shape (n, 6)

    Examples
    --------
    >>> streams(np.full(6, 12345), 2)[:, 0].tolist()
    [12345, 1613322692]
    """
    starts = np.asarray(state, dtype="int32")[None]
    while len(starts) < n:
        starts = np.concatenate([starts, jump(starts, k)])
        k += 1
    return starts[:n].copy()


def advance(states):
    """Give each state's next state.

    Parameters
    ----------
    states : int32 array, shape (n, 6)

    Returns
    -------
    int32 array, shape (n, 6)
    """
    x1, x2, x3, y1, y2, y3 = (column.astype("int64") for column in states.T)
    x = ((x2 << 22) + (x3 << 7) + x3) % M1
    y = ((y1 << 15) + (y3 << 15) + y3) % M2
    return np.stack([x, x1, x2, y, y1, y2], axis=1).astype("int32")


def floats(states, dtype):
    """Give the number that each state stands for.

    Parameters
    ----------
    states : int32 array, shape (n, 6)
    dtype : {"float16", "float32", "float64"}

    Returns
    -------
    array, shape (n,)
        In the open interval (0, 1).
    """
    difference = states[:, 0].astype("int64") - states[:, 3]
    difference[difference <= 0] += M1
    if dtype == "float16":
        return (((difference & 0x7FFF) + 1) * NORMS[dtype]).astype(dtype)
    return difference.astype(dtype) * NORMS[dtype]


class Uniform(Op):
    """Uniform random numbers in (0, 1) and the states after them.

    Parameters
    ----------
    output_type : TensorType
        Gives the numbers' dtype, float16, float32 or float64, and their number of dimensions.
    inplace : bool, optional
        Whether the states are overwritten.
    """

    __props__ = ("output_type", "inplace")

    def __init__(self, output_type, inplace=False):
        self.output_type, self.inplace = output_type, inplace
        if inplace:
            self.destroy_map = {0: [0]}

    def make_node(self, states, size):
        """Check the inputs: ``states`` an int32 matrix of shape (n, 6), ``size`` an integer vector.

        Raises
        ------
        TypeError
            For other kinds of inputs, or a dtype that is no float's.
        """
        states, size = pt.as_tensor(states), _lengths(size)
        if self.output_type.dtype not in NORMS:
            raise TypeError(f"random numbers must be of {', '.join(NORMS)}, got {self.output_type.dtype}: cast them")
        if states.type.ndim != 2 or states.type.dtype != "int32":
            raise TypeError(f"states must be an int32 matrix, got {states.type}: take what streams() gives")
        numbers = pt.tensor(dtype=self.output_type.dtype, shape=self._static(size))
        return Apply(self, [states, size], [states.type(), numbers])

    def _static(self, size):
        lengths = [pt.get_underlying_scalar_constant_value(n, raise_not_constant=False) for n in self._entries(size)]
        return [1 if isinstance(n, int | np.number | np.ndarray) and n == 1 else None for n in lengths]

    def _entries(self, size):
        return [size[i] for i in range(self.output_type.ndim)]

    def perform(self, node, inputs, output_storage):
        states, size = inputs
        shape = tuple(int(n) for n in size)
        count = _count(shape)
        if not self.inplace:
            states = states.copy()
        numbers = np.empty(count, dtype=self.output_type.dtype)
        for start in range(0, count, len(states)):
            part = numbers[start : start + len(states)]
            states[: len(part)] = advance(states[: len(part)])
            part[:] = floats(states[: len(part)], part.dtype.name)
        output_storage[0][0] = states
        output_storage[1][0] = numbers.reshape(shape)

    def pullback(self, inputs, outputs, cotangents):
        return [grad_undefined(self, i, v, "no gradient goes through random numbers") for i, v in enumerate(inputs)]

    @_pytensor.infer_shape
    def infer_shape(self, node, shapes):
        return [shapes[0], tuple(self._entries(node.inputs[1]))]


def _product(A, B, m):
    """Multiply two matrices of numbers below ``m < 2**31``, modulo ``m``, in 64 bits."""
    A, B = np.asarray(A, dtype="int64"), np.asarray(B, dtype="int64")
    return sum(A[..., j, None] * B[j] % m for j in range(3)) % m


def _lengths(size):
    size = pt.as_tensor(size)
    if size.type.shape == (0,):
        size = pt.as_tensor(np.zeros(0, dtype="int64"))
    if size.type.ndim != 1 or size.type.dtype not in integer_dtypes:
        raise TypeError(f"size must be a vector of integers, got {size.type}: give the length of each dimension")
    return size


def _count(shape):
    count = 1
    for n in shape:
        count *= n
    if min(shape, default=0) < 0:
        raise ValueError(BAD_SIZE)
    if count > MOST:
        raise ValueError(TOO_MANY)
    return count


@njit
def checked_count(size):
    """Count the numbers of an array; as a float too, which cannot overflow."""
    count, estimate = np.int64(1), 1.0
    for n in size:
        if n < 0:
            raise ValueError(BAD_SIZE)
        count *= np.int64(n)
        estimate *= n
    if estimate > MOST:
        raise ValueError(TOO_MANY)
    return count


@njit
def next_x(x2, x3):
    """:math:`x_n` of two earlier ones in ``[0, M1)``: the bits above the 31st count as many ones."""
    t = (x2 << 22) + (x3 << 7) + x3
    t = (t & M1) + (t >> 31)
    return t - M1 if t >= M1 else t


@njit
def next_y(y1, y3):
    """:math:`y_n` of two earlier ones in ``[0, M2)``: each of the bits above the 31st counts 21069."""
    t = (y1 << 15) + (y3 << 15) + y3
    t = (t & M1) + 21069 * (t >> 31)
    return t - M2 if t >= M2 else t


@njit
def draw(states, numbers, norm):
    """Overwrite ``states`` and fill ``numbers``, some streams at a time.

    The numbers of some streams lie side by side, those of one stream far apart.
    """
    n, count = len(states), len(numbers)
    x1, x2, x3, y1, y2, y3 = np.empty((6, SIDE_BY_SIDE), np.int64)
    for first in range(0, min(n, count), SIDE_BY_SIDE):
        some = states[first : first + SIDE_BY_SIDE]
        for s in range(len(some)):
            x1[s], x2[s], x3[s] = some[s, 0] % M1, some[s, 1] % M1, some[s, 2] % M1
            y1[s], y2[s], y3[s] = some[s, 3] % M2, some[s, 4] % M2, some[s, 5] % M2
        for start in range(first, count, n):
            for s in range(min(len(some), count - start)):
                x, y = next_x(x2[s], x3[s]), next_y(y1[s], y3[s])
                x1[s], x2[s], x3[s] = x, x1[s], x2[s]
                y1[s], y2[s], y3[s] = y, y1[s], y2[s]
                numbers[start + s] = x - y + M1 if x <= y else x - y
                numbers[start + s] *= norm
        for s in range(len(some)):
            some[s, 0], some[s, 1], some[s, 2] = x1[s], x2[s], x3[s]
            some[s, 3], some[s, 4], some[s, 5] = y1[s], y2[s], y3[s]


@_pytensor.numba_kernel(Uniform)
def uniform_kernel(op, node):
    ndim, inplace, dtype = op.output_type.ndim, op.inplace, np.dtype(op.output_type.dtype)
    norm = NORMS[dtype.name]

    @njit
    def uniform(states, size):
        checked_count(size)
        after = states if inplace else states.copy()
        numbers = np.empty(to_fixed_tuple(size, ndim), dtype)
        draw(after, numbers.reshape(-1), norm)
        return after, numbers

    return uniform
