"""Small helpers of graphs."""

import functools
import hashlib
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable

from pytensor.graph.utils import (
    MetaType,
    MethodNotDefined,
    Scratchpad,
    add_tag_trace,
    get_variable_trace_string,
    simple_extract_stack,
)
from pytensor.link.c.params_type import c_cpp_keywords
from pytensor.utils import hash_from_code

__all__ = [
    "ABORT",
    "ANY_TYPE",
    "FAILURE",
    "FALL_THROUGH",
    "RETRY",
    "D",
    "Keyword",
    "MetaObject",
    "MethodNotDefined",
    "add_tag_trace",
    "c_cpp_keywords",
    "comm_guard",
    "deprecated",
    "difference",
    "flatten",
    "from_return_values",
    "get_variable_trace_string",
    "give_variables_names",
    "hash_from_code",
    "hash_from_file",
    "hashtype",
    "hist",
    "memoize",
    "object2",
    "remove",
    "scratchpad",
    "simple_extract_stack",
    "simple_types",
    "to_return_values",
    "toposort",
    "type_guard",
    "undef",
    "uniq",
    "unique",
]

MetaObject = MetaType  # the metaclass that reads __props__


class object2(metaclass=MetaType):
    """A base whose subclasses may have ``__props__``."""

    def __ne__(self, other):
        return not self == other


class scratchpad(Scratchpad):
    """What Theano's variables and nodes keep their tags in: a pickle that has it is Theano's."""


undef = object()


def hashtype(self) -> int:
    """A hash for objects of which all of one class are equal."""
    return hash(type(self).__name__) ^ hash(type(self).__module__)


class D:
    """The keywords as attributes."""

    def __init__(self, **d):
        vars(self).update(d)


def memoize(f: Callable) -> Callable:
    """Keep the results of ``f`` by its arguments; what cannot be hashed is computed anew."""
    cached = functools.cache(f)

    @functools.wraps(f)
    def call(*args, **kwargs):
        try:
            hash((args, tuple(kwargs.items())))
        except TypeError:
            return f(*args, **kwargs)
        return cached(*args, **kwargs)

    return call


def deprecated(filename: str, msg: str = "") -> Callable:
    """Decorate a function that warns, at its first call, that it is deprecated."""

    def decorate(f):
        said = []

        @functools.wraps(f)
        def call(*args, **kwargs):
            if not said:
                said.append(True)
                warnings.warn(f"{filename} {f.__name__} deprecated. {msg}", stacklevel=2)
            return f(*args, **kwargs)

        return call

    return decorate


def uniq(seq: Iterable) -> list:
    """Give the different objects of ``seq`` (``is``, not ``==``), each where it comes first."""
    return list({id(x): x for x in seq}.values())


def difference(seq1: Iterable, seq2: Iterable) -> list:
    """Give what is in ``seq1`` and not in ``seq2``."""
    other = list(seq2)
    return [x for x in seq1 if x not in other]


def to_return_values(values):
    """Give the one element of a list of one, and any other list as it is."""
    return values[0] if len(values) == 1 else values


def from_return_values(values) -> list:
    """Give a list or tuple as it is, anything else in a list."""
    return values if isinstance(values, list | tuple) else [values]


def toposort(prereqs_d: dict) -> list:
    """Order the keys so that each comes after all of ``prereqs_d[key]``.

    Raises
    ------
    Exception
        If they need each other in a circle.
    """
    wanted = {key: set(needed) for key, needed in prereqs_d.items()}
    clients: dict = {}
    for key, needed in wanted.items():
        for n in needed:
            clients.setdefault(n, set()).add(key)
    ready, done = deque(key for key, needed in wanted.items() if not needed), []
    while ready:
        key = ready.popleft()
        done.append(key)
        for client in clients.get(key, ()):
            wanted[client].discard(key)
            if not wanted[client]:
                ready.append(client)
    if len(done) != len(wanted):
        raise Exception("The graph has cycles: some of the keys are prerequisites of each other.")
    return done


class Keyword:
    """A name with a truth value."""

    def __init__(self, name: str, nonzero: bool = True):
        self.name, self.nonzero = name, nonzero

    def __bool__(self):
        return self.nonzero

    def __str__(self):
        return f"<{self.name}>"

    __repr__ = __str__


ABORT, RETRY, FAILURE = Keyword("ABORT", False), Keyword("RETRY", False), Keyword("FAILURE", False)
ANY_TYPE, FALL_THROUGH = Keyword("ANY_TYPE"), Keyword("FALL_THROUGH")
simple_types = (int, float, str, bool, type(None), Keyword)


def _is_of(x, kind) -> bool:
    return kind is ANY_TYPE or isinstance(x, kind)


def comm_guard(type1, type2) -> Callable:
    """Decorate ``f(a, b, *rest)``, which is called with ``a`` of ``type1`` and ``b`` of ``type2``, in that order.

    Otherwise, or where it gives ``FALL_THROUGH``, the earlier function of its name in its module is called.
    """

    def decorate(f):
        earlier = f.__globals__[f.__name__]

        @functools.wraps(f)
        def call(arg1, arg2, *rest):
            result = FALL_THROUGH
            if _is_of(arg1, type1) and _is_of(arg2, type2):
                result = f(arg1, arg2, *rest)
            elif _is_of(arg1, type2) and _is_of(arg2, type1):
                result = f(arg2, arg1, *rest)
            return earlier(arg1, arg2, *rest) if result is FALL_THROUGH else result

        return call

    return decorate


def type_guard(type1) -> Callable:
    """Decorate ``f(a, *rest)``, which is called with ``a`` of ``type1``; otherwise as :func:`comm_guard`."""

    def decorate(f):
        earlier = f.__globals__[f.__name__]

        @functools.wraps(f)
        def call(arg1, *rest):
            result = f(arg1, *rest) if _is_of(arg1, type1) else FALL_THROUGH
            return earlier(arg1, *rest) if result is FALL_THROUGH else result

        return call

    return decorate


def flatten(a) -> list:
    """Give the leaves of nested lists, tuples and sets."""
    return [leaf for part in a for leaf in flatten(part)] if isinstance(a, tuple | list | set) else [a]


def unique(x) -> bool:
    """Whether no two elements of ``x`` are equal."""
    return len(set(x)) == len(x)


def hist(coll: Iterable) -> dict:
    """Count the elements of ``coll``."""
    return dict(Counter(coll))


def give_variables_names(variables) -> list:
    """Give each of the variables a name of its own: a name that several have, or none, gets a number.

    Returns
    -------
    list of Variable
        The variables, renamed.
    """
    variables = list(variables)
    counts = Counter(variable.name for variable in variables)
    for index, variable in enumerate(variables):
        if not variable.name or counts[variable.name] > 1:
            variable.name = f"{variable.name or ''}_{index}"
    return variables


def remove(predicate: Callable, coll: Iterable) -> list:
    """Give the elements of ``coll`` for which ``predicate`` is false."""
    return [x for x in coll if not predicate(x)]


def hash_from_file(file_path: str) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with open(file_path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
