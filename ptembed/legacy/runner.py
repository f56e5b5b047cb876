"""Runs a Theano program as if Python ran it, with the drop-in active and Python 2 sources translated.

The program is ``__main__``: its ``sys.argv``, ``sys.path[0]``, ``__file__``, exit status and tracebacks are those of
``python script.py``; processes that it spawns find ``theano`` too. Python 2 sources are translated
(:mod:`ptembed.legacy.python2`) below the script's folder and the folders that the user names.
"""

import os
import runpy
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from types import CodeType, ModuleType

from ptembed.legacy import python2, python2_program
from ptembed.legacy.activation import activate_on_import
from ptembed.legacy.tracebacks import leave_user_frames

__all__ = ["run_command", "run_module", "run_script"]


def run_script(path: str, arguments: list[str], folders: Iterable[str] = (), python: str | None = None) -> int:
    """Run the script ``path``, a folder with a ``__main__.py``, or ``-``, standard input; returns the exit status.

    Parameters
    ----------
    path : str
        The script.
    arguments : list of str
        What the program gets in ``sys.argv``.
    folders : iterable of str, optional
        Where Python 2 sources are translated, beside the script's own folder.
    python : {"2", "3"}, optional
        The Python that the sources are written for, where the rule should not decide.

    Raises
    ------
    FileNotFoundError
        If there is no such script; nothing has been run then.
    NotADirectoryError
        If one of ``folders`` is none.
    """
    if path == "-":
        python2.translate(folders, python)
        return _run_text(sys.stdin.read(), ["-", *arguments], "<stdin>", "<stdin>")
    file_name = os.path.join(os.path.realpath(path), "__main__.py") if os.path.isdir(path) else os.path.abspath(path)
    with open(file_name, "rb") as file:
        data = file.read()
    folder = os.path.dirname(os.path.realpath(file_name))
    python2.translate([folder, *folders], python)
    return _run(lambda: _execute_source(data, file_name, file_name), [path, *arguments], folder)


def run_module(name: str, arguments: list[str], folders: Iterable[str] = (), python: str | None = None) -> int:
    """Run the module ``name`` as ``python -m`` does; returns the exit status."""
    python2.translate([os.getcwd(), *folders], python)
    return _run(lambda: _execute_module(name), ["-m", *arguments], os.getcwd())


def run_command(command: str, arguments: list[str], folders: Iterable[str] = (), python: str | None = None) -> int:
    """Run the text of a program as ``python -c`` does; returns the exit status."""
    python2.translate(folders, python)
    return _run_text(command, ["-c", *arguments], "<string>", None)


def _run_text(text: str, argv: list[str], name: str, path: str | None) -> int:
    return _run(lambda: _execute_source(text.encode("utf8", "surrogateescape"), name, path), argv, "")


def _execute_source(data: bytes, name: str, path: str | None) -> None:
    translated = python2_program.is_python2(name, data)
    _execute(python2.code_of(data, name) if translated else compile(data, name, "exec"), path, translated)


def _run(program: Callable[[], object], argv: list[str], folder: str) -> int:
    activate_on_import()
    sys.argv[:] = argv
    sys.path.insert(0, folder)
    try:
        program()
    except SystemExit as stop:
        return _exit_status(stop.code)
    except BaseException as error:
        leave_user_frames(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _execute(code: CodeType, path: str | None, translated: bool, **attributes) -> None:
    main = python2.new_module("__main__") if translated else ModuleType("__main__")
    vars(main).setdefault("__builtins__", __builtins__)
    vars(main).update(attributes)
    if path is not None:
        main.__file__ = path
    sys.modules["__main__"] = main
    exec(code, vars(main))


def _execute_module(name: str) -> None:
    spec = find_spec(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = find_spec(f"{name}.__main__")
    if spec is None or not isinstance(spec.loader, python2.Python2Loader):
        runpy.run_module(name, run_name="__main__", alter_sys=True)
        return
    sys.argv[0] = spec.loader.path
    code = spec.loader.get_code(spec.name)
    _execute(code, spec.loader.path, True, __spec__=spec, __loader__=spec.loader, __package__=spec.parent)


def _exit_status(code) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1
