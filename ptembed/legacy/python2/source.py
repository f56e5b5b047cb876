"""Python 2 text to a syntax tree of Python 3 that has the lines of the text.

fissix parses Python 2 and rewrites what Python 3 cannot parse: print and exec statements, ``except X, e``, backticks,
``<>``, octal and long literals, tuple parameters. What Python 3 parses and takes otherwise (``/``, ``map``,
``dict.keys``) is the business of :mod:`ptembed.legacy.python2.meaning` and of the names that the module gets,
:mod:`ptembed.legacy.python2.builtin_names`.

A statement may take another number of lines after the rewriting. Every leaf of fissix's tree knows its line in the
text, so the lines are put right in the syntax tree; columns are taken out, so that a traceback marks no wrong part.
"""

import ast
import functools
import importlib.util
import io
import re
import warnings

__all__ = ["decode", "parse", "parse_python2", "parse_python3", "too_deep"]


def decode(data: bytes) -> str:
    """The text of a source file: by its declared encoding, else UTF-8, else Latin-1; lines end with ``\\n``."""
    try:
        return importlib.util.decode_source(data)
    except (SyntaxError, UnicodeDecodeError):
        return data.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")


def parse(text: str, path: str) -> ast.Module:
    """The tree of a text of a Python 2 program; one that is no Python 2 may be Python 3.

    Raises
    ------
    SyntaxError
        Of the language that takes more of the text; of Python 3 if both stop at the same line.
    """
    try:
        return parse_python2(text, path)
    except SyntaxError as error2:
        try:
            return parse_python3(text, path)
        except SyntaxError as error3:
            open_end = re.search("never closed|unterminated", error3.msg)  # said where it begins, not at the end
            raise (error2 if (error2.lineno or 0) > (error3.lineno or 0) and not open_end else error3) from None


def parse_python3(text: str, path: str) -> ast.Module:
    """Python's own parser, without its warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile(text, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except ValueError as error:  # a zero byte
            raise SyntaxError(str(error), (path, 1, None, None)) from None
        except (RecursionError, MemoryError):  # as Python's parser says it
            raise too_deep(path) from None
    assert isinstance(tree, ast.Module)
    return tree


def parse_python2(text: str, path: str) -> ast.Module:
    """Parse Python 2.

    Parameters
    ----------
    text : str
        As :func:`decode` gives it.
    path : str
        The file, for errors.

    Returns
    -------
    ast.Module
        Of Python 3, with the lines of ``text`` and without columns.

    Raises
    ------
    SyntaxError
        If the text is no Python 2, or has a construct that has no counterpart: with the line and the construct.
    """
    tree = _concrete_tree(_spaces_for_tabs(text + "\n"), path)
    translated, lines = _text_and_lines(tree)
    try:
        module = parse_python3(translated, path)
    except SyntaxError as error:
        line = lines[min(error.lineno or 1, len(lines) - 1)]
        message = f"{error.msg} (Python 2 source, which has no counterpart in Python 3)"
        raise SyntaxError(message, (path, line, None, _line(text, line))) from None
    for node in ast.walk(module):
        if hasattr(node, "lineno"):
            vars(node)["lineno"] = vars(node)["end_lineno"] = lines[node.lineno]
            vars(node)["col_offset"] = vars(node)["end_col_offset"] = -1
    return module


def _concrete_tree(text: str, path: str):
    from fissix.pgen2 import parse, tokenize

    tool = _tool()
    try:
        tree = tool.parse(text)
    except parse.ParseError as error:
        line, column = error.context[1]
        message = f"invalid syntax in Python 2 at {error.value.strip() or 'the end of the line'!r}"
        raise SyntaxError(message, (path, line, column + 1, _line(text, line))) from None
    except tokenize.TokenError as error:
        message, (line, column) = error.args
        raise SyntaxError(message, (path, line, column + 1, _line(text, line))) from None
    except IndentationError as error:
        error.filename = path
        raise
    except KeyError as error:  # a letter that begins nothing
        line = text.count("\n", 0, text.find(error.args[0])) + 1
        message = f"invalid syntax in Python 2 at {error.args[0]!r}"
        raise SyntaxError(message, (path, line, None, _line(text, line))) from None
    tool.refactor_tree(tree, path)
    return tree


def too_deep(path: str) -> SyntaxError:
    """What is raised where a source is nested deeper than Python can follow."""
    return SyntaxError("too many nested parentheses, operators or blocks", (path, 1, None, None))


@functools.cache
def _tool():
    """fissix's tool, with the fixers of Python 2's grammar alone; made when the first file is translated."""
    from ptembed.legacy.python2.fixers import Tool

    return Tool()


def _text_and_lines(tree) -> tuple[str, list[int]]:
    """The text of the rewritten tree, and for each of its lines (from 1 on) the line that it came from."""
    parts: list[str] = []
    known: dict[int, int] = {}
    row = 1
    for leaf in tree.leaves():
        row += leaf.prefix.count("\n")
        if leaf.lineno and leaf.value.strip():
            known.setdefault(row, leaf.lineno)
        row += leaf.value.count("\n")
        parts += [leaf.prefix, leaf.value]
    lines = [0]
    for r in range(1, row + 2):
        lines.append(known.get(r, lines[-1] + 1))
    return "".join(parts), lines


def _spaces_for_tabs(text: str) -> str:
    """Indentation as Python 2 read it: a tab reaches to the next multiple of eight columns."""
    if not re.search(r"^ *\t", text, re.MULTILINE):
        return text
    lines = text.split("\n")
    for row in _first_rows(text):
        rest = lines[row - 1].lstrip(" \t\f")
        lines[row - 1] = lines[row - 1].removesuffix(rest).expandtabs(8) + rest
    return "\n".join(lines)


def _first_rows(text: str):
    """The rows where a statement begins; others may be the inside of a string."""
    from fissix.pgen2 import token, tokenize

    between = (token.NEWLINE, tokenize.NL, token.INDENT, token.DEDENT, tokenize.COMMENT, token.ENDMARKER)
    fresh = True
    try:
        for kind, _, (row, _), _, _ in tokenize.generate_tokens(io.StringIO(text).readline):
            if fresh and kind not in between:
                yield row
            fresh = kind == token.NEWLINE or (fresh and kind in between)
    except (tokenize.TokenError, IndentationError):
        return  # the parser says so


def _line(text: str, number: int) -> str | None:
    lines = text.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else None
