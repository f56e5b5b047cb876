"""Python's own built-in functions, where a program has put others in their place.

Numba looks ``range`` and its like up when it compiles. A program that has replaced one for all modules, to count its
loops for instance, would keep every function from being compiled.
"""

import builtins
import contextlib

__all__ = ["plain_builtins"]

PLAIN = {name: value for name, value in vars(builtins).items() if callable(value)}


@contextlib.contextmanager
def plain_builtins():
    """Put Python's own built-in functions back for a while."""
    replaced = {name: vars(builtins)[name] for name in PLAIN if vars(builtins).get(name) is not PLAIN[name]}
    vars(builtins).update({name: PLAIN[name] for name in replaced})
    try:
        yield
    finally:
        vars(builtins).update(replaced)
