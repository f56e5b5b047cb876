"""The names of other libraries that a source uses, in full: ``T.nnet.softmax`` is ``theano.tensor.nnet.softmax``."""

import ast
from collections.abc import Iterable

__all__ = ["gpu_imports", "uses"]

GPU = frozenset({"cudamat", "cupy", "gnumpy", "pycuda", "pygpu", "scikits.cuda", "skcuda"})


def uses(tree: ast.AST, libraries: Iterable[str]) -> list[tuple[str, int]]:
    """The dotted names and their lines, in the order of the lines.

    Parameters
    ----------
    tree : ast.AST
        The source.
    libraries : iterable of str
        The packages whose names are looked for.

    Returns
    -------
    list of (str, int)
        A name that is imported counts as used where it is imported; of ``theano.tensor.dot`` not also its part
        ``theano.tensor``; a name that the source sets is a use of the module, flags apart.
    """
    finder = _Finder(frozenset(libraries))
    finder.visit(tree)  # the imports first: a function may use what is imported below it
    finder.aliases_known = True
    finder.visit(tree)
    return sorted(set(finder.found), key=lambda use: (use[1], use[0]))


def gpu_imports(tree: ast.AST) -> list[tuple[str, int]]:
    """Libraries for the GPU that a source imports when it is itself imported, and not below a ``try``."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append((node.module or "", node.lineno))
        elif not isinstance(node, ast.Try | ast.FunctionDef):
            waiting += ast.iter_child_nodes(node)
    starts = {name: ".".join(name.split(".")[: 1 + name.startswith("scikits.")]) for name, _ in found}
    return sorted({(starts[name], line) for name, line in found if starts[name] in GPU}, key=lambda use: use[1])


class _Finder(ast.NodeVisitor):
    def __init__(self, libraries: frozenset[str]):
        self.libraries = libraries
        self.aliases: dict[str, str] = {}
        self.aliases_known = False
        self.found: list[tuple[str, int]] = []

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name.partition(".")[0] in self.libraries:
                self.aliases[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
                self._use(alias.name, node)

    def visit_ImportFrom(self, node):
        module = node.module or ""
        if not node.level and module.partition(".")[0] in self.libraries:
            for alias in node.names:
                name = module if alias.name == "*" else f"{module}.{alias.name}"
                self.aliases[alias.asname or alias.name] = name
                self._use(name, node)

    def visit_Attribute(self, node):
        parts = []
        part: ast.expr = node
        while isinstance(part, ast.Attribute):
            parts.append(part.attr)
            part = part.value
        if isinstance(part, ast.Name) and part.id in self.aliases:
            path = [self.aliases[part.id], *reversed(parts)]
            is_new = isinstance(node.ctx, ast.Store) and "config" not in ".".join(path).split(".")
            self._use(".".join(path[:-1] if is_new else path), node)
        else:
            self.generic_visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.aliases:
            self._use(self.aliases[node.id], node)

    def _use(self, name: str, node) -> None:
        if self.aliases_known:
            self.found.append((name, node.lineno))
