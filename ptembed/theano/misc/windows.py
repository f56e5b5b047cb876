"""Child processes."""

import subprocess

__all__ = ["call_subprocess_Popen", "output_subprocess_Popen", "subprocess_Popen"]


def subprocess_Popen(command, **params):
    """Start ``command`` with no standard input, unless ``stdin`` is given."""
    params.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(command, **params)


def call_subprocess_Popen(command, **params):
    """Run ``command`` without a word; gives its exit status.

    Raises
    ------
    TypeError
        If ``stdout`` or ``stderr`` is given: both are thrown away.
    """
    _refuse_outputs(params)
    return subprocess_Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **params).wait()


def output_subprocess_Popen(command, **params):
    """Run ``command``; gives its standard output and standard error (bytes) and its exit status.

    Raises
    ------
    TypeError
        If ``stdout`` or ``stderr`` is given: both are given back.
    """
    _refuse_outputs(params)
    process = subprocess_Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **params)
    return (*process.communicate(), process.returncode)


def _refuse_outputs(params):
    if {"stdout", "stderr"} & set(params):
        raise TypeError("stdout and stderr cannot be given here: use subprocess_Popen.")
