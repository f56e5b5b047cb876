"""Random numbers as expressions: a state of NumPy's Mersenne Twister goes in, the next state and the numbers come out.

:mod:`ptembed.theano.tensor.shared_randomstreams` keeps the states in shared variables. Read
:mod:`ptembed.theano.tensor.random_function` for what draws the numbers.
"""

import warnings

import numpy as np
from pytensor.graph.basic import Constant

from ptembed import theano
from ptembed.theano import gof, scalar, tensor
from ptembed.theano.configparser import config
from ptembed.theano.tensor import basic
from ptembed.theano.tensor.random_function import (
    RandomFunction,
    RandomStateType,
    random_make_inplace,
    random_state_type,
)
from ptembed.theano.tensor.type import TensorType

__all__ = [
    "RandomFunction",
    "RandomStateType",
    "RandomStreamsBase",
    "binomial",
    "choice",
    "choice_helper",
    "gof",
    "multinomial",
    "multinomial_helper",
    "normal",
    "np",
    "permutation",
    "permutation_helper",
    "poisson",
    "probability",
    "random_integers",
    "random_integers_helper",
    "random_make_inplace",
    "random_state_type",
    "tensor",
    "theano",
    "uniform",
]

as_tensor = basic.as_tensor_variable
for _moved in (RandomFunction, RandomStateType):
    _moved.__module__ = __name__  # which pickles name


def _infer_ndim_bcast(ndim, shape, *args):
    """What is known, while the graph is built, of the shape of random numbers.

    Parameters
    ----------
    ndim : int or None
    shape : sequence of integers or integer scalars, integer vector, or None
        -1 stands for the length of the args there; None for the shape of all args broadcast together.
    *args : tensor variables

    Returns
    -------
    ndim : int
    shape : vector of int64
    broadcastable : tuple of bool

    Raises
    ------
    TypeError
        If ``shape`` is no vector of integers, or None and there are no args.
    ValueError
        If it does not agree with ``ndim`` or the args.
    """
    if shape is None:
        if not args:
            raise TypeError("These random numbers have no arguments with a shape: size must be given.")
        ndim = max(x.ndim for x in args)
        shape = (-1,) * ndim
    if isinstance(shape, tuple | list):
        if ndim not in (None, len(shape)):
            raise ValueError(f"ndim must be the length of size, got ndim={ndim} and size={tuple(shape)}.")
        ndim = len(shape)
        lengths = [_length(n, i - ndim, args) for i, n in enumerate(shape)]
        bcast = tuple(broadcastable for _, broadcastable in lengths)
        shape = basic.stack([n for n, _ in lengths]) if lengths else as_tensor(np.zeros(0, "int64"))
    else:
        shape = as_tensor(shape)
        if ndim is None and shape.ndim == 1:
            ndim = basic.get_vector_length(shape)
        bcast = (False,) * (ndim or 0)
    if shape.ndim != 1:
        raise TypeError(f"The size of random numbers must be a vector or a list of scalars, got {shape.type}.")
    if shape.dtype not in basic.integer_dtypes:
        raise TypeError(f"The size of random numbers must be of integers, got {shape.dtype}.")
    needed = max((x.ndim for x in args), default=0)
    if needed > ndim:
        raise ValueError(f"size must have at least as many dimensions as the arguments, {needed}; got {ndim}.")
    return ndim, basic.cast(shape, "int64"), tuple(bcast)


def _length(n, axis, args):
    """The length along ``axis``, counted from the right, and whether it is known to be 1."""
    if hasattr(n, "type"):
        return n, False
    if n >= 0:
        return as_tensor(n), n == 1
    if n != -1:
        raise ValueError(f"A length must not be negative, other than -1 for that of the arguments; got {n}.")
    there = [x for x in args if x.ndim >= -axis]
    if not there:
        raise ValueError(f"A length of -1 is that of the arguments, but none has an axis {axis}: give the length.")
    for x in there:
        if not x.broadcastable[axis]:
            return x.shape[axis], False
    return as_tensor(1), True


def _generate_broadcasting_indices(out_shape, *shapes):
    """All indices of ``out_shape``, and for each of ``shapes`` those of the elements that are broadcast there.

    Returns
    -------
    list of list of tuple
        One list for ``out_shape`` and one for each of ``shapes``.

    Raises
    ------
    ValueError
        If a length is neither 1 nor that of ``out_shape``.
    """
    out_shape = tuple(out_shape)
    shapes = [tuple(shape[: len(out_shape)]) for shape in shapes]
    for shape in shapes:
        if any(n not in (1, m) for n, m in zip(shape, out_shape, strict=True)):
            raise ValueError(f"A shape must be {out_shape}, or 1 where it is broadcast, got {shape}.")
    indices = list(np.ndindex(out_shape))
    read = [[tuple(0 if n == 1 else i for i, n in zip(at, s, strict=True)) for at in indices] for s in shapes]
    return [indices, *read]


def uniform(random_state, size=None, low=0.0, high=1.0, ndim=None, dtype=None):
    """Uniform numbers in [low, high).

    Parameters
    ----------
    random_state : RandomStateType variable
    size : sequence of integers or scalars, or integer vector, optional
        The shape of the numbers; that of the other arguments by default.
    low, high : tensors
        Broadcast to ``size``.
    ndim : int, optional
        The length of ``size`` where that cannot be known.
    dtype : str, optional
        By default that of ``low`` and ``high``, at least ``floatX``.

    Returns
    -------
    random_state, numbers
    """
    return _floats("uniform", random_state, size, low, high, ndim, dtype)


def normal(random_state, size=None, avg=0.0, std=1.0, ndim=None, dtype=None):
    """Normal numbers of mean ``avg`` and standard deviation ``std``; the rest is as for :func:`uniform`."""
    return _floats("normal", random_state, size, avg, std, ndim, dtype)


def _floats(fn, random_state, size, a, b, ndim, dtype):
    a, b = as_tensor(a), as_tensor(b)
    if dtype is None:
        dtype = scalar.upcast(config.floatX, a.dtype, b.dtype)
    ndim, size, bcast = _infer_ndim_bcast(ndim, size, a, b)
    return RandomFunction(fn, TensorType(dtype, bcast))(random_state, size, a, b)


def binomial(random_state, size=None, n=1, p=0.5, ndim=None, dtype="int64", prob=None):
    """How many of ``n`` trials succeed, with probability ``p`` in [0, 1] each; the rest is as for :func:`uniform`."""
    n, p = as_tensor(n), probability(_renamed(p, prob))
    ndim, size, _ = _infer_ndim_bcast(ndim, size, n, p)
    return RandomFunction("binomial", TensorType(dtype, (False,) * ndim))(random_state, size, n, p)


def probability(p):
    """Give ``p`` as a variable.

    Raises
    ------
    ValueError
        For numbers outside of [0, 1], where they are known.
    """
    p = as_tensor(p)
    if isinstance(p, Constant) and not ((p.data >= 0) & (p.data <= 1)).all():
        raise ValueError(f"p must lie in [0, 1], got {p.data}")
    return p


def _renamed(p, prob):
    if prob is None:
        return p
    warnings.warn("the argument prob of binomial is called p", DeprecationWarning, stacklevel=3)
    return prob


def random_integers_helper(random_state, low, high, size):
    """Draw integers from ``low`` to ``high``, both included, for arrays ``low`` and ``high``.

    Raises
    ------
    ValueError
        If ``low`` or ``high`` cannot be broadcast to ``size``, or ``low`` is above ``high``.
    """
    size = np.broadcast_shapes(low.shape, high.shape) if size is None else tuple(size)
    above = np.add(high, 1, dtype=np.result_type(high, np.int64)).astype(np.int64)
    low, above = np.broadcast_to(low.astype(np.int64), size), np.broadcast_to(above, size)
    return random_state.randint(low, above, dtype=np.int64)


def random_integers(random_state, size=None, low=0, high=1, ndim=None, dtype="int64"):
    """Integers from ``low`` to ``high``, both included; the rest is as for :func:`uniform`."""
    low, high = as_tensor(low), as_tensor(high)
    ndim, size, bcast = _infer_ndim_bcast(ndim, size, low, high)
    return RandomFunction(random_integers_helper, TensorType(dtype, bcast))(random_state, size, low, high)


def choice_helper(random_state, a, replace, p, size):
    """``random_state.choice`` where an empty ``p`` means that all are equally probable.

    Raises
    ------
    ValueError
        If ``a`` is no number or vector, or ``p`` no vector.
    """
    if a.ndim > 1:
        raise ValueError(f"a must be a number or a vector, got {a.ndim} dimensions.")
    if p.ndim != 1:
        raise ValueError(f"p must be a vector, got {p.ndim} dimensions.")
    return random_state.choice(a, size, bool(replace), p if p.size else None)


def choice(random_state, size=None, a=2, replace=True, p=None, ndim=None, dtype="int64"):
    """Elements of the vector ``a``, or of 0, ..., a - 1.

    Parameters
    ----------
    random_state, size, ndim : as for :func:`uniform`; ``size`` must be given
    a : vector or integer
    replace : bool or integer scalar
        Whether an element may be drawn again.
    p : vector, optional
        The probability of each element; all are equally probable by default.
    dtype : str

    Returns
    -------
    random_state, numbers
    """
    replace = as_tensor(np.int8(replace) if isinstance(replace, bool) else replace)
    p = as_tensor([] if p is None or (isinstance(p, int) and not p) else p)
    ndim, size, bcast = _infer_ndim_bcast(ndim, size)
    return RandomFunction(choice_helper, TensorType(dtype, bcast))(random_state, size, as_tensor(a), replace, p)


def poisson(random_state, size=None, lam=1.0, ndim=None, dtype="int64"):
    """Poisson counts of expectation ``lam`` >= 0; ``size`` must be given, the rest is as for :func:`uniform`."""
    ndim, size, bcast = _infer_ndim_bcast(ndim, size)
    return RandomFunction("poisson", TensorType(dtype, bcast))(random_state, size, as_tensor(lam))


def permutation_helper(random_state, n, shape):
    """Permutations of 0, ..., n - 1 along a further axis of ``shape``; ``n`` is an array without dimensions."""
    if n.shape != ():
        raise ValueError(f"n must be a scalar, got shape {n.shape}.")
    n, shape = int(n), tuple(shape or ())
    found = np.empty((*shape, n), int)
    for at in np.ndindex(shape):
        found[at] = random_state.permutation(n)
    return found


def permutation(random_state, size=None, n=1, ndim=None, dtype="int64"):
    """Permutations of 0, ..., n - 1: as many as ``size`` says, in an array of shape ``(*size, n)``.

    Parameters
    ----------
    random_state, size, ndim : as for :func:`uniform`; one permutation, a vector, where ``size`` is None or ()
    n : integer scalar
    dtype : str

    Returns
    -------
    random_state, numbers

    Raises
    ------
    TypeError
        If ``size`` is None or () and ``ndim`` neither None nor 1.
    """
    if size is None or (isinstance(size, tuple) and not size):
        if ndim not in (None, 1):
            raise TypeError(f"One permutation is a vector: ndim must be 1 where no size is given, got {ndim}.")
        size, bcast = (), ()
    else:
        _, size, bcast = _infer_ndim_bcast(ndim, size)
    op = RandomFunction(permutation_helper, TensorType(dtype, (*bcast, False)), ndim_added=1)
    return op(random_state, size, n)


def multinomial_helper(random_state, n, pvals, size):
    """Draw counts for each row of ``pvals`` broadcast to ``(*size, L)`` and each ``n`` broadcast to ``size``.

    A row that sums to a little over 1, as rows of float32 do, or whose last entry is 0, is made smaller by 5e-5.

    Raises
    ------
    ValueError
        If shapes do not agree, or a row is not of probabilities.
    """
    rows = pvals.shape[:-1]
    size = np.broadcast_shapes(n.shape, rows) if size is None else tuple(size)
    if pvals.size and not pvals.min() >= 0:
        raise ValueError(f"pvals must not be negative, got {pvals.min()}.")
    n, pvals = np.broadcast_to(n, size), np.broadcast_to(pvals, (*size, pvals.shape[-1]))
    counts = np.empty(pvals.shape)
    for at in np.ndindex(size):
        counts[at] = random_state.multinomial(n[at], _probabilities(pvals[at]).astype("float64"))
    return counts


def _probabilities(row):
    total = float(row.sum())
    if 1.0 < total < 1.0 + 1e-5 or float(row[-1]) < 5e-5:
        row = row * row.dtype.type(1.0 - 5e-5)
        total = float(row.sum())
    if not total <= 1.0:
        raise ValueError(f"Each row of pvals must sum to 1, got {total}.")
    return row


def multinomial(random_state, size=None, n=1, pvals=(0.5, 0.5), ndim=None, dtype="int64"):
    """Counts of ``n`` draws from the L outcomes whose probabilities are the last axis of ``pvals``.

    Parameters
    ----------
    random_state, size, ndim : as for :func:`uniform`; a length of -1 is that of ``pvals`` there, without its last axis
    n : integer tensor, broadcast to ``size``
    pvals : tensor, shape (..., L)
    dtype : str

    Returns
    -------
    random_state, numbers
        Of shape ``(*size, L)``.
    """
    n, pvals = as_tensor(n), as_tensor(pvals)
    ndim, size, bcast = _infer_ndim_bcast(ndim, size, n, pvals[..., 0])
    outtype = TensorType(dtype, (*bcast, pvals.broadcastable[-1]))
    return RandomFunction(multinomial_helper, outtype, ndim_added=1)(random_state, size, n, pvals)


class RandomStreamsBase:
    """The distributions as methods; a subclass defines ``gen(draw, *args, **kwargs)``, which supplies the state."""

    def binomial(self, size=None, n=1, p=0.5, ndim=None, dtype="int64", prob=None):
        """See :func:`binomial`."""
        return self.gen(binomial, size, n, _renamed(p, prob), ndim=ndim, dtype=dtype)

    def uniform(self, size=None, low=0.0, high=1.0, ndim=None, dtype=None):
        """See :func:`uniform`."""
        return self.gen(uniform, size, low, high, ndim=ndim, dtype=dtype)

    def normal(self, size=None, avg=0.0, std=1.0, ndim=None, dtype=None):
        """See :func:`normal`."""
        return self.gen(normal, size, avg, std, ndim=ndim, dtype=dtype)

    def random_integers(self, size=None, low=0, high=1, ndim=None, dtype="int64"):
        """See :func:`random_integers`."""
        return self.gen(random_integers, size, low, high, ndim=ndim, dtype=dtype)

    def choice(self, size=None, a=2, replace=True, p=None, ndim=None, dtype="int64"):
        """See :func:`choice`."""
        return self.gen(choice, size, a, replace, p, ndim=ndim, dtype=dtype)

    def poisson(self, size=None, lam=None, ndim=None, dtype="int64"):
        """See :func:`poisson`."""
        return self.gen(poisson, size, lam, ndim=ndim, dtype=dtype)

    def permutation(self, size=None, n=1, ndim=None, dtype="int64"):
        """See :func:`permutation`."""
        return self.gen(permutation, size, n, ndim=ndim, dtype=dtype)

    def multinomial(self, size=None, n=1, pvals=(0.5, 0.5), ndim=None, dtype="int64"):
        """See :func:`multinomial`."""
        return self.gen(multinomial, size, n, pvals, ndim=ndim, dtype=dtype)

    def shuffle_row_elements(self, input):
        """``input`` with each row, along the last axis, shuffled; ``.permutation`` of the result is the order."""
        order = self.permutation(size=input.shape[:-1], n=input.shape[-1], ndim=input.ndim - 1)
        shuffled = basic.permute_row_elements(input, order)
        shuffled.permutation = order
        return shuffled
