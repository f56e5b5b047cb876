"""The names of a function's or a module's own body, and two things that Python 2 let it do with them."""

import ast
from collections.abc import Iterator

__all__ = ["after_docstring", "keep_comprehension_names", "names_set", "own_nodes", "raise_globals"]

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = Function | ast.Module
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """The nodes of the body, without those inside of functions and classes in it."""
    waiting: list[ast.AST] = list(reversed(scope.body))
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Function | ast.ClassDef):
            waiting += node.decorator_list
        elif not isinstance(node, ast.Lambda):
            waiting += reversed(list(ast.iter_child_nodes(node)))


def after_docstring(scope: Scope) -> int:
    """Where in the body a first statement may be put."""
    return int(ast.get_docstring(scope, clean=False) is not None)


def names_set(scope: Scope) -> set[str]:
    """The names that the body sets, and the parameters; not those that a comprehension sets for itself."""
    nodes = list(own_nodes(scope))
    inside = {id(name) for node in nodes if isinstance(node, ast.comprehension) for name in ast.walk(node.target)}
    names = {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load) and id(n) not in inside}
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, Function | ast.ClassDef | ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Global):
            names |= set(node.names)
    if isinstance(scope, Function):
        names |= {node.arg for node in ast.walk(scope.args) if isinstance(node, ast.arg)}
    return names


class _Globals(ast.NodeTransformer):
    """Takes the ``global`` statements out."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Global(self, node):
        self.names |= set(node.names)
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node):
        return node

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef


def raise_globals(scope: Scope) -> None:
    """Put a ``global`` statement first, where Python 3 wants it; in a module's own body it says nothing."""
    taken = _Globals()
    scope.body = [taken.visit(statement) for statement in scope.body]
    if taken.names and not isinstance(scope, ast.Module):
        statement = ast.copy_location(ast.Global(sorted(taken.names)), scope.body[0])
        scope.body.insert(after_docstring(scope), statement)


def keep_comprehension_names(scope: Scope) -> None:
    """``[f(x) for x in s]`` sets ``x``, if the body reads it elsewhere and sets it nowhere else."""
    nodes = list(own_nodes(scope))
    comprehensions = [node for node in nodes if isinstance(node, _COMPREHENSIONS)]
    inside = {id(part) for node in comprehensions for part in ast.walk(node) if part is not node}
    lists = [node for node in comprehensions if isinstance(node, ast.ListComp) and id(node) not in inside]
    targets = set().union(*map(_targets, lists))
    if not targets:
        return
    read = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in inside}
    lost = (targets & read) - names_set(scope)
    for comprehension in lists:
        _assign(comprehension, sorted(_targets(comprehension) & lost))


def _targets(comprehension: ast.ListComp) -> set[str]:
    targets = (node for generator in comprehension.generators for node in ast.walk(generator.target))
    return {node.id for node in targets if isinstance(node, ast.Name)}


def _assign(comprehension: ast.ListComp, names: list[str]) -> None:
    """``[f(x) for x in s]`` becomes ``[(x := x__py2__, f(x__py2__))[-1] for x__py2__ in s]``."""
    if not names:
        return
    first, *others = comprehension.generators
    parts = [comprehension.elt, first.target, *first.ifs, *others]
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.Name) and node.id in names:
            node.id += "__py2__"
    sets = [ast.NamedExpr(ast.Name(n, ast.Store()), ast.Name(n + "__py2__", ast.Load())) for n in names]
    both = ast.Tuple([*sets, comprehension.elt], ast.Load())
    comprehension.elt = ast.Subscript(both, ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
