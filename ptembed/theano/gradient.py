"""Symbolic differentiation."""

import pytensor.gradient
from pytensor.gradient import (
    DisconnectedGrad,
    DisconnectedInputError,
    DisconnectedType,
    GradClip,
    GradientError,
    GradScale,
    NullTypeGradError,
    UndefinedGrad,
    ZeroGrad,
    _float_ones_like,
    _float_zeros_like,
    _is_zero,
    _node_to_pattern,
    _populate_grad_dict,
    _populate_var_to_app_to_idx,
    disconnected_grad,
    disconnected_grad_,
    disconnected_type,
    grad,
    grad_clip,
    grad_not_implemented,
    grad_scale,
    grad_undefined,
    hessian,
    jacobian,
    mode_not_slow,
    numeric_grad,
    subgraph_grad,
    undefined_grad,
    undefined_grad_,
    zero_grad,
    zero_grad_,
)
from pytensor.graph.basic import Variable
from pytensor.graph.null_type import NullType, null_type

from ptembed._pytensor import ROW_READS
from ptembed.theano.compile.mode import get_mode
from ptembed.theano.gof.graph import io_toposort
from ptembed.theano.gof.op import get_debug_values
from ptembed.theano.gof.utils import get_variable_trace_string

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "DisconnectedInputError",
    "DisconnectedType",
    "GradClip",
    "GradScale",
    "GradientError",
    "Lop",
    "NullType",
    "NullTypeGradError",
    "Rop",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "consider_constant_",
    "disconnected_grad",
    "disconnected_grad_",
    "disconnected_type",
    "format_as",
    "get_debug_values",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "hessian",
    "jacobian",
    "mode_not_slow",
    "null_type",
    "numeric_grad",
    "sparse_grad",
    "subgraph_grad",
    "undefined_grad",
    "undefined_grad_",
    "verify_grad",
    "zero_grad",
    "zero_grad_",
]


class ConsiderConstant(ZeroGrad):
    """The identity, whose gradient is zero."""


consider_constant_ = ConsiderConstant()


def consider_constant(x):
    """``x`` as a constant of the gradient: zero flows through it, and nothing is said about that."""
    return consider_constant_(x)


def format_as(use_list: bool, use_tuple: bool, outputs):
    """Give ``outputs`` as a list, as a tuple, or, where neither is wanted, its one element.

    Raises
    ------
    AssertionError
        If both are wanted, or one element is wanted and there are several.
    """
    assert not (use_list and use_tuple), "Both flags cannot be simultaneously True"
    several = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    if use_list or use_tuple:
        return several if use_list else tuple(several)
    assert len(several) == 1, "Wrong arguments. Expected a one element list"
    return several[0]


def _as_list(given, role: str) -> list:
    given = list(given) if isinstance(given, list | tuple) else [given]
    for one in given:
        if not isinstance(one, Variable):
            raise ValueError(f"{role} must be a variable or a list of variables, got {one!r}.")
    return given


def Lop(f, wrt, eval_points, consider_constant=None, disconnected_inputs="raise"):
    """The row vector ``eval_points`` times the Jacobian of ``f`` with respect to ``wrt``.

    Parameters
    ----------
    f, wrt : variable, or list or tuple of them
    eval_points : variable, or list or tuple of as many as ``f``
    consider_constant : list of variables, optional
        What no gradient flows through.
    disconnected_inputs : {'raise', 'warn', 'ignore'}
        What to do about a variable in ``wrt`` that ``f`` does not depend on.

    Returns
    -------
    variable, list or tuple
        As ``wrt``, with the shapes of ``wrt``.
    """
    outputs, points = _as_list(f, "f"), list(eval_points) if isinstance(eval_points, list | tuple) else [eval_points]
    if len(outputs) != len(points):
        raise ValueError(f"f and eval_points must be equally many, got {len(outputs)} and {len(points)}.")
    found = grad(
        cost=None,
        wrt=_as_list(wrt, "wrt"),
        known_grads=dict(zip(outputs, points, strict=True)),
        consider_constant=consider_constant,
        disconnected_inputs=disconnected_inputs,
    )
    return format_as(isinstance(wrt, list), isinstance(wrt, tuple), found)


def Rop(f, wrt, eval_points, disconnected_outputs="raise", return_disconnected="zero"):
    """The Jacobian of ``f`` with respect to ``wrt`` times the column vector ``eval_points``.

    Parameters
    ----------
    f, wrt : variable, or list or tuple of them
    eval_points : variable, or list or tuple of as many as ``wrt``
        With the shapes of ``wrt``.
    disconnected_outputs : {'raise', 'warn', 'ignore'}
        What to do about a variable in ``f`` that does not depend on ``wrt``, or not by differentiable Ops.
    return_disconnected : {'zero', 'none', 'disconnected'}
        What such a variable gives.

    Returns
    -------
    variable, list or tuple
        As ``f``, with the shapes of ``f``.

    Raises
    ------
    ValueError
        If ``wrt`` and ``eval_points`` do not match each other.
    DisconnectedInputError
        See ``disconnected_outputs``.

    Notes
    -----
    An Op without ``R_op`` (``pushforward`` in PyTensor) is differentiated twice backwards.
    """
    outputs, inputs, points = _as_list(f, "f"), _as_list(wrt, "wrt"), _as_list(eval_points, "eval_points")
    if len(inputs) != len(points):
        raise ValueError(f"wrt and eval_points must be equally many, got {len(inputs)} and {len(points)}.")
    for i, (variable, point) in enumerate(zip(inputs, points, strict=True)):
        if getattr(variable.type, "ndim", None) != getattr(point.type, "ndim", None):
            raise ValueError(
                f"Element {i} of wrt and of eval_points must have as many dimensions, "
                f"got {variable.type} and {point.type}."
            )
    tangents = dict(zip(inputs, points, strict=True))
    for node in io_toposort(inputs, outputs):
        if any(v in tangents for v in node.inputs):
            tangents.update(zip(node.outputs, _push(node, tangents), strict=True))
    found = [_tangent_or(v, tangents.get(v), disconnected_outputs, return_disconnected) for v in outputs]
    return format_as(isinstance(f, list), isinstance(f, tuple), found)


def _push(node, tangents):
    """Give the tangents of the outputs of ``node``; a variable that is not in ``tangents`` does not move."""
    moving = {v for v in node.inputs if v in tangents and not isinstance(tangents[v].type, DisconnectedType)}
    if not moving:
        return [disconnected_type() for _ in node.outputs]
    given = [tangents[v] if v in moving else _no_move(v) for v in node.inputs]
    given = [pytensor.gradient._match_tangent_dtype(v, t) for v, t in zip(node.inputs, given, strict=True)]
    try:
        return node.op.pushforward(node.inputs, node.outputs, given)
    except NotImplementedError:
        return pytensor.gradient.pushforward_through_pullback(
            node.outputs, node.inputs, given, disconnected_outputs="ignore", return_disconnected="disconnected"
        )


def _no_move(variable):
    try:
        return variable.zeros_like()
    except Exception:  # a type without a zero
        return disconnected_type()


def _tangent_or(variable, tangent, disconnected_outputs, return_disconnected):
    """Give ``tangent``, or what stands for it where there is none."""
    if tangent is not None and not isinstance(tangent.type, DisconnectedType):
        return tangent
    message = (
        "Rop needs outputs that depend on wrt by differentiable Ops, got one that does not: "
        f"{variable}; disconnected_outputs='ignore' gives zero for it."
    )
    if disconnected_outputs == "raise":
        raise DisconnectedInputError(message + get_variable_trace_string(variable))
    if disconnected_outputs == "warn":
        import warnings

        warnings.warn(message, stacklevel=3)
    elif disconnected_outputs != "ignore":
        raise ValueError(f"disconnected_outputs must be 'ignore', 'warn' or 'raise', got {disconnected_outputs!r}.")
    choice = return_disconnected.lower()
    if choice == "zero":
        return variable.zeros_like()
    if choice in ("none", "disconnected"):
        return None if choice == "none" else disconnected_type()
    raise ValueError(f"return_disconnected must be 'zero', 'none' or 'disconnected', got {return_disconnected!r}.")


def verify_grad(
    fun,
    pt,
    n_tests=2,
    rng=None,
    eps=None,
    out_type=None,
    abs_tol=None,
    rel_tol=None,
    mode=None,
    cast_to_output_type=False,
    no_debug_ref=True,
):
    """Compare the symbolic gradient of ``fun`` with finite differences.

    Parameters
    ----------
    fun : callable
        Gives a variable for as many variables as there are arrays in ``pt``.
    pt : list of array
        The point, of one floating dtype.
    n_tests : int
        How many random projections of the output.
    rng : numpy.random.RandomState
    eps, abs_tol, rel_tol : float, optional
        The step of the differences, and how far the gradients may be apart, by dtype unless given.
    out_type : str, optional
        The output's dtype, if it is not that of ``pt``.
    mode : str or Mode, optional
    cast_to_output_type : bool
    no_debug_ref : bool
        Whether the differences are computed outside of ``DebugMode``.

    Raises
    ------
    GradientError
        If they are further apart than both tolerances.
    TypeError
        If ``rng`` is missing, or dtypes are wrong.
    """
    if rng is None:
        raise TypeError("rng should be a valid instance of numpy.random.RandomState; you may want to use seed_rng.")
    pytensor.gradient.verify_grad(
        fun,
        pt,
        n_tests=n_tests,
        rng=rng,
        eps=eps,
        out_type=out_type,
        abs_tol=abs_tol,
        rel_tol=rel_tol,
        mode=get_mode(mode),
        cast_to_output_type=cast_to_output_type,
        no_debug_ref=no_debug_ref,
    )


verify_grad.E_grad = GradientError  # type: ignore[attr-defined]


def sparse_grad(var):
    """``W[idx]`` whose gradient by ``W`` is a sparse matrix.

    Where ``W`` is updated by it, the function that is compiled writes the rows ``idx`` alone, as without it
    (:mod:`ptembed.theano.sparse.rows`).

    Parameters
    ----------
    var : tensor
        ``W[idx]`` with one integer vector ``idx``; its gradient exists if ``W`` is a matrix.

    Raises
    ------
    TypeError
        For anything else.
    """
    node = var.owner
    if node is None or not isinstance(node.op, ROW_READS) or [i.type.ndim for i in node.inputs[1:]] != [1]:
        raise TypeError(f"sparse_grad takes W[idx] with one integer vector idx, got {var}: leave it out there.")
    from ptembed.theano.sparse.rows import read_rows  # here and not above: it loads scipy.sparse

    return read_rows(*node.inputs)
