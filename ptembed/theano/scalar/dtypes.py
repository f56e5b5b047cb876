"""Rules that give the types of an Op's outputs from those of its inputs, and the choice between two divisions."""

from pytensor.graph.utils import MetaObject
from pytensor.scalar import basic as ps
from pytensor.scalar.basic import IntegerDivisionError

from ptembed.theano.configparser import config
from ptembed.user_warnings import warn_user

__all__ = [
    "as_common_dtype",
    "float_out_nocomplex",
    "int_or_true_div",
    "int_out_nocomplex",
    "transfer_type",
    "unary_out_lookup",
]


class transfer_type(MetaObject):
    """Each output has the type of one of the inputs.

    Parameters
    ----------
    *transfer : int or None
        For each output the number of the input whose type it has; ``None`` is the smallest type that holds them all.
    """

    __props__ = ("transfer",)

    def __init__(self, *transfer):
        if not all(i is None or isinstance(i, int) for i in transfer):
            raise AssertionError(f"transfer_type needs the numbers of inputs, or None, got {transfer}.")
        self.transfer = transfer

    def __call__(self, *types):
        return [ps.upcast_out(*types)[0] if i is None else types[i] for i in self.transfer]


class unary_out_lookup(MetaObject):
    """The output's type by a table, ``unary_out_lookup({int8: int32})``; ``TypeError`` for what is not in it."""

    __props__ = ("table",)

    def __init__(self, type_table):
        self.table = tuple(type_table.items())

    def __call__(self, *types):
        key = types[0] if len(types) == 1 else types
        if key not in dict(self.table):
            raise TypeError(f"the type must be one of {[t for t, _ in self.table]}, got {key}.")
        found = dict(self.table)[key]
        return found if isinstance(key, tuple) else [found]


def _without_complex(types):
    if any(t in ps.complex_types for t in types):
        raise TypeError("complex argument not supported")


def int_out_nocomplex(*types):
    """int64; ``TypeError`` for complex inputs."""
    _without_complex(types)
    return (ps.int64,)


def float_out_nocomplex(*types):
    """float64; ``TypeError`` for complex inputs."""
    _without_complex(types)
    return (ps.float64,)


def as_common_dtype(*vars):
    """Cast scalars (or arrays) to the smallest dtype that holds them all."""
    dtype = ps.upcast(*[v.dtype for v in vars])
    return (v.astype(dtype) for v in vars)


def int_or_true_div(x_discrete, y_discrete):
    """The Op that the operator ``/`` of Python 2 was: true division unless both sides are integers.

    Parameters
    ----------
    x_discrete, y_discrete : bool
        Whether a side is of an integer dtype.

    Raises
    ------
    IntegerDivisionError
        If both are, and ``theano.config.int_division`` is ``"raise"``.
    """
    if not (x_discrete and y_discrete) or config.int_division == "floatX":
        return ps.true_div
    if config.int_division == "raise":
        raise IntegerDivisionError(
            "config.int_division is 'raise', which forbids x / y of two integers: write x // y, or cast one to a float."
        )
    warn_user("x / y of two integers is deprecated: write x // y.", DeprecationWarning)
    return ps.int_div
