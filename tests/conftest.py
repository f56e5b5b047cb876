"""Fixtures that more than one folder of tests needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ptembed import legacy

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture
def theano():
    """The drop-in under its name; PyTensor and the name are as before when the test ends."""
    module = legacy.activate()
    with module.change_flags(floatX=module.config.floatX):
        yield module
    legacy.deactivate()


def run_python(*arguments, cwd=None, stdin=None, **environment):
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    env = dict(os.environ, PYTHONPATH=path, PYTHONWARNINGS="ignore") | environment
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture
def python():
    """Runs Python on arguments in another process, where ptembed can be imported; returns the finished process."""
    return run_python


@pytest.fixture(scope="session")
def python_once():
    """The same, for what runs once for several tests."""
    return run_python
