"""``%load_ext ptembed``: the drop-in in a notebook, and cells of Python 2.

After it ``import theano`` gives the drop-in, modules below the notebook's folder may be Python 2, and a cell that
begins with ``%%py2`` is Python 2. Its names are those of the notebook; a function that it defines stays Python 2.
"""

import ast
import os
import sys

from ptembed.legacy import python2, removed_names
from ptembed.legacy.activation import activate, deactivate
from ptembed.legacy.python2 import builtin_names
from ptembed.legacy.tracebacks import leave_user_frames

__all__ = ["load", "unload"]

MAGIC = "py2"


def load(shell) -> None:
    """Activate the drop-in and give the shell its cell magic."""
    activate(python2=[os.getcwd()])

    def run(line: str, cell: str) -> None:
        """Run the cell as Python 2."""
        _run(shell, cell)

    shell.register_magic_function(run, "cell", MAGIC)


def unload(shell) -> None:
    """Take both back."""
    shell.magics_manager.magics["cell"].pop(MAGIC, None)
    deactivate()


def _run(shell, cell: str) -> None:
    """Execute all of a cell; show the value of its last line if that is an expression."""
    path = shell.compile.cache(cell, shell.execution_count)
    names, before = shell.user_ns, shell.user_ns.get("__builtins__")
    removed_names.add_python2()
    names["__builtins__"] = builtin_names.names()
    try:
        tree = python2.tree_of(cell, path)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(python2.compiled(tree, path), names)
        if isinstance(last, ast.Expr):
            sys.displayhook(eval(python2.compiled(ast.Expression(last.value), path, "eval"), names))
    except BaseException as error:
        leave_user_frames(error)
        raise
    finally:
        names["__builtins__"] = before
