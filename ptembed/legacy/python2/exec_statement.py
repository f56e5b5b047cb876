"""``exec text`` in a function: the variables that it sets are those of the function.

Python 3 keeps a function's variables apart from what ``exec`` sets. So the names go through a dictionary: ``exec`` gets
it, filled with the variables, after it they are taken from it, and a name that the function itself never sets is looked
up in it first.
"""

import ast

from ptembed.legacy.python2.scopes import Function, after_docstring, names_set, own_nodes

__all__ = ["let_exec_set_variables"]

_NAMES = "__py2_names__"


def let_exec_set_variables(function: Function) -> None:
    """Rewrite the ``exec`` calls of a function that are given no name space."""
    calls = [n for n in own_nodes(function) if isinstance(n, ast.Expr) and _is_exec(n.value)]
    if calls:
        executing = _Executing(calls, names_set(function))
        function.body = [new for s in function.body for new in executing.statements(s)]
        start = _moved(ast.parse(f"{_NAMES} = {{}}").body[0], function.body[0])
        function.body.insert(after_docstring(function), start)


def _is_exec(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    return node.func.id == "exec" and len(node.args) == 1 and not node.keywords


class _Executing(ast.NodeTransformer):
    def __init__(self, calls: list[ast.Expr], variables: set[str]):
        self.calls, self.variables = calls, variables

    def statements(self, statement: ast.stmt) -> list:
        made = self.visit(statement)
        return made if isinstance(made, list) else [made]

    def visit_Expr(self, node):
        if node not in self.calls:
            return self.generic_visit(node)
        lines = [f"{_NAMES} = {{**{_NAMES}, **locals()}}", f"exec(0, globals(), {_NAMES})"]
        lines += [f"if {name!r} in {_NAMES}: {name} = {_NAMES}.pop({name!r})" for name in sorted(self.variables)]
        made = ast.parse("\n".join(lines)).body
        made = [_moved(statement, node) for statement in made]
        made[1].value.args[0] = self.visit(node.value.args[0])
        return made

    def visit_Name(self, node):
        if not isinstance(node.ctx, ast.Load) or node.id in self.variables or node.id.startswith("__py2_"):
            return node
        text = f"{_NAMES}[{node.id!r}] if {node.id!r} in {_NAMES} else {node.id}"
        return _moved(ast.parse(text, mode="eval").body, node)

    def visit_FunctionDef(self, node):
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = visit_FunctionDef


def _moved(node: ast.AST, place: ast.AST):
    for part in ast.walk(node):
        if hasattr(part, "lineno"):
            ast.copy_location(part, place)
    return node
