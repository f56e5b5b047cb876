"""Processes that a program starts by ``multiprocessing`` with ``spawn`` or ``forkserver``.

Such a child is a new Python, which imports the program under the name ``__mp_main__``: as Python 3, and without the
drop-in. :func:`follow` has it run this module in place of the program, and this module prepares the process as
:mod:`ptembed.legacy.runner` does and runs the program under that name. What the child needs to know is in its
environment. A child that is forked goes on with what its parent has.
"""

import json
import os
from multiprocessing import spawn

__all__ = ["PROGRAM", "follow"]

STATE = "PTEMBED_CHILDREN"
#: The name under which a child imports the program.
PROGRAM = "__mp_main__"

_data_of_multiprocessing = spawn.get_preparation_data


def follow(script: str | None, module: str | None, folders: list[str], python: str | None) -> None:
    """Let the children from now on run as this process does.

    Parameters
    ----------
    script, module : str or None
        The program: its file, or its name. Neither if it is a text, which children cannot import.
    folders : list of str
        Where Python 2 sources are translated.
    python : {"2", "3"} or None
        The Python that the sources are written for, where the rule should not decide.
    """
    os.environ[STATE] = json.dumps({"script": script, "module": module, "folders": folders, "python": python})
    spawn.get_preparation_data = _preparation_data


def _preparation_data(name):
    data = _data_of_multiprocessing(name)
    data.pop("init_main_from_path", None)
    return data | {"init_main_from_name": "ptembed.legacy.children"}


def _names_of_program() -> dict:
    from ptembed.legacy import runner

    state = json.loads(os.environ[STATE])
    runner.prepare(**state)
    if state["module"]:
        return runner.execute_module(state["module"], PROGRAM)
    return runner.execute_script(state["script"], PROGRAM) if state["script"] else {}


if __name__ == PROGRAM:
    globals().update(_names_of_program())
