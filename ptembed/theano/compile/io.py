"""What a compiled function takes and gives: :class:`In` and its shorthands, :class:`Out`."""

import logging

from pytensor.compile.io import In as PytensorIn
from pytensor.compile.io import Out, SymbolicInput, SymbolicOutput
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.link.basic import Container

__all__ = ["In", "Out", "SymbolicInput", "SymbolicOutput", "convert_function_input"]

_logger = logging.getLogger("theano.compile.io")


class In(PytensorIn):
    """An input of a function: a variable, and how the function may treat its value.

    Parameters
    ----------
    variable : Variable
        What gets the value.
    name : str, optional
        The keyword for it; the variable's name by default.
    value : object, optional
        What it is when the caller gives nothing. With ``update``, the first value of a state that the function keeps.
        A ``Container`` (``f.container[x]``) is shared with the function it comes from.
    update : Variable, optional
        What the value becomes after each call.
    mutable : bool, optional
        Whether the function may overwrite the array that is passed; by default when there is an ``update``.
    strict : bool
        Whether a value must have the type exactly.
    allow_downcast : bool, optional
        Whether a value may lose precision; ``None`` allows it for Python's floats alone.
    autoname : bool
        Whether the variable's name is the keyword where ``name`` is not given.
    implicit : bool, optional
        Whether the caller must not give a value; by default when ``value`` is a container.
    borrow : bool, optional
        Whether an output may share memory with the value; as ``mutable`` by default.
    shared : bool
        Whether this stands for a shared variable.

    Raises
    ------
    TypeError
        If ``name`` is no string, the update is of another type, or an implicit input has no value.
    AssertionError
        If ``mutable`` is true and ``borrow`` is false.

    Examples
    --------
    >>> import ptembed.theano as theano
    >>> n = theano.tensor.lscalar("n")
    >>> count = theano.function([In(n, value=0, update=n + 1)], n)
    >>> int(count()), int(count())
    (0, 1)
    """

    def __init__(
        self,
        variable,
        name=None,
        value=None,
        update=None,
        mutable=None,
        strict=False,
        allow_downcast=None,
        autoname=True,
        implicit=None,
        borrow=None,
        shared=False,
    ):
        self.shared = shared
        self.value = value
        self.borrow = mutable if borrow is None else borrow
        if mutable and not self.borrow:
            raise AssertionError(
                f"An input that is mutable can be aliased too: got mutable=True, borrow=False for {variable} "
                f"(name={name}); leave borrow out."
            )
        if implicit is None:
            implicit = isinstance(value, Container | SharedVariable)
        if implicit and value is None:
            raise TypeError("An implicit input must be given a default value")
        if update is not None and not variable.type.is_super(update.type):
            raise TypeError(
                f"Variable '{variable}' has type {variable.type} but an update of type {update.type}. "
                "The type of the update should be the same as the type of the variable"
            )
        mutable = update is not None if mutable is None else mutable
        SymbolicInput.__init__(self, variable, name, None, mutable, strict, allow_downcast, autoname, implicit)
        self.update = update


def convert_function_input(given):
    """An ``In`` of a shorthand: ``x``, ``(name, x)``, ``(x, value)``, ``((x, update), value)``, ``(name, x, value)``.

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(given, SymbolicInput):
        return given
    if isinstance(given, Constant):
        raise TypeError("A Constant instance is not a legal function input", given)
    if isinstance(given, Variable):
        return In(given)
    if not isinstance(given, list | tuple) or not given:
        raise TypeError(f"Unknown input type: {type(given)}, expected Variable instance", given)
    name, rest = (given[0], given[1:]) if isinstance(given[0], str) else (None, given)
    if not 1 <= len(rest) <= 2 or (isinstance(rest[0], list | tuple) and [len(rest[0]), len(rest)] != [2, 2]):
        raise TypeError(f"Invalid input syntax: {given} (check documentation or use an In instance)")
    value = rest[1] if len(rest) == 2 else None
    if isinstance(rest[0], SymbolicInput):
        return _with_value(rest[0], name, value)
    variable, update = rest[0] if isinstance(rest[0], list | tuple) else (rest[0], None)
    for what in [variable] if update is None else [variable, update]:
        if not isinstance(what, Variable):
            raise TypeError(f"Unknown input type: {type(what)}, expected Variable instance", what)
    if isinstance(value, Variable | SymbolicInput):
        raise TypeError(f"The value for input {variable} should not be a Variable or SymbolicInput instance: {value}")
    return In(variable, name=name, value=value, update=update)


def _with_value(given, name, value):
    if name is not None:
        given.name = name
    if value is not None:
        given.value = value
    return given
