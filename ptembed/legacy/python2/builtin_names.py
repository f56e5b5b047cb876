"""The built-in names of Python 2, which a translated module gets in place of Python 3's.

They are the module's ``__builtins__``: nothing else in the process sees them, a module may still have its own ``map``
or ``file``, and nothing in its text needs to be rewritten for them. ``import`` and ``class`` statements also ask the
built-in names, so that implicit relative imports, the renamed modules of the standard library and ``__nonzero__`` are
settled here too.
"""

import __future__

import builtins
import functools
import importlib.util
import itertools
import math
import sys
from decimal import ROUND_HALF_UP, Decimal
from types import CodeType, ModuleType

import numpy as np

from ptembed.legacy.python2 import objects, translation
from ptembed.legacy.python2.classes import build_class
from ptembed.legacy.python2.files import file, open_file
from ptembed.legacy.python2.language import importing

__all__ = ["MODULE", "names"]


class _Strings(type):
    def __instancecheck__(cls, x):
        return isinstance(x, str | bytes)


class basestring(metaclass=_Strings):
    """The common type of Python 2's strings."""


def _isinstance(x, kinds):
    """A 64-bit integer of NumPy's is an ``int``, as in Python 2."""
    return isinstance(x, kinds) or (type(x) is np.int64 and int in (kinds if isinstance(kinds, tuple) else (kinds,)))


def _range(*bounds):
    return list(_xrange(*bounds))


def _xrange(*bounds):
    try:
        return builtins.range(*bounds)
    except TypeError:
        if not any(isinstance(bound, float | np.floating) for bound in bounds):
            raise
        return builtins.range(*map(int, bounds))


def _zip(*iterables):
    return list(builtins.zip(*iterables))  # noqa: B905  Python 2's stops at the shortest


def _map(function, *iterables):
    if len(iterables) == 1:
        return list(iterables[0]) if function is None else [function(x) for x in iterables[0]]
    rows = itertools.zip_longest(*iterables)
    return list(rows) if function is None else [function(*row) for row in rows]


def _filter(function, values):
    kept = [x for x in values if (x if function is None else function(x))]
    if isinstance(values, str):
        return "".join(kept)
    return tuple(kept) if isinstance(values, tuple) else kept


def _extreme(choose):
    @functools.wraps(choose)
    def extreme(*values, **options):
        try:
            return choose(*values, **options)
        except TypeError:
            key, order = options.pop("key", None), functools.cmp_to_key(objects.compare)
            if options:
                raise
            return choose(*values, key=lambda x: order(x if key is None else key(x)))

    return extreme


def _round(number, ndigits=0):
    """Half away from zero; gives a ``float``."""
    if isinstance(number, np.ndarray):
        return np.round(number, ndigits)
    number = float(number)
    if not math.isfinite(number):
        return number
    step = Decimal(1).scaleb(-int(ndigits))
    return float(Decimal(number).quantize(step, ROUND_HALF_UP)) if abs(number) < 1e15 else number


def _reload(module):
    """``reload(sys)``, to which programs then say ``setdefaultencoding``, changes nothing."""
    return module if module is sys or module.__spec__ is None else importlib.reload(module)


def _execfile(path, globals=None, locals=None):
    frame = sys._getframe(1)
    with open(path, "rb") as opened:
        code = translation.code_of(opened.read(), path)
    _run(code, *_name_spaces(frame, globals, locals))


def _exec(source, globals=None, locals=None):
    frame = sys._getframe(1)
    _run(_code(source, frame, "exec"), *_name_spaces(frame, globals, locals))


def _eval(source, globals=None, locals=None):
    frame = sys._getframe(1)
    return builtins.eval(_code(source, frame, "eval"), *_name_spaces(frame, globals, locals))


def _input(prompt=""):
    frame = sys._getframe(1)
    return builtins.eval(_code(builtins.input(prompt), frame, "eval"), *_name_spaces(frame, None, None))


def _raw_input(prompt=""):
    return builtins.input(prompt)


def _run(code, globals, locals):
    builtins.exec(code, globals, locals)


def _name_spaces(frame, globals, locals):
    if globals is None:
        globals, locals = frame.f_globals, frame.f_locals
    globals.setdefault("__builtins__", names())
    return globals, globals if locals is None else locals


def _code(source, frame, mode: str) -> CodeType:
    if isinstance(source, CodeType):
        return source
    text = source.decode("utf8") if isinstance(source, bytes) else source if isinstance(source, str) else source.read()
    future = frozenset(n for n in ("division", "print_function") if frame.f_globals.get(n) is getattr(__future__, n))
    return translation.code_of_text(text.strip(" \t") if mode == "eval" else text, mode, future)


def _import(name, globals=None, locals=None, fromlist=(), level=0):
    """First the modules beside the importing one, then Python 2's standard library, then what there is."""
    from ptembed.legacy.python2 import library

    token = importing.set(True)
    try:
        if level <= 0 and globals and _is_beside(globals, name.partition(".")[0]):
            return builtins.__import__(name, globals, locals, fromlist, 1)
        found = library.find(name, fromlist) if level <= 0 else None
        return found or builtins.__import__(name, globals, locals, fromlist, max(level, 0))
    finally:
        importing.reset(token)


def _is_beside(globals: dict, head: str) -> bool:
    package = globals.get("__package__")
    if not package or package not in sys.modules or globals.get("absolute_import") is __future__.absolute_import:
        return False
    return f"{package}.{head}" in sys.modules or _is_found(f"{package}.{head}")


@functools.cache
def _is_found(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _coerce(a, b):
    common = type(a + b)
    return common(a), common(b)


def _apply(function, arguments=(), keywords=None):
    return function(*arguments, **(keywords or {}))


MODULE = ModuleType("__builtin__", "Python 2's built-in names.")
OWN = {
    **{"__import__": _import, "__build_class__": build_class, "isinstance": _isinstance, "basestring": basestring},
    **{"range": _range, "xrange": _xrange, "zip": _zip, "map": _map, "filter": _filter, "reduce": functools.reduce},
    **{"max": _extreme(max), "min": _extreme(min), "sorted": objects.in_order, "cmp": objects.compare, "round": _round},
    **{
        "unicode": str,
        "unichr": chr,
        "long": int,
        "buffer": memoryview,
        "StandardError": Exception,
        "intern": sys.intern,
    },
    **{
        "raw_input": _raw_input,
        "input": _input,
        "reload": _reload,
        "execfile": _execfile,
    },
    **{"exec": _exec, "eval": _eval, "open": open_file, "file": file},
    **{"coerce": _coerce, "__py2_print__": objects.print_statement},
    **{"apply": _apply},
    **{"__py2_div__": objects.div, "__py2_idiv__": objects.idiv, "__py2_key_of__": objects.key_of},
    **{"__py2_attr__": objects.attribute, "__py2_raise__": objects.raised},
}

_taken: dict[str, object] = {}


def names() -> dict:
    """The dictionary of the names, one for all modules; what programs have put into ``builtins`` is in it too."""
    own = vars(MODULE)
    for name, value in vars(builtins).items():
        if name not in OWN and not name.startswith("__") and _taken.get(name, _taken) is not value:
            own[name] = _taken[name] = value
    if "__debug__" not in own:
        own |= {"__debug__": __debug__} | OWN
    return own
