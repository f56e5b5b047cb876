"""``theano.function``."""

import logging
import sys

from ptembed.theano.compile.function_module import orig_function
from ptembed.theano.compile.pfunc import pfunc

__all__ = ["function", "function_dump"]

_logger = logging.getLogger("theano.compile.function")


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
    outputs : variable, ``Out``, list of them, dict of str to them, or None
        What it returns: an array, a list of arrays, or a dict of them.
    mode : str, Mode or None
        How it is compiled; ``None`` is what the flags say (:func:`ptembed.theano.compile.mode.get_mode`).
    updates : dict or pairs
        Each shared variable and the expression of its new value.
    givens : dict or pairs
        Each variable and what takes its place in the graph.
    no_default_updates : bool or list of shared variables
        Whose ``default_update`` does not count.
    accept_inplace : bool
        Whether the graph may have nodes that overwrite their inputs.
    name : str, optional
        What profiles and errors call it; by default the file and the line of the call.
    rebuild_strict : bool
        Whether what ``givens`` put in a variable's place must be of its type.
    allow_input_downcast : bool, optional
        Whether inputs may lose precision; ``None`` allows it for Python's floats alone.
    profile : bool, str or ProfileStats, optional
        Whether the function measures itself.
    on_unused_input : {"raise", "warn", "ignore"}, optional
        What to do about an input that the graph does not need.

    Returns
    -------
    Function

    Raises
    ------
    TypeError
        If ``inputs`` is no list, an update's target is not shared, or a type does not fit.
    ValueError
        If ``updates`` are no pairs, or a variable has two.
    AssertionError
        If a key of ``outputs`` is no string.
    UnusedInputError
        If an input is not needed and ``on_unused_input`` is ``"raise"``.
    MissingInputError
        If the graph needs a variable that is not among the inputs.

    Examples
    --------
    >>> import ptembed.theano as theano
    >>> x = theano.tensor.dscalar("x")
    >>> float(theano.function([x], x**2)(3))
    9.0
    """
    output_keys = None
    if isinstance(outputs, dict):
        wrong = [key for key in outputs if not isinstance(key, str)]
        if wrong:
            raise AssertionError(f"The keys of a dict of outputs must be strings, got {wrong[0]!r}.")
        output_keys = sorted(outputs)
        outputs = [outputs[key] for key in output_keys]
    if name is None:
        caller = sys._getframe(1)
        name = f"{caller.f_code.co_filename}:{caller.f_lineno}"
    if not isinstance(inputs, list | tuple):
        raise TypeError(f"theano.function takes a list of inputs, even of one: got {type(inputs).__name__}, write [x].")
    if any(isinstance(given, list | tuple) for given in inputs):
        if profile or updates or givens:
            raise NotImplementedError(
                "Inputs given as tuples have their values and updates with them, and take no updates=, givens= or "
                "profile=: write In(x, value=..., update=...)."
            )
        return orig_function(inputs, outputs, mode, accept_inplace=accept_inplace, name=name, output_keys=output_keys)
    return pfunc(
        inputs,
        outputs,
        mode=mode,
        updates=updates,
        givens=givens,
        no_default_updates=no_default_updates,
        accept_inplace=accept_inplace,
        name=name,
        rebuild_strict=rebuild_strict,
        allow_input_downcast=allow_input_downcast,
        profile=profile,
        on_unused_input=on_unused_input,
        output_keys=output_keys,
    )


def function_dump(
    filename,
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
    extra_tag_to_remove=None,
):
    """Pickle the arguments of a call of :func:`function` to a file, to reproduce it elsewhere.

    ``theano.function(**pickle.load(file))`` compiles it. Shared variables are in the file with their values.
    ``extra_tag_to_remove`` are names of tags to leave out.
    """
    from ptembed.theano.misc.pkl_utils import StripPickler

    arguments = {
        "inputs": inputs,
        "outputs": outputs,
        "mode": mode,
        "updates": updates,
        "givens": givens,
        "no_default_updates": no_default_updates,
        "accept_inplace": accept_inplace,
        "name": name,
        "rebuild_strict": rebuild_strict,
        "allow_input_downcast": allow_input_downcast,
        "profile": profile,
        "on_unused_input": on_unused_input,
    }
    with open(filename, "wb") as file:
        StripPickler(file, protocol=-1, extra_tag_to_remove=extra_tag_to_remove).dump(arguments)
