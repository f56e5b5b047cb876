"""``theano.function``."""

import pytensor

from ptembed._pytensor import without_deprecations
from ptembed.theano.compile.mode import get_mode

__all__ = ["function"]


def function(
    inputs,
    outputs=None,
    mode=None,
    updates=None,
    givens=None,
    no_default_updates=False,
    accept_inplace=False,
    name=None,
    rebuild_strict=True,
    allow_input_downcast=None,
    profile=None,
    on_unused_input=None,
):
    """Compile a graph into a function that can be called.

    Parameters
    ----------
    inputs : list of variables or ``In``
        What the function takes.
    outputs : variable, list of variables, or None
        What it returns.
    mode : str, Mode or None
        How it is compiled; ``None`` is what the flags say (:func:`ptembed.theano.compile.mode.get_mode`).
    updates : dict or pairs
        Each shared variable and the expression of its new value.
    givens : dict or pairs
        Each variable and what takes its place in the graph.
    no_default_updates, accept_inplace, name, rebuild_strict, allow_input_downcast, profile, on_unused_input
        As in Theano.

    Returns
    -------
    callable

    Raises
    ------
    TypeError
        If ``inputs`` is no list, an update's target is not shared, or a type does not fit.
    pytensor.compile.maker.UnusedInputError
        If an input is not needed and ``on_unused_input`` is ``"raise"``.

    Examples
    --------
    >>> import ptembed.theano as theano
    >>> x = theano.tensor.dscalar("x")
    >>> float(theano.function([x], x**2)(3))
    9.0
    """
    import ptembed.rewrites  # registers them; here and not above, because it imports Numba

    if not isinstance(inputs, list | tuple):
        raise TypeError(f"theano.function takes a list of inputs, even of one: got {type(inputs).__name__}, write [x].")
    with without_deprecations():
        return pytensor.function(
            list(inputs),
            outputs,
            mode=get_mode(mode),
            updates=updates,
            givens=givens,
            no_default_updates=no_default_updates or None,
            accept_inplace=accept_inplace,
            name=name,
            rebuild_strict=rebuild_strict,
            allow_input_downcast=allow_input_downcast,
            profile=profile,
            on_unused_input=on_unused_input,
        )
