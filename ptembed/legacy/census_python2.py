"""The Python 2 constructs of a source, with their lines: those of the grammar, and the names."""

import ast
import re

from ptembed.legacy.python2 import source
from ptembed.legacy.python2.kind import Search

__all__ = ["constructs"]


def constructs(text: str, path: str, tree: ast.Module) -> list[tuple[str, int]]:
    """What Python 2 alone has: ``("print statement", 12)``, in the order of the lines.

    Parameters
    ----------
    text : str
        The source.
    path : str
        Its file.
    tree : ast.Module
        Its tree, of :func:`ptembed.legacy.python2.source.parse`.
    """
    found = list(Search(tree).found2)
    try:
        source.parse_python3(text, path)
    except SyntaxError:
        found += _of_grammar(text)
    return sorted(found, key=lambda use: (use[1], use[0]))


def _of_grammar(text: str):
    from fissix import pygram
    from fissix.pgen2 import token

    from ptembed.legacy.python2.fixers import Tool

    syms = pygram.python_symbols
    statements = {syms.print_stmt: "print statement", syms.exec_stmt: "exec statement"}
    statements |= {syms.tfpdef: "tuple parameter", syms.vfpdef: "tuple parameter"}
    leaves = {token.BACKQUOTE: "backticks", token.NUMBER: "octal or long literal", token.NOTEQUAL: "<>"}
    for node in Tool().parse(text + "\n").pre_order():
        line = node.get_lineno()
        if node.type in statements:
            yield statements[node.type], line
        elif node.type in (syms.except_clause, syms.raise_stmt) and "," in map(str.strip, map(str, node.children)):
            yield f"{node.children[0].value} with a comma", line
        elif node.type in leaves and _is_old(node.type == token.NUMBER, getattr(node, "value", "")):
            yield leaves[node.type], line
        elif node.type == token.NAME and node.value == "print" and node.parent.type == syms.simple_stmt:
            yield "print statement", line
        elif node.type == token.STRING and node.value[:2].lower() == "ur":
            yield "ur'' literal", line
    yield from (("tab in the indentation", text[: m.start()].count("\n") + 1) for m in re.finditer(r"(?m)^ +\t", text))


def _is_old(is_number: bool, value: str) -> bool:
    if is_number:
        return value[-1] in "lL" or bool(re.fullmatch("0[0-7]+", value))
    return value in ("`", "<>")
