"""Runs a Theano program as if Python ran it, with the drop-in active.

The program is ``__main__``: its ``sys.argv``, ``sys.path[0]``, ``__file__``, exit status and tracebacks are those of
``python script.py``; processes that it spawns find ``theano`` too.
"""

import os
import runpy
import sys
from collections.abc import Callable
from types import CodeType, ModuleType

from ptembed.legacy.activation import activate

__all__ = ["run_command", "run_module", "run_script"]


def run_script(path: str, arguments: list[str]) -> int:
    """Run the script ``path``, a folder with a ``__main__.py``, or ``-``, standard input; returns the exit status.

    Raises
    ------
    FileNotFoundError
        If there is no such script; nothing has been run then.
    """
    if path == "-":
        return _run(lambda: _execute(compile(sys.stdin.read(), "<stdin>", "exec"), "<stdin>"), ["-", *arguments], "")
    file_name = os.path.join(os.path.realpath(path), "__main__.py") if os.path.isdir(path) else os.path.abspath(path)
    with open(file_name, "rb") as file:
        source = file.read()
    folder = os.path.dirname(os.path.realpath(file_name))
    return _run(lambda: _execute(compile(source, file_name, "exec"), file_name), [path, *arguments], folder)


def run_module(name: str, arguments: list[str]) -> int:
    """Run the module ``name`` as ``python -m`` does; returns the exit status."""
    return _run(lambda: runpy.run_module(name, run_name="__main__", alter_sys=True), ["-m", *arguments], os.getcwd())


def run_command(command: str, arguments: list[str]) -> int:
    """Run the text of a program as ``python -c`` does; returns the exit status."""
    return _run(lambda: _execute(compile(command, "<string>", "exec"), None), ["-c", *arguments], "")


def _run(program: Callable[[], object], argv: list[str], folder: str) -> int:
    import ptembed.rewrites  # noqa: F401  loads Numba, which fails once a program has put its own range into builtins

    activate()
    sys.argv[:] = argv
    sys.path.insert(0, folder)
    try:
        program()
    except SystemExit as stop:
        return _exit_status(stop.code)
    except BaseException as error:
        sys.excepthook(type(error), error.with_traceback(_own_frames(error)), error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _execute(code: CodeType, path: str | None) -> None:
    main = ModuleType("__main__")
    vars(main)["__builtins__"] = __builtins__
    if path is not None:
        main.__file__ = path
    sys.modules["__main__"] = main
    exec(code, vars(main))


def _own_frames(error: BaseException):
    """The traceback without the frames of this runner, so that it begins in the user's file."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in (__file__, runpy.__file__, "<frozen runpy>"):
        trace = trace.tb_next
    return trace


def _exit_status(code) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1
