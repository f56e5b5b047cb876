"""What Python 3 parses and takes otherwise than Python 2, in a syntax tree.

=========================  ============================================================================================
written                    made
=========================  ============================================================================================
``print x,``               ``__py2_print__(x, end=" ")``, where ``print`` is no function of ``__future__``
``a / b``, ``a /= b``      ``__py2_div__(a, b)``, unless the module imports ``division`` from ``__future__``
``d.has_key``, ``l.sort``  ``__py2_attr__(d, "has_key")``: of what Python 2's types had and Python 3's have not, or have
                           with another meaning (:data:`ptembed.legacy.python2.objects.ATTRIBUTES`)
``d.keys()``               the same: a list
``except E as e``          ``e`` is still there after the clause
``__metaclass__ = M``      ``class A(metaclass=M)``
``global x``               may stand below the first use of ``x``
``[x for x in s]``         ``x`` is there after it, if nothing else in the function or module sets it
``exec text``              in a function: may set its variables
=========================  ============================================================================================

The functions named ``__py2_...__`` are among the names that the module gets,
:mod:`ptembed.legacy.python2.builtin_names`.
"""

import ast

from ptembed.legacy.python2.exec_statement import let_exec_set_variables
from ptembed.legacy.python2.objects import ATTRIBUTES, METHODS
from ptembed.legacy.python2.scopes import keep_comprehension_names, raise_globals

__all__ = ["Meaning", "imports_of_future"]


def imports_of_future(tree: ast.Module) -> frozenset[str]:
    """What the module imports from ``__future__``."""
    futures = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return frozenset(alias.name for node in futures for alias in node.names)


class Meaning(ast.NodeTransformer):
    """Gives ``visit(tree)`` Python 2's meaning; the lines stay as they are.

    Parameters
    ----------
    future : frozenset of str
        What the text has of Python 3 by ``__future__``: ``division``, ``print_function``.
    """

    def __init__(self, future: frozenset[str]):
        self.future = future

    def visit_Module(self, node):
        keep_comprehension_names(node)
        raise_globals(node)
        return ast.fix_missing_locations(self.generic_visit(node))

    def visit_Expression(self, node):
        return ast.fix_missing_locations(self.generic_visit(node))

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if not self._divides(node.op) or _is_float(node.left) or _is_float(node.right):
            return node
        return _call(node, "__py2_div__", node.left, node.right)

    def visit_AugAssign(self, node):
        self.generic_visit(node)
        if not self._divides(node.op):
            return node
        read, write = _read_and_write(node.target)
        return ast.copy_location(ast.Assign([write], _call(node, "__py2_idiv__", read, node.value)), node)

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load) or node.attr not in ATTRIBUTES:
            return node
        return _call(node, "__py2_attr__", node.value, ast.Constant(node.attr))

    def visit_Call(self, node):
        """``x.keys()``, of the attributes that are common where they are called; ``print x``."""
        method = node.func
        self.generic_visit(node)
        if isinstance(method, ast.Name) and method.id == "print" and "print_function" not in self.future:
            method.id = "__py2_print__"
        if isinstance(method, ast.Attribute) and method.attr in METHODS:
            node.func = _call(method, "__py2_attr__", method.value, ast.Constant(method.attr))
        return node

    def visit_ExceptHandler(self, node):
        self.generic_visit(node)
        if node.name:
            keep = ast.Assign([ast.Name(node.name, ast.Store())], ast.Name("__py2_error__", ast.Load()))
            node.body.insert(0, ast.copy_location(keep, node))
            node.name = "__py2_error__"
        return node

    def visit_ClassDef(self, node):
        self.generic_visit(node)
        for statement in node.body:
            if isinstance(statement, ast.Assign) and any(_is_name(t, "__metaclass__") for t in statement.targets):
                node.keywords = [ast.keyword("metaclass", statement.value)]
        return node

    def visit_FunctionDef(self, node):
        keep_comprehension_names(node)
        raise_globals(node)
        let_exec_set_variables(node)
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def _divides(self, op: ast.operator) -> bool:
        return "division" not in self.future and isinstance(op, ast.Div)


def _call(place: ast.AST, name: str, *arguments: ast.expr) -> ast.Call:
    function = ast.copy_location(ast.Name(name, ast.Load()), place)
    return ast.copy_location(ast.Call(function, list(arguments), []), place)


def _is_float(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float | complex)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _read_and_write(target: ast.expr) -> tuple[ast.expr, ast.expr]:
    """The target of ``target /= value`` as an expression that is evaluated first, and as what is assigned to then."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load()), target
    assert isinstance(target, ast.Attribute | ast.Subscript)
    owner, owner_again = _once(target.value, "__py2_owner__")
    if isinstance(target, ast.Attribute):
        read = ast.Attribute(owner, target.attr, ast.Load())
        return read, ast.Attribute(owner_again, target.attr, ast.Store())
    key_of = ast.Subscript(ast.Name("__py2_key_of__", ast.Load()), target.slice, ast.Load())
    key, key_again = _once(target.slice if isinstance(target.slice, ast.Constant | ast.Name) else key_of, "__py2_key__")
    return ast.Subscript(owner, key, ast.Load()), ast.Subscript(owner_again, key_again, ast.Store())


def _once(value: ast.expr, name: str) -> tuple[ast.expr, ast.expr]:
    if isinstance(value, ast.Name | ast.Constant):
        return value, value
    return ast.NamedExpr(ast.Name(name, ast.Store()), value), ast.Name(name, ast.Load())
