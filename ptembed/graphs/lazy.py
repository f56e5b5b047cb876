r"""One formula for rows and for dense parameters: what all optimizers share.

An optimizer is a formula that takes values :math:`w`, their gradient :math:`g` and a few histories to their new
values. :func:`lazily` applies it to the rows that a step reads, and to dense parameters as a whole. Of a matrix, the
histories are gathered at the rows read, and written back there: :math:`O(k d)` a step, and the history of other rows
does not move. This is *lazy*: a row is changed by the steps that read it and by no other, and counts its own steps.

In a call with rows or with a guard, nothing is written before all gradients are computed and checked, so that a step
that fails there, or by a row number out of range, changes nothing. The updates of dense parameters alone are plain
expressions, as one would write them.

Read next: :mod:`ptembed.graphs.updates`.
"""

import numbers
from typing import Any, NamedTuple

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.gradient import DisconnectedGrad, ZeroGrad
from pytensor.graph.traversal import ancestors
from pytensor.tensor import TensorVariable
from pytensor.tensor.shape import Shape, Shape_i

from ptembed import ops, rewrites  # noqa: F401  registers the rewrites
from ptembed.graphs.rows import Rows, listed
from ptembed.kinds import Symbol

__all__ = ["PerStep", "gradients", "lazily", "per_row"]

BELOW_ONE = {"beta1", "beta2", "momentum", "rho"}


def per_row(value: Symbol = 0.0) -> Any:
    """Describe a history of one number a row, ``value`` at first; in a formula it has shape (k, 1, ...)."""
    return lambda W: np.full(W.shape[:1], value, W.dtype)


class PerStep(NamedTuple):
    """Describe a history that depends on the number of steps alone, ``value`` at first.

    The rows of a lookup matrix take steps of their own, so each has a number, as of :func:`per_row`. A dense parameter
    takes every step as a whole, and has one number in all.
    """

    value: float = 0.0


def _like(value):
    # np.zeros leaves the memory of rows untouched that are never read
    return lambda W: np.zeros(W.shape, W.dtype) if value == 0 else np.full(W.shape, value, W.dtype)


def lazily(
    formula: Symbol,
    loss: Symbol,
    params: Symbol,
    histories: Symbol,
    *,
    guard: bool = False,
    constraint: Symbol = None,
    **hyper: Any,
) -> dict[Any, Any]:
    """Apply a formula to the rows that a step reads and to dense parameters.

    Parameters
    ----------
    formula : callable
        ``formula(w, g, *histories, **hyper)`` gives the new ``w``, or a tuple of it and the new histories. ``w`` has
        shape (k, ...) for rows, the parameter's own for dense ones; numbers come as Python floats and symbolic
        scalars in the dtype of ``w``.
    loss : scalar expression, or list of expressions
        The loss, or its gradients, one for each of ``params`` (see :func:`gradients`).
    params : Rows, shared variable, or list of both
        What to update.
    histories : dict
        For each history its name and how it begins: a number, for a history in the shape of the parameter; or a
        function of the parameter's value, such as :func:`per_row` gives; or :class:`PerStep`. The shared variable is
        named ``<parameter>_<name>``.
    guard : bool
        Check that the gradients are finite. Where one is not, the compiled function raises ``FloatingPointError``
        naming the matrix and the row, and nothing is written.
    constraint : callable, optional
        From new values ``w``, shape (k, ...), to those that are written, for instance ``max_norm(1.0)``.
    **hyper : number or scalar expression
        The formula's hyper-parameters.

    Returns
    -------
    dict
        Each shared variable and its new value.

    Raises
    ------
    TypeError
        When a parameter or a hyper-parameter is of the wrong kind.
    ValueError
        When a parameter is given twice, is not part of the loss, is read by it in a way that the gradient misses, or a
        gradient does not fit it.
    """
    params = listed(params)
    _check_params(params)
    hyper = {name: _hyper(name, value) for name, value in hyper.items()}
    grads = loss if isinstance(loss, list | tuple) else gradients(loss, params)
    grads = _fitting(grads, params)
    held = guard or any(isinstance(p, Rows) for p in params)
    if held:
        grads = _ready(grads, params, guard)
    updates: dict[Any, Any] = {}
    for p, g in zip(params, grads, strict=True):
        updates |= _update(formula, p, g, histories, hyper, constraint or (lambda w: w), held)
    return updates


def gradients(loss: Symbol, params: Symbol) -> list[Any]:
    """Differentiate a loss by the rows that it reads and by dense parameters.

    Parameters
    ----------
    loss : scalar expression
    params : Rows, shared variable, or list of both

    Returns
    -------
    list of tensors
        One for each of ``params``: shape (k, ...) for rows, repeats added; the parameter's own shape for dense ones.

    Raises
    ------
    TypeError
        When the loss is no scalar.
    ValueError
        When the loss does not depend on a parameter, or reads a matrix beside its :class:`Rows`.

    Examples
    --------
    >>> from ptembed.graphs import rows
    >>> W = pytensor.shared(np.eye(2), name="W")
    >>> r = rows(W, [1, 1])
    >>> gradients(r.values.sum(), r)[0].eval()
    array([[2., 2.]])
    """
    params = listed(params)
    loss = pt.as_tensor(loss)
    if loss.type.ndim != 0:
        raise TypeError(f"the loss must be a scalar, got {loss.type}: take its sum or its mean")
    for p in params:
        if isinstance(p, Rows) and _reads(loss, p.W, besides=p.part):
            raise ValueError(
                f"the loss must read {p.W} through the values of one Rows only, got another read, whose gradient would "
                f"be lost: give all its index tensors to one call of rows, or wrap the read in disconnected_grad"
            )
    variables = [_variable(p) for p in params]
    grads: Any = pytensor.grad(loss, variables, disconnected_inputs="ignore", return_disconnected="none")
    for p, g in zip(params, grads, strict=True):
        if g is None:
            raise ValueError(
                f"the loss must depend on each parameter, got {_shared(p)} on which it does not: "
                f"build it on the values of the Rows, or leave the parameter out"
            )
    return grads


def _variable(p):
    return p.part if isinstance(p, Rows) else p


def _shared(p):
    return p.W if isinstance(p, Rows) else p


def _check_params(params):
    seen = set()
    for p in params:
        W = _shared(p)
        if not isinstance(W, SharedVariable) or not isinstance(W, TensorVariable):
            got = getattr(W, "type", type(W).__name__)
            raise TypeError(f"params must be Rows or shared tensors, got {got}: make them with rows or pytensor.shared")
        if W.type.dtype not in pt.type.float_dtypes:
            raise TypeError(f"{W} must hold floats to be trained, got dtype {W.type.dtype}: make it with a float dtype")
        if W in seen:
            raise ValueError(
                f"{W} must be given once, got it twice: give all its index tensors to one call of rows, "
                f"whose gradients then add"
            )
        seen.add(W)


def _hyper(name, value):
    """Give a number as a Python float and leave a symbolic scalar as it is."""
    if isinstance(value, TensorVariable) and value.type.ndim == 0:
        return value
    if not isinstance(value, numbers.Real | np.ndarray) or np.ndim(value) != 0:
        got = getattr(value, "type", repr(value))
        raise TypeError(f"{name} must be a number or a symbolic scalar, got {got}")
    limit = 1 if name in BELOW_ONE else np.inf
    if not 0 <= value < limit:
        raise ValueError(f"{name} must lie in [0, {limit}), got {value}")
    return float(value)


def _fitting(grads, params):
    if len(grads) != len(params):
        raise ValueError(f"there must be one gradient for each of {len(params)} params, got {len(grads)}")
    grads = [pt.as_tensor(g) for g in grads]
    for g, p in zip(grads, params, strict=True):
        if g.type.ndim != _variable(p).type.ndim:
            raise ValueError(
                f"the gradient of {_shared(p)} must have rank {_variable(p).type.ndim}, got {g.type}: "
                f"for Rows, differentiate by their part"
            )
    return [pt.cast(g, _shared(p).type.dtype) for g, p in zip(grads, params, strict=True)]


def _ready(grads, params, guard):
    """Hold every gradient back until no check can fail any more."""
    ids = [p.ids for p in params if isinstance(p, Rows)]
    if guard:
        grads = [ops.finite(g, _row_names(p), _shared(p).name or "W") for g, p in zip(grads, params, strict=True)]
    return ops.together(grads, ids) if len(params) > 1 else grads


def _row_names(p):
    if isinstance(p, Rows):
        return p.ids
    return pt.arange(p.shape[0] if p.type.ndim else 1)


def _reads(loss, W, besides):
    """Tell whether a gradient could flow from ``loss`` to ``W`` by a way that avoids the variable ``besides``."""
    stack, seen = [loss], {besides}
    while stack:
        x = stack.pop()
        if x is W:
            return True
        if x in seen or x.owner is None or isinstance(x.owner.op, Shape | Shape_i | DisconnectedGrad | ZeroGrad):
            continue
        seen.add(x)
        stack.extend(x.owner.inputs)
    return False


def _update(formula, p, g, histories, hyper, constraint, held):
    W = _shared(p)
    shared = [_history(p, name, start) for name, start in histories.items()]
    w, *parts = _values(p, g, shared, held)
    with pytensor.config.change_flags(floatX=W.type.dtype):  # what a Python float becomes beside w
        scalars = {k: v if isinstance(v, float) else pt.cast(v, W.type.dtype) for k, v in hyper.items()}
        new = formula(w, g, *(_padded(h, g) for h in parts), **scalars)
        new = list(new) if isinstance(new, tuple) else [new]
        new[0] = constraint(new[0])
    return {H: _write(p, H, n, g) for H, n in zip([W, *shared], new, strict=True)}


def _values(p, g, shared, held):
    """Give the values of a parameter and of its histories: copies of rows, or a dense one itself."""
    if isinstance(p, Rows):
        return [p.part, *(H[p.ids] for H in shared)]
    # what is computed from a dense one may overwrite it, so not before the gradient is there
    return ops.together([p, *shared], [g]) if held else [p, *shared]


def _history(p, name, start):
    W = _shared(p)
    if isinstance(start, PerStep):
        value = np.full(W.get_value(borrow=True).shape[:1] if isinstance(p, Rows) else (), start.value, W.dtype)
    else:
        value = (start if callable(start) else _like(start))(W.get_value(borrow=True))
    return pytensor.shared(value, name=f"{W.name or 'W'}_{name}", shape=W.type.shape[: value.ndim], borrow=True)


def _padded(h, g):
    return pt.shape_padright(h, g.type.ndim - h.type.ndim) if h.type.ndim < g.type.ndim else h


def _write(p, H, new, g):
    new = pt.cast(new, H.type.dtype)
    if new.type.ndim > H.type.ndim:
        new = pt.squeeze(new, axis=tuple(range(H.type.ndim, new.type.ndim)))
    return pt.set_subtensor(H[p.ids], _after(g, new)) if isinstance(p, Rows) else new


def _after(g, new):
    """Hold back new values that do not depend on the gradient, such as a count."""
    return new if g in ancestors([new], blockers=[g]) else ops.together([new], [g])[0]
