"""Each public function and method of the rooms that users import says of what type its arguments and its result are.

Kernels, Ops, rewrites and benchmarks are the house's own, and the drop-in has Theano's signatures.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "ptembed"
OWN = {"_pytensor.py", "bench", "legacy", "ops", "rewrites", "theano"}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in OWN)
UNDERSCORED = ("__init__", "__call__")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_public_functions_are_annotated(path):
    tree = ast.parse(path.read_text())
    untyped = [name for name, function in public(tree) if not is_annotated(function)]
    assert untyped == []


def test_what_is_not_annotated_is_found():
    tree = ast.parse(
        "__all__ = ['f', 'C']\ndef f(x: int): ...\nclass C:\n    def g(self, *y) -> int: ...\ndef h(): ..."
    )
    assert [name for name, function in public(tree) if not is_annotated(function)] == ["f", "C.g"]


def public(tree):
    """Give the functions that ``__all__`` names, and the public methods of the classes that it names."""
    named = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            named = {text.value for text in ast.walk(node.value) if isinstance(text, ast.Constant)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in named:
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and node.name in named:
            methods = (method for method in node.body if isinstance(method, ast.FunctionDef))
            yield from ((f"{node.name}.{m.name}", m) for m in methods if m.name in UNDERSCORED or m.name[0] != "_")


def is_annotated(function):
    arguments = [node for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    bare = [argument.arg for argument in arguments if argument.annotation is None]
    return function.returns is not None and not set(bare) - {"self", "cls"}
