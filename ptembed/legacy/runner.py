"""Runs a Theano program as if Python ran it, with the drop-in active and Python 2 sources translated.

The program is ``__main__``: its ``sys.argv``, ``sys.path[0]``, ``__file__``, exit status and tracebacks are those of
``python script.py``, and the processes that it starts run it so too (:mod:`ptembed.legacy.children`). Python 2 sources
are translated (:mod:`ptembed.legacy.python2`) below the script's folder and the folders that the user names.
"""

import os
import runpy
import sys
from collections.abc import Callable, Iterable
from importlib.abc import InspectLoader
from importlib.util import find_spec
from pathlib import Path
from types import CodeType, ModuleType

from ptembed.legacy import children, python2
from ptembed.legacy.activation import activate_on_import
from ptembed.legacy.python2 import language
from ptembed.legacy.tracebacks import leave_user_frames

__all__ = ["execute_module", "execute_script", "prepare", "run_command", "run_module", "run_script"]


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
        prepare(folders, python)
        return _run_text(sys.stdin.read(), ["-", *arguments], "<stdin>", "<stdin>")
    file_name = os.path.join(os.path.realpath(path), "__main__.py") if os.path.isdir(path) else os.path.abspath(path)
    data = Path(file_name).read_bytes()
    folder = os.path.dirname(os.path.realpath(file_name))
    prepare([folder, *folders], python, script=file_name)
    return _run(lambda: _execute_source(data, file_name, file_name), [path, *arguments], folder)


def run_module(name: str, arguments: list[str], folders: Iterable[str] = (), python: str | None = None) -> int:
    """Run the module ``name`` as ``python -m`` does; returns the exit status."""
    prepare([os.getcwd(), *folders], python, module=name)
    return _run(lambda: execute_module(name), ["-m", *arguments], os.getcwd())


def run_command(command: str, arguments: list[str], folders: Iterable[str] = (), python: str | None = None) -> int:
    """Run the text of a program as ``python -c`` does; returns the exit status."""
    prepare(folders, python)
    return _run_text(command, ["-c", *arguments], "<string>", None)


def prepare(folders: Iterable[str], python: str | None, script: str | None = None, module: str | None = None) -> None:
    """Make this process, and the children that it will start, one where old programs run."""
    named = [os.path.realpath(folder) for folder in folders]
    python2.translate(named, python)
    activate_on_import()
    children.follow(script, module, named, python)


def execute_script(path: str, name: str) -> dict:
    """Execute the file ``path`` as the module ``name``; returns the names of the module."""
    return _execute_source(Path(path).read_bytes(), path, path, name)


def execute_module(module: str, name: str = "__main__") -> dict:
    """Execute a module, or that of a package, as the module ``name``; returns the names of the module."""
    spec = find_spec(module)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = find_spec(f"{module}.__main__")
    code = spec.loader.get_code(spec.name) if spec is not None and isinstance(spec.loader, InspectLoader) else None
    if spec is None or code is None:
        return runpy.run_module(module, run_name=name, alter_sys=True)  # says what is wrong
    sys.argv[0] = str(spec.origin)
    attributes = {"__spec__": spec, "__loader__": spec.loader, "__package__": spec.parent, "__cached__": spec.cached}
    return _execute(code, spec.origin, isinstance(spec.loader, python2.Python2Loader), name, attributes)


def _run_text(text: str, argv: list[str], name: str, path: str | None) -> int:
    return _run(lambda: _execute_source(text.encode("utf8", "surrogateescape"), name, path), argv, "")


def _execute_source(data: bytes, file_name: str, path: str | None, name: str = "__main__") -> dict:
    translated = language.is_python2(file_name, data)
    code = python2.code_of(data, file_name) if translated else compile(data, file_name, "exec")
    return _execute(code, path, translated, name, {})


def _run(program: Callable[[], object], argv: list[str], folder: str) -> int:
    sys.argv[:] = argv
    sys.path.insert(0, folder)
    try:
        program()
    except SystemExit as stop:
        return _exit_status(stop.code)
    except BaseException as error:
        leave_user_frames(error)
        sys.excepthook(type(error), error, error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename is not None:
            _say_what_to_name(error.filename)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _say_what_to_name(path: str) -> None:
    """A Python 2 source elsewhere is not translated, and the user may not know why."""
    if os.path.isfile(path) and language.is_python2_elsewhere(path):
        print(f"ptembed run: {path} is Python 2: pass --path {os.path.dirname(path)} to translate it.", file=sys.stderr)


def _execute(code: CodeType, path: str | None, translated: bool, name: str, attributes: dict) -> dict:
    module = python2.new_module(name) if translated else ModuleType(name)
    vars(module).setdefault("__builtins__", __builtins__)
    vars(module).update(attributes)
    if path is not None:
        module.__file__ = path
    sys.modules[name] = sys.modules[children.PROGRAM] = module
    exec(code, vars(module))
    return vars(module)


def _exit_status(code) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1
