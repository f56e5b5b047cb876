r"""Pooling by NumPy: for each place in the window, one pass over the numbers that are there in all windows.

The routines are those of :mod:`ptembed.ops.pooling_loops`, with the same arguments, and for any number of pooled
dimensions. As numbers are taken in the same order, results are the same. A routine needs no compiler, and takes
:math:`\prod_i w_i` passes of a few operations each.
"""

from itertools import product

import numpy as np

from ptembed.ops.pooling_loops import counts

__all__ = [
    *("pool_max", "pool_mean", "pool_mean_padded", "pool_sum", "rop_max"),
    *("grad_max", "grad_mean", "grad_mean_padded", "grad_sum", "grad_grad_max"),
]


def places(spec):
    """Give, for each place in the window, the windows that have it inside, and the numbers there: two indices."""
    each = []
    for D, Z, w, s, p in spec.T.tolist():
        first = [max(0, -((k - p) // s)) for k in range(w)]
        last = [max(j, min(Z, (D - 1 + p - k) // s + 1)) for k, j in enumerate(first)]
        ends = enumerate(zip(first, last, strict=True))
        each.append([(slice(j, e), slice(j * s + k - p, e * s + k - p, s)) for k, (j, e) in ends])
    return [tuple((..., *index) for index in zip(*place, strict=True)) for place in product(*each)]


def zeros(spec, x):
    """Give a result of zeros."""
    return np.zeros((len(x), *spec[1]), x.dtype)


def first_of_each(spec, x):
    """Give the first number of each window."""
    if 0 in spec[1]:
        return zeros(spec, x)
    starts = [np.maximum(np.arange(Z) * s - p, 0) for _, Z, _, s, p in spec.T.tolist()]
    return np.ascontiguousarray(x[(..., *np.ix_(*starts))])


def pool_max(spec, x, _x, _y):
    floats = x.dtype.kind == "f"
    z = np.full((len(x), *spec[1]), np.nan if floats else np.iinfo(x.dtype).min, x.dtype)
    for windows, numbers in places(spec):
        np.fmax(z[windows], x[numbers], out=z[windows])
    if floats:
        z[np.isnan(first_of_each(spec, x))] = np.nan
    return z


def pool_sum(spec, x, _x, _y):
    z = zeros(spec, x)
    for windows, numbers in places(spec):
        z[windows] += x[numbers]
    return z


def divided(spec, z, padded):
    """Give ``z``, a result, divided by how many numbers each window holds."""
    each = counts.py_func(spec, padded).reshape(spec[1]).astype(z.dtype)
    return np.divide(z, each, out=np.empty_like(z), casting="unsafe")


def pool_mean(spec, x, _x, _y):
    return divided(spec, pool_sum(spec, x, x, x), False)


def pool_mean_padded(spec, x, _x, _y):
    return divided(spec, pool_sum(spec, x, x, x), True)


def rop_max(spec, x, v, _v):
    z, y = first_of_each(spec, x), first_of_each(spec, v)
    for windows, numbers in places(spec):
        larger = x[numbers] > z[windows]
        np.copyto(z[windows], x[numbers], where=larger)
        np.copyto(y[windows], v[numbers], where=larger)
    return y


def grad_max(spec, x, z, g):
    gx = np.zeros_like(x)
    for windows, numbers in reversed(places(spec)):
        gx[numbers] += np.where(x[numbers] == z[windows], g[windows], 0).astype(x.dtype)
    return gx


def grad_sum(spec, x, g, _g):
    gx = np.zeros_like(x)
    for windows, numbers in reversed(places(spec)):
        gx[numbers] += g[windows].astype(x.dtype)
    return gx


def grad_mean(spec, x, g, _g):
    return grad_sum(spec, x, divided(spec, g, False), g)


def grad_mean_padded(spec, x, g, _g):
    return grad_sum(spec, x, divided(spec, g, True), g)


def grad_grad_max(spec, x, z, v):
    y = zeros(spec, x)
    for windows, numbers in places(spec):
        y[windows] += np.where(x[numbers] == z[windows], v[numbers], 0).astype(x.dtype)
    return y
