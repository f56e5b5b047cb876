"""The code of Python 2 sources: parsed, given their meaning, compiled, and kept in the cache."""

import ast
import functools
import warnings
from types import CodeType

from ptembed.legacy.python2 import cache, source

__all__ = ["code_of", "code_of_text", "compiled", "tree_of", "with_meaning"]


def code_of(data: bytes, path: str) -> CodeType:
    """The code of a Python 2 file; its lines are those of the file.

    Raises
    ------
    SyntaxError
        If it cannot be translated: with the file, the line and the construct.
    """
    key = cache.key(data, "code", path)
    code = cache.read(key)
    if code is None:
        try:
            code = compiled(tree_of(source.decode(data), path), path)
        except RecursionError:
            raise source.too_deep(path) from None
        cache.write(key, code)
    return code


@functools.lru_cache(1024)
def code_of_text(text: str, mode: str, future: frozenset[str]) -> CodeType:
    """The code of a text that a Python 2 program gives to ``exec`` or ``eval``."""
    tree = tree_of(text, "<string>", future)
    if mode == "exec":
        return compiled(tree, "<string>")
    assert isinstance(tree.body[0], ast.Expr)
    return compiled(ast.Expression(tree.body[0].value), "<string>", mode)


def tree_of(text: str, path: str, future: frozenset[str] = frozenset()) -> ast.Module:
    """The tree of a Python 2 text, which may import more from ``__future__`` than ``future``."""
    return with_meaning(source.parse(text, path), future)


def with_meaning(tree: ast.Module, future: frozenset[str] = frozenset()) -> ast.Module:
    """The tree that :func:`~ptembed.legacy.python2.source.parse` gave, changed so that it means what it did."""
    from ptembed.legacy.python2.meaning import Meaning, imports_of_future

    return Meaning(future | imports_of_future(tree)).visit(tree)


def compiled(tree: ast.Module | ast.Expression, path: str, mode: str = "exec") -> CodeType:
    """The code of what :func:`tree_of` gave."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 2 had none of them
        return compile(tree, path, mode, dont_inherit=True)
